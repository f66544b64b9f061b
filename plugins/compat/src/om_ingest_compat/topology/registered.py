"""What a connector has registered as found: `register_record(...)`, `self.….source_state`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from om_ingest.errors import PluginFaultError, RecordError
from om_ingest.model import fqn as names

from om_ingest_compat import running


class SourceState:
    """The FQNs that were registered, and not yielded as records.

    What is yielded needs no registration here, and is forgotten at once: this does not grow with
    the data. What is only registered, such as a table that has not changed since the last run, is
    not taken for gone.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, None] = {}
        self._last: Any = None
        self.registered: Any = None
        """The request that was registered last; None if it was an FQN."""
        self.added_count = 0
        """How often something was registered."""

    def yielded(self, request: Any) -> None:
        """Note what was yielded; it is mostly registered just before or after that."""
        self._last = request
        if self._waiting:
            self._waiting.pop(_fqn_of(request), None)

    def add(self, fqn: Any) -> None:
        """Register an FQN."""
        self.added_count += 1
        self.registered = None
        plain = names.normalised(str(fqn)) or str(fqn)
        if self._last is None or plain != _fqn_of(self._last):
            self._waiting[plain] = None

    def add_request(self, request: Any) -> None:
        """Register what a request is for."""
        if request is self._last:
            self.added_count += 1
        else:
            self.add(_fqn_of(request))
        self.registered = request

    @property
    def is_used(self) -> bool:
        """Whether anything was registered."""
        return self.added_count > 0

    def update(self, fqns: Iterable[Any]) -> None:
        """Register several FQNs."""
        for fqn in fqns:
            self.add(fqn)

    def __ior__(self, fqns: Iterable[Any]) -> SourceState:
        """Register several FQNs."""
        self.update(fqns)
        return self

    def __bool__(self) -> bool:
        return self.is_used

    def discard(self, fqn: Any) -> None:
        """Take an FQN back."""
        self._waiting.pop(names.normalised(str(fqn)) or str(fqn), None)

    remove = discard

    def clear(self) -> None:
        """Nothing to do: what was registered is in the source, also for the next scope."""

    def _refuse(self, *_: object) -> NoReturn:
        raise PluginFaultError(
            "The connector looks into what it has registered, and om-ingest-compat does not keep"
            " what was yielded",
            "Leave it to the host to find what is gone, or pass the state to"
            " delete_entity_from_source.",
        )

    __contains__ = __iter__ = __len__ = _refuse

    def take(self) -> Iterator[str]:
        """What was registered and not yielded; forgotten afterwards."""
        while self._waiting:
            yield self._waiting.popitem()[0]


class OwnState:
    """An attribute with a `SourceState` of its own for each source."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, source: Any, owner: type | None = None) -> SourceState:
        if source is None:
            return SourceState()
        state: SourceState = vars(source).setdefault(self._name, SourceState())
        return state

    def __set__(self, source: Any, fqns: Iterable[Any]) -> None:
        """Connectors begin with `set()`, as upstream's base class does."""
        state = vars(source).setdefault(self._name, SourceState())  # what it has stays
        if state is not fqns:
            state.update(fqns.take() if isinstance(fqns, SourceState) else fqns)


def _fqn_of(request: Any) -> str:
    try:
        return running.current().context.metadata.fqn_of(request)
    except (RecordError, AttributeError, TypeError):
        return ""
