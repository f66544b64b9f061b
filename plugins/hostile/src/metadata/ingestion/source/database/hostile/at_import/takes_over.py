"""Sets up the whole process while it is imported, as a script does; works otherwise."""

from __future__ import annotations

import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator

from metadata.ingestion.source.database.hostile import records
from metadata.ingestion.source.database.hostile.records import NoConfig
from om_ingest import ConfiguredSource, Record

logging.basicConfig(level=logging.CRITICAL, force=True)
logging.disable(logging.CRITICAL)
warnings.simplefilter("error")
os.chdir("/")
sys.stdout = sys.stderr
signal.signal(signal.SIGTERM, signal.SIG_IGN)


class Harmless(ConfiguredSource[NoConfig]):
    """Two tables."""

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(2)
