"""Base classes of connectors from release 1.2 on (REST contract §12.2).

They ask for less than upstream's: a source need not call `super().__init__()`, and may leave out
what it does not need. What has no code here is marked, so that the host knows who has written it.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from om_ingest_compat.connectors.status import Status

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


class InvalidSourceException(Exception):  # noqa: N818  # its name upstream
    """The config of the source has another connection than the connector is for."""


class WorkflowFatalError(Exception):
    """The run cannot go on."""


class WorkflowExecutionError(Exception):
    """The run has failed."""


def left_out(function: FunctionT) -> FunctionT:
    """Mark a method of a base class that a connector is meant to write."""
    function.is_left_out = True  # type: ignore[attr-defined]  # a mark
    return function


def is_written(cls: type[Any], method: str) -> bool:
    """Whether a class has a method that is more than the mark of a base class."""
    found = getattr(cls, method, None)
    function = getattr(found, "__func__", found)
    if function is None or getattr(function, "__isabstractmethod__", False):
        return False
    return not getattr(function, "is_left_out", False)


class Closeable:
    """Something to close."""

    def close(self) -> None:
        """Release everything."""


class WhenAsked:
    """An attribute that is made when it is first asked for: not every `__init__` is called."""

    def __init__(self, name: str, make: Callable[[], Any]) -> None:
        self._name = name
        self._make = make

    def __get__(self, step: Any, owner: Any = None) -> Any:
        if step is None:
            return self
        made = self._make()
        setattr(step, self._name, made)
        return made


def client() -> Any:
    """A client of the run that is going on."""
    from om_ingest_compat.client import OpenMetadata  # few sources do without their own

    return OpenMetadata()


class Step(ABC, Closeable):
    """A step of a workflow."""

    name: str = "Step"
    """The kind of step."""

    status: Any = WhenAsked("status", Status)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take whatever a release passes."""

    @classmethod
    @left_out
    def create(
        cls, config_dict: dict[str, Any], metadata: Any, pipeline_name: str | None = None
    ) -> Any:
        """Build the step from its config."""
        raise NotImplementedError(f"{cls.__name__} does not implement create")

    def get_status(self) -> Any:
        """The status that this step keeps."""
        return self.status


class IterStep(Step, ABC):
    """A step that yields."""

    @left_out
    def _iter(self) -> Iterable[Any]:
        """Yield an `Either` for each record or failure."""
        raise NotImplementedError(f"{type(self).__name__} does not implement _iter")

    def run(self) -> Iterator[Any]:
        """Yield the records, and None for each failure; what the connector raises passes."""
        for result in self._iter() or ():
            if not hasattr(result, "left") or not hasattr(result, "right"):
                yield result  # the host says what is wrong with it
                continue
            if result.left is not None:
                self.status.failed(result.left)
                yield None
            if result.right is not None:
                self.status.scanned(result.right)
                yield result.right


class Source(IterStep, ABC):
    """Base class of a source."""

    metadata: Any = WhenAsked("metadata", client)
    connection_obj: Any
    service_connection: Any

    @left_out
    def prepare(self) -> None:
        """Get ready; called once, before the first record."""

    @left_out
    def test_connection(self) -> None:
        """Check the connection; whoever wants that calls it."""

    name: str = "Source"


class ReturnStep(Step, ABC):
    """A step that makes something of each record."""

    @left_out
    def _run(self, record: Any) -> Any:
        """What becomes of a record, as an `Either`."""
        raise NotImplementedError(f"{type(self).__name__} does not implement _run")

    def run(self, record: Any) -> Any:
        """What becomes of a record; None if it failed."""
        result = self._run(record)
        if result is None:
            return None
        if result.left is not None:
            self.status.failed(result.left)
            return None
        if result.right is not None:
            self.status.scanned(result.right)
        return result.right


class StageStep(Step, ABC):
    """A step that writes each record somewhere, for a bulk step."""

    @left_out
    def _run(self, record: Any) -> Iterable[Any]:
        """Write a record, and yield an `Either` for each thing written."""
        raise NotImplementedError(f"{type(self).__name__} does not implement _run")

    def run(self, record: Any) -> None:
        """Write a record."""
        for result in self._run(record) or ():
            if result.left is not None:
                self.status.failed(result.left)
            if result.right is not None:
                self.status.scanned(result.right)


class BulkStep(Step, ABC):
    """A step that does everything in one go."""

    @left_out
    def run(self) -> None:
        """Do it."""
        raise NotImplementedError(f"{type(self).__name__} does not implement run")


class Sink(ReturnStep, ABC):
    """Base class of a sink."""

    name: str = "Sink"


class Processor(ReturnStep, ABC):
    """Base class of a processor."""

    name: str = "Processor"


class Stage(StageStep, ABC):
    """Base class of a stage."""

    name: str = "Stage"


class BulkSink(BulkStep, ABC):
    """Base class of a bulk sink."""

    name: str = "BulkSink"
