"""Options of a write, and its results."""

from __future__ import annotations

from typing import Any, NamedTuple

from om_ingest.store import Outcome

from om_ingest_catalog.rules.request import RefusedError


class Actor(NamedTuple):
    """A person or a bot; which stored values survive its PUT is contract §6.3."""

    name: str = "ingestion-bot"
    """What `updatedBy` says."""

    is_bot: bool = True
    """Whether it never overwrites what people wrote."""

    impersonated_by: str | None = None
    """The bot that writes in this name; None for who writes in their own."""


class WriteOptions(NamedTuple):
    """On whose behalf a batch is written, and by which endpoint's rules."""

    actor: Actor
    create_only: bool = False
    """Refuse what exists already, as POST does."""

    override: bool = False
    """`overrideMetadata`: what the bot sends goes over what people wrote (§6.3)."""

    trust_source_hash: bool = False
    """Take what has the stored `sourceHash` for unchanged, as a bulk PUT does (§5.1)."""


class ItemResult(NamedTuple):
    """What became of one item."""

    outcome: Outcome
    fqn: str = ""
    """Of the entity that was addressed; empty for other records, and for a failure."""

    refusal: RefusedError | None = None
    """Why it failed."""


_PASSED = 200
_FAILED = 400


class BulkResult(NamedTuple):
    """Rows that passed, and rows that failed, each as contract §5.1 answers it."""

    successes: list[dict[str, Any]]
    """`{"request": <FQN>, "status": 200}` each, created or not."""

    failures: list[dict[str, Any]]
    """`{"request": <what was asked for>, "message", "status"}` each."""

    dry_run: bool | None = None
    """Whether nothing was changed; None for an operation that has no dry run."""

    @property
    def passed(self) -> int:
        """How many rows passed."""
        return len(self.successes)

    @property
    def failed(self) -> int:
        """How many rows failed."""
        return len(self.failures)

    @property
    def processed(self) -> int:
        """How many rows there were."""
        return self.passed + self.failed

    @property
    def status(self) -> str:
        """`success`, `failure` when nothing passed, else `partialSuccess`."""
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
        """Count a row that passed."""
        self.successes.append({"request": fqn, "status": _PASSED})

    def add_failure(self, request: Any, message: str) -> None:
        """Count a row that failed."""
        self.failures.append({"request": request, "message": message, "status": _FAILED})
