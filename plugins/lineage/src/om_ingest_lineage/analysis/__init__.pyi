"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest_lineage.analysis.analyser import (
    analyse as analyse,
)
from om_ingest_lineage.analysis.names import (
    KnownTable as KnownTable,
    NamePart as NamePart,
    Names as Names,
    Unresolved as Unresolved,
)
from om_ingest_lineage.analysis.parsing import (
    Limits as Limits,
)
from om_ingest_lineage.analysis.results import (
    Analysis as Analysis,
    ColumnEdge as ColumnEdge,
    Confidence as Confidence,
    Doubt as Doubt,
    TableEdge as TableEdge,
)
