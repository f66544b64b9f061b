"""Options of a write, and its results."""

from __future__ import annotations

from typing import Any, NamedTuple

from om_ingest.store import Outcome

from om_ingest_catalog.rules.merge import NEWEST, Release
from om_ingest_catalog.rules.request import RefusedError

_OVER_REST = b"PUT"
"""Ends the stored digest of a PUT over REST, which writes otherwise than a run; before it is the
release whose rules the PUT followed.
"""


def kept_hash(put_hash: bytes | None) -> bytes | None:
    """What is left of a stored digest when others than a run change the entity.

    That of a run stays: as long as the source says nothing new, there is nothing to write, and
    what people have set or removed stays so. After a PUT over REST the next one is compared.
    """
    return None if put_hash is None or put_hash.endswith(_OVER_REST) else put_hash


class Actor(NamedTuple):
    """The author of a change; bots and people follow different rules (contract §6.3)."""

    name: str = "ingestion-bot"
    """The user name, stored in `updatedBy`."""

    is_bot: bool = True
    """Whether the rules for bots apply: they never overwrite what people wrote."""

    impersonated_by: str | None = None
    """The bot that writes on behalf of this user; None without impersonation."""


class WriteOptions(NamedTuple):
    """Author and mode of a batch."""

    actor: Actor
    create_only: bool = False
    """Refuse existing entities, as POST does."""

    override: bool = False
    """`overrideMetadata`: a bot overwrites what people wrote (§6.3)."""

    trust_source_hash: bool = False
    """Treat requests with the stored `sourceHash` as unchanged, as a bulk PUT does (§5.1)."""

    release: Release | None = None
    """Requests over REST: a PUT takes away what a server of this release takes away. None for
    records of a run, which change only what they say.
    """

    @property
    def is_run(self) -> bool:
        """Whether the records are those of a run: `om_ingest.kinds.policy` says who wins."""
        return self.release is None and self.actor.is_bot

    @property
    def as_server(self) -> bool:
        """Whether the requests came over REST: they are answered as by a server."""
        return self.release is not None

    def put_hash(self, digest: bytes, before: bytes | None) -> bytes | None:
        """What to store of a request's digest, in place of what is stored `before`."""
        if not self.actor.is_bot:
            return kept_hash(before)
        if self.is_run:
            return digest
        return None if self.override else digest + bytes(self.release or NEWEST) + _OVER_REST


class ItemResult(NamedTuple):
    """Result of one item of a batch."""

    outcome: Outcome
    fqn: str = ""
    """FQN of the entity; empty for records other than entities, and for failures."""

    refusal: RefusedError | None = None
    """The reason of a failure."""


_PASSED = 200
_FAILED = 400


class BulkResult(NamedTuple):
    """Answer of a bulk operation (contract §5.1): one entry per row."""

    successes: list[dict[str, Any]]
    """`{"request": <FQN>, "status": 200}` per row that passed, whether created or updated."""

    failures: list[dict[str, Any]]
    """`{"request": <request or FQN>, "message", "status"}` per row that failed."""

    dry_run: bool | None = None
    """Whether it was a dry run; None for an operation that has none."""

    @property
    def passed(self) -> int:
        """Number of rows that passed."""
        return len(self.successes)

    @property
    def failed(self) -> int:
        """Number of rows that failed."""
        return len(self.failures)

    @property
    def processed(self) -> int:
        """Number of all rows."""
        return self.passed + self.failed

    @property
    def status(self) -> str:
        """`success`, `failure` if no row passed, else `partialSuccess`."""
        if not self.failures:
            return "success"
        return "partialSuccess" if self.successes else "failure"

    def as_dict(self) -> dict[str, Any]:
        """The JSON of contract §5.1."""
        head = {} if self.dry_run is None else {"dryRun": self.dry_run}
        return {
            **head,
            "status": self.status,
            "numberOfRowsProcessed": self.processed,
            "numberOfRowsPassed": self.passed,
            "numberOfRowsFailed": self.failed,
            "successRequest": self.successes,
            "failedRequest": self.failures,
        }

    def add_success(self, fqn: str) -> None:
        """Add a row that passed."""
        self.successes.append({"request": fqn, "status": _PASSED})

    def add_failure(self, request: Any, message: str) -> None:
        """Add a row that failed."""
        self.failures.append({"request": request, "message": message, "status": _FAILED})
