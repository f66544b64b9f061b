"""Why one request of a batch cannot be stored."""

from __future__ import annotations

from om_ingest.errors import ConflictError, NotFoundError, RecordError


class RefusedError(Exception):
    """One record cannot be stored; `str(refusal)` is the reason, in one line.

    `error` is what a caller gets who asked for this one thing alone, and tells what is
    missing (`NotFoundError`) from what is wrong.
    """

    def __init__(self, reason: str, error: RecordError | None = None) -> None:
        super().__init__(reason)
        self.error = error or RecordError(reason, "Correct the request.")


def missing(reason: str, entity_type: str, name: object) -> RefusedError:
    """The refusal of a request that points at an entity which does not exist."""
    return RefusedError(reason, NotFoundError.of(entity_type, name))


def exists(entity_type: str, fqn: str) -> RefusedError:
    """The refusal of a request that may only create (contract §6.1)."""
    return RefusedError(
        f"the {entity_type} {fqn} exists already",
        ConflictError("Entity already exists", f"Update the {entity_type} {fqn} instead."),
    )
