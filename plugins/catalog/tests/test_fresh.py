"""What each server holds from its first start on, in a catalog that never had it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from om_ingest.errors import RecordError
from om_ingest.kinds import KINDS
from om_ingest.model import (
    Classification,
    CreateClassificationRequest,
    CreateTagRequest,
    CreateTeamRequest,
    CreateUserRequest,
    EntityReference,
    Record,
    Table,
    Tag,
    TagLabel,
    Team,
    TeamType,
    User,
)
from om_ingest.model.entity import CreateRequest
from om_ingest.store import Outcome
from om_ingest_catalog import Actor, Catalog, Collection

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import TableBuilder

SENSITIVE = TagLabel(
    tagFQN="PII.Sensitive", source="Classification", labelType="Automated", state="Suggested"
)


def test_used_tags_come_by_themselves(catalog: Catalog, table: TableBuilder) -> None:
    """A table with a tag that each server has is stored, and the catalog then has the tag."""
    assert catalog.get_by_name(Classification, "PII") is None
    before = catalog.counts()
    results = catalog.write([table(name=name, tags=[SENSITIVE]) for name in "ab"])
    assert [result.outcome for result in results] == [Outcome.CREATED] * 2
    tag, above = (
        catalog.get_by_name(Tag, "PII.Sensitive"),
        catalog.get_by_name(Classification, "PII"),
    )
    assert tag is not None
    assert above is not None
    assert (above.mutuallyExclusive, above.provider, tag.provider) == (True, "system", "system")
    assert catalog.counts() == {**before, "classification": 1, "tag": 1, "table": 2}


def test_used_owners_and_patched_tags(catalog: Catalog, table: TableBuilder) -> None:
    """So do an owner by name, and a tag that a patch adds."""
    owner = EntityReference(type="user", fullyQualifiedName="admin")
    assert catalog.write([table(owners=[owner])])[0].outcome is Outcome.CREATED
    add = {"op": "add", "path": "/tags/-", "value": SENSITIVE.model_dump(mode="json")}
    patched = catalog.patch(Table, "s.d.x.t", [add])
    assert patched is not None
    assert [label.tagFQN for label in patched.tags or ()] == ["PII.Sensitive"]


@pytest.mark.parametrize("name", ["PII.Secret", "Pii.Sensitive", "Tier.Tier6"])
def test_others_do_not(catalog: Catalog, table: TableBuilder, name: str) -> None:
    """A tag that no server has from the start is still missed."""
    label = SENSITIVE.model_copy(update={"tagFQN": name})
    assert catalog.write([table(tags=[label])])[0].outcome is Outcome.FAILED
    assert "classification" not in catalog.counts()


def test_what_was_deleted_stays_so(catalog: Catalog, table: TableBuilder) -> None:
    """A user that somebody deleted does not come back with the next use."""
    owner = EntityReference(type="user", fullyQualifiedName="governance-bot")
    catalog.write([table(owners=[owner])])
    assert catalog.delete(User, "governance-bot")
    assert catalog.write([table(name="b", owners=[owner])])[0].outcome is Outcome.FAILED


OWN: dict[str, CreateRequest] = {
    "PII": CreateClassificationRequest(name="PII", description="Ours."),
    "PII.Sensitive": CreateTagRequest(name="Sensitive", classification="PII", description="Ours."),
    "Organization": CreateTeamRequest(
        name="Organization", teamType=TeamType.Organization, description="Ours."
    ),
    "admin": CreateUserRequest(name="admin", email="it@example.com", description="Ours."),
}
"""What a source says itself of what each server has."""


@pytest.mark.parametrize("order", ["before", "after", "initialised"])
def test_those_of_the_source_are_taken_in_any_order(
    tmp_path: Path, parents: list[Record], table: TableBuilder, order: str
) -> None:
    """What a source says of a classification, tag, team or user wins over the built-in text."""
    owner = EntityReference(type="user", fullyQualifiedName="admin")
    uses = [*parents, table(tags=[SENSITIVE], owners=[owner])]
    own = list(OWN.values())
    with Catalog(tmp_path / "c.db") as catalog:
        if order == "initialised":
            catalog.initialise()
        results = catalog.write([*own, *uses] if order == "before" else [*uses, *own])
        assert [result.reason for result in results] == [""] * len(results)
        kinds = (Classification, Tag, Team, User)
        found = {
            name: entity.model_dump(mode="json")
            for kind, name in zip(kinds, OWN, strict=True)
            if (entity := catalog.get_by_name(kind, name))
        }
        assert {entity["description"] for entity in found.values()} == {"Ours."}
        assert [found[name]["provider"] for name in ("PII", "PII.Sensitive")] == ["user"] * 2
        assert found["PII"]["mutuallyExclusive"] is False
        assert found["admin"]["email"] == "it@example.com"
        assert {result.outcome for result in catalog.write(own)} == {Outcome.UNCHANGED}


def test_what_a_person_made_of_a_part_stays(
    catalog: Catalog, person: Catalog, table: TableBuilder
) -> None:
    """What a person has changed is no built-in text: a run keeps it."""
    catalog.write([table(tags=[SENSITIVE])])
    text = {"op": "replace", "path": "/description", "value": "Mine."}
    person.patch(Classification, "PII", [text])
    catalog.write([OWN["PII"]])
    above = catalog.get_by_name(Classification, "PII")
    assert above is not None
    assert (above.description, above.mutuallyExclusive, above.provider) == ("Mine.", True, "system")


def test_a_tag_does_not_come_below_an_own_classification(
    catalog: Catalog, table: TableBuilder
) -> None:
    """A tag that was deleted for good below a classification of the source stays away."""
    catalog.write([OWN["PII"], OWN["PII.Sensitive"]])
    assert catalog.delete(Tag, "PII.Sensitive", hard=True)
    [result] = catalog.write([table(tags=[SENSITIVE])])
    assert (result.outcome, result.missing) == (Outcome.FAILED, ("tag", "PII.Sensitive"))
    assert catalog.get_by_name(Tag, "PII.Sensitive") is None


def test_a_tag_of_ones_own_below(catalog: Catalog) -> None:
    """A tag below a classification that each server has needs no request for the latter."""
    request = CreateTagRequest(name="Tier9", classification="Tier", description="Ours.")
    assert catalog.write([request])[0].outcome is Outcome.CREATED
    assert catalog.counts()["tag"] == 1


def test_a_fresh_catalog(tmp_path: Path) -> None:
    """An initialised catalog holds what a fresh server of the release holds, once."""
    with Catalog(tmp_path / "c.db") as catalog:
        catalog.initialise((1, 5))
        catalog.initialise()  # it is no longer empty
        tags = {tag.fullyQualifiedName for tag in catalog.list_entities(Tag)}
        users = {user.fullyQualifiedName: user for user in catalog.list_entities(User)}
        teams = [team.teamType for team in catalog.list_entities(Team)]
    assert tags == {
        *("PII.None", "PII.NonSensitive", "PII.Sensitive"),
        *("PersonalData.Personal", "PersonalData.SpecialCategory"),
        *(f"Tier.Tier{number}" for number in range(1, 6)),
    }
    assert (users["admin"].isAdmin, users["ingestion-bot"].isBot) == (True, True)
    assert {"profiler-bot", "lineage-bot", "usage-bot", "testsuite-bot"} < set(users)
    assert "governance-bot" not in users
    assert [team.value for team in teams if team] == ["Organization"]


def test_a_used_catalog_stays_as_it_is(catalog: Catalog) -> None:
    """A catalog that something is in is not filled: nobody asked for it."""
    catalog.initialise()
    assert set(catalog.counts()) == {"databaseService", "database", "databaseSchema"}


def test_a_patch_adds_what_the_release_has(catalog: Catalog, table: TableBuilder) -> None:
    """A patch under the rules of 1.5 finds no certifications, one under those of 1.6 does."""
    catalog.write([table()])
    tables, ann = Collection(catalog, KINDS["table"], (1, 5)), Actor("ann", is_bot=False)
    bronze = SENSITIVE.model_copy(update={"tagFQN": "Certification.Bronze"})
    add = [{"op": "add", "path": "/tags/-", "value": bronze.model_dump(mode="json")}]
    with pytest.raises(RecordError, match="Certification"):
        tables.patch("s.d.x.t", add, ann)
    patched = Collection(catalog, KINDS["table"], (1, 6)).patch("s.d.x.t", add, ann).document
    assert [label["tagFQN"] for label in patched.entity["tags"]] == ["Certification.Bronze"]
