"""Runs a topology: calls the methods of a source in order, and yields what they yield."""

from __future__ import annotations

import traceback
from collections.abc import Generator, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from om_ingest.errors import DeliveryError, OmIngestError, ServerError
from om_ingest.failure_place import located
from om_ingest.model import fqn as names
from pydantic import BaseModel

from om_ingest_compat import running
from om_ingest_compat.connectors.failures import failure_of, trace_of
from om_ingest_compat.connectors.status import Either, StackTraceError
from om_ingest_compat.models.roots import RootStr
from om_ingest_compat.topology.context import TopologyContext
from om_ingest_compat.topology.listing import (
    FAILED,
    OTHER_NAMES,
    ListingNotes,
    asked,
    is_failure,
    left_out_count,
)
from om_ingest_compat.topology.nodes import (
    NodeStage,
    TopologyNode,
    create_source_context,
    get_topology_node,
    get_topology_nodes,
    get_topology_root,
)
from om_ingest_compat.topology.registered import SourceState


class MissingExpectedEntityAckException(Exception):  # noqa: N818  # its name upstream
    """A service was not written; here the failed record says so."""


class _Raised(NamedTuple):
    error: Exception


class _OwnContext:
    """`context`: one for each source, made from its topology."""

    def __get__(self, source: Any, owner: type) -> TopologyContext:
        if source is None:
            return create_source_context(owner.topology)  # type: ignore[attr-defined]  # a source's
        context = vars(source)["context"] = create_source_context(source.topology)
        return context


