"""What a topology shows about what its methods have listed: what is not certain is not gone."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from types import CodeType
from typing import Any

from om_ingest.failure_place import defined_at

from om_ingest_compat import running
from om_ingest_compat.connectors.steps import is_written
from om_ingest_compat.topology.nodes import NodeStage, TopologyNode

_END: Any = object()

NOTHING, FAILED, LEFT_OUT = "nothing", "failed", "left out"
"""What asking a method may show: it returned None, reported a failure, or applied a filter."""


_FAILED = "the source has reported a failure there"
OTHER_NAMES = (
    "filters leave some out, and it is not known which, as the names that the source filters by"
    " are not seen to be those of the entities"
)


class NamesOfKinds:
    """Whether filters know entities by the names that they are yielded with, kind by kind.

    A filter that is asked about titles tells nothing of entities that are named by an id.
    """

    def __init__(self) -> None:
        self._equal: set[str] = set()
        self._other: set[str] = set()
        self.left_out: set[str] = set()
        """Kinds of which something was left out."""

    def compare(self, kind: str, name: str, given: str) -> None:
        """Note the name of a request; that of its element counts if no filter was asked."""
        asked = running.current().asked
        is_equal = name in asked if asked else name == given
        (self._equal if is_equal else self._other).add(kind)

    def unknown(self) -> set[str]:
        """Kinds of which something was left out that cannot be told by its name."""
        return self.left_out - (self._equal - self._other)


def asked(
    attempt: Callable[..., Iterable[Any] | None],
    note: Callable[[str], None],
    method: str,
    *arguments: Any,
) -> Iterator[Any]:
    """What a method of a source yields; `note` is told what it does beside that, as it happens."""
    failures, left_out = _counts()
    items = attempt(method, *arguments)
    if items is None:
        note(NOTHING)
        items = ()
    steps = iter(items)
    while True:
        item = next(steps, _END)
        failures_now, left_out_now = _counts()
        if failures_now > failures:
            note(FAILED)
        if left_out_now > left_out:
            note(LEFT_OUT)
        if item is _END:
            return
        yield item
        failures, left_out = _counts()


def _counts() -> tuple[int, int]:
    """Failures that the source has reported, and names that filters have left out."""
    run = running.current()
    return run.status.failure_count, run.status.filtered_count + run.left_out_count


def left_out_count() -> int:
    """How many names filters have left out until now."""
    return _counts()[1]


def knows(cls: type[Any], method: str) -> bool:
    """Whether a connector has written a method that does more than return what never changes."""
    if not is_written(cls, method):
        return False
    code: CodeType | None = getattr(inspect.unwrap(getattr(cls, method)), "__code__", None)
    if code is None or code.co_names or code.co_flags & inspect.CO_GENERATOR:
        return True
    return not set(code.co_consts) <= {None, code.co_consts[0]}  # the first may be the docstring


def is_failure(item: Any) -> bool:
    """Whether something that a method has yielded is a failure, alone or on the left."""
    if getattr(item, "left", None) is not None:
        return True
    return isinstance(item, BaseException) or type(item).__name__ == "StackTraceError"


class ListingNotes:
    """Notes for the run what a topology source has not listed for certain."""

    def _place(self, node: TopologyNode, element: Any = None) -> str:
        raise NotImplementedError  # the runner knows

    def _passed_over(self, node: TopologyNode, element: Any) -> bool:
        """Note an element that was listed, and of which nothing was yielded; returns False.

        What lies in it cannot be read: it would be written into the element before.
        """
        place = self._place(node, element)
        self._doubt(node.kinds, place, "the source listed it, and yielded nothing of it")
        if node.children:
            method = node.own_stages[0].processor
            told = f"{method} yielded nothing: what lies in it is not read"
            where = defined_at(getattr(self, method))
            running.current().status.warning(place, f"{told}{where}")
        return False

    @cached_property
    def _names(self) -> NamesOfKinds:
        return NamesOfKinds()

    @cached_property
    def _told(self) -> set[str]:
        return set()

    @staticmethod
    def _doubt(kinds: Iterable[str], place: str, reason: str) -> None:
        """Have nothing of some kinds, of all without any, taken for gone at or below a place."""
        for kind in kinds or ("",):
            running.current().status.unlisted(kind, place, reason)

    def _note_listing(self, node: TopologyNode, sort: str) -> None:
        """Note what the producer of a node did beside yielding elements."""
        if sort == NOTHING:
            self.not_listed(node.producer, node.kinds, self._place(node))
        elif sort == FAILED:
            self._doubt(node.kinds, self._place(node), _FAILED)
        else:
            own = {stage.kind for stage in node.own_stages}
            self._names.left_out.update(own)
            if others := [kind for kind in node.kinds if kind not in own]:
                self._doubt(others, self._place(node), "what they belong to was left out")

    def _note_stage(self, node: TopologyNode, stage: NodeStage, element: Any, sort: str) -> None:
        """Note what a stage did beside yielding something of an element."""
        if sort == FAILED:
            self._doubt(node.kinds, self._place(node, element), _FAILED)
        elif sort == LEFT_OUT:
            kinds = [stage.kind] if stage.kind else [own.kind for own in node.own_stages]
            self._names.left_out.update(kinds)
        elif stage.kind and knows(type(self), stage.processor):
            reason = f"{stage.processor} returned None"
            self._doubt([stage.kind], self._place(node, element), reason)

    def _note_after(self, node: TopologyNode, sort: str) -> None:
        if sort == FAILED:
            self._doubt(node.kinds, self._place(node), _FAILED)

    def not_listed(self, method: str, kinds: Iterable[str], place: str) -> None:
        """Note that a method that lists has returned None, as one does that has caught an error."""
        name = f"{type(self).__name__}.{method}"
        reason = f"{name} returned None, so it is unknown what is there"
        self._doubt(kinds, place, reason)
        if knows(type(self), method) and method not in self._told:  # once, not for each schema
            self._told.add(method)
            told = "it returned None: nothing is taken for gone there"
            running.current().status.warning(name, f"{told}{defined_at(getattr(self, method))}")
