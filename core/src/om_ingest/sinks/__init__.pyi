"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest.sinks.dispatch import (
    Dispatcher as Dispatcher,
)
from om_ingest.sinks.spool import (
    Spool as Spool,
)
from om_ingest.sinks.spool import (
    created as created,
)
from om_ingest.sinks.spool import (
    lines_of as lines_of,
)
from om_ingest.sinks.store_sink import (
    BATCH_COUNT as BATCH_COUNT,
)
from om_ingest.sinks.store_sink import (
    StoreSink as StoreSink,
)
from om_ingest.sinks.target import (
    FileConfig as FileConfig,
)
from om_ingest.sinks.target import (
    check_file as check_file,
)
from om_ingest.sinks.target import (
    check_replaceable as check_replaceable,
)
