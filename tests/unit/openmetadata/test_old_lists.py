"""A list of a server tells for a while only what is not there."""

from __future__ import annotations

from collections.abc import Callable

from om_ingest.kinds import KINDS
from om_ingest.openmetadata.bodies import Row
from om_ingest.openmetadata.existing import Existing
from om_ingest.openmetadata.listing import FINGERPRINT, Fields
from om_ingest.openmetadata.store import OpenMetadata
from om_ingest.releases import Dialect, Version

from tests.unit.openmetadata.conftest import Wire


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
