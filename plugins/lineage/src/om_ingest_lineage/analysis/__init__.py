"""What one SQL statement makes of what: tables and columns, without any knowledge of the run."""

from __future__ import annotations

from om_ingest_lineage.analysis.analyser import analyse
from om_ingest_lineage.analysis.names import KnownTable, NamePart, Names, Unresolved
from om_ingest_lineage.analysis.parsing import Limits
from om_ingest_lineage.analysis.results import Analysis, ColumnEdge, Confidence, Doubt, TableEdge

__all__ = [
    "Analysis",
    "ColumnEdge",
    "Confidence",
    "Doubt",
    "KnownTable",
    "Limits",
    "NamePart",
    "Names",
    "TableEdge",
    "Unresolved",
    "analyse",
]
