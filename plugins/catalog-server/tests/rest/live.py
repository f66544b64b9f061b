"""`om-ingest serve` in a process of its own, to be asked and to be killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

import httpx

from tests import warm

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
        self._process: subprocess.Popen[bytes] | warm.Running | None = None
        self._opened = contextlib.ExitStack()
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
        self._process.send_signal(signal.SIGKILL)
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
        words = ["serve", "--port", "0", "--catalog", str(self.path), *self._options]
        if not self._within and warm.can_run(os.environ, b""):
            stdout = self._start_warm(words)
        else:
            stdout = self._start([*self._within, sys.executable, "-m", "om_ingest", *words])
        assert self._process is not None
        patience = threading.Timer(PATIENCE_S, self._process.send_signal, [signal.SIGKILL])
        patience.start()
        try:
            self.url = _announced(stdout)
        finally:
            patience.cancel()
        if not self.url:
            self.__exit__()
            raise AssertionError(f"the server did not start:\n{self.log()}")
        return self

    def __exit__(self, *exc_info: object) -> None:
        assert self._process is not None, "it was started"
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()
        self._opened.close()

    def _start(self, command: Sequence[str]) -> IO[bytes]:
        """Start a process; its standard output."""
        with self._log.open("ab") as log:
            process = self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self.path.parent,
            )
        assert process.stdout is not None, "it is a pipe"
        return self._opened.enter_context(process.stdout)

    def _start_warm(self, words: Sequence[str]) -> IO[bytes]:
        """Start it from a process that has imported the server: see tests/warm.py."""
        read, written = os.pipe()
        stdout = self._opened.enter_context(os.fdopen(read, "rb"))
        with self._log.open("ab") as log, Path(os.devnull).open("rb") as nothing:
            streams = (nothing.fileno(), written, log.fileno())
            folder = str(self.path.parent)
            self._process = warm.Running(words, os.environ, folder, streams)
        os.close(written)
        self._opened.callback(self._process.close)
        return stdout


def _announced(stdout: IO[bytes]) -> str:
    """The address in the one line that the server prints once it listens; waits for it."""
    return stdout.readline().decode().partition(" ")[0].strip()
