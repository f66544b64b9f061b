"""`om-ingest check` lists what records can say and a server cannot hold."""

from __future__ import annotations

import pytest
from om_ingest.openmetadata.holding import limits
from om_ingest.releases import Dialect, Version


def told(dialect: Dialect) -> dict[str, str]:
    """What lacks something, with what it lacks."""
    return dict(line.split(": ", 1) for line in limits(dialect))


@pytest.mark.parametrize(
    ("version", "name", "unknown"),
    [
        (Version(1, 13, 6), "table", "tableType=SemanticView (new in 2.0.0)"),
        (Version(1, 12, 5), "whole kinds", "mcpService (new in 1.13.0)"),
        (Version(1, 6, 0), "user", "externalId, scimUserName (new in 1.8.0)"),
        (Version(1, 5, 8), "TableConstraint", "relationshipType (new in 1.6.0); "),
    ],
)
def test_what_a_server_cannot_hold(version: Version, name: str, unknown: str) -> None:
    """Kinds, and fields and values of records and their parts, with the versions that know them."""
    assert told(Dialect(version))[name].startswith(unknown)


def test_each_thing_once() -> None:
    """A part of many kinds is one line, and so are kinds that lack the same."""
    lines = told(Dialect(Version(1, 8, 12)))
    assert "TagLabel" in lines
    assert not any("tags.reason" in unknown for unknown in lines.values())
    assert any({"database", "dashboard", "topic"} <= set(names.split(", ")) for names in lines)


def test_a_kind_that_was_refused() -> None:
    """A kind that a server turned out not to have is listed as refused, whatever its version."""
    dialect = Dialect(Version(2, 0, 7))
    dialect.note_kind("metric", is_there=False)
    assert told(dialect)["whole kinds"] == "metric (refused)"


def test_limits_are_those_of_the_family_of_the_source() -> None:
    """A source of databases is told nothing of what lies below other services."""
    old = Dialect(Version(1, 6, 0))
    told = "\n".join(limits(old, "database"))
    assert "databaseService" in told
    assert "TagLabel" in told
    for other in ("dashboard", "drive", "pipelineStatus", "topic", "PipelineStatus"):
        assert other not in told
    everything = list(limits(old))
    assert any(line.startswith("chart: ") for line in everything)
    assert any(line.startswith("whole kinds: ") for line in everything)
