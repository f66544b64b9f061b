"""Runs a topology: calls the methods of a source in order, and yields what they yield."""

from __future__ import annotations

import traceback
from collections.abc import Generator, Iterable, Iterator
from typing import Any, NamedTuple

from om_ingest.errors import DeliveryError, OmIngestError, ServerError
from om_ingest.failure_place import defined_at, located
from om_ingest.model import fqn as names
from pydantic import BaseModel

from om_ingest_compat import running
from om_ingest_compat.connectors.failures import failure_of, trace_of
from om_ingest_compat.connectors.status import Either, StackTraceError
from om_ingest_compat.topology.context import TopologyContext
from om_ingest_compat.topology.nodes import (
    NodeStage,
    TopologyNode,
    create_source_context,
    get_topology_node,
    get_topology_root,
)
from om_ingest_compat.topology.registered import SourceState


class MissingExpectedEntityAckException(Exception):  # noqa: N818  # its name upstream
    """A service was not written; here the failed record says so."""


class _Raised(NamedTuple):
    error: Exception


_NONE: Iterable[Any] = type("_None", (tuple,), {})()
"""The items of a method that has returned None."""


class _OwnContext:
    """`context`: one for each source, made from its topology."""

    def __get__(self, source: Any, owner: type) -> TopologyContext:
        if source is None:
            return create_source_context(owner.topology)  # type: ignore[attr-defined]  # a source's
        context = vars(source)["context"] = create_source_context(source.topology)
        return context


class TopologyRunnerMixin:
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
        yield from self.process_nodes(get_topology_root(self.topology))

    def next_record(self) -> Iterable[Any]:
        """Everything: how a source up to release 1.1 is read."""
        return self._iter()

    def process_nodes(self, nodes: Iterable[TopologyNode]) -> Iterator[Any]:
        """What some nodes yield, with the nodes below them."""
        for node in nodes:
            yield from self._process_node(node)
            for method in node.post_process or ():
                for item in self._attempt(method):
                    if isinstance(item, _Raised):
                        yield self._failure(item.error, self._place(node))
                    else:
                        yield item

    def _process_node(self, node: TopologyNode) -> Iterator[Any]:
        children = [get_topology_node(child, self.topology) for child in node.children or ()]
        for element in self._listed_by(node, node.producer):
            if isinstance(element, _Raised):
                yield self._failure(element.error, self._place(node))
                return
            context = self.context.get()
            tags = _count(vars(context).get("tags"))
            for stage in node.stages:
                items = self._attempt(stage.processor, element)
                if items == () and not stage.is_entity:
                    continue
                if not (yield from self._yielded(node, stage, element, items)):
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

    def _listed_by(self, node: TopologyNode, method: str) -> Iterable[Any]:
        """The elements that a method lists; one that returns None has not listed them."""
        found = self._attempt(method)
        if found is _NONE:
            self.not_listed(node, method)
        return found

    def not_listed(self, node: TopologyNode, method: str) -> None:
        """Note that it is unknown which elements there are: none of them is taken for gone."""
        noted: dict[str, set[str]] = vars(self).setdefault("_not_listed", {})
        told: set[str] = vars(self).setdefault("_told", set())
        function = getattr(self, method)
        code = getattr(function, "__code__", None)  # `pass`: the connector has no such thing
        if (code is None or code.co_names) and method not in told:
            told.add(method)
            running.current().status.warning(
                f"{type(self).__name__}.{method}",
                f"it returned None: nothing is taken for gone there{defined_at(function)}",
            )
        for entity_type in self._types(node):
            noted.setdefault(entity_type, set()).add(self._place(node))

    def _types(self, node: TopologyNode) -> Iterator[str]:
        """The entity types of a node, and of those below it."""
        for stage in node.stages:
            entity_type = getattr(stage.type_, "entity_type", None)
            if entity_type:
                yield entity_type
        for child in node.children or ():
            yield from self._types(get_topology_node(child, self.topology))

    def is_listed(self, entity_type: str, scope: str) -> bool:
        """Whether all entities of a kind below a scope have been listed."""
        places = vars(self).get("_not_listed", {}).get(entity_type, ())
        return not any(
            f"{scope}.".startswith(f"{place}.") or place.startswith(f"{scope}.") for place in places
        )

    def element_done(self, node: TopologyNode) -> None:
        """Called when everything of an element of a node has been yielded."""

    def _yielded(
        self, node: TopologyNode, stage: NodeStage, element: Any, items: Iterable[Any]
    ) -> Generator[Any, None, bool]:
        """Yield what a stage has for an element; return whether the element can go on."""
        failed = found = False
        for item in items:
            if isinstance(item, _Raised):
                failed = True
                yield self._failure(item.error, self._place(node, element))
                continue
            right = item
            if isinstance(item, Either) or (hasattr(item, "left") and hasattr(item, "right")):
                if item.left is not None:
                    failed = True
                    item = self._placed(item, node, element)
                right = item.right
            if right is None or not stage.context:
                yield item
            else:
                found = True
                yield from self.yield_and_update_context(right, stage, item)
        if found or failed or not stage.is_entity:
            return not (failed and stage.is_entity)
        return self._has_no_entity(node, stage, element)

    def _has_no_entity(self, node: TopologyNode, stage: NodeStage, element: Any) -> bool:
        """Whether an element can go on whose stage has yielded nothing.

        What lies below it would be written below the element before: it is not read.
        """
        context, place = self.context.get(), self._place(node, element)
        if stage.context:
            context.upsert(stage.context, None)
        if not node.children:
            return True
        run, method = running.current(), getattr(self, stage.processor)
        told = f"{stage.processor} yielded nothing: what lies in it is not read"
        run.status.warning(place, f"{told}{defined_at(method)}")
        entity_type = getattr(stage.type_, "entity_type", None)
        if entity_type:
            run.keep(entity_type, [place])  # it was listed
        return False

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

    def _attempt(self, method: str, *arguments: Any) -> Iterable[Any]:
        """The items of a method, and at the end what it has raised, if it has."""
        try:
            result = getattr(self, method)(*arguments)
        except (DeliveryError, ServerError):
            raise  # nothing can be read or written any more
        except Exception as error:  # noqa: BLE001  # a connector may raise anything
            return (_Raised(error),)  # SystemExit ends the run, as a failure of the source
        if result is None:
            return _NONE
        if type(result) is tuple and not result:
            return ()
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

        Its name is a free text upstream, and an FQN for the host: nothing in it is taken for gone.
        A text that is no FQN in the service is left as it is: it protects everything.
        """
        name, text = failure_of(item.left)
        place = self._place(node, element)
        told, own = names.plain(name) or "", names.plain(place) or ""
        service = names.split(place)[0].casefold()
        is_elsewhere = told.startswith(f"{service}.") and not f"{told}.".startswith(f"{own}.")
        if not is_elsewhere or f"{own}.".startswith(f"{told}."):
            return item
        trace = trace_of(item.left) or None
        running.current().note_place(place)
        left = StackTraceError(name=place, error=f"{name}: {text}", stackTrace=trace)
        return Either(left=left, right=item.right)

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
