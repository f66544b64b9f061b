"""Base classes up to release 1.1, whose workflow pulls records (REST contract §12.1)."""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Iterable
from typing import Any, Generic

from om_ingest_compat.connectors.status import Entity, SinkStatus, SourceStatus
from om_ingest_compat.connectors.steps import Closeable, WhenAsked, client, left_out


class Source(Closeable, Generic[Entity], metaclass=ABCMeta):
    """Base class of a source."""

    metadata: Any = WhenAsked("metadata", client)
    connection_obj: Any
    service_connection: Any
    status: Any = WhenAsked("status", SourceStatus)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take whatever a release passes."""

    @classmethod
    @left_out
    def create(cls, config_dict: dict[str, Any], metadata_config: Any) -> Any:
        """Build the source from its config."""
        raise NotImplementedError(f"{cls.__name__} does not implement create")

    @left_out
    def prepare(self) -> None:
        """Get ready; called once, before the first record."""

    @left_out
    def next_record(self) -> Iterable[Any]:
        """Yield records."""
        raise NotImplementedError(f"{type(self).__name__} does not implement next_record")

    def get_status(self) -> Any:
        """The status that this source keeps."""
        return self.status

    @left_out
    def test_connection(self) -> None:
        """Check the connection; whoever wants that calls it."""


class _Taker(Closeable, metaclass=ABCMeta):
    """What takes records."""

    status: Any = WhenAsked("status", SinkStatus)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take whatever a release passes."""

    @classmethod
    @left_out
    def create(cls, config_dict: dict[str, Any], metadata_config: Any, **kwargs: Any) -> Any:
        """Build the step from its config."""
        raise NotImplementedError(f"{cls.__name__} does not implement create")

    def get_status(self) -> Any:
        """The status that this step keeps."""
        return self.status


class Sink(_Taker, Generic[Entity]):
    """Base class of a sink."""

    @left_out
    def write_record(self, record: Any) -> None:
        """Write a record."""
        raise NotImplementedError(f"{type(self).__name__} does not implement write_record")


class Processor(_Taker, Generic[Entity]):
    """Base class of a processor."""

    @left_out
    def process(self, *args: Any, **kwargs: Any) -> Any:
        """What becomes of a record."""
        raise NotImplementedError(f"{type(self).__name__} does not implement process")


class Stage(_Taker, Generic[Entity]):
    """Base class of a stage."""

    @left_out
    def stage_record(self, record: Any) -> Any:
        """Write a record somewhere, for a bulk sink."""
        raise NotImplementedError(f"{type(self).__name__} does not implement stage_record")


class BulkSink(_Taker):
    """Base class of a bulk sink."""

    @left_out
    def write_records(self) -> None:
        """Write everything."""
        raise NotImplementedError(f"{type(self).__name__} does not implement write_records")
