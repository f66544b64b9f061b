"""Runs the real command in a child process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

if TYPE_CHECKING:
    from typing_extensions import Self

Argument = str | os.PathLike[str]


@dataclass(frozen=True)
class CommandResult:
    """Result of a command."""

    code: int
    """Its exit code."""

    out: str
    """Standard output."""

    err: str
    """Standard error: log, report and errors."""

    def succeeded(self) -> Self:
        """This result; fails the test with the output unless the exit code is 0."""
        __tracebackhide__ = True
        if self.code != 0:
            pytest.fail(f"exit {self.code}\n{self.out}{self.err}")
        return self

    def refused(self, code: int, *said: str) -> Self:
        """This result; fails the test unless the command ended with `code` and a clear error.

        That is: standard error contains each of `said`, the message after `error:` has a
        second line with the remedy, and there is no traceback.
        """
        __tracebackhide__ = True
        _, _, message = self.err.partition("error: ")
        if self.code != code:
            self._fail(f"exit {self.code}, not {code}")
        for words in said:
            if words not in self.err:
                self._fail(f"not said: {words}")
        if len(message.strip().splitlines()) < 2:
            self._fail("no error with what to do about it" if message else "no error")
        if "Traceback" in self.out + self.err:
            self._fail("a traceback is shown")
        return self

    @property
    def json(self) -> Any:
        """Standard output, parsed; fails the test if it is not JSON."""
        __tracebackhide__ = True
        try:
            return json.loads(self.out)
        except ValueError as error:
            self._fail(f"no JSON on standard output: {error}")

    def _fail(self, problem: str) -> Any:
        __tracebackhide__ = True
        pytest.fail(f"{problem}\n{self.out}{self.err}")


class Command:
    """Runs `om-ingest` in a working directory: `command("run", "acme")`."""

    program: ClassVar[Sequence[Argument]] = (sys.executable, "-m", "om_ingest")
    """The program and its first arguments."""

    patience_s: ClassVar[float] = 60.0
    """Seconds after which a running command fails the test."""

    def __init__(self, cwd: Path) -> None:
        self.cwd = cwd
        """The working directory."""
        self.env = {**os.environ, "COLUMNS": "200"}
        """The environment; a test may change it."""
        self._processes: list[subprocess.Popen[bytes]] = []

    def __call__(
        self, *arguments: Argument, stdin: str | bytes = b"", **options: Any
    ) -> CommandResult:
        """Run to the end. `env` adds variables; other options are those of `Popen`."""
        data = stdin.encode() if isinstance(stdin, str) else stdin
        return self.ended(self.start(*arguments, stdin=subprocess.PIPE, **options), data)

    def start(
        self, *arguments: Argument, env: dict[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[bytes]:
        """Start without waiting; the process is killed at the end of the test if it still runs."""
        settings: dict[str, Any] = {
            "cwd": self.cwd,
            "env": {**self.env, **(env or {})},
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            **options,
        }
        words = [os.fspath(word) for word in (*self.program, *arguments)]
        process = subprocess.Popen(words, **settings)
        self._processes.append(process)
        return process

    def ended(self, process: subprocess.Popen[bytes], stdin: bytes | None = None) -> CommandResult:
        """Wait until a started command ends."""
        out, err = process.communicate(stdin, timeout=self.patience_s)
        return CommandResult(process.returncode, out.decode(), err.decode())

    def write(self, name: str, text: str) -> str:
        """Write a file into the working directory, unindented; its name, for a command line."""
        (self.cwd / name).write_text(textwrap.dedent(text), encoding="utf-8")
        return name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        for process in self._processes:
            with process:  # closes its streams
                process.kill()