class TopologyRunnerMixin(ListingNotes):
    """Yields what the methods of a topology yield, depth first.

    A method that yields nothing, None or an empty list is nothing. One that raises is a failure of
    the element that it was called for, and of what lies below; everything else goes on.
    """

    topology: Any
    context: Any = _OwnContext()
    metadata: Any

    __class_getitem__ = classmethod(lambda cls, _: cls)

    def _iter(self, *_: Any, **__: Any) -> Iterator[Any]:
        """Everything: how a source of release 1.2 and later is read."""
        if left_out_count():  # before anything was listed: it may be of any kind
            nodes = get_topology_nodes(self.topology)
            self._names.left_out.update(kind for node in nodes for kind in node.kinds)
        yield from self.process_nodes(get_topology_root(self.topology))
        service = names.quote(running.current().context.service_name)
        for kind in self._names.unknown():
            self._doubt([kind], service, OTHER_NAMES)
        self.all_read()

    def next_record(self) -> Iterable[Any]:
        """Everything: how a source up to release 1.1 is read."""
        return self._iter()

    def process_nodes(self, nodes: Iterable[TopologyNode]) -> Iterator[Any]:
        """What some nodes yield, with the nodes below them."""
        for node in nodes:
            yield from self._process_node(node)
            for method in node.post_process or ():
                for item in asked(self._attempt, partial(self._note_after, node), method):
                    if isinstance(item, _Raised):
                        yield self._failure(item.error, self._place(node))
                        continue
                    if is_failure(item):
                        self._note_after(node, FAILED)
                    yield item

    def _process_node(self, node: TopologyNode) -> Iterator[Any]:
        children = [get_topology_node(child, self.topology) for child in node.children or ()]
        own = node.own_stages
        for element in asked(self._attempt, partial(self._note_listing, node), node.producer):
            if isinstance(element, _Raised):
                self._note_listing(node, FAILED)
                yield self._failure(element.error, self._place(node))
                return
            context = self.context.get()
            tags = _count(vars(context).get("tags"))
            for stage in node.stages:
                is_own = stage in own
                is_complete = yield from self._yielded(node, stage, element, is_own=is_own)
                if not is_complete:
                    break
            else:
                for stage in node.stages:
                    if stage.clear_context:
                        context.clear_stage(stage)
                if children:
                    yield from self.process_nodes(children)
                self.element_done(node)
            if tags < _count(vars(context).get("tags")):
                del context.tags[tags:]  # they were for this element, and for what lies in it

    def element_done(self, node: TopologyNode) -> None:
        """Called when everything of an element of a node has been yielded."""

    def all_read(self) -> None:
        """Called when everything has been yielded."""

    def _yielded(
        self, node: TopologyNode, stage: NodeStage, element: Any, *, is_own: bool
    ) -> Generator[Any, None, bool]:
        """Yield what a stage has for an element; return whether the element can go on."""
        failed = is_there = False
        kind = stage.kind
        state = self.source_state(kind) if is_own and kind else None
        added_count = state.added_count if state is not None else 0
        note = partial(self._note_stage, node, stage, element)
        for item in asked(self._attempt, note, stage.processor, element):
            if isinstance(item, _Raised):
                failed = True
                yield self._failure(item.error, self._place(node, element))
                continue
            right = item
            if isinstance(item, Either) or (hasattr(item, "left") and hasattr(item, "right")):
                right = item.right
            if is_failure(item):
                failed = True
                item = self._placed(item, node, element)
                right = getattr(item, "right", None)
            is_there = is_there or right is not None
            if kind and hasattr(right, "name") and getattr(right, "parent", None) is None:
                given = _name_of(element) if is_own else ""
                self._names.compare(kind, str(right.name), given)
            if right is None or not stage.context:
                yield item
            else:
                yield from self.yield_and_update_context(right, stage, item)
        if is_own and not is_there and state is not None and state.added_count > added_count:
            is_there = True  # it has not changed, say; what lies in it may have
            if state.registered is not None:
                self.context.get().update_context_name(stage, state.registered)
            elif stage.is_entity:
                return bool(node.children) and self._passed_over(node, element)
        if failed:
            note(FAILED)
        elif is_own and not is_there:
            if node.producer == "get_services":  # it is known by its name
                service = RootStr(running.current().context.service_name)
                self.context.get().update_context_value(stage, service)
                return True
            return self._passed_over(node, element) or not stage.is_entity
        return not (failed and stage.is_entity)

    def yield_and_update_context(
        self, right: Any, stage: NodeStage, entity_request: Any
    ) -> Iterator[Any]:
        """Yield what a stage has yielded, and keep it in the context.

        A service that exists is kept as it is, unless the server's config says otherwise.
        """
        context = self.context.get()
        entity_type = getattr(right, "entity_type", None)
        if entity_type is None or entity_type == "lineage" or not hasattr(right, "name"):
            yield entity_request
            context.update_context_value(stage, right)
            return
        if stage.overwrite or not self._exists(stage, right):
            yield entity_request
        state = self.source_state(entity_type)
        if state is not None:
            state.yielded(right)
        context.update_context_name(stage, right)

    def source_state(self, entity_type: str) -> SourceState | None:
        """Where records of a kind are registered; None for other kinds."""
        return None

    def _exists(self, stage: NodeStage, request: Any) -> bool:
        config = getattr(self.metadata, "config", None)
        if getattr(config, "forceEntityOverwriting", False):
            return False
        fqn = running.current().context.metadata.fqn_of(request)
        return self.metadata.get_by_name(entity=stage.type_, fqn=fqn) is not None

    def _attempt(self, method: str, *arguments: Any) -> Iterable[Any] | None:
        """The items of a method, and at the end what it has raised, if it has; None for None.

        `SystemExit` and `KeyboardInterrupt` pass: they end the run, and nothing is deleted then.
        """
        try:
            result = getattr(self, method)(*arguments)
        except (DeliveryError, ServerError):
            raise  # nothing can be read or written any more
        except Exception as error:  # noqa: BLE001  # a connector may raise anything
            return (_Raised(error),)
        if result is None:
            return None
        if isinstance(result, (BaseModel, str)) or not hasattr(result, "__iter__"):
            return (result,)  # one record
        return _guarded(result)

    def _failure(self, error: Exception, place: str) -> Either[Any]:
        said = error.what if isinstance(error, OmIngestError) else ""
        told = located(error, type(self).__module__, said=said)
        if isinstance(error, OmIngestError):
            told = f"{told}. {error.remedy}"
        trace = "".join(traceback.format_exception(error))
        running.current().note_place(place)
        return Either(left=StackTraceError(name=place, error=told, stackTrace=trace))

    def _placed(self, item: Any, node: TopologyNode, element: Any) -> Any:
        """A failure that a connector yields, with a name that does not lead elsewhere.

        Its name is a free text upstream, and an FQN for the host.
        """
        error = getattr(item, "left", item)
        name, text = failure_of(error)
        place = self._place(node, element)
        told, own = names.plain(name) or "", names.plain(place) or ""
        service = names.split(place)[0].casefold()
        is_elsewhere = told.startswith(f"{service}.") and not f"{told}.".startswith(f"{own}.")
        if not is_elsewhere or f"{own}.".startswith(f"{told}."):
            return item
        trace = trace_of(error) or None
        running.current().note_place(place)
        left = StackTraceError(name=place, error=f"{name}: {text}", stackTrace=trace)
        return Either(left=left, right=getattr(item, "right", None))

    def _place(self, node: TopologyNode, element: Any = None) -> str:
        """The FQN of an element, or of what lies above it where its name is unknown."""
        context = vars(self.context.get())
        above = [str(context[key]) for key in node.above if context.get(key) is not None]
        if not above:
            return names.quote(running.current().context.service_name)
        name = _name_of(element)
        return names.join(*above, *([name] if name else []))


def _count(values: Any) -> int:
    return len(values) if isinstance(values, list) else 0


def _guarded(items: Iterable[Any]) -> Iterator[Any]:
    """Items, and at the end what getting them has raised, if it has."""
    try:
        for item in items:
            if item is not None:
                yield item
    except (DeliveryError, ServerError):
        raise
    except Exception as error:  # noqa: BLE001  # a connector may raise anything
        yield _Raised(error)


def _name_of(element: Any) -> str:
    """The name of an element that a producer has yielded: a name, a tuple, a dict, an object."""
    if isinstance(element, str):
        return element
    if isinstance(element, (tuple, list)):
        return _name_of(element[0]) if element else ""
    if isinstance(element, dict):
        return _name_of(element.get("name", ""))
    name = getattr(element, "name", None)
    text = getattr(name, "root", name)
    return text if isinstance(text, str) else ""
