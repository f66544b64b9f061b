"""What servers answer is read whole: no field is dropped because its form is another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from om_ingest.kinds import KINDS, as_request

from tests.every_kind import build
from tests.unit.openmetadata.contract import TIME_MS, answers

if TYPE_CHECKING:
    from om_ingest.openmetadata.store import OpenMetadata

    from tests.unit.openmetadata.conftest import Wire

ANSWERS = dict(answers())
SECRETS = {"password", "confirmPassword", "authenticationMechanism", "createPasswordType"}
TEXT = "2026-03-01T00:00:00.123Z"


def lost(told: Any, read: Any, path: str = "") -> Iterator[str]:
    """Paths of the values of an answer that are not in what was read, or are others there."""
    if isinstance(told, dict) and isinstance(read, dict):
        for name, value in told.items():
            yield from lost(value, read.get(name), f"{path}.{name}".lstrip("."))
    elif isinstance(told, list) and isinstance(read, list) and len(told) == len(read):
        for one, other in zip(told, read, strict=True):
            yield from lost(one, other, path)
    elif told != read and not (told == TIME_MS and read == TEXT):
        yield path


@pytest.mark.parametrize("entity_type", KINDS)
def test_every_field_of_every_kind(wire: Wire, store: OpenMetadata, entity_type: str) -> None:
    """Each field that the contract has in the answer of a kind is read, as deep as it goes; dates
    and times, which are milliseconds there, become text.
    """
    kind, answer = KINDS[entity_type], ANSWERS[entity_type]
    wire.judge("GET", f"{kind.collection}/", lambda call: httpx.Response(200, json=answer))
    found = store.get_by_name(kind.entity, answer["fullyQualifiedName"], include_deleted=True)
    assert found is not None
    read = found.model_dump(mode="json")
    assert set(lost(answer, read)) <= SECRETS


@pytest.mark.parametrize("entity_type", KINDS)
def test_every_answer_as_a_request(entity_type: str) -> None:
    """What a server shows of a kind becomes a valid request of the same values."""
    kind, plain = KINDS[entity_type], build(entity_type)
    place = {name: value for name, value in plain if name in kind.place_fields}
    body = as_request(kind, ANSWERS[entity_type])
    request = kind.request.model_validate({**body, **place, "name": "n"})
    assert not list(lost(body, request.model_dump(mode="json")))
    assert TIME_MS not in body.values()
    assert set(body) >= {"description", *kind.links}


def test_related_terms_of_older_servers(wire: Wire, store: OpenMetadata) -> None:
    """Terms that a server relates by plain references are read as relations."""
    term = ANSWERS["glossaryTerm"]["glossary"]
    answer = {**ANSWERS["glossaryTerm"], "relatedTerms": [term]}
    wire.judge("GET", "glossaryTerms/", lambda call: httpx.Response(200, json=answer))
    found: Any = store.get_by_name(KINDS["glossaryTerm"].entity, "a.b")
    (relation,) = found.relatedTerms
    assert (relation.relationType, str(relation.term.id)) == ("relatedTo", term["id"])


def test_the_run_that_older_servers_show(wire: Wire, store: OpenMetadata) -> None:
    """The latest run of an ingestion pipeline, which a 1.6 server shows on its own, is read."""
    run = {"runId": "r", "pipelineState": "success", "timestamp": TIME_MS}
    answer = {**ANSWERS["ingestionPipeline"], "pipelineStatuses": run}
    wire.judge("GET", "ingestionPipelines/", lambda call: httpx.Response(200, json=answer))
    found: Any = store.get_by_name(KINDS["ingestionPipeline"].entity, "a.b")
    assert [one.runId for one in found.pipelineStatuses] == ["r"]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (TIME_MS, TEXT),
        (1772323200000, "2026-03-01T00:00:00Z"),
        ("2026-03-01", "2026-03-01"),
        (10**18, None),
    ],
)
def test_dates_and_times(wire: Wire, store: OpenMetadata, given: Any, read: str | None) -> None:
    """Milliseconds since 1970 become text in UTC, text stays, and what is no date is left out."""
    answer = {**ANSWERS["pipeline"], "startDate": given}
    wire.judge("GET", "pipelines/", lambda call: httpx.Response(200, json=answer))
    found: Any = store.get_by_name(KINDS["pipeline"].entity, "a.b")
    assert found.startDate == read
