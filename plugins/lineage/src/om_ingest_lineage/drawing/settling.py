"""Edges meet what the store has: those that people have drawn stay, those that are gone go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from om_ingest import SinkContext
from om_ingest.model import (
    AddLineageRequest,
    EntityReference,
    LineageDetails,
    LineageSource,
    Table,
    fqn,
)

from om_ingest_lineage.config import SqlLineageConfig
from om_ingest_lineage.drawing.edges import NOTES, Drawing, Edges
from om_ingest_lineage.drawing.telling import Telling

_NOTHING = LineageDetails(source=LineageSource.ViewLineage)
"""Details of an edge that is not there: nobody has drawn it by hand."""


class Settling:
    """Makes records of edges, after a look at what is there."""

    def __init__(
        self, config: SqlLineageConfig, ctx: SinkContext, edges: Edges, telling: Telling
    ) -> None:
        self._config = config
        self._ctx = ctx
        self._edges = edges
        self._telling = telling
        self._keeps_edges: bool | None = None

    def requests(
        self, targets: Sequence[str], whole: Mapping[str, bool] | None = None
    ) -> Iterator[AddLineageRequest]:
        """The edges to these tables. `whole` tells of which of them all edges are known."""
        if not targets:
            return
        if self._keeps_edges is None:  # a file is written anew, and has none of earlier runs
            self._keeps_edges = self._ctx.metadata.delivers_changes()
        # First all questions, then all answers: each question waits for what was yielded.
        there = {target: self._there(target) for target in targets} if self._keeps_edges else {}
        for target in targets:
            known = there.get(target, {})
            drawings = self._edges.take(target)
            if known is None:
                self._telling.count("edgesToTablesNotDelivered", len(drawings))
                continue
            if self._config.removeGone and (whole or {}).get(target):
                self._remove(target, known, {drawing.source: drawing for drawing in drawings})
            for drawing in drawings:
                details = known.get(drawing.source, _NOTHING)
                if details is None or details.source in (None, LineageSource.Manual):
                    self._telling.count("edgesDrawnByPeople")
                    continue
                self._telling.drawn(drawing)
                yield drawing.request()

    def _there(self, target: str) -> dict[str, LineageDetails | None] | None:
        """The edges to a table in the store, by their sources; None if the table is not there."""
        graph = self._ctx.metadata.get_lineage(Table, target, upstream_depth=1, downstream_depth=0)
        if graph is None:
            return None
        names = {str(node.id): node.fullyQualifiedName or "" for node in graph.nodes}
        return {names.get(edge.fromEntity, ""): edge.lineageDetails for edge in graph.upstreamEdges}

    def _remove(
        self,
        target: str,
        known: Mapping[str, LineageDetails | None],
        drawings: Mapping[str, Drawing],
    ) -> None:
        """Remove edges of a view that its statement no longer has, and those with such columns.

        A run only ever adds columns to an edge: one with others is drawn anew.
        """
        for source, details in known.items():
            if details is None or details.source is not LineageSource.ViewLineage:
                continue
            drawing = drawings.get(source)
            if drawing is not None and _columns(details) <= drawing.pairs:
                continue
            ends = (
                EntityReference(type="table", fullyQualifiedName=end) for end in (source, target)
            )
            if self._ctx.metadata.delete_lineage(next(ends), next(ends)) and drawing is None:
                self._telling.count("edgesRemoved")


def _is_outdated(details: LineageDetails, drawing: Drawing) -> bool:
    """Whether an edge says more than its statement does now: columns, or a doubt about them."""
    note = details.description
    is_doubtful = note in NOTES.values() and note != NOTES[drawing.confidence]
    return is_doubtful or not _columns(details) <= drawing.pairs


def _columns(details: LineageDetails) -> set[tuple[str, str]]:
    return {
        (fqn.spelled(start), fqn.spelled(item.toColumn or ""))
        for item in details.columnsLineage or ()
        for start in item.fromColumns or ()
    }
