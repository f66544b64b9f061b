"""What ends a run, and how it is told as the reason of a failed record."""

from __future__ import annotations

from om_ingest.errors import OmIngestError


class SinkStoppedError(Exception):
    """The sink takes no more; `__cause__` and `cause` say why."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.cause = cause


def reason_of(error: BaseException) -> str:
    """An error as one line."""
    if isinstance(error, SinkStoppedError):
        error = error.cause
    if isinstance(error, OmIngestError):
        return error.what
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
