"""The catalog server in a separate process, for tests."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from typing_extensions import Self

HOST = "127.0.0.1"


class CatalogServer:
    """Context manager that runs `om-ingest serve` on a catalog file."""

    patience_s = 60.0
    """Time limit for the start and the end of the server."""

    def __init__(self, path: Path, *options: str) -> None:
        self.path = path
        """The catalog file."""
        self.options = options
        """Further options of the command: `"--om-version", "1.12.0"`."""
        self.port = 0
        """The TCP port, set while the server runs."""
        self._process: subprocess.Popen[bytes] | None = None
        self._log = path.with_suffix(".log")

    @property
    def url(self) -> str:
        """URL of the API, as in `hostPort` of a workflow file: `http://127.0.0.1:…/api`."""
        return f"http://{HOST}:{self.port}/api"

    @property
    def _options(self) -> list[str]:
        where = ["--catalog", str(self.path), "--host", HOST, "--port", str(self.port)]
        return [*where, *self.options]

    def __enter__(self) -> Self:
        self.port = _free_port()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "om_ingest", "serve", *self._options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait(self._process)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(self.patience_s)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until the server accepts connections."""
        deadline = time.monotonic() + self.patience_s
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 1):
                return
            time.sleep(0.05)
        pytest.fail(
            f"`om-ingest serve` does not answer on port {self.port}:\n"
            + self._log.read_text(encoding="utf-8", errors="replace"),
            pytrace=False,
        )


def _free_port() -> int:
    """A free port; if another process takes it meanwhile, the server says so and ends."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: Any = probe.getsockname()[1]
        return int(port)
