"""A server that lies to a client, which is told what a run could be told one of only.

These lies end a run: those at its start, about what is there, and those marked `ends`.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from om_ingest import CreateDatabaseServiceRequest, CreateTableRequest
from om_ingest.errors import OmIngestError, ServerError
from om_ingest.model import Column, DatabaseServiceType, DataType, Table, User
from om_ingest.openmetadata.store import OpenMetadata
from om_ingest_catalog import Catalog

from tests.functional.delivery import faults
from tests.functional.delivery.lies.lie import Liar, Lie, Mode
from tests.functional.delivery.lies.reads import READS, SERVICE, START
from tests.functional.delivery.lies.removal import LISTING
from tests.functional.delivery.test_lies import FAMILIES, put_service
from tests.functional.delivery.trial import SHORT_PAUSES, TOKEN, Trial

if TYPE_CHECKING:
    from tests.functional.delivery.conftest import NewTrial

BARE = {"schemas": 1, "tables": 1, "reads": 0, "edges": 0, "beside": False}
NO_TIME = {**SHORT_PAUSES, "retryBudget_s": 0.02}
ENDING = [
    lie
    for family, (lies, _) in FAMILIES.items()
    for lie in lies
    if lie.ends and family not in {"reads", "start"}
]
"""Those that end a run while it writes."""


@pytest.fixture
def job(trial: NewTrial) -> Trial:
    """A job that has been delivered."""
    job = trial(BARE)
    job.run().exits(0)
    return job


def client(job: Trial) -> OpenMetadata:
    """A client of its server, behind the proxy."""
    security = {"jwtToken": TOKEN}
    return OpenMetadata({"hostPort": job.proxy.url, "securityConfig": security, **NO_TIME})


def schema_of(job: Trial) -> str:
    """The FQN of its only schema."""
    return f"{job.service}.db0.schema0"


def tables(job: Trial, name: str) -> list[CreateTableRequest]:
    """Three tables for its schema."""
    columns = [Column(name="id", dataType=DataType.INT)]
    return [
        CreateTableRequest(name=f"{name}{index}", databaseSchema=schema_of(job), columns=columns)
        for index in range(3)
    ]


def told(lie: Lie, job: Trial, records: list[CreateTableRequest]) -> bool:
    """Whether a client delivers records, or raises; the server has what it calls delivered."""
    liar = Liar([lie], Mode.EVER)
    job.proxy.begin(liar)
    with client(job) as store:
        try:
            results = store.write(records)
        except ServerError:
            results = []
    assert liar.told, lie
    job.proxy.begin(faults.nothing)
    with Catalog(job.catalog, read_only=True) as catalog:
        for record, result in zip(records, results, strict=bool(results)):
            found = catalog.get_by_name(Table, f"{schema_of(job)}.{record.name}")
            assert found is not None or not result.outcome.is_delivered, lie
    return bool(results)


def test_start(job: Trial) -> None:
    """Whatever a server says of its version and the user: an error, or tables that are there."""
    for number, lie in enumerate(START):
        told(lie, job, tables(job, f"start{number}x"))


def test_ending(job: Trial) -> None:
    """What ends a run raises an error, or its rows are delivered in another way."""
    for number, lie in enumerate(ENDING):
        told(lie, job, tables(job, f"end{number}x"))


def test_reading(job: Trial) -> None:
    """What is read is what was asked for, or an error; it is never said to be missing."""
    names = {Table: f"{schema_of(job)}.t0", User: f"{job.service}-keeper"}
    with Catalog(job.catalog, read_only=True) as catalog:
        there = {entity: catalog.get_by_name(entity, name) for entity, name in names.items()}
    for number, lie in enumerate(READS):
        liar = Liar([lie], Mode.EVER)
        job.proxy.begin(liar)
        entity = User if number % 2 or lie.unseen else Table
        with client(job) as store, contextlib.suppress(OmIngestError):
            found, real = store.get_by_name(entity, names[entity]), there[entity]
            assert found is not None, lie
            assert real is not None
            assert lie.unseen or (found.id, found.fullyQualifiedName) == (real.id, names[entity]), (
                lie
            )
        assert liar.told, lie


def test_listing(job: Trial) -> None:
    """A list that cannot be read to its end is an error; what comes before lies below the scope."""
    for lie in LISTING:
        if not lie.ends:
            continue
        liar = Liar([lie], Mode.EVER)
        job.proxy.begin(liar)
        found: list[str] = []
        with client(job) as store, pytest.raises(OmIngestError):
            found.extend(store.list_fqns(Table, scope=schema_of(job)))
        assert liar.told, lie
        assert all(fqn.startswith(f"{schema_of(job)}.") for fqn in found), lie


def test_services_of_people(job: Trial) -> None:
    """A service that people have set up stays as it is, whatever looking for it says."""
    key = ("databaseService", "SERVICE")
    put_service(job)
    before = job.state()[key]
    record = CreateDatabaseServiceRequest(
        name=job.service, serviceType=DatabaseServiceType.CustomDatabase
    )
    for lie in SERVICE:
        liar = Liar([lie], Mode.EVER)
        job.proxy.begin(liar)
        with client(job) as store, contextlib.suppress(ServerError):
            store.write([record])
        assert liar.told, lie
        if lie.unseen:
            put_service(job)
        else:
            assert job.state()[key] == before, lie
