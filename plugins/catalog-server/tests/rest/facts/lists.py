"""Lists: limits, cursors, filters, deleted entities (contract §7)."""

from __future__ import annotations

from collections.abc import Iterator

from rest.case import Case, Step, case, delete, get, make
from rest.expect import ABSENT, NOBODY, Holding, Matching, Sized, Without
from rest.specimens import COLLECTIONS

_SCOPE = "tables?databaseSchema={databaseSchema}"
_FIVE = tuple(make("table", f"t{number}") for number in range(5))
_CURSOR = Matching("^[A-Za-z0-9_=-]+$")


def _page(query: str, *names: str, **paging: object) -> Step:
    rows = [{"id": f"{{{name}.id}}"} for name in names]
    return get(f"{_SCOPE}{query}", shows={"data": rows, "paging": paging})


def _service_filter(kind: str, family: str) -> Case:
    path = COLLECTIONS[kind]
    return case(
        "§3.0",
        f"{path} are listed by service",
        make(kind, "mine"),
        get(
            f"{path}?service={{{family}}}",
            shows={"data": [{"id": "{mine.id}"}], "paging": {"total": 1}},
        ),
        get(f"{path}?service=no.such{{me}}", shows={"data": [], "paging": {"total": 0}}),
    )


def _cases() -> Iterator[Case]:
    for kind, family in (
        ("database", "databaseService"),
        ("dashboard", "dashboardService"),
        ("chart", "dashboardService"),
        ("dashboardDataModel", "dashboardService"),
        ("topic", "messagingService"),
        ("pipeline", "pipelineService"),
        ("mlmodel", "mlmodelService"),
        ("container", "storageService"),
        ("searchIndex", "searchService"),
        ("apiCollection", "apiService"),
        ("apiEndpoint", "apiService"),
        ("query", "databaseService"),
        ("directory", "driveService"),
        ("file", "driveService"),
        ("spreadsheet", "driveService"),
        ("worksheet", "driveService"),
        ("ingestionPipeline", "databaseService"),
    ):
        yield _service_filter(kind, family)
    for limit in ("-1", "1000001"):
        yield case("§7", f"limit={limit} is 400", get(f"tables?limit={limit}", 400, says="limit"))
    for limit in ("x", "1.5", "9999999999"):
        said = "HTTP 404 Not Found"
        yield case(
            "§7",
            f"limit={limit}, which is no number, is 404",
            get(f"tables?limit={limit}", 404, {"message": said}),
            since="1.12",
        )


