"""Imports of sources in child processes, several at once: time, failure and output."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from om_ingest.registry import InstalledSource

TIMEOUT_S = 60.0
"""Seconds after which an import counts as hanging."""

PRINTED_CHARS = 10_000
"""Maximum of kept output; the rest is cut off."""

AT_ONCE = max(2, os.cpu_count() or 2)
"""How many sources are imported at the same time."""

_POLL_S = 0.005

# Python puts the working directory first for -c: a connector lying there would be imported.
_CHILD = """
import sys
if sys.path[:1] == [""]: del sys.path[0]
import json, time
from om_ingest.errors import OmIngestError
from om_ingest.host import folders, loading
from om_ingest.host.hooks import Hooks
from om_ingest.registry import AllowList, InstalledSource
source, result, path = InstalledSource(**json.loads(sys.argv[1])), *sys.argv[2:]
allow = AllowList.from_environment()
began, failure, fix = time.monotonic(), "", ""
try:
    with folders.added(json.loads(path), allow, source.module):
        hooks = Hooks(allow)
        began = time.monotonic()
        loading.source_class(source, hooks)
except OmIngestError as error:
    failure, fix = error.what, error.remedy
took = {"import_s": round(time.monotonic() - began, 3), "failure": failure, "fix": fix}
with open(result, "w", encoding="utf-8") as file:
    json.dump(took, file)
"""


@dataclass(frozen=True)
class Trial:
    """Result of importing one source."""

    source: str
    distribution: str
    version: str
    module: str
    import_s: float
    """Seconds that the import took, without the start of Python; 0 if it did not end."""

    failure: str
    """What went wrong; empty if nothing did."""

    printed: str
    """What the connector wrote to standard output and standard error."""

    fix: str = ""
    """What to do about the failure."""


def try_imports(
    sources: Iterable[InstalledSource],
    timeout_s: float = TIMEOUT_S,
    path: Iterable[str] = (),
) -> Iterator[Trial]:
    """Import each source in a child process of its own, so that it cannot affect another.

    Code is found in the folders of `path`, too. Results come in the order of the sources. All
    children are ended when the caller stops.
    """
    folders = list(path)
    waiting, begun = deque(sources), deque[_Attempt]()
    with contextlib.ExitStack() as stack:
        while waiting or begun:
            while waiting and sum(attempt.is_running() for attempt in begun) < AT_ONCE:
                attempt = _Attempt(waiting.popleft(), timeout_s, folders)
                begun.append(stack.enter_context(contextlib.closing(attempt)))
            if begun[0].is_running():
                time.sleep(_POLL_S)
            else:
                yield begun.popleft().result()


class _Attempt:
    """One child process that imports a source."""

    def __init__(self, source: InstalledSource, timeout_s: float, path: list[str]) -> None:
        self._source = source
        self._timeout_s = timeout_s
        self._folder = tempfile.TemporaryDirectory()
        self._result = Path(self._folder.name) / "result.json"
        self._output = Path(self._folder.name) / "output.txt"
        self._failure = self._fix = ""
        self._is_over = False
        command = [sys.executable, "-c", _CHILD]
        command += [json.dumps(asdict(source)), str(self._result), json.dumps(path)]
        # Into a file: a pipe would stay open as long as a grandchild lives.
        with self._output.open("wb") as file:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._deadline = time.monotonic() + timeout_s

    def is_running(self) -> bool:
        """Whether the child runs still; it is ended, with its children, when its time is over."""
        if self._is_over:
            return False
        code = self._ended(os.WNOHANG)
        if code is None and time.monotonic() < self._deadline:
            return True
        self._end()
        if code is None:
            self._failure = f"still running after {self._timeout_s:g} s"
            self._fix = "Give it more time with --import-timeout, or tell its maintainer."
        elif code < 0:
            self._failure = f"the process was ended by {signal.Signals(-code).name}"
        elif code:
            self._failure = f"the process ended with exit code {code}"
        return False

    def result(self) -> Trial:
        """What became of it, once it does not run any more."""
        failure = self._failure
        told: dict[str, Any] = {"import_s": 0.0, "failure": failure or "the process ended at once"}
        with contextlib.suppress(FileNotFoundError, ValueError):  # it ended before it could tell
            told = json.loads(self._result.read_text(encoding="utf-8"))
            if failure and not told["failure"]:
                told["failure"] = f"imported, and then: {failure}"
        fix = (told["failure"] and told.get("fix")) or (
            (self._fix or "Tell its maintainer.") if told["failure"] else ""
        )
        with self._output.open(encoding="utf-8", errors="replace") as file:
            printed = file.read(PRINTED_CHARS)
        self.close()
        return Trial(
            source=self._source.name,
            distribution=self._source.distribution,
            version=self._source.version,
            module=self._source.module,
            printed=printed.strip(),
            **{**told, "fix": fix},
        )

    def close(self) -> None:
        """End the child, and delete its files."""
        self._end()
        self._folder.cleanup()

    def _end(self) -> None:
        if not self._is_over:
            self._is_over = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._ended(0)

    def _ended(self, options: int) -> int | None:
        """The exit code, or None while it runs.

        `Popen.poll` and `wait` share a lock, which an interrupt may leave locked for ever.
        """
        if self._process.returncode is None:
            try:
                pid, status = os.waitpid(self._process.pid, options)
            except ChildProcessError:  # interrupted between these two lines
                pid, status = self._process.pid, 0
            if pid:
                self._process.returncode = os.waitstatus_to_exitcode(status)
        return self._process.returncode
