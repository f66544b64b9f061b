"""SQLite files with a versioned format; errors of sqlite3 do not leave this package."""

from om_ingest.versioned_file.opening import (
    BUSY_TIMEOUT_S,
    FileFormat,
    Step,
    open_file,
    open_temporary,
)
from om_ingest.versioned_file.statements import LOOKUP_COUNT, OpenFile

__all__ = [
    "BUSY_TIMEOUT_S",
    "LOOKUP_COUNT",
    "FileFormat",
    "OpenFile",
    "Step",
    "open_file",
    "open_temporary",
]