CASES = [
    *_cases(),
    case(
        "§7",
        "a limit over a million is refused in the contract's words",
        get(
            "tables?limit=1000001",
            400,
            {
                "code": 400,
                "message": "[query param limit must be less than or equal to 1000000]",
            },
        ),
    ),
    case(
        "§7",
        "the limit is 10 unless it says, and a million at most",
        *(make("table", f"t{number:02}") for number in range(11)),
        get(_SCOPE, shows={"data": Sized(10), "paging": {"total": 11, "after": _CURSOR}}),
        get(f"{_SCOPE}&limit=1000000", shows={"data": Sized(11), "paging": {"total": 11}}),
    ),
    case(
        "§7",
        "limit=0 is the total alone",
        *_FIVE,
        _page("&limit=0", total=5),
    ),
    case(
        "§7",
        "pages follow each other by their cursors, by name, without a gap",
        *_FIVE,
        get(
            f"{_SCOPE}&limit=2",
            shows={
                "data": [{"id": "{t0.id}"}, {"id": "{t1.id}"}],
                "paging": {"total": 5, "after": _CURSOR, "before": ABSENT},
            },
            keeps={"c1": "paging.after"},
        ),
        get(
            f"{_SCOPE}&limit=2&after={{c1}}",
            shows={
                "data": [{"id": "{t2.id}"}, {"id": "{t3.id}"}],
                "paging": {"total": 5, "after": _CURSOR, "before": _CURSOR},
            },
            keeps={"c2": "paging.after", "b2": "paging.before"},
        ),
        _page("&limit=2&after={c2}", "t4", total=5, after=ABSENT, before=_CURSOR),
        _page("&limit=2&before={b2}", "t0", "t1", total=5, before=ABSENT, after=_CURSOR),
    ),
    case(
        "§7",
        "a page that is just full is the last one if nothing follows",
        *_FIVE,
        _page("&limit=5", "t0", "t1", "t2", "t3", "t4", total=5, after=ABSENT, before=ABSENT),
    ),
    case(
        "§7",
        "an entity that is added or removed meanwhile shifts no page",
        *_FIVE,
        get(f"{_SCOPE}&limit=2", keeps={"c": "paging.after"}),
        delete("tables/{t0.id}?hardDelete=true"),
        make("table", "a0"),
        _page("&limit=2&after={c}", "t2", "t3", total=5),
    ),
    case(
        "§7",
        "both before and after is 400",
        *_FIVE,
        get(f"{_SCOPE}&limit=2", keeps={"c": "paging.after"}),
        get(
            f"{_SCOPE}&after={{c}}&before={{c}}",
            400,
            says="Only one of before or after query parameter allowed",
        ),
    ),
    case(
        "§7",
        "what is no cursor is 500 in 1.6",
        get("tables?after=xyz", 500, says="Failed to process JSON"),
        until="1.7",
    ),
    *(
        case(
            "§7",
            f"a cursor that is {what} is 400",
            get(f"tables?after={cursor}", 400),
            since="1.7",
        )
        for what, cursor in (
            ("no base64", "%25%25%25"),
            ("the base64 of no cursor", "bm90IGEgY3Vyc29y"),
            ("the base64 of other JSON", "eyJhIjoxfQ"),
            ("not UTF-8", "gICAgA"),
            ("unicode", "%C3%A9"),
        )
    ),
    case(
        "§7",
        "include is non-deleted, deleted or all; anything else is 400",
        get("tables?include=non-deleted"),
        get("tables?include=deleted"),
        get("tables?include=all"),
        get("tables?include=some", 400),
        get("tables/name/x?include=some", 400),
    ),
    case(
        "§7",
        "the total counts what the filters and include let through",
        *_FIVE,
        delete("tables/{t0.id}"),
        _page("&limit=1", "t1", total=4),
        _page("&limit=1&include=all", "t0", total=5),
        _page("&limit=1&include=deleted", "t0", total=1),
    ),
    case(
        "§7",
        "a filter is a prefix in whole names, by any level above",
        make("databaseSchema", "sales"),
        make("databaseSchema", "sales2", name="{sales.name}x"),
        make("table", "in", databaseSchema="{sales}"),
        make("table", "out", databaseSchema="{sales2}"),
        get("tables?databaseSchema={sales}", shows={"data": [{"id": "{in.id}"}]}),
        get("tables?database={database}", shows={"data": Sized(2)}),
        get("databaseSchemas?database={database}", shows={"data": Sized(2)}),
    ),
    case(
        "§7",
        "a filter by an unknown parent is an empty list",
        get("tables?databaseSchema=no.such.schema{me}", shows={"data": [], "paging": {"total": 0}}),
        get("tables?database=no{me}", shows={"data": [], "paging": {"total": 0}}),
        get("storedProcedures?databaseSchema=no{me}", shows={"data": []}),
    ),
    case(
        "§7",
        "service is not a filter of tables",
        make("table"),
        get("tables?service=no-such-{me}&limit=1", shows={"data": Sized(1)}),
    ),
    case(
        "§3.0",
        "users are listed by isBot, tags by parent, terms by glossary",
        make("user", "robot", isBot=True),
        make("user", "person"),
        get(
            "users?isBot=true&limit=1000000",
            shows={"data": Holding({"id": "{robot.id}"})},
        ),
        get(
            "users?isBot=true&limit=1000000",
            shows={"data": Without({"id": "{person.id}"})},
        ),
        make("tag"),
        get("tags?parent={classification}", shows={"data": [{"id": "{tag.id}"}]}),
        make("glossaryTerm"),
        get("glossaryTerms?glossary={glossary.id}", shows={"data": [{"id": "{glossaryTerm.id}"}]}),
    ),
    case(
        "§3.0",
        "containers are listed from the root with root=true",
        make("container", "top"),
        make("container", "sub", parent={"id": "{top.id}", "type": "container"}),
        get("containers?service={storageService}&root=true", shows={"data": [{"id": "{top.id}"}]}),
        get("containers?service={storageService}", shows={"data": Sized(2)}),
    ),
    case(
        "§7",
        "a fields parameter with commas as they are, or encoded, is the same",
        make("table"),
        get(f"{_SCOPE}&fields=tags,owners", shows={"data": [{"tags": [], "owners": NOBODY}]}),
        get(f"{_SCOPE}&fields=tags%2Cowners", shows={"data": [{"tags": [], "owners": NOBODY}]}),
    ),
]
