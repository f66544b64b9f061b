"""The real command in a process of its own."""

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
    """What a command left behind."""

    code: int
    """Its exit code."""

    out: str
    """Standard output."""

    err: str
    """Standard error: log, report and errors."""

    def succeeded(self) -> Self:
        """This result; fails the test with what the command said unless it ended with 0."""
        __tracebackhide__ = True
        if self.code != 0:
            pytest.fail(f"exit {self.code}\n{self.out}{self.err}")
        return self

    def refused(self, code: int, *said: str) -> Self:
        """This result; fails the test unless the command ended with `code`, and said so clearly.

        That is: each of `said` stands on standard error, below `error:` a second line tells
        what to do about it, and nobody is shown a traceback.
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
        """Standard output, parsed; fails the test if it is no JSON."""
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
    """What is run, before the arguments."""

    patience_s: ClassVar[float] = 60.0
    """After this many seconds a command that should have ended hangs."""

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
        """Start without waiting; what still runs at the end of the test is ended."""
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
