"""The smallest patch of an entity that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from om_ingest import EntityReference
from om_ingest.model import CreateGlossaryTermRequest, CreateTagRequest

if TYPE_CHECKING:
    from om_ingest.openmetadata.store import OpenMetadata

    from tests.unit.openmetadata.conftest import Wire


@pytest.fixture
def term(wire: Wire) -> CreateGlossaryTermRequest:
    """A term with an owner and a domain, which are there."""
    wire.put("domains", "ours")
    owner = EntityReference(type="user", id=wire.put("users", "source")["id"])
    return CreateGlossaryTermRequest(
        name="t", glossary="g", description="d", owners=[owner], domains=["ours"]
    )


def inherited(wire: Wire, collection: str, name: str) -> dict[str, Any]:
    """A reference that an entity has from the one above it."""
    return {"id": wire.put(collection, name)["id"], "type": collection[:-1], "inherited": True}


def test_what_is_inherited_is_not_copied(
    wire: Wire, store: OpenMetadata, term: CreateGlossaryTermRequest
) -> None:
    """An entity without owners and domains of its own gets those of the source alone."""
    above = {"owners": [inherited(wire, "users", "boss")]}
    above["domains"] = [inherited(wire, "domains", "theirs")]
    wire.put("glossaryTerms", "g.t", description="d", **above)

    store.write([term])

    (call,) = wire.sent("PATCH", ".*")
    patched = {operation["path"]: operation["value"] for operation in call.body}
    assert patched.keys() == {"/owners", "/domains"}
    assert [owner["id"] for owner in patched["/owners"]] == [str(term.owners[0].id)]
    assert len(patched["/domains"]) == 1


@pytest.mark.parametrize("shown", [{}, {"domain": "theirs"}])
def test_an_old_server_gets_one_domain(
    wire: Wire, store: OpenMetadata, shown: dict[str, str]
) -> None:
    """Servers before 1.9 have one `domain`, also where an inherited one is shown."""
    wire.on("GET", "system/version", httpx.Response(200, json={"version": "1.6.0"}))
    more = {name: inherited(wire, "domains", value) for name, value in shown.items()}
    wire.put("tags", "c.t", description="d", **more)
    wire.put("domains", "own")

    store.write([CreateTagRequest(name="t", classification="c", description="d", domains=["own"])])

    (call,) = wire.sent("PATCH", ".*")
    assert [operation["path"] for operation in call.body] == ["/domain"]
