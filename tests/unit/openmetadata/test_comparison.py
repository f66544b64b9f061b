"""What a client asks about labels that may exclude each other, and what it leaves out then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from om_ingest.model import CreateGlossaryRequest

if TYPE_CHECKING:
    from om_ingest.openmetadata.store import OpenMetadata

    from tests.unit.openmetadata.conftest import Wire


def label(fqn: str) -> dict[str, Any]:
    """A label as a person gives it."""
    return {"tagFQN": fqn, "source": "Classification", "labelType": "Manual", "state": "Confirmed"}


@pytest.mark.parametrize(
    ("above", "path"), [("Tier", "classifications/name/Tier"), ("Tier.sub", "tags/name/Tier.sub")]
)
@pytest.mark.parametrize("exclusive", [True, False])
def test_tags_that_meet_are_asked_about_once(
    wire: Wire, store: OpenMetadata, above: str, path: str, exclusive: bool
) -> None:
    """One request tells whether tags of one classification, or of one tag, exclude each other."""
    wire.put(path.partition("/")[0], above, mutuallyExclusive=exclusive)
    for name in ("g1", "g2"):
        wire.put("glossaries", name, tags=[label(f"{above}.one")], version=0.1)
    said = [
        CreateGlossaryRequest.model_validate(
            {"name": name, "description": "d", "tags": [label(f"{above}.two")]}
        )
        for name in ("g1", "g2")
    ]

    for _ in range(2):
        assert not any(result.reason for result in store.write(said))

    assert len(wire.sent("GET", path)) == 1
    added = [change for call in wire.sent("PATCH", ".*") for change in call.body]
    labelled = [change for change in added if change["path"].startswith("/tags")]
    assert len(labelled) == (0 if exclusive else 2)


def test_labels_that_cannot_meet_are_not_asked_about(wire: Wire, store: OpenMetadata) -> None:
    """A label that is there already, or of another classification, takes no further request."""
    wire.put("glossaries", "g", tags=[label("Tier.one")], version=0.1)
    tags = [label("Tier.one"), label("PII.none")]
    said = {"name": "g", "description": "d", "tags": tags}
    store.write([CreateGlossaryRequest.model_validate(said)])
    assert not wire.sent("GET", "(classifications|tags)/.*")
