"""Ids in references become FQNs, with as few questions as possible."""

from __future__ import annotations

from om_ingest import CreateDatabaseRequest, CreateDatabaseServiceRequest, EntityReference
from om_ingest.model import AddLineageRequest, Database, DatabaseServiceType, EntitiesEdge
from om_ingest.workflow.processing import References
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
