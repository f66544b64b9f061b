"""Lineage over REST (OpenMetadata REST contract §4): JSON in, JSON out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias
from uuid import UUID

from om_ingest.errors import NotFoundError, RecordError
from om_ingest.model import AddLineageRequest, LineageDetails, LineageSource
from om_ingest.store import Outcome

from om_ingest_catalog.patching import json_patch
from om_ingest_catalog.rest.access import EntityAccess
from om_ingest_catalog.rows.body import Body
from om_ingest_catalog.rows.file import EntityRow
from om_ingest_catalog.rows.reading import Key
from om_ingest_catalog.rules.request import checked, validated
from om_ingest_catalog.writing import lineage
from om_ingest_catalog.writing.options import Actor

End: TypeAlias = UUID | tuple[str, Key]
"""One end of an edge: an id, or an entity type with an id or FQN."""


class Edges(EntityAccess):
    """The lineage edges of a catalog, and the graph around an entity.

    Every change is one transaction on behalf of the given actor, and may be made from any
    thread. Raises `NotFoundError` for a missing edge, and for a missing or deleted entity,
    another `RecordError` for an invalid request, and `DeliveryError` when the file fails.
    """

    def put(self, body: Mapping[str, Any], actor: Actor) -> Outcome:
        """Create or replace the edge of an `AddLineageRequest`."""
        request = validated(AddLineageRequest, body)
        with self._writing():
            return lineage.put(
                self._file,
                self._writer.targets,
                request,
                actor.name,
                self._writer.now,
                deleted_by_id=True,
            )

    def put_by_name(
        self, source: End, target: End, details: Mapping[str, Any], actor: Actor
    ) -> Outcome:
        """Create or replace the edge between two entities; `details` are `LineageDetails`."""
        checked_details = checked(LineageDetails, details)
        with self._writing():
            return self._store((self._end(source), self._end(target)), None, checked_details, actor)

    def get(self, source: End, target: End) -> Body:
        """`{"edge": <LineageDetails>}` of the edge between two entities."""
        edge = self._found(self._end(source), self._end(target))
        return {"edge": edge.details}

    def patch(self, source: End, target: End, operations: Any, actor: Actor) -> Body:
        """Apply a JSON Patch (RFC 6902) to the `LineageDetails` of an edge; the new details.

        Times and authors, which the catalog maintains, cannot be patched.
        """
        with self._writing():
            ends = self._end(source), self._end(target)
            edge = self._found(*ends)
            details = checked(LineageDetails, json_patch.apply(edge.details, operations))
            self._store(ends, edge.description, details, actor)
            return self._found(*ends).details

    def delete(self, source: End, target: End) -> None:
        """Delete the edge between two entities."""
        with self._writing():
            if not lineage.remove(self._file, self._end(source), self._end(target)):
                raise _no_edge()

    def delete_by_source(self, entity_type: str, key: Key, source: str) -> int:
        """Delete the upstream edges of an entity with this `LineageSource`; how many.

        For a pipeline and `PipelineLineage` or `OpenLineage`, delete the edges annotated with
        it. Manual edges stay unless `source` is `Manual`.
        """
        if source not in LineageSource.__members__:
            known = ", ".join(LineageSource.__members__)
            raise RecordError(f"Not a source of lineage: {source!r}", f"Use one of: {known}.")
        with self._writing():
            row = self._row(entity_type, key)
            return lineage.remove_by_source(self._file, row, source)

    def graph(
        self, entity_type: str, key: Key, *, upstream_depth: int = 1, downstream_depth: int = 1
    ) -> Body:
        """The `EntityLineage` around an entity: live entities within the given depths."""
        row = self._row(entity_type, key)
        found = lineage.graph(
            self._file, row, upstream_depth=upstream_depth, downstream_depth=downstream_depth
        )
        return found.model_dump(mode="json", exclude_none=True)

    def _end(self, end: End) -> EntityRow:
        if not isinstance(end, UUID):
            return self._row(*end)
        row = self._file.by_id(str(end))
        if row is None or row.deleted:
            raise NotFoundError.of("entity", end)
        return row

    def _found(self, source: EntityRow, target: EntityRow) -> lineage.StoredEdge:
        edge = lineage.find(self._file, source, target)
        if edge is None:
            raise _no_edge()
        return edge

    def _store(
        self,
        ends: tuple[EntityRow, EntityRow],
        description: str | None,
        details: Body,
        actor: Actor,
    ) -> Outcome:
        return lineage.store(
            self._file,
            self._writer.targets,
            ends,
            description,
            details,
            actor.name,
            self._writer.now,
        )


def _no_edge() -> NotFoundError:
    """Worded as by OpenMetadata (contract §4)."""
    return NotFoundError("Lineage edge not found", "Check both ends of the edge.", "lineage")
