"""A list of a server tells for a while only what is not there."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from om_ingest import CreateTableRequest
from om_ingest.kinds import KINDS
from om_ingest.model import Metric
from om_ingest.openmetadata.bodies import Row
from om_ingest.openmetadata.existing import Existing
from om_ingest.openmetadata.listing import FINGERPRINT, Fields
from om_ingest.openmetadata.store import OpenMetadata
from om_ingest.releases import Dialect, Version

from tests.unit.openmetadata.conftest import Call, Wire


def tables(*names: str) -> list[Row]:
    """Rows of a schema."""
    dialect = Dialect(Version(2, 0, 7))
    return [Row(KINDS["table"], f"s.d.p.{name}", {"name": name}, dialect) for name in names]


def test_a_place_of_new_rows_is_listed_again_after_a_minute(
    wire: Wire, connect: Callable[..., OpenMetadata]
) -> None:
    """A table that others create in the meantime is found, and costs one list per minute."""
    now = [0.0]
    server = connect()._server  # noqa: SLF001  # the clock has no door for users
    existing = Existing(server, Fields(server, lambda kind: FINGERPRINT), lambda: now[0])
    assert set(existing.find(tables("a", "b", "c"), whole=False).values()) == {None}
    wire.put("tables", "s.d.p.late", sourceHash="7")
    assert set(existing.find(tables("late"), whole=False).values()) == {None}
    assert len(wire.sent("GET", "tables")) == 1
    now[0] = 61.0
    existing.find(tables("x", "y", "z"), whole=False)
    (found,) = existing.find(tables("late"), whole=False).values()
    assert found is not None
    assert found.fingerprint == "7"
    assert len(wire.sent("GET", "tables")) == 2
    existing.close()


def test_a_list_that_is_cut_does_not_tell_what_is_absent(
    wire: Wire, connect: Callable[..., OpenMetadata]
) -> None:
    """Entities that a list counts and does not show are looked up, not written as new ones."""
    for name in "abcdef":
        wire.put("tables", f"s.d.p.{name}", description="by a person", sourceHash="7")
    shown = [entity for path, entity in wire.entities.items() if path.startswith("tables/name/")]
    cut = {"data": shown[:3], "paging": {"total": 6}}
    wire.on("GET", "^tables$", httpx.Response(200, json=cut))
    store = connect()
    store.write([CreateTableRequest(name=n, databaseSchema="s.d.p", columns=[]) for n in "abcdef"])
    read = {call.path for call in wire.sent("GET", "tables/name/.*")}
    assert read >= {f"tables/name/s.d.p.{name}" for name in "def"}


@pytest.mark.parametrize(
    ("version", "known", "unknown"),
    [("1.6.0", "domains", "domain"), ("2.0.7", "domain", "domains")],
)
def test_domains_are_read_by_the_name_that_the_server_knows(
    wire: Wire, connect: Callable[..., OpenMetadata], version: str, known: str, unknown: str
) -> None:
    """A server that is newer or older than it says shows domains under its own name of them."""
    wire.on("GET", "system/version", httpx.Response(200, json={"version": version}))
    invalid = httpx.Response(400, json={"message": f"Invalid field name {unknown}"})
    wire.put("metrics", "m", description="d")

    def judge(call: Call) -> httpx.Response | None:
        asked = call.query.get("fields", "").split(",")
        return invalid if unknown in asked else None

    wire.judge("GET", "^metrics", judge)
    assert connect().get_by_name(Metric, "m") is not None
    assert known in wire.sent("GET", "metrics/name/m")[-1].query["fields"].split(",")
