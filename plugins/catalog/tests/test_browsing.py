"""`om-ingest catalog` as people use it: lists, trees, lineage and pages, by the names they type."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from om_ingest.errors import WorkflowError
from om_ingest.kinds import KINDS
from om_ingest.model import AddLineageRequest, CreateDatabaseServiceRequest, Record, attachment
from om_ingest.model.model import Model
from om_ingest_catalog import Actor, Attachments, Catalog, Collection, Edges
from om_ingest_catalog.browsing import offers
from om_ingest_catalog.browsing.naming import kind_named, plural
from om_ingest_catalog.browsing.page import is_moment, moment, page
from om_ingest_catalog.command import app
from typer.testing import CliRunner

Run = Callable[..., str]
NOW_MS = 1_700_000_000_123


@pytest.fixture
def run(path: Path) -> Run:
    """Runs a command on the catalog; its output. Raises what the command does."""

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, [*words, "--catalog", str(path)], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return run


def refused(path: Path, *words: str) -> str:
    """What a command says that is refused with exit code 2."""
    result = CliRunner().invoke(app, [*words, "--catalog", str(path)])
    assert isinstance(result.exception, WorkflowError), result.output
    assert result.exception.exit_code == 2
    return str(result.exception)


def lineage(tables: str, **details: Any) -> AddLineageRequest:
    """An edge between two tables of `s.d.x`, whose names are single letters."""
    ends = ({"type": "table", "fullyQualifiedName": f"s.d.x.{name}"} for name in tables)
    edge = dict(zip(("fromEntity", "toEntity"), ends, strict=True))
    return AddLineageRequest.model_validate({"edge": {**edge, "lineageDetails": details}})


@pytest.fixture
def shop(catalog: Catalog, table: Any) -> Catalog:
    """Tables `orders` and `dotted.name` in `s.d.x`; `orders` and `lines` in `s.d.y`."""
    Collection(catalog, KINDS["databaseSchema"]).put({"name": "y", "database": "s.d"}, Actor())
    catalog.write(
        [
            *(table(name=name) for name in ("orders", "dotted.name", "Straße", "+-", 'q"uote')),
            table(name="Case", displayName="The Case"),
            table(name="case"),
            *(table(name=name, databaseSchema="s.d.y") for name in ("orders", "lines")),
        ]
    )
    return catalog


def test_kinds_as_people_write_them() -> None:
    """Every kind is found by its type, class, plural and collection; a last word may do."""
    for kind in KINDS.values():
        last = kind.collection.rpartition("/")[2]
        for spelling in (kind.entity_type, kind.class_name, plural(kind), kind.collection, last):
            for text in (spelling, spelling.upper()):
                assert kind_named(text) is kind, text
    for text, entity_type in {
        "database-services": "databaseService",
        "schemas": "databaseSchema",
        "stored procedures": "storedProcedure",
        "datamodel": "dashboardDataModel",
        "Index": "searchIndex",
    }.items():
        assert kind_named(text).entity_type == entity_type


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no entity type ''"),
        ("tabel", "Did you mean table?"),
        ("service", "databaseService,"),
        ("zzz", "catalog list"),
    ],
)
def test_an_unknown_type(path: Path, text: str, said: str) -> None:
    """A type that does not exist, or may be several, is refused with those that it may be."""
    assert said in refused(path, "list", text)


def test_without_a_catalog(path: Path) -> None:
    """Where there is no catalog every command says so, and makes none."""
    for words in (["list"], ["list", "table"], ["tree"], ["lineage", "x"]):
        assert "There is no catalog" in refused(path, *words)
    assert not path.exists()


@pytest.mark.parametrize(
    ("text", "fqn"),
    [
        ('s.d.x."dotted.name"', 's.d.x."dotted.name"'),
        ('"s"."d"."x"."dotted.name"', 's.d.x."dotted.name"'),
        ("s.d.x.dotted.name", 's.d.x."dotted.name"'),
        ("Dotted.Name", 's.d.x."dotted.name"'),
        ("S.D.X.ORDERS", "s.d.x.orders"),
        ("y.orders", "s.d.y.orders"),
        ("lines", "s.d.y.lines"),
        ("STRAßE", "s.d.x.Straße"),
        ("D", "s.d"),
        ("Case", "s.d.x.Case"),
        ("the case", "s.d.x.Case"),
        ("+-", "s.d.x.+-"),
        ('x.q"uote', "s.d.x.q__reserved__quote__uote"),
    ],
)
def test_a_name_as_people_type_it(shop: Catalog, run: Run, text: str, fqn: str) -> None:
    """With quotes or without, in any case, whole or only its end: the one entity is found."""
    shown = run("show", text).splitlines()[0]
    assert shown.partition(" ")[2] == fqn


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("orders", "2 entities\n  Give the whole name of one:\n  table s.d.x.orders\n"),
        ("CASE", "2 entities"),
        ("doted.name", "Did you mean 's.d.x.\"dotted.name\"'?"),
        ("s.d.x.ordres", "Did you mean s.d.x.orders or s.d.y.orders?"),
        ("s.d.z.lines", "Did you mean s.d.y.lines?"),
        ("line", "Did you mean s.d.y.lines?"),
        ("lines.a", "It is a part of the table s.d.y.lines: name that."),
        ("s.d.x.gone", "The table s.d.x.gone is deleted"),
        ("X.Gone", "The table s.d.x.gone is deleted"),
        ("nothing like it", "catalog search"),
        ('s.d."', "There is no"),
    ],
)
def test_a_name_that_nothing_has(
    shop: Catalog, path: Path, table: Any, text: str, said: str
) -> None:
    """Several entities of a name are named, and so are similar ones where there is none."""
    shop.write([table(name="gone")])
    Collection(shop, KINDS["table"]).delete("s.d.x.gone", Actor())
    assert said in refused(path, "show", text)


def test_a_type_tells_entities_of_one_name_apart(shop: Catalog, path: Path, run: Run) -> None:
    """What two services of a name share is shown for both, and with `--type` for one."""
    body = {"name": "s", "serviceType": "Superset"}
    Collection(shop, KINDS["dashboardService"]).put(body, Actor())
    assert [one["serviceType"] for one in json.loads(run("show", "s", "--json"))] == [
        "SQLite",
        "Superset",
    ]
    assert json.loads(run("show", "s", "--type", "DashboardServices", "--json"))["name"] == "s"


def test_lists_of_a_type(shop: Catalog, path: Path, run: Run) -> None:
    """A list has pages, and a place; programs get whole documents, people a line each."""
    head, *lines = run("list", "tables").splitlines()
    assert head.split() == ["FULLY", "QUALIFIED", "NAME", "TYPE", "COLUMNS", "DESCRIPTION"]
    fqns = [line.split()[0] for line in lines]
    assert fqns == sorted(fqns)
    assert len(fqns) == 9
    result = CliRunner().invoke(app, ["list", "table", "--limit", "1", "--catalog", str(path)])
    assert "1 of 9: go on with --after 's.d.x.\"dotted.name\"'" in result.stderr
    rest = json.loads(run("list", "table", "--after", fqns[0], "--all", "--json"))
    assert [one["fullyQualifiedName"] for one in rest] == fqns[1:]
    assert rest[0]["columns"][0]["dataType"] == "INT"
    for words, where in (
        (["--after", "zzz"], " behind zzz"),
        (["--in", "s.d.x.orders"], " below s.d.x.orders"),
        (["--in", "y", "--after", "zzz"], " below s.d.y behind zzz"),
    ):
        assert run("list", "tables", *words) == f"There are no tables{where}.\n"
    below = json.loads(run("list", "table", "--in", "y", "--json"))
    assert [one["name"] for one in below] == ["lines", "orders"]
    assert json.loads(run("list", "--json"))["table"] == 9


def test_a_place_that_cannot_be_copied(shop: Catalog, path: Path, table: Any) -> None:
    """Behind a name with control characters the next page has no command: others are named."""
    shop.write([table(name="+-\u202e")])
    result = CliRunner().invoke(app, ["list", "table", "--limit", "3", "--catalog", str(path)])
    assert "s.d.x.+-\ufffd" in result.stdout
    assert result.stderr == "3 of 10: list --all, or --limit more.\n"


def test_every_kind_is_listed_and_in_the_tree(
    path: Path, run: Run, one_of_each: list[Record]
) -> None:
    """Whatever a catalog holds is in the list of its type, and at its place in the tree."""
    with Catalog(path) as catalog:
        catalog.write(one_of_each)
        (nested,) = [{"name": "inner", "service": "storageService", "parent": None}]
        nested["parent"] = {"type": "container", "fullyQualifiedName": "storageService.container"}
        Collection(catalog, KINDS["container"]).put(nested, Actor())
    found: dict[str, list[str]] = {}

    def walk(places: list[dict[str, Any]]) -> None:
        for place in places:
            found.setdefault(place["entityType"], []).append(place["fullyQualifiedName"])
            walk(place["children"])

    walk(json.loads(run("tree", "--depth", "9", "--json")))
    for entity_type in KINDS:
        listed = json.loads(run("list", entity_type, "--json"))
        assert found[entity_type] == [one["fullyQualifiedName"] for one in listed]
    assert "storageService.container.inner" in found["container"]


def test_a_tree_is_as_large_as_asked_for(shop: Catalog, path: Path, run: Run) -> None:
    """Numbers tell what lies below; depth and width bound what is read."""
    assert run("tree", "--depth", "2").splitlines() == [
        "s  databaseService, SQLite: 1 database, 2 databaseSchemas, 9 tables",
        "└─ d  database: 2 databaseSchemas, 9 tables",
    ]
    assert run("tree", "y", "--limit", "1").splitlines() == [
        "s.d.y  databaseSchema: 2 tables",
        "├─ lines  table",
        "└─ … 1 table more",
    ]
    shop.write([CreateDatabaseServiceRequest(name="t", serviceType="Hive")])
    result = CliRunner().invoke(app, ["tree", "--limit", "1", "--catalog", str(path)])
    assert "Not shown: 1 databaseService; see --limit." in result.stderr


def test_lineage_as_a_tree(shop: Catalog, run: Run, table: Any) -> None:
    """Both directions, cycles marked, what was shown before not again, columns on request."""
    shop.write([table(name=name) for name in "abc"])
    columns = [{"fromColumns": ["s.d.x.a.a"], "toColumn": "s.d.x.b.a", "function": "max"}]
    shop.write(
        [
            lineage("ab", columnsLineage=columns, source="ViewLineage"),
            *map(lineage, ("bc", "ac", "ca")),
        ]
    )
    assert run("lineage", "s.d.x.b", "--columns").splitlines() == [
        "s.d.x.b  table",
        "├─ upstream",
        "│  └─ s.d.x.a  table; ViewLineage",
        "│     ├─ a → a  max",
        "│     └─ s.d.x.c  table; Manual",
        "│        ├─ s.d.x.a  table; Manual; a cycle",
        "│        └─ s.d.x.b  table; Manual; a cycle",
        "└─ downstream",
        "   └─ s.d.x.c  table; Manual",
        "      └─ s.d.x.a  table; Manual",
        "         ├─ s.d.x.b  table; ViewLineage; a cycle",
        "         │  └─ a → a  max",
        "         └─ s.d.x.c  table; Manual; a cycle",
    ]
    assert run("lineage", "s.d.x.b", "--up", "--depth", "1").splitlines()[1:] == [
        "└─ upstream",
        "   └─ s.d.x.a  table; ViewLineage; goes on: see --depth",
    ]
    graph = Edges(shop).graph("table", "s.d.x.b", upstream_depth=0, downstream_depth=3)
    assert json.loads(run("lineage", "s.d.x.b", "--down", "--json")) == graph
    assert "none" in run("lineage", "lines")
    shown = run("show", "s.d.x.a")
    assert re.search(r"^upstream\n.*\ns\.d\.x\.c +table +Manual$", shown, re.MULTILINE)
    assert re.search(r"^downstream\n.*\ns\.d\.x\.b +table +ViewLineage$", shown, re.MULTILINE)


def labels(output: str) -> list[str]:
    """Labels of the entities in a tree with one direction, in order; the root is left out."""
    return [re.sub("^[^a-z]+", "", text).split()[0] for text in output.splitlines()[2:]]


@pytest.mark.parametrize(
    ("edges", "root", "depth"),
    [
        ("ab bd de ef ad", "a", 3),  # a long way is walked first
        ("ab bc cd db da", "b", 5),  # the next sibling is looked at before its turn
        ("ab ac bd cd de", "a", 4),
        ("ab bc ca cd", "a", 2),
    ],
)
def test_lineage_shows_all_within_the_depth_once(
    shop: Catalog, run: Run, table: Any, edges: str, root: str, depth: int
) -> None:
    """The tree names the entities that `--json` names, and follows none of them twice."""
    shop.write([table(name=name) for name in "abcdef"])
    shop.write(list(map(lineage, edges.split())))
    for direction in ("--down", "--up"):
        words = ["lineage", f"x.{root}", direction, "--depth", str(depth)]
        shown, graph = run(*words), json.loads(run(*words, "--json"))
        named = {node["fullyQualifiedName"] for node in graph["nodes"]}
        assert {*labels(shown), f"s.d.x.{root}"} == {*named, f"s.d.x.{root}"}
        for name in named:  # as often as it has edges to those that are followed
            followed = [line for line in shown.splitlines() if name in line and ";" in line]
            whole = [line for line in followed if not re.search("cycle|goes on", line)]
            assert len(whole) <= 1, shown
    if edges.startswith("ab bd"):
        assert run("lineage", "x.a", "--down").splitlines()[2:] == [
            "   ├─ s.d.x.b  table; Manual",
            "   │  └─ s.d.x.d  table; Manual; goes on under s.d.x.a",
            "   └─ s.d.x.d  table; Manual",
            "      └─ s.d.x.e  table; Manual",
            "         └─ s.d.x.f  table; Manual",
        ]


def test_pages_have_no_json_and_no_numbers_for_times(
    path: Path, run: Run, one_of_each: list[Record]
) -> None:
    """The page of an entity of any kind, with what is attached to it, is made for people."""
    with Catalog(path) as catalog:
        catalog.write(one_of_each)
        beside = Attachments(catalog)
        table = "databaseService.database.databaseSchema.table"
        beside.vote("table", table, "user", "votedUp")
        beside.put_sample_data("table", table, {"columns": ["col.a"], "rows": [[{"inner": 1}]]})
        end = {"type": "table", "fullyQualifiedName": table}
        catalog.write(
            [
                attachment.AddUsageRequest.model_validate(
                    {"entity": end, "usage": {"date": "2024-01-01", "count": 3}}
                ),
                attachment.AddPipelineStatusRequest.model_validate(
                    {
                        "pipeline": "pipelineService.pipeline",
                        "pipelineStatus": {
                            "timestamp": NOW_MS,
                            "executionStatus": "Failed",
                            "taskStatus": [{"name": "load", "executionStatus": "Failed"}],
                        },
                    }
                ),
                attachment.AddTableProfileRequest.model_validate(
                    {
                        "table": table,
                        "profile": {"tableProfile": {"timestamp": NOW_MS, "rowCount": 7}},
                    }
                ),
            ]
        )
        pages = {
            kind.entity_type: page(Collection(catalog, kind).whole(str(one.fullyQualifiedName)))
            for kind in KINDS.values()
            for one in catalog.list_entities(kind.entity)
        }
    shown = {name: "\n".join([*one.lines, *map(str, one.tables)]) for name, one in pages.items()}
    assert shown.keys() == KINDS.keys()
    for text in shown.values():
        assert not re.search(r"""[{}]|: \[|True|False|None""", text), text
        assert not re.search(r"\b1[0-9]{12}\b", text), text
        assert re.search(
            r"^  updatedAt: 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", text, re.MULTILINE
        )
    assert [name for name, text in shown.items() if "votes" in text] == ["table"]
    text = run("show", table)
    assert text.splitlines()[0] == f"table {table}"
    for part in ("  votes: 1 up, 0 down\n", "    dailyStats:\n      count: 3", "\n  inner  "):
        assert part in text
    text = run("show", "pipeline", "--type", "pipeline")
    assert "\npipelineStatus.taskStatus\nNAME  EXECUTION STATUS\nload  Failed\n" in text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"a": {"b": True}, "c": []}, ["  field:", "    a:", "      b: yes"]),
        ([{"a": 1, "b": [{"c": 2}, {"c": 3}]}], ["field", "A  B", "1  c: 2; c: 3"]),
        ([{"columnName": "day", "interval": None}], ["field", "COLUMN NAME", "day"]),
        ([["x", 1], [2.5]], ["  field: x, 1, 2.5"]),
        ([{}, {"a": {"b": {"c": "d"}}}], ["field", "A", "", "b: c: d"]),
        ("one\n\ttwo", ["  field:", "    one", "        two"]),
        (["short", "long " * 30], ["  field:", "    - short", "    - " + "long " * 29 + "long"]),
        ({"tagFQN": "Tier.Tier1", "state": "Confirmed"}, ["  field: Tier.Tier1"]),
        ([{"type": "user", "id": "7", "name": "ann"}], ["  field: ann"]),
        ({"a": None, "b": {}, "c": ""}, []),
        ([{}], []),
        ({"columns": [], "rows": [[]]}, []),
    ],
)
@pytest.mark.parametrize("key", ["field", "columns", "votes", "sampleData"])
def test_values_of_any_shape(key: str, value: Any, shown: list[str]) -> None:
    """Whatever JSON a field holds, it becomes lines and tables without the marks of JSON."""
    found = page({key: value})
    text = [*found.lines]
    for table in found.tables:
        text += [table.title, "  ".join(table.headers), *("  ".join(row) for row in table.rows)]
    if key == "field":
        assert [line.rstrip() for line in text] == shown
    assert not re.search(r"[{}\[\]]", "".join(text))
    assert all(table.headers for table in found.tables)


def test_every_time_of_the_model_is_shown_as_one() -> None:
    """The fields that OpenMetadata has for times in ms are known by their names."""
    seen: list[type[Any]] = [*{kind.entity for kind in KINDS.values()}, Model]
    times = set()
    for model in seen:  # grows during the iteration
        seen += [below for below in model.__subclasses__() if below not in seen]
        for name, annotation in model.__annotations__.items():
            if "Timestamp" in str(annotation):
                times.add(name)
    assert {"updatedAt", "timestamp", "queryDate", "endTime"} <= times
    assert [name for name in times if not is_moment(name, NOW_MS)] == []
    assert moment(NOW_MS) == "2023-11-14T22:13:20.123Z"
    assert moment(NOW_MS - 123) == "2023-11-14T22:13:20Z"
    assert moment(10**18) == "1000000000000000000"


@pytest.mark.parametrize("command", [("show",), ("show", "--json"), ("list", "--json")])
def test_secrets_are_masked(catalog: Catalog, run: Run, command: tuple[str, ...]) -> None:
    """No command prints the secrets in the connection of a service."""
    body = {
        "name": "pg",
        "serviceType": "Postgres",
        "connection": {"config": {"type": "Postgres", "password": "hunter2", "username": "u"}},
    }
    Collection(catalog, KINDS["databaseService"]).put(body, Actor())
    name = "databaseService" if command[0] == "list" else "pg"
    shown = run(command[0], name, *command[1:])
    assert "Postgres" in shown
    assert "hunter2" not in shown


def test_offers_of_a_shell(shop: Catalog, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TAB is answered from the catalog of this folder: types, and FQNs level by level."""
    monkeypatch.chdir(path.parent)
    Path("om-ingest.db").symlink_to(path)
    assert "databaseSchema" in offers.entity_types("")
    assert offers.names("") == ["s"]
    assert offers.names("s.d.x.o") == ["s.d.x.orders"]
    assert not any('"' in fqn for fqn in offers.names("s.d.x."))
