"""Requests for procedures and functions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby

from metadata.ingestion.source.database.sql_databases.reader.rows import RoutineRow
from metadata.ingestion.source.database.sql_databases.reader.selection import (
    Choice,
    readable,
    why_not_stored,
)
from metadata.ingestion.source.database.sql_databases.reader.session import Session, Wanted
from om_ingest import EntityReference, Record, SourceStatus, WorkflowContext, fqn
from om_ingest.model import (
    CreateStoredProcedureRequest,
    Language,
    StoredProcedure,
    StoredProcedureCode,
    StoredProcedureType,
)

_NAME_MAX_CHARS = 256  # OpenMetadata REST contract §3.0
_LANGUAGES = {
    "sql": Language.SQL,
    "plpgsql": Language.SQL,
    "python": Language.Python,
    "plpythonu": Language.Python,
    "plpython3u": Language.Python,
    "plv8": Language.JavaScript,
    "javascript": Language.JavaScript,
    "java": Language.Java,
    "pljava": Language.Java,
    "c": Language.External,
    "internal": Language.External,
}


class Routines:
    """Makes the requests of the routines of a database."""

    def __init__(
        self,
        session: Session,
        choice: Choice,
        status: SourceStatus,
        schemas: Mapping[str, str],
        owners: Callable[[str | None], list[EntityReference] | None],
        ctx: WorkflowContext,
    ) -> None:
        """`schemas` are the FQNs of the schemas that are read, by name."""
        self._session = session
        self._choice = choice
        self._status = status
        self._schemas = schemas
        self._owners = owners
        self._ctx = ctx

    def records(self, wanted: Wanted) -> Iterator[Record]:
        """A request for each; all but the first of a name have their arguments in it."""
        rows = self._session.routines(wanted)
        for (schema_name, _), same in groupby(rows, lambda row: (row.schema, row.name)):
            schema = self._schemas.get(schema_name)
            if self._ctx.cancelled.is_set():
                return
            if schema is None:
                continue
            for number, row in enumerate(same):
                name = readable(_with_arguments(row) if number else row.name)
                key = fqn.child(schema, name)
                reason = self._choice.why_not_routine(readable(row.name), key)
                if not self._choice.decide(key, reason):
                    continue
                fault = why_not_stored(name, schema)
                if fault is not None:
                    self._status.warning(key, fault)
                    continue
                if not row.code and self._is_known(key):
                    self._status.present(StoredProcedure.entity_type, key)
                    continue
                request = self._request(row, name, schema)
                self._status.scanned(request)
                yield request

    def _is_known(self, key: str) -> bool:
        """Whether an earlier run could read the code: then that stays."""
        known = self._ctx.metadata.get_by_name(StoredProcedure, key)
        return known is not None and bool(known.storedProcedureCode.code)

    def _request(self, row: RoutineRow, name: str, schema: str) -> CreateStoredProcedureRequest:
        language = _LANGUAGES.get(row.language.lower(), Language.External)
        return CreateStoredProcedureRequest(
            name=name,
            description=readable(row.comment) if row.comment else None,
            databaseSchema=schema,
            owners=self._owners(row.owner),
            storedProcedureType=StoredProcedureType(row.kind),
            storedProcedureCode=StoredProcedureCode(language=language, code=readable(row.code)),
        )


def _with_arguments(row: RoutineRow) -> str:
    name = f"{row.name}({row.arguments})"
    if len(name) <= _NAME_MAX_CHARS:
        return name
    digest = hashlib.sha256(row.arguments.encode()).hexdigest()[:12]
    return f"{name[: _NAME_MAX_CHARS - 15]}…{digest})"
