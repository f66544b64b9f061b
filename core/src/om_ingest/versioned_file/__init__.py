"""SQLite files with a versioned format: opened, created, upgraded, and written to.

A file of another format is refused, one of an older version only upgraded by who writes to it,
after a backup. Errors of sqlite3 do not leave this package.
"""

from om_ingest.versioned_file.connecting import check_version as check_version
from om_ingest.versioned_file.content import LOOKUP_COUNT as LOOKUP_COUNT, OpenFile as OpenFile
from om_ingest.versioned_file.form import Step as Step, VersionedFormat as VersionedFormat
from om_ingest.versioned_file.opening import (
    open_again as open_again,
    open_file as open_file,
    open_temporary as open_temporary,
)
from om_ingest.versioned_file.upgrading import (
    Upgrade as Upgrade,
    upgrade as upgrade,
    written_by as written_by,
)
