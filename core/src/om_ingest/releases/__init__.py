"""What servers of each version know of what records can say; read when a server is asked."""

from om_ingest.releases.dialect import Dialect
from om_ingest.releases.fallbacks import FALLBACKS
from om_ingest.releases.known import Known, Span, first_of, holds, known
from om_ingest.releases.leftout import OLDEST, REST, LeftOut, history
from om_ingest.releases.rules import Saying
from om_ingest.releases.version import Version, parsed_version

__all__ = [
    "FALLBACKS",
    "OLDEST",
    "REST",
    "Dialect",
    "Known",
    "LeftOut",
    "Saying",
    "Span",
    "Version",
    "first_of",
    "history",
    "holds",
    "known",
    "parsed_version",
]
