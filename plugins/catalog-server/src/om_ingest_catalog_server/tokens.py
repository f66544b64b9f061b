"""The file of tokens that may write."""

from __future__ import annotations

import hmac
import logging
from pathlib import Path

from om_ingest import WorkflowError

logger = logging.getLogger(__name__)


class TokenFile:
    """One token per line; blank lines and lines that start with `#` do not count.

    The file is read again when it changes. One that cannot be read, or has no token,
    opens nothing: then nobody may write.
    """

    def __init__(self, path: Path) -> None:
        """Read it for the first time; raises `WorkflowError` if there is no token in it."""
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
            raise WorkflowError(f"The token file {path} is no text", "Save it as UTF-8.") from None
        if not self._tokens:
            raise WorkflowError(
                f"There is no token in {path}", "Write at least one into it, each on its own line."
            )

    def holds(self, token: str) -> bool:
        """Whether the file has this token now."""
        given = token.encode("latin-1", "replace")  # as HTTP carries a header
        # No early end: how long this takes must not say which token was almost right.
        return sum(hmac.compare_digest(known, given) for known in self._current()) > 0

    def _current(self) -> list[bytes]:
        try:
            stamp = self._stamp_now()
            if stamp != self._stamp:
                self._tokens = _read(self._path)
                self._stamp = stamp
                if not self._tokens:
                    logger.warning("There is no token in %s: nobody may write", self._path)
        except (OSError, UnicodeError) as error:
            logger.warning("Cannot read %s, so nobody may write: %s", self._path, error)
            return []
        return self._tokens

    def _stamp_now(self) -> tuple[int, int, int]:
        status = self._path.stat()
        return status.st_mtime_ns, status.st_size, status.st_ino


def _read(path: Path) -> list[bytes]:
    lines = (line.strip() for line in path.read_text("utf-8-sig").splitlines())
    return [line.encode() for line in lines if line and not line.startswith("#")]
