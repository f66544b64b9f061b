"""What an entity inherits from the entities above it: owners, domains, and a retention period.

Inherited values are shown, and not stored. Which kinds inherit what is from a recorded 1.6 server
and upstream's sources.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from functools import cache
from typing import Any

from om_ingest.kinds import KINDS
from om_ingest.model.fqn import normalised

from om_ingest_catalog.rows.body import Body
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.links import reference
from om_ingest_catalog.rows.reading import UNREADABLE, ancestors, body_of

_OWNED = frozenset(
    {
        *("database", "databaseSchema", "table", "storedProcedure"),
        *("apiCollection", "apiEndpoint", "glossaryTerm", "domain", "dataProduct"),
        *("directory", "file", "spreadsheet", "worksheet"),
    }
)
_RETAINED = frozenset({"databaseSchema", "table"})


@cache
def inherited_fields(entity_type: str) -> frozenset[str]:
    """The fields of a kind that an entity inherits if it has no value of its own."""
    found = {"domains"}
    if entity_type in _OWNED:
        found.add("owners")
    if entity_type in _RETAINED:
        found.add("retentionPeriod")
    return frozenset(found & KINDS[entity_type].entity.model_fields.keys())


class Inheritance:
    """Looks up what entities inherit; remembers what those above have."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._known: dict[tuple[str, str, frozenset[str]], dict[str, Any]] = {}

    def values(self, row: EntityRow, body: Body, fields: Collection[str]) -> dict[str, Any]:
        """The inherited values among the `fields`; references are marked as inherited.

        `body` is the body of the row, or its document.
        """
        names = inherited_fields(row.entity_type).intersection(fields)
        missing = frozenset(name for name in names if not body.get(name))
        above = self._parent(row, body) if missing else None
        if above is None:
            return {}
        return {name: _inherited(value) for name, value in self._of(*above, missing).items()}

    def _of(self, entity_type: str, fqn: str, names: frozenset[str]) -> dict[str, Any]:
        """The named values that an entity has or inherits, in the form of a document."""
        key = (entity_type, fqn, names)
        if key not in self._known:
            self._known[key] = {}  # also if it cannot be read
            row = self._file.by_fqn(entity_type, fqn)
            if row is not None:
                with suppress(*UNREADABLE):
                    self._known[key] = self._read(row, names)
        return self._known[key]

    def _read(self, row: EntityRow, names: frozenset[str]) -> dict[str, Any]:
        body = body_of(row)
        found = {name: body[name] for name in names if body.get(name)}
        if "domains" in found:
            spelled = map(normalised, found["domains"])
            found["domains"] = [reference("domain", fqn) for fqn in spelled if fqn is not None]
        return {**self.values(row, body, names), **found}

    def _parent(self, row: EntityRow, body: Body) -> tuple[str, str] | None:
        if row.entity_type == "dataProduct":  # its domain is not in its FQN
            for given in body.get("domains") or ():
                name = given["fullyQualifiedName"] if isinstance(given, dict) else given
                fqn = normalised(name)
                return None if fqn is None else ("domain", fqn)
            return None
        above = ancestors(row)
        return above[0][1:] if above else None


def _inherited(value: Any) -> Any:
    if isinstance(value, list):
        return [{**item, "inherited": True} for item in value]
    return value
