"""What plugins print: it goes to standard error, and can end no run."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TextIO

from om_ingest import logs, terminal
from om_ingest.masking import Redactor

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


@contextlib.contextmanager
def prints_to_stderr(redact: Redactor) -> Iterator[None]:
    """While active, `print` in a connector cannot disturb what the command prints."""
    out, err = _masked(redact)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield


def output_is_stderr(redact: Redactor) -> contextlib.AbstractContextManager[Any]:
    """While active, `print` goes to standard error, and standard error stays as it is.

    So threads that a connector has left cannot disturb the output, and the command can talk.
    """
    return contextlib.redirect_stdout(_masked(redact)[0])


def _masked(redact: Redactor) -> tuple[Any, Any]:
    """What plugins get as standard output and standard error."""
    captured = logs.captured()
    if captured is not None:  # it masks
        return captured.stdout, captured.stderr
    stream = _MaskedStderr(redact, sys.stderr)
    return stream, stream


class _MaskedStderr(io.TextIOBase):
    """Standard error for `print` in plugins: secrets are masked, and no lost output raises."""

    encoding = "utf-8"

    def __init__(self, redact: Redactor, stderr: TextIO | None) -> None:
        self._redact = redact
        self._stderr = stderr

    @property
    def buffer(self) -> _Bytes:
        """For what is written as bytes: UTF-8."""
        return _Bytes(self.write)

    def write(self, text: str) -> int:
        if self._stderr is not None:
            with contextlib.suppress(OSError, ValueError):
                self._stderr.write(self._redact(text))
        return len(text)

    def reconfigure(self, **options: object) -> None:
        """Scripts choose an encoding: it stays UTF-8."""

    def flush(self) -> None:
        if self._stderr is not None:
            with contextlib.suppress(OSError, ValueError):
                self._stderr.flush()

    def fileno(self) -> int:
        if self._stderr is None:
            raise io.UnsupportedOperation("there is no standard error")
        return self._stderr.fileno()

    def isatty(self) -> bool:
        return terminal.is_terminal(self._stderr)


class _Bytes(io.RawIOBase):
    def __init__(self, write: Callable[[str], int]) -> None:
        self._write = write

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        said = bytes(data)
        self._write(said.decode("utf-8", "replace"))
        return len(said)
