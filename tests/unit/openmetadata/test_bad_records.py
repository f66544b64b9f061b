"""Records that are bad in themselves: what they are refused for costs no other record anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest
from om_ingest import Outcome
from om_ingest.model import CreateDatabaseServiceRequest, TagLabel

from tests.unit.openmetadata.test_refusals import (
    BARE,
    RELATED,
    Found,
    Strict,
    bare,
    named,
    rich,
    table,
    writes,
)

if TYPE_CHECKING:
    from om_ingest.openmetadata.store import OpenMetadata

    from tests.unit.openmetadata.conftest import Call, Wire


def value_refused(text: str) -> Callable[[Call], httpx.Response | None]:
    """Refuses a body, or a batch, in which this text stands, and does not say why."""
    return lambda call: BARE if text in json.dumps(call.body) else None


def test_one_bad_row_of_a_batch_takes_nothing_from_others(wire: Wire, store: OpenMetadata) -> None:
    """A field that the server takes from another row is not what a batch was refused for."""
    wire.judge("PUT", "tables", value_refused("s3://bad"))
    bad = table("bad", locationPath="s3://bad")
    good = [table(name, locationPath="s3://good") for name in "abc"]
    results = store.write([bad, *good])
    assert [result.outcome is Outcome.FAILED for result in results] == [True, False, False, False]
    last = {}
    for call in writes(wire):
        if not value_refused("s3://bad")(call):
            rows = call.body if isinstance(call.body, list) else [call.body]
            last |= {row["name"]: row for row in rows}
    assert {last[name]["locationPath"] for name in "abc"} == {"s3://good"}
    store.write([table("d", locationPath="s3://later")])
    assert writes(wire)[-1].body["locationPath"] == "s3://later"


def test_an_old_field_takes_no_newer_one_with_it(
    wire: Wire, connect: Callable[..., OpenMetadata]
) -> None:
    """Where a server lacks one older field alone, what is newer arrives, in all kinds."""
    strict = Strict(wire, "locationPath", form=bare)
    store = connect()
    store.write([rich("t")])
    sent = [call for call in writes(wire) if not strict.judge(call)][-1].body
    assert sent["aliases"] == ["alias"]
    assert sent["domains"] == ["Sales"]
    assert "locationPath" not in sent


NAMED = Found(
    ("tableConstraints", "relationshipType"),
    'x.CreateTable["tableConstraints"]->java.util.ArrayList[0]->x.TableConstraint["relationshipType"]',
    "x.TableConstraint",
    "",
)


@pytest.mark.parametrize("refusal", [named(NAMED), BARE], ids=["named", "bare"])
def test_what_is_refused_whatever_it_says_teaches_nothing(
    wire: Wire, store: OpenMetadata, refusal: httpx.Response
) -> None:
    """A refusal that stays without what it names, or could mean, is about the record alone."""
    wire.judge("PUT", "tables$", lambda call: refusal if call.body["name"] == "bad" else None)
    (bad,) = store.write([table("bad", **RELATED)])
    assert bad.outcome is Outcome.FAILED
    store.write([table("good", **RELATED)])
    assert writes(wire)[-1].body["tableConstraints"][0]["relationshipType"] == "ONE_TO_ONE"


def test_what_is_in_a_connection_is_its_own(
    wire: Wire, connect: Callable[..., OpenMetadata]
) -> None:
    """A key that a connection does not have costs that service, and no other its connection."""
    way = 'CreateDatabaseService["connection"]->DatabaseConnection["config"]->x.Postgres["hostPrt"]'
    message = f'Unrecognized field "hostPrt" (class x.Postgres) (through reference chain: {way})'
    refusal = httpx.Response(400, json={"code": 400, "message": message})
    wire.judge("POST", "", lambda call: refusal if "hostPrt" in json.dumps(call.body) else None)
    store = connect(storeServiceConnection=True)
    services = [
        CreateDatabaseServiceRequest.model_validate(
            {
                "name": name,
                "serviceType": "Postgres",
                "connection": {"config": {"type": "Postgres", key: "h"}},
            }
        )
        for name, key in (("typo", "hostPrt"), ("good", "hostPort"))
    ]
    typo, good = store.write(services)
    assert typo.outcome is Outcome.FAILED
    assert "hostPrt" in typo.reason
    assert good.outcome is Outcome.CREATED
    assert writes(wire)[-1].body["connection"]["config"]["hostPort"] == "h"


def test_labels_that_a_put_leaves_out_stay_out(
    wire: Wire, connect: Callable[..., OpenMetadata]
) -> None:
    """A table that is sent again without a field does not name a label that is there already."""
    Strict(wire, "locationPath")
    label = {
        "tagFQN": "A.there",
        "source": "Classification",
        "labelType": "Manual",
        "state": "Confirmed",
    }
    wire.put(
        "tables",
        "s.d.p.t",
        columns=[{"name": "a", "dataType": "INT"}],
        tags=[label],
        sourceHash="1" * 32,
    )
    said = [TagLabel(tagFQN="A.new"), TagLabel(tagFQN="A.there")]
    connect().write([table("t", locationPath="s3://b", tags=said)])
    assert len(writes(wire)) == 2
    for call in writes(wire):
        assert [tag["tagFQN"] for tag in call.body["tags"]] == ["A.new"]
