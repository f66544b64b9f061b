"""Names in the config that mean nothing: a service, database or schema that nobody has."""

from __future__ import annotations

from collections.abc import Iterator

from om_ingest_lineage.config import OWN_SCHEMA, SqlLineageConfig
from om_ingest_lineage.drawing.examining import Services
from om_ingest_lineage.knowledge.stored import Stored
from om_ingest_lineage.knowledge.tables import Tables


def without_meaning(
    config: SqlLineageConfig, service: str, services: Services, tables: Tables, stored: Stored
) -> Iterator[tuple[str, str]]:
    """Keys of the config with what is wrong, after a run of this service."""
    dialects = config.dialect if isinstance(config.dialect, dict) else {}
    for key, names in (("dialect", dialects), ("services", config.services)):
        if missing := [name for name in names if not services.is_known(name)]:
            yield key, f"neither the run nor the target has a service {', '.join(missing)}"
    schemas = [schema for schema in config.searchPath if schema != OWN_SCHEMA]
    if not schemas and not config.database:
        return
    stored.note_schemas(service)
    if missing := [schema for schema in schemas if not tables.places(service, schema=schema)]:
        yield "searchPath", f"the service {service} has no schema {', '.join(missing)}"
    if config.database and not tables.places(service, config.database):
        yield "database", f"the service {service} has no database {config.database}"
