"""Records whose fingerprint another client has written, or an older release of this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from om_ingest import Outcome
from om_ingest.model import CreateTableRequest
from om_ingest.openmetadata.store import OpenMetadata

from tests.unit.openmetadata.conftest import Call, Wire

Connect = Callable[..., OpenMetadata]

SCHEMA = "s.d.p"
COUNT = 250
COLUMNS = [{"name": "c", "dataType": "INT"}]


@pytest.fixture
def wire(wire: Wire) -> Wire:
    """A server with a schema of another client."""
    for number in range(COUNT):
        wire.put("tables", f"{SCHEMA}.t{number:03}", columns=COLUMNS, sourceHash=f"old {number}")

    wire.judge("GET", "^tables$", lambda call: page(wire, call))
    return wire


def page(wire: Wire, call: Call) -> httpx.Response:
    """A page of the list of tables."""
    first, limit = int(call.query.get("after", 0)), int(call.query["limit"])
    found = [body for path, body in wire.entities.items() if "/name/" in path]
    end = first + limit
    following = {"after": str(end)} if end < len(found) else {}
    paging = {"total": len(found), **following}
    return httpx.Response(200, json={"data": found[first:end], "paging": paging})


def tables(**more: Any) -> list[CreateTableRequest]:
    """A record of each table that is there."""
    return [
        CreateTableRequest.model_validate(
            {"name": f"t{number:03}", "databaseSchema": SCHEMA, "columns": COLUMNS, **more}
        )
        for number in range(COUNT)
    ]


def outcomes(store: OpenMetadata, records: list[CreateTableRequest]) -> set[Outcome]:
    """What becomes of records that come a hundred at a time."""
    batches = [records[start : start + 100] for start in range(0, len(records), 100)]
    return {result.outcome for batch in batches for result in store.write(batch)}


def requests(wire: Wire) -> dict[str, int]:
    """How many reads were of one table, and of pages of lists; how many writes there were."""
    return {
        "single": len(wire.sent("GET", "tables/name/.*")),
        "bare": sum(call.query["limit"] == "1000" for call in wire.sent("GET", "tables")),
        "whole": sum(call.query["limit"] == "100" for call in wire.sent("GET", "tables")),
        "writes": sum(call.method != "GET" for call in wire.calls),
    }


@pytest.mark.parametrize(
    "more",
    [{}, {"dataModel": {"modelType": "DBT", "sql": "select 1", "columns": []}}],
    ids=["plain", "with a data model"],
)
def test_equal_content_is_not_written(wire: Wire, connect: Connect, more: dict[str, Any]) -> None:
    """Tables that differ in their fingerprint alone are compared by pages, once a few of them were
    read for nothing, and are written in no run.
    """
    for body in wire.entities.values():
        body.update(more)
    for _ in range(2):
        wire.calls.clear()
        assert outcomes(connect(), tables(**more)) == {Outcome.UNCHANGED}
        assert requests(wire) == {"single": 3, "bare": 1, "whole": 3, "writes": 0}


def test_changed_content_is_read_alone(wire: Wire, connect: Connect) -> None:
    """Tables that did change are read once each, just before they are put."""
    changed = tables(sourceUrl="http://x")
    assert outcomes(connect(), changed) == {Outcome.UPDATED}
    assert requests(wire) == {"single": COUNT, "bare": 1, "whole": 0, "writes": 3}


def test_a_table_that_a_list_shows_in_part_is_read(wire: Wire, connect: Connect) -> None:
    """What a list leaves out is not taken for absent: the table itself decides."""
    owned = tables(sourceUrl="http://x")
    for path, body in wire.entities.items():
        wire.entities[path] = {**body, "sourceUrl": "http://x"}
    pages = [
        {name: value for name, value in body.items() if name != "sourceUrl"}
        for path, body in wire.entities.items()
        if "/name/" in path
    ]
    answer = httpx.Response(200, json={"data": pages, "paging": {"total": COUNT}})
    wire.forget()
    wire.judge("GET", "^tables$", lambda call: answer)
    assert outcomes(connect(), owned) == {Outcome.UNCHANGED}
    assert requests(wire) == {"single": COUNT, "bare": 1, "whole": 1, "writes": 0}


@pytest.mark.parametrize(
    ("message", "sizes"),
    [
        ("[query param limit must be less than or equal to 300]", ["1000", "300"]),
        ("limit is too large", ["1000", "500", "250"]),
    ],
)
def test_a_server_with_smaller_pages(
    wire: Wire, connect: Connect, refused: Any, message: str, sizes: list[str]
) -> None:
    """A page that a server refuses for its size is asked for again with what it takes."""

    def judge(call: Call) -> httpx.Response:
        return refused(400, message) if int(call.query["limit"]) > 300 else page(wire, call)

    wire.forget()
    wire.judge("GET", "^tables$", judge)
    assert outcomes(connect(), tables()) == {Outcome.UNCHANGED}
    bare = [call.query["limit"] for call in wire.sent("GET", "tables")]
    assert [limit for limit in bare if limit != "100"] == sizes
