"""SQLite files with a versioned format; errors of sqlite3 do not leave this package."""

from om_ingest.versioned_file.opening import (
    BUSY_TIMEOUT_S as BUSY_TIMEOUT_S,
    Step as Step,
    VersionedFormat as VersionedFormat,
    open_file as open_file,
    open_temporary as open_temporary,
)
from om_ingest.versioned_file.statements import LOOKUP_COUNT as LOOKUP_COUNT, OpenFile as OpenFile
