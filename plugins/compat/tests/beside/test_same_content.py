"""A connector leaves the same in a catalog, whoever runs it, or the difference has a reason."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from beside.ways import CASES, Case, Outcome

if TYPE_CHECKING:
    from beside.conftest import Outcomes

KNOWN: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("differences.yaml").read_text("utf-8")
)
"""By the name of a case: `upstream` and `both`, part of the message with which a run ends that
cannot go on; `content`, path of a field -> what upstream and om-ingest leave there."""
EVERYWHERE = {"supportsMetadataExtraction", "supportsProfiler", "sourceHash", "usageSummary"}
"""Upstream writes the defaults of a connection into the service, a hash of what a base class of a
family has yielded, and that a pipeline was used 0 times today."""


def differences(theirs: Any, ours: Any, place: str = "") -> dict[str, list[Any]]:
    """Path of each field that differs -> the two values; None for what is not there."""
    if not (isinstance(theirs, dict) and isinstance(ours, dict)):
        return {} if theirs == ours else {place: [theirs, ours]}
    found: dict[str, list[Any]] = {}
    for name in dict.fromkeys((*theirs, *ours)):
        if name not in EVERYWHERE:
            inner = f"{place} | {name}" if place else str(name)
            found |= differences(theirs.get(name), ours.get(name), inner)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_as_upstream(outcomes: Outcomes, case: Case) -> None:
    """`metadata ingest` of 2.0.7 and `om-ingest run` leave the same, field by field."""
    known = KNOWN.get(case.name, {})
    theirs, ours = outcomes.upstream.result()[case.name], outcomes.ours.result()[case.name]
    if "upstream" in known:
        assert known["upstream"] in theirs.text
        assert theirs.code == 1
        return
    assert differences(theirs.content, ours.content) == known.get("content", {}), texts(
        theirs, ours
    )
    assert theirs.code == ours.code, texts(theirs, ours)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_beside_upstream(outcomes: Outcomes, case: Case) -> None:
    """Where openmetadata-ingestion is installed as well, om-ingest leaves the same as alone."""
    known = KNOWN.get(case.name, {})
    both, ours = outcomes.both.result()[case.name], outcomes.ours.result()[case.name]
    if "both" in known:
        assert known["both"] in both.text
        assert both.code != 0
        return
    found = differences(both.content, ours.content)
    assert found == known.get("beside", {}), texts(both, ours)
    assert both.code == ours.code, texts(both, ours)


def texts(*outcomes: Outcome) -> str:
    """What the runs said, for who reads a failure."""
    return "\n---\n".join(outcome.text[-5000:] for outcome in outcomes)
