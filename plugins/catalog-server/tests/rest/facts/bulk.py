"""Many entities in one request (contract §5.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rest.case import JANE, Ask, Case, case, delete, get, label, make, put
from rest.expect import ABSENT, ANYTHING, Matching, Sized
from rest.specimens import COLLECTIONS, PARENTS, specimen

SINCE = "1.11"

BULK_KINDS = (
    *("database", "databaseSchema", "table", "storedProcedure", "dashboard", "chart"),
    *("dashboardDataModel", "topic", "pipeline", "mlmodel", "container", "searchIndex"),
    *("apiCollection", "apiEndpoint", "query", "metric"),
    *("directory", "file", "spreadsheet", "worksheet"),
)
WITHOUT = (
    *("tag", "classification", "glossary", "glossaryTerm", "user", "team", "domain"),
    *("dataProduct", "ingestionPipeline"),
)


def _table(alias: str = "", **more: Any) -> dict[str, Any]:
    return specimen("table", alias, **more)


def _fqn(alias: str = "table") -> str:
    return f"{{databaseSchema}}.{alias}_{{me}}"


def _bulk(rows: Any, query: str = "", /, **shows: Any) -> Ask:
    return put(f"tables/bulk{query}", rows, 200, shows)


def _counts(processed: int, passed: int, failed: int) -> dict[str, Any]:
    verdict = "success" if not failed else "partialSuccess" if passed else "failure"
    return {
        "status": verdict,
        "numberOfRowsProcessed": processed,
        "numberOfRowsPassed": passed,
        "numberOfRowsFailed": failed,
    }


def _failed(status: int = 400, request: Any = ANYTHING, message: str = ".") -> dict[str, Any]:
    return {"status": status, "request": request, "message": Matching(message)}


def _per_kind() -> Iterator[Case]:
    for kind in BULK_KINDS:
        path = COLLECTIONS[kind]
        parents = [make(PARENTS[kind])] if kind in PARENTS else []
        bodies = [specimen(kind, alias) for alias in ("one", "two")]
        yield case(
            "§5.1",
            f"PUT {path}/bulk creates and updates",
            *parents,
            put(f"{path}/bulk", bodies, 200, {**_counts(2, 2, 0), "successRequest": Sized(2)}),
            put(
                f"{path}/bulk",
                [{**body, "displayName": "Shown"} for body in bodies],
                200,
                {**_counts(2, 2, 0), "successRequest": [{"status": 200}] * 2},
            ),
            put(path, {**bodies[0], "displayName": "Shown"}, 200, {"version": 0.2}),
        ).of(kind)
    for kind in WITHOUT:
        yield case(
            "§5.1",
            f"{COLLECTIONS[kind]} has no bulk",
            put(f"{COLLECTIONS[kind]}/bulk", [], (404, 405)),
            since="1.12",
        ).of(kind)


_SCHEMA = make("databaseSchema")
_TABLE = make("table", sourceHash="h1", description="Said first.")
_ABSENT = "An exception with message [HTTP 405 Method Not Allowed] was thrown"

CASES = [
    *_per_kind(),
    case(
        "§5.1",
        "rows that succeed are named by their FQN, with status 200 also when they are new",
        _SCHEMA,
        _bulk(
            [_table("a"), _table("b")],
            **_counts(2, 2, 0),
            successRequest=[
                {"request": _fqn("a"), "status": 200},
                {"request": _fqn("b"), "status": 200},
            ],
        ),
    ),
    case(
        "§5.1",
        "an empty array is a success of nothing",
        _bulk([], **_counts(0, 0, 0)),
    ),
    case(
        "§5.1",
        "what is no array is 400",
        _SCHEMA,
        put("tables/bulk", _table(), 400),
        put("tables/bulk", b"null", 400),
        put("tables/bulk", "x", 400),
        get(f"tables/name/{_fqn()}", 404),
    ),
    case(
        "§5.1",
        "a row that fails stops no other, and is echoed with the reason",
        _SCHEMA,
        _bulk(
            [_table("a"), _table("b", columns=None), _table("c")],
            **_counts(3, 2, 1),
            failedRequest=[_failed(400, _table("b", columns=None), "columns")],
        ),
        get(f"tables/name/{_fqn('a')}"),
        get(f"tables/name/{_fqn('b')}", 404),
        get(f"tables/name/{_fqn('c')}"),
    ),
    case(
        "§5.1",
        "a row with an unknown field or value refuses all of them",
        _SCHEMA,
        put("tables/bulk", [_table("a"), _table("b", bogus=1)], 400),
        put("tables/bulk", [_table("a"), _table("b", tableType="Chair")], 400),
        get(f"tables/name/{_fqn('a')}", 404),
    ),
    case(
        "§5.1",
        "when every row fails the answer is 200 and a failure",
        _SCHEMA,
        _bulk(
            [_table("a", columns=1), {}, 5, None, "x", []],
            **_counts(6, 0, 6),
            failedRequest=[_failed()] * 6,
        ),
    ),
    case(
        "§5.1",
        "an unknown parent fails its row with 400 and the words of a 404",
        _SCHEMA,
        _bulk(
            [_table("a", databaseSchema="no.such.{me}"), _table("b")],
            **_counts(2, 1, 1),
            failedRequest=[_failed(400, message="databaseSchema instance for no.such.{me} not")],
        ),
    ),
    case(
        "§5.1",
        "a parent that is deleted does not fail its row",
        _SCHEMA,
        delete("databaseSchemas/{databaseSchema.id}"),
        _bulk([_table()], **_counts(1, 1, 0)),
    ),
    case(
        "§5.1",
        "an unknown tag or owner fails its row alone",
        _SCHEMA,
        _bulk(
            [
                _table("a", tags=[label("No.Such{me}")]),
                _table(
                    "b",
                    owners=[{"id": "11111111-2222-3333-4444-555555555555", "type": "user"}],
                ),
                _table("c"),
            ],
            **_counts(3, 1, 2),
            failedRequest=[_failed(), _failed()],
        ),
    ),
    case(
        "§5.1",
        "of one FQN twice the first creates and the second updates",
        _SCHEMA,
        _bulk([_table(displayName="One"), _table(displayName="Two")], **_counts(2, 2, 0)),
        get(f"tables/name/{_fqn()}", shows={"displayName": "Two", "version": 0.2}),
    ),
    case(
        "§5.1",
        "a bulk restores what is deleted",
        _TABLE,
        delete("tables/{table.id}"),
        _bulk([_table(sourceHash="h1")], **_counts(1, 1, 0)),
        get("tables/{table.id}", shows={"deleted": False}),
    ),
    case(
        "§5.1",
        "a row whose sourceHash is the stored one is skipped as a success",
        _TABLE,
        _bulk(
            [_table(sourceHash="h1", displayName="New")],
            **_counts(1, 1, 0),
            successRequest=[{"request": "{table}", "status": 200}],
        ),
        get("tables/{table.id}", shows={"displayName": ABSENT, "version": 0.1}),
        since="2.0",
    ),
    case(
        "§5.1",
        "a row with another sourceHash is updated",
        _TABLE,
        _bulk([_table(sourceHash="h2", displayName="New")], **_counts(1, 1, 0)),
        get(
            "tables/{table.id}?fields=sourceHash", shows={"displayName": "New", "sourceHash": "h2"}
        ),
    ),
    case(
        "§5.1",
        "a row without a sourceHash is updated",
        _TABLE,
        _bulk([_table(displayName="New")], **_counts(1, 1, 0)),
        get("tables/{table.id}", shows={"displayName": "New"}),
    ),
    case(
        "§5.1",
        "overrideMetadata looks past an equal sourceHash",
        _TABLE,
        _bulk(
            [_table(sourceHash="h1", displayName="New")],
            "?overrideMetadata=true",
            **_counts(1, 1, 0),
        ),
        get("tables/{table.id}", shows={"displayName": "New"}),
        since="2.0",
    ),
    case(
        "§5.1",
        "an FQN that is twice in a batch is not skipped for its sourceHash",
        _TABLE,
        _bulk(
            [
                _table(sourceHash="h1", displayName="New"),
                _table(sourceHash="h1", displayName="Newer"),
            ],
            **_counts(2, 2, 0),
        ),
        get("tables/{table.id}", shows={"displayName": "Newer"}),
        since="2.0",
    ),
    case(
        "§6.4",
        "a single PUT does not look at the sourceHash",
        _TABLE,
        put("tables", _table(sourceHash="h1", displayName="New"), 200, {"displayName": "New"}),
        since="1.6",
    ),
    case(
        "§5.1",
        "an asynchronous bulk is 202 at once, and its rows are there later",
        _SCHEMA,
        put(
            "tables/bulk?async=true",
            [_table("a"), _table("b")],
            202,
            {"status": "success", "numberOfRowsProcessed": 2, "numberOfRowsPassed": 0},
        ),
        _bulk([_table("c")], **_counts(1, 1, 0)),  # written after what came before it
        get(f"tables/name/{_fqn('a')}"),
        get(f"tables/name/{_fqn('b')}"),
    ),
    case(
        "§5.1",
        "no bulk answers with ids",
        _SCHEMA,
        _bulk([_table()], successRequest=[{"id": ABSENT}], id=ABSENT),
    ),
    case(
        "§5.1",
        "a flag that is not true is false",
        _TABLE,
        put("tables/bulk?async=maybe", [_table(description="New.")], 200),
        put("tables/bulk?overrideMetadata=2", [_table(description="New.")], 200),
        get("tables/{table.id}", shows={"description": "Said first."}),
    ),
    case(
        "§5.1",
        "bulk is made by its sender",
        _SCHEMA,
        put("tables/bulk", [_table()], 200, _counts(1, 1, 0), by=JANE),
        get(f"tables/name/{_fqn()}", shows={"updatedBy": "jane"}),
    ),
    case(
        "§5.1",
        "before 2.0 a batch writes rows with the stored sourceHash, and overrides nothing",
        _TABLE,
        _bulk(
            [_table(sourceHash="h1", displayName="New", description="New")],
            "?overrideMetadata=true",
        ),
        get("tables/{table.id}", shows={"displayName": "New", "description": "Said first."}),
        until="2.0",
    ),
    case(
        "§5.1",
        "before 1.11 there was no bulk, and what was not there was 500",
        _SCHEMA,
        put(
            "tables/bulk",
            [_table()],
            500,
            {"responseMessage": f"{_ABSENT} while processing request."},
        ),
        since="1.6",
        until="1.11",
    ),
]
