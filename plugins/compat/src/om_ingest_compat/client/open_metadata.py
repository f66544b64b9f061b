"""The client of OpenMetadata, as connectors of every release call it."""

from __future__ import annotations

from typing import Any

from om_ingest_compat.client.writing import Writing


class OpenMetadata(Writing):
    """Reads and writes entities where the records of the run go.

    Whatever it is built with, and however often: it works on the store of the run that is going on.
    """

    def __init__(self, config: Any = None, *options: Any, **more: Any) -> None:
        self.config = config

    def health_check(self) -> bool:
        """Whether the store of the run can be used: always, while a run is going on."""
        return self._store is not None

    def close(self) -> None:
        """Nothing to do: the store belongs to the run."""
