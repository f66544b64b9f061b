"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest.sinks.dispatch import (
    Dispatcher as Dispatcher,
)
from om_ingest.sinks.spool import (
    FileConfig as FileConfig,
    Spool as Spool,
    check_file as check_file,
    check_replaceable as check_replaceable,
    created as created,
    lines_of as lines_of,
)
from om_ingest.sinks.store_sink import (
    BATCH_COUNT as BATCH_COUNT,
    StoreSink as StoreSink,
)
