"""The answer of a bulk operation: what became of each row (contract §5.1)."""

from __future__ import annotations

from typing import Any, NamedTuple

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
