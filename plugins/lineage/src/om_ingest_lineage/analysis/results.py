"""What an analysis finds: edges with their confidence, and what could not be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from om_ingest_lineage.analysis.names import NamePart


class Confidence(str, Enum):
    """How sure an edge is."""

    EXACT = "exact"
    """Every column of the target that comes from the source is known."""

    PARTIAL = "partial"
    """The tables are sure; some columns could not be told."""

    TABLE = "table"
    """The tables are sure, no column could be told."""


@dataclass(frozen=True)
class ColumnEdge:
    """The columns of one source table that one column of the target is made of."""

    sources: Sequence[str]
    target: str
    function: str | None = None
    """The expression, where it is more than a copy."""


@dataclass(frozen=True)
class TableEdge:
    """One table, by FQN, that a statement reads to make another one."""

    source: str
    target: str
    columns: Sequence[ColumnEdge]
    confidence: Confidence


@dataclass(frozen=True)
class Doubt:
    """Something of a statement that could not be told."""

    what: str
    """`not parsed`, `dynamic SQL`, `unknown name`, `ambiguous name`, `too long`, `too large` …"""

    reason: str
    """In one line, for people."""


@dataclass(frozen=True)
class Analysis:
    """What one statement does."""

    edges: Sequence[TableEdge] = ()
    doubts: Sequence[Doubt] = ()
    reads: Sequence[str] = ()
    """FQNs of the known tables that it reads, whether it writes or not."""

    writes: Sequence[str] = ()
    """FQNs of the known tables that it writes."""

    names: Sequence[Sequence[NamePart]] = ()
    """Every table that it names, for the fingerprint; not its CTEs and temporary tables."""

    columns: Sequence[str] = ()
    """Names of the columns that its query gives, or that it defines; empty if not all are known."""
