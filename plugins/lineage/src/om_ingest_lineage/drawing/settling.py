"""Edges meet what the store has: those that people have drawn stay, those that are gone go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from om_ingest import RecordError, ServerError, SinkContext
from om_ingest.kinds import settled_edge
from om_ingest.model import (
    AddLineageRequest,
    EntityReference,
    LineageDetails,
    LineageSource,
    Table,
    fqn,
)

from om_ingest_lineage.analysis.results import Confidence
from om_ingest_lineage.config import SqlLineageConfig
from om_ingest_lineage.drawing.edges import NOTES, Drawing, Edges
from om_ingest_lineage.drawing.telling import Telling

Known: TypeAlias = Mapping[str, LineageDetails | None]
"""Details of the edges to a table by the FQN of their source."""

There: TypeAlias = Mapping[str, Known | None]
"""What a store has, by table; None for a table that it does not have.

A table whose edges could not be read is missing.
"""


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

    def there(self, targets: Iterable[str]) -> There:
        """The edges to some tables that the store has.

        All questions come before the answers to them: each waits for what was yielded before.
        """
        if self._keeps_edges is None:  # a file is written anew, and has none of earlier runs
            self._keeps_edges = self._ctx.metadata.delivers_changes()
        if not self._keeps_edges:
            return {target: {} for target in targets}
        there: dict[str, Known | None] = {}
        for target in targets:
            try:
                there[target] = self._there(target)
            except (RecordError, ServerError) as error:
                self._telling.doubt(target, "lineage not read", error.what)
        return there

    def changes(self, drawings: Sequence[Drawing], known: Known | None) -> bool:
        """Whether these edges to a table, which are all of them, are other than those there."""
        for source, details in (known or {}).items():
            drawing = next((one for one in drawings if one.source == source), None)
            if _is_by_hand(details):
                continue
            if drawing is None or details is None or _is_outdated(details, drawing):
                return True
            before, said = details, drawing.request(details).edge.lineageDetails
            plain = [
                each.model_dump(mode="json", exclude_none=True) for each in (before, said) if each
            ]
            if settled_edge(*plain) != settled_edge(plain[0], {}):
                return True
        return False

    def requests(self, targets: Mapping[str, bool], there: There) -> Iterator[AddLineageRequest]:
        """The edges to some tables; each with whether these are all of its edges from a view.

        `there` is what the store has of them.
        """
        for target, is_whole in targets.items():
            drawings = [
                drawing
                for drawing in self._edges.take(target)
                if not self._edges.is_theirs(target, drawing.source)
            ]
            if target not in there:  # what people have drawn would not be seen
                continue
            known = there[target]
            if known is None:
                self._telling.count("edgesToTablesNotDelivered", len(drawings))
                continue
            if self._config.removeGone and is_whole:
                self._remove(target, known, {drawing.source: drawing for drawing in drawings})
            for drawing in drawings:
                if drawing.source in known and _is_by_hand(known[drawing.source]):
                    self._telling.count("edgesDrawnByPeople")
                    continue
                self._telling.drawn(drawing)
                yield drawing.request(known.get(drawing.source))

    def _there(self, target: str) -> Known | None:
        """The edges to a table in the store, by their sources; None if the table is not there."""
        graph = self._ctx.metadata.get_lineage(Table, target, upstream_depth=1, downstream_depth=0)
        if graph is None:
            return None
        names = {str(node.id): node.fullyQualifiedName or "" for node in graph.nodes}
        return {names.get(edge.fromEntity, ""): edge.lineageDetails for edge in graph.upstreamEdges}

    def _remove(
        self,
        target: str,
        known: Known,
        drawings: Mapping[str, Drawing],
    ) -> None:
        """Remove edges of a view that its statement no longer has, and those with such columns.

        A run only ever adds columns to an edge: one with others is drawn anew, unless some of the
        statement's columns could not be told.
        """
        for source, details in known.items():
            if details is None or details.source is not LineageSource.ViewLineage:
                continue
            drawing = drawings.get(source)
            if drawing is not None and (
                drawing.confidence is not Confidence.EXACT or _columns(details) <= drawing.pairs
            ):
                continue
            ends = (
                EntityReference(type="table", fullyQualifiedName=end) for end in (source, target)
            )
            try:
                is_removed = self._ctx.metadata.delete_lineage(next(ends), next(ends))
            except RecordError as error:
                self._telling.count("edgesNotRemoved")
                self._telling.doubt(target, "not removed", f"the edge from {source}: {error.what}")
                continue
            if is_removed and drawing is None:
                self._telling.count("edgesRemoved")


def _is_by_hand(details: LineageDetails | None) -> bool:
    return details is None or details.source in (None, LineageSource.Manual)


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
