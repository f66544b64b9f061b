"""A folder of sample files, read and checked before the first record."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from metadata.ingestion.source.database.sample_tables.document import (
    Entry,
    Folder,
    objects,
    only,
    read,
    read_optional,
)
from om_ingest import (
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    SourceError,
)
from om_ingest.model import (
    Classification,
    CreateClassificationRequest,
    CreateTagRequest,
    Database,
    DatabaseSchema,
    DatabaseService,
    DatabaseServiceType,
    Table,
    Tag,
)

DEFAULT_SCHEMA = "default"
"""Name of the schema when `database.json` names none."""

_SERVICE_KEYS = {"serviceName": "name", "type": "serviceType", "serviceConnection": "connection"}
_PARENT = "unknown"  # stands in for the parent while an entry is only checked


@dataclass(frozen=True)
class SampleFolder:
    """The content of a folder, checked as far as it can be without a parent's id.

    Tables are checked when they are yielded: an invalid table affects no other.
    """

    service: Entry
    database: Entry
    schemas: dict[str, Entry]
    """By name, in the order of `database.json`."""

    file_service: str = ""
    """Name of the service in `service.json`; may be empty."""

    tables: dict[str, dict[str, Entry]] = field(default_factory=dict)
    """By schema and name, in the order of `tables.json`."""

    rejected: list[tuple[str, str]] = field(default_factory=list)
    """Position of each entry of `tables.json` that is no table of a schema, and the reason."""

    tags: list[tuple[Entry, list[Entry]]] = field(default_factory=list)
    """Each classification with its tags."""

    lineage: list[dict[str, Any]] = field(default_factory=list)
    """Edges, as `lineage.json` writes them."""

    @property
    def database_name(self) -> str:
        """Name of the database."""
        return str(self.database.values["name"])

    @classmethod
    def read(cls, folder: Folder, service_name: str = "") -> SampleFolder:
        """Read the files; `service_name` stands in for the name in `service.json`.

        Raises `SourceError` for a file that is missing, no JSON, or has another shape.
        """
        service_document = read(folder, "service.json")
        service = _service(service_document, service_name)
        database, schemas = _database(read(folder, "database.json"))
        tables, rejected = _tables(read(folder, "tables.json"), schemas)
        return cls(
            service,
            database,
            schemas,
            str(service_document.get("name") or service_document.get("serviceName") or ""),
            tables,
            rejected,
            _tags(read_optional(folder, "tags.json")),
            _lineage(read_optional(folder, "lineage.json")),
        )


def _service(document: dict[str, Any], service_name: str) -> Entry:
    values: dict[str, Any] = {}
    for key, value in document.items():
        name = _SERVICE_KEYS.get(key, key)
        if name in values:
            raise SourceError(f"service.json: {name!r} is given twice", f"Leave out {key!r}.")
        values[name] = value
    if service_name:
        values["name"] = service_name
    values["serviceType"] = _service_type(values.get("serviceType"))
    entry = Entry.of(
        CreateDatabaseServiceRequest, DatabaseService, "service.json", values, "sourceConfig"
    )
    entry.request(CreateDatabaseServiceRequest)
    return entry


def _service_type(value: object) -> str:
    """OpenMetadata's spelling of a service type; case-insensitive."""
    if value is None:
        raise SourceError(
            "service.json: 'serviceType' is missing", 'Write "serviceType": "CustomDatabase".'
        )
    names = {known.value.lower(): known.value for known in DatabaseServiceType}
    wanted = str(value).lower()
    if wanted in names:
        return names[wanted]
    close = difflib.get_close_matches(wanted, names, n=1)
    hint = f"Did you mean {names[close[0]]}? " if close else ""
    raise SourceError(
        f"service.json: there is no service type {value!r}",
        f"{hint}Use CustomDatabase for a product that OpenMetadata does not name.",
    )


def _database(document: dict[str, Any]) -> tuple[Entry, dict[str, Entry]]:
    if "schemas" in document:
        named = objects(document, "schemas", "database.json")
        if not named:
            raise SourceError("database.json: 'schemas' is empty", "Name at least one schema.")
    else:
        named = [{"name": DEFAULT_SCHEMA}]
    values = {key: value for key, value in document.items() if key != "schemas"}
    database = Entry.of(CreateDatabaseRequest, Database, "database.json", values)
    database.request(CreateDatabaseRequest, service=_PARENT)
    schemas: dict[str, Entry] = {}
    for position, fields in enumerate(named):
        where = f"database.json, schemas[{position}]"
        schema = Entry.of(CreateDatabaseSchemaRequest, DatabaseSchema, where, fields)
        name = schema.request(CreateDatabaseSchemaRequest, database=_PARENT).name
        if name in schemas:
            raise SourceError(f"{where}: schema {name!r} is given twice", "Keep one of the two.")
        schemas[name] = schema
    return database, schemas


def _tables(
    document: dict[str, Any], schemas: Mapping[str, Entry]
) -> tuple[dict[str, dict[str, Entry]], list[tuple[str, str]]]:
    only(document, "tables", "tables.json")
    if not isinstance(document.get("tables"), list):
        raise SourceError("tables.json: 'tables' must be a list", 'Write "tables": [{…}, {…}].')
    tables: dict[str, dict[str, Entry]] = {schema: {} for schema in schemas}
    rejected: list[tuple[str, str]] = []
    only_schema = next(iter(schemas)) if len(schemas) == 1 else None
    for position, fields in enumerate(document["tables"]):
        where = f"tables.json, tables[{position}]"
        if not isinstance(fields, dict):
            rejected.append((where, "not a JSON object"))
            continue
        name, schema = fields.get("name"), fields.get("schema")
        if schema is None:
            schema = only_schema
        if not isinstance(name, str) or not name:
            rejected.append((where, "the table has no name"))
        elif not isinstance(schema, str) or schema not in schemas:
            rejected.append(
                (where, f"schema {schema!r} is none of database.json: {', '.join(schemas)}")
            )
        elif name in tables[schema]:
            rejected.append((where, f"the table {schema}.{name} is given twice"))
        else:
            values = {key: value for key, value in fields.items() if key != "schema"}
            tables[schema][name] = Entry.of(
                CreateTableRequest, Table, f"tables.json, table {schema}.{name}", values
            )
    return tables, rejected


def _tags(document: dict[str, Any] | None) -> list[tuple[Entry, list[Entry]]]:
    if document is None:
        return []
    only(document, "classifications", "tags.json")
    found: list[tuple[Entry, list[Entry]]] = []
    for position, fields in enumerate(objects(document, "classifications", "tags.json")):
        where = f"tags.json, classifications[{position}]"
        values = {key: value for key, value in fields.items() if key != "tags"}
        classification = Entry.of(CreateClassificationRequest, Classification, where, values)
        classification.request(CreateClassificationRequest)
        tags = [
            Entry.of(CreateTagRequest, Tag, f"{where}.tags[{index}]", tag)
            for index, tag in enumerate(objects(fields, "tags", where))
        ]
        for entry in tags:
            entry.request(CreateTagRequest, classification=_PARENT)
        found.append((classification, tags))
    return found


def _lineage(document: dict[str, Any] | None) -> list[dict[str, Any]]:
    if document is None:
        return []
    only(document, "lineage", "lineage.json")
    return objects(document, "lineage", "lineage.json")
