"""`om-ingest serve` in a process of its own, to be asked and to be killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from typing_extensions import Self

PATIENCE_S = 60.0
"""After so many seconds a server that has not started is broken."""

TOKEN = "the-one-token-that-counts"

PROFILES: dict[str, tuple[str, ...]] = {
    "open": (),
    "guarded": ("--token-file", "tokens"),
    "small": ("--max-body", "20000"),
}
"""The servers that cases are about: what is started with which options."""


class LiveServer:
    """A server on a catalog file; runs while the block is entered, unless it is killed.

    `within` is a command that it is started by, such as one that limits it.
    """

    def __init__(self, path: Path, *options: str, within: Sequence[str] = ()) -> None:
        self.path = path
        """The catalog file."""
        self._options = options
        self._within = within
        self._log = path.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""
        """Where it is, once it runs: `http://127.0.0.1:…/api`."""

    @property
    def root(self) -> str:
        """Scheme, host and port."""
        return self.url.removesuffix("/api")

    def client(self) -> httpx.Client:
        """A connection of one's own; paths start with `/api/v1/`."""
        return httpx.Client(base_url=self.root, timeout=60, trust_env=False)

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        assert self._process is not None, "it does not run"
        self._process.kill()
        self._process.wait()

    def end(self, number: signal.Signals) -> int:
        """Send it a signal, and wait for its end; its exit code."""
        assert self._process is not None, "it does not run"
        self._process.send_signal(number)
        return self._process.wait(PATIENCE_S)

    def log(self) -> str:
        """What it has written to standard error."""
        return self._log.read_text("utf-8")

    def __enter__(self) -> Self:
        command = [*self._within, sys.executable, "-m", "om_ingest", "serve", "--port", "0"]
        command += ["--catalog", str(self.path), *self._options]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self.path.parent,
            )
        assert self._process.stdout is not None, "it is a pipe"
        patience = threading.Timer(PATIENCE_S, self._process.kill)
        patience.start()
        try:
            self.url = _announced(self._process.stdout)
        finally:
            patience.cancel()
        if not self.url:
            self.__exit__()
            raise AssertionError(f"the server did not start:\n{self.log()}")
        return self

    def __exit__(self, *exc_info: object) -> None:
        assert self._process is not None, "it was started"
        with self._process:  # closes its streams
            self._process.terminate()


def _announced(stdout: IO[bytes]) -> str:
    """The address in the one line that the server prints once it listens; waits for it."""
    return stdout.readline().decode().partition(" ")[0].strip()
