"""The file of tokens that allow writing."""

from __future__ import annotations

import hmac
import logging
from pathlib import Path

from om_ingest import WorkflowError

logger = logging.getLogger(__name__)


class TokenFile:
    """One token per line; blank lines and lines that start with `#` are ignored.

    The file is read again when it changes. If it becomes unreadable or empty, no token is valid.
    """

    def __init__(self, path: Path) -> None:
        """Read the file; raises `WorkflowError` if it is unreadable or has no token."""
        self._path = path
        try:
            self._stamp = self._stamp_now()
            self._tokens = _read(path)
        except OSError as error:
            raise WorkflowError(
                f"Cannot read the token file {path}: {error.strerror}",
                "Create it with one token per line, or check its permissions.",
            ) from None
        except UnicodeError:
            raise WorkflowError(
                f"The token file {path} is not UTF-8 text", "Save it as UTF-8."
            ) from None
        if not self._tokens:
            raise WorkflowError(
                f"There is no token in {path}", "Add at least one token, each on its own line."
            )

    def holds(self, token: str) -> bool:
        """Whether the file contains this token now."""
        given = token.encode("latin-1", "replace")  # as HTTP carries a header
        # All tokens are compared, so that timing reveals nothing about them.
        return sum(hmac.compare_digest(known, given) for known in self._current()) > 0

    def _current(self) -> list[bytes]:
        try:
            stamp = self._stamp_now()
            if stamp != self._stamp:
                self._tokens = _read(self._path)
                self._stamp = stamp
                if not self._tokens:
                    logger.warning("There is no token in %s: all writes are refused", self._path)
        except (OSError, UnicodeError) as error:
            logger.warning("Cannot read %s, so all writes are refused: %s", self._path, error)
            return []
        return self._tokens

    def _stamp_now(self) -> tuple[int, int, int]:
        status = self._path.stat()
        return status.st_mtime_ns, status.st_size, status.st_ino


def _read(path: Path) -> list[bytes]:
    lines = (line.strip() for line in path.read_text("utf-8-sig").splitlines())
    return [line.encode() for line in lines if line and not line.startswith("#")]
