"""What a log line says of the run that it belongs to."""

from __future__ import annotations

from collections.abc import Callable


class RunLabels:
    """Names of the run of this process; each is filled in as soon as it is known."""

    told: Callable[[], object] | None = None
    """Called for each change."""

    def __init__(self) -> None:
        self._is_taken = True
        self.run_id = ""
        """Id of the run: made here, until a workflow file names another one."""

        self.workflow = ""
        """What was asked for: the path of the workflow file, or the name of the source."""

        self.source = ""
        """Name of the source."""

        self.service = ""
        """Service that the entities are filed under."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if self.told is not None:
            self.told()

    def as_dict(self) -> dict[str, str]:
        """The names with the keys of reports."""
        return {
            "runId": self.run_id,
            "workflow": self.workflow,
            "source": self.source,
            "service": self.service,
        }

    def begin(self) -> None:
        """Make an id for the run of this command."""
        import uuid  # not for --help

        self.run_id, self._is_taken = str(uuid.uuid4()), False

    def coming(self, given: str | None) -> str:
        """The id that `take` will return."""
        if self._is_taken:
            self.begin()
        self.run_id = given or self.run_id
        return self.run_id

    def take(self, given: str | None) -> str:
        """The id of a run that begins: the one given, or that of `begin`, which is used once."""
        if self._is_taken:
            self.begin()
        self.run_id, self._is_taken = given or self.run_id, True
        return self.run_id


labels = RunLabels()
"""Those of this process: a command has one run."""
