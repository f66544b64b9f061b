"""The catalog server, which can be killed and started again in the middle of a run."""

from __future__ import annotations

from om_ingest_catalog_server.testing import CatalogServer


class MortalServer(CatalogServer):
    """`om-ingest serve` on a catalog file; `restart` does what a crash of its machine does."""

    def restart(self) -> None:
        """Kill the server (SIGKILL), and start another on the same file and another port."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(self.patience_s)
        self.__enter__()
