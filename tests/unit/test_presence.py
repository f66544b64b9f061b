"""What a resumed run asks its target before it leaves out what the journal knows."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from om_ingest import (
    CreateDatabaseRequest,
    CreateDatabaseServiceRequest,
    EntityReference,
    Record,
    ServerError,
)
from om_ingest.kinds import Parcel
from om_ingest.model import (
    AddLineageRequest,
    CreateUserRequest,
    Database,
    DatabaseServiceType,
    EntitiesEdge,
    Entity,
    User,
)
from om_ingest.workflow.acknowledgements import Acknowledgements
from om_ingest.workflow.journal import Journal
from om_ingest_catalog import Catalog

JOB = b"j" * 16


class Target(Catalog):
    """A store that counts how it is asked, and lists only so many names."""

    def __init__(self) -> None:
        super().__init__("")
        self.asked: Counter[str] = Counter()
        self.listed_count = 10_000

    def get_by_name(self, entity: type[Any], fqn: str, *, include_deleted: bool = False) -> Any:
        self.asked[f"get {entity.entity_type}"] += 1
        return super().get_by_name(entity, fqn, include_deleted=include_deleted)

    def list_fqns(self, entity: type[Entity], *, scope: str | None = None) -> Iterator[str]:
        self.asked[f"list {entity.entity_type} in {scope}"] += 1
        for number, fqn in enumerate(super().list_fqns(entity, scope=scope)):
            if number == self.listed_count:
                raise ServerError("The server is away", "Start it.")
            yield fqn


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as opened:
        yield opened


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with closing(Journal(tmp_path)) as opened:
        yield opened


def parcels(*records: Record) -> list[Parcel]:
    return [Parcel.of(record) for record in records]


def delivered(journal: Journal, target: Target, *records: Record) -> Acknowledgements:
    """The journal as a resumed run sees it, after another has delivered these records."""
    target.write(records)
    side = Acknowledgements()
    side.bind(journal, JOB, resuming=False)
    side.acknowledge(parcels(*records))
    resumed = Acknowledgements()
    resumed.bind(journal, JOB, resuming=True, target=target)
    return resumed


def edge(start: str, end: str) -> AddLineageRequest:
    start_end = (EntityReference(type="database", fullyQualifiedName=fqn) for fqn in (start, end))
    return AddLineageRequest(
        edge=EntitiesEdge(fromEntity=next(start_end), toEntity=next(start_end))
    )


SERVICE = CreateDatabaseServiceRequest(name="shop", serviceType=DatabaseServiceType.CustomDatabase)
DATABASES = [CreateDatabaseRequest(name=f"d{number}", service="shop") for number in range(3)]


def test_one_listing_for_each_place(journal: Journal, target: Target) -> None:
    """Whatever the number of records; what was there when it was listed is not asked for again."""
    resumed = delivered(journal, target, SERVICE, *DATABASES)
    with closing(resumed):
        for database in DATABASES:
            assert resumed.unsent(parcels(SERVICE, database)) == [False, False]
    assert target.asked == {"get databaseService": 1, "list database in shop": 1}


def test_many_of_a_kind_that_has_no_place(journal: Journal, target: Target) -> None:
    """Users are asked for by name as long as they are few; then all are listed at once."""
    users = [CreateUserRequest(name=f"u{n}", email=f"u{n}@example.com") for n in range(200)]
    resumed = delivered(journal, target, *users)
    with closing(resumed):
        assert resumed.unsent(parcels(*users[:40])) == [False] * 40
        assert resumed.unsent(parcels(*users[40:])) == [False] * 160
    assert target.asked == {"get user": 40, "list user in None": 1}


def test_a_listing_that_breaks_off_counts_for_nothing(journal: Journal, target: Target) -> None:
    """Everything in its place is sent, also what it had named before."""
    resumed = delivered(journal, target, SERVICE, *DATABASES)
    target.listed_count = 2
    with closing(resumed):
        assert resumed.unsent(parcels(SERVICE, *DATABASES)) == [False, True, True, True]


@pytest.mark.parametrize("hard", [True, False])
def test_edges_hang_on_what_is_there(journal: Journal, target: Target, hard: bool) -> None:
    """An edge is left out while both ends live, and sent as soon as anything was missing."""
    edges = [edge("shop.d0", "shop.d1"), edge("shop.d1", "shop.d2")]
    records = [SERVICE, *DATABASES, *edges]
    with closing(delivered(journal, target, *records)) as resumed:
        assert resumed.unsent(parcels(*records)) == [False] * 6
    target.delete(Database, "shop.d0", hard=hard)
    with closing(delivered(journal, target)) as resumed:
        assert resumed.unsent(parcels(*edges)) == [True, False]
        assert resumed.unsent(parcels(*DATABASES)) == [True, False, False]
        assert resumed.unsent(parcels(*edges)) == [True, True]


def test_what_is_sent_counts_as_there(journal: Journal, target: Target) -> None:
    """A thing that was missing is sent once, also if it is yielded twice."""
    first, second, _ = DATABASES
    resumed = delivered(journal, target, SERVICE, first)
    with closing(resumed):
        assert resumed.unsent(parcels(first, second)) == [False, True]
        resumed.acknowledge(parcels(second))
        assert resumed.unsent(parcels(second)) == [False]


def test_what_is_deleted_is_forgotten(journal: Journal, target: Target) -> None:
    """Before it is deleted, whoever does it; without children only that, else everything."""
    user = CreateUserRequest(name="u", email="u@example.com")
    watched = delivered(journal, target, SERVICE, *DATABASES, user).watching(target)
    assert watched.delete(User, "u")
    assert journal.acknowledged_count(JOB) == 4
    assert [result.deleted for result in watched.delete_stale(Database, ["shop.d0"])] == [True]
    assert journal.acknowledged_count(JOB) == 0


def test_a_run_that_is_not_resumed_asks_nothing(journal: Journal, target: Target) -> None:
    """It neither lists nor looks up; it does not even load what would."""
    sys.modules.pop("om_ingest.workflow.presence", None)
    side = Acknowledgements()
    side.bind(journal, JOB, resuming=False, target=target)
    assert side.unsent(parcels(SERVICE, *DATABASES)) == [True] * 4
    assert not target.asked
    assert "om_ingest.workflow.presence" not in sys.modules
