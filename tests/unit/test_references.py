"""Ids in references become FQNs, with as few questions as possible."""

from __future__ import annotations

from om_ingest import CreateDatabaseRequest, CreateDatabaseServiceRequest, EntityReference
from om_ingest.masking import Redactor
from om_ingest.model import (
    AddLineageRequest,
    Database,
    DatabaseServiceType,
    EntitiesEdge,
)
from om_ingest.model.service import Connection
from om_ingest.workflow.readback import ReadYourWrites
from om_ingest.workflow.references import References
from om_ingest_testing import OpenMetadataDouble


def test_what_was_read_is_not_looked_up() -> None:
    """A source that reads two entities and joins them by id costs no look-up."""
    with OpenMetadataDouble() as store:
        service = CreateDatabaseServiceRequest(
            name="s", serviceType=DatabaseServiceType.CustomDatabase
        )
        store.write([service, *(CreateDatabaseRequest(name=n, service="s") for n in "ab")])
        references = References(lambda: store, lambda: None)
        found = [store.get_by_name(Database, f"s.{name}") for name in "ab"]
        ends = [
            EntityReference(type="database", id=database.id)
            for database in found
            if database is not None
        ]
        edge = AddLineageRequest(edge=EntitiesEdge(fromEntity=ends[0], toEntity=ends[1]))

        for database in found:
            assert database is not None
            references.learn(database)
        resolved = references.resolved(edge)

        assert isinstance(resolved, AddLineageRequest)
        assert resolved.edge.fromEntity.fullyQualifiedName == "s.a"
        assert resolved.edge.toEntity.fullyQualifiedName == "s.b"
        assert store.calls_of("get_by_id") == []


def test_secrets_of_the_run_in_a_connection() -> None:
    """What the run knows as a secret is masked in a service, whatever its key, and however it is
    written: yielded or by `ctx.metadata`. Flags, other values and the class stay.
    """
    config = {
        "type": "CustomDatabase",
        "sourcePythonClass": "hunter2.Shop",
        "port": 4711,
        "on": True,
        "connectionOptions": {"any": "hunter2", "urls": ["db://joe:hunter2@host", "file://x"]},
    }
    request = CreateDatabaseServiceRequest(
        name="s",
        serviceType=DatabaseServiceType.CustomDatabase,
        connection=Connection(config=config),
    )
    redact = Redactor(["hunter2", "4711"])
    with OpenMetadataDouble() as store:
        metadata = ReadYourWrites()
        metadata.bind(store, lambda: None, redact=redact)
        resolved = References(lambda: store, lambda: None, redact).resolved(request)
        written = metadata.create_or_update(request)

    assert isinstance(resolved, CreateDatabaseServiceRequest)
    for service in (resolved, written):
        assert service.connection is not None
        assert service.connection.config == {
            **config,
            "port": "*********",
            "connectionOptions": {
                "any": "*********",
                "urls": ["db://joe:*********@host", "file://x"],
            },
        }
    assert request.connection is not None
    assert request.connection.config == config
