"""Edges meet what the store has: those that people have drawn stay, those that are gone go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from om_ingest import SinkContext
from om_ingest.model import AddLineageRequest, LineageSource, Table

from om_ingest_lineage.config import SqlLineageConfig
from om_ingest_lineage.drawing.edges import Edges
from om_ingest_lineage.drawing.telling import Telling


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
        by_hand = {target: self._by_hand(target) for target in targets} if self._keeps_edges else {}
        for target in targets:
            kept = by_hand.get(target, frozenset[str]())
            for drawing in self._edges.take(target):
                if kept is None:
                    self._telling.count("edgesToTablesNotDelivered")
                    continue
                if drawing.source in kept:
                    self._telling.count("edgesDrawnByPeople")
                    continue
                self._telling.drawn(drawing)
                yield drawing.request()

    def _by_hand(self, target: str) -> frozenset[str] | None:
        """The tables from which people have drawn edges to one; None if it is not there."""
        graph = self._ctx.metadata.get_lineage(Table, target, upstream_depth=1, downstream_depth=0)
        if graph is None:
            return None
        names = {str(node.id): node.fullyQualifiedName or "" for node in graph.nodes}
        return frozenset(
            names.get(edge.fromEntity, "")
            for edge in graph.upstreamEdges
            if edge.lineageDetails is None
            or edge.lineageDetails.source in (None, LineageSource.Manual)
        )
