"""The standard streams of a command, whatever the one who started it has made of them.

A stream that is closed is as good as `/dev/null`, for nobody wants what goes there; files that
are opened later do not take its number. Writing never raises, so no connector, library or
command dies of it: the first error is kept, and what comes after it is dropped. A reader that
has left (`| head`) is no error. That standard output is full is one, of the command: see
`exit_code`. What standard error cannot take is lost, as there is no place to tell it.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from typing import TYPE_CHECKING, TextIO

from om_ingest import terminal
from om_ingest.errors import OutputError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _Steady(io.FileIO):
    """A descriptor that takes everything: what it cannot write is dropped."""

    failure: OSError | None = None
    """Why something was dropped."""

    is_told = False
    """Whether somebody has learned of it."""

    def write(self, data: ReadableBuffer) -> int:
        size = memoryview(data).nbytes
        if self.failure is None:
            try:
                written = super().write(data)
                while written is None:  # whoever shares it has made it non-blocking
                    select.select((), (self,), ())
                    written = super().write(data)
            except OSError as error:
                self.failure = error
            else:
                return written
        return size


_is_guarded = False
_output: TextIO | None = None


def guard() -> None:
    """Replace the standard streams of this process; for a program, before it does anything.

    `sys.__stdout__` stays None if there was none.
    """
    global _is_guarded, _output  # those of this process
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest that is free
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115  # for as long as the process lives
    is_open = sys.stdout is not None
    sys.stdout = _steady(sys.stdout, 1)
    sys.stderr = _steady(sys.stderr, 2)
    for name, stream in (
        ("__stdout__", sys.stdout if is_open else None),
        ("__stderr__", sys.stderr),
    ):
        setattr(sys, name, stream)
    _is_guarded, _output = True, sys.__stdout__


def keep_output() -> None:
    """Let descriptor 1 be standard error, so that only what `output` returns is the output.

    What code of others and child processes print goes to standard error then.
    """
    global _output  # that of this process
    stream = sys.stdout
    stream.flush()
    sys.stdout = _steady(stream, os.dup(1))
    if _output is not None:
        _output = sys.stdout
        whole_lines = _steady(stream, 1)
        whole_lines.reconfigure(line_buffering=True)
        sys.__stdout__ = whole_lines  # type: ignore[misc]  # typeshed: Final
    os.dup2(2, 1)


def leave_output() -> None:
    """Let `sys.stdout` be standard error, too, for good: threads of plugins may outlast a run."""
    if _is_guarded and sys.__stdout__ is not None:
        sys.stdout = sys.__stdout__


def output() -> TextIO | None:
    """Standard output itself, wherever `sys.stdout` goes to; None if there is none."""
    return _output if _is_guarded else sys.__stdout__


def failure(stream: TextIO | None) -> OutputError | None:
    """Why a stream lost what was written to it; None if it lost nothing, or that was told.

    Whoever asks tells it: the next call returns None.
    """
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    if not isinstance(raw, _Steady) or raw.failure is None or raw.is_told:
        return None
    raw.is_told = True
    return described(raw.failure)


def described(error: OSError) -> OutputError:
    """An error of standard output for people."""
    return OutputError(
        f"Cannot write to standard output: {error.strerror}",
        "Make room where it goes, or send it elsewhere.",
        reader_left=error.errno == errno.EPIPE,
    )


def exit_code(code: int) -> int:
    """The exit code of a command that ends with `code`: not 0 if its output was lost.

    That is told on standard error, unless it has been. It is no error that the reader has left.
    """
    out = output()
    if out is not None:
        out.flush()
    lost = failure(out)
    if lost is None or lost.reader_left:
        return code
    terminal.message(f"error: {lost}")
    return code or lost.exit_code


def _steady(stream: TextIO | None, number: int) -> io.TextIOWrapper:
    """A stream onto a descriptor, set as the one that Python has made; it takes any text."""
    if stream is None:  # whatever has this number by now is not ours
        number = os.open(os.devnull, os.O_WRONLY)
    raw = _Steady(number, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding if stream else "utf-8",
        errors="backslashreplace",
        line_buffering=bool(getattr(stream, "line_buffering", False)),
        write_through=bool(getattr(stream, "write_through", False)),
    )
