"""Reads a connector, and makes records of the host of whatever it yields."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import GeneratorType
from typing import Any

from om_ingest.errors import OmIngestError, PluginFaultError, described
from om_ingest.failure_place import defined_at
from om_ingest.model import AddLineageRequest, AttachmentRequest, CreateRequest, ScopeComplete
from pydantic import BaseModel

from om_ingest_compat.connectors.converting import UndeliverableError, converted
from om_ingest_compat.connectors.failures import failure_of, trace_of
from om_ingest_compat.connectors.scopes import Scopes
from om_ingest_compat.connectors.service import ServiceOfRun
from om_ingest_compat.connectors.shape import Shape
from om_ingest_compat.connectors.status import Counted
from om_ingest_compat.models import core_of, native
from om_ingest_compat.running import LOCK, Running

logger = logging.getLogger(__name__)

_RECORDS = (CreateRequest, AddLineageRequest, AttachmentRequest)


_SPELLED, _RECORD, _SCOPE, _EITHER, _FAILURE, _BARRIER, _NOTHING, _SEVERAL, _OTHER, _ODD = range(
    1, 11
)
"""What an object is that a connector yields: told once for each class, and asked for each object.

Members of an enum would be looked up for longer.
"""


class Drive:
    """One reading of a connector."""

    def __init__(
        self,
        foreign: Any,
        shape: Shape,
        run: Running,
    ) -> None:
        self._foreign = foreign
        self._shape = shape
        self._run = run
        self._service = ServiceOfRun(run.block, run.context.metadata)
        self._scopes = Scopes(run)
        self._sorts: dict[type[Any], int] = {}
        self._items: Any = None

    def records(self) -> Iterator[Any]:
        """Yield the records; what the connector raises passes."""
        items = self._items = self._read()
        try:
            yield from self._records_of(items)
        finally:
            if isinstance(items, GeneratorType):
                items.close()  # a run may end before it does

    def _records_of(self, items: Iterable[Any]) -> Iterator[Any]:
        seen, run, sorts = self._service.seen, self._run, self._sorts
        for item in items:
            sort = sorts.get(type(item)) or self._sort(type(item))
            if sort == _EITHER:
                if item.left is not None:
                    self._fail(item.left)
                item = item.right  # both may be there
                sort = sorts.get(type(item)) or self._sort(type(item))
            if sort == _SPELLED:
                try:
                    item = native(item)
                except ValueError as error:  # it has fields of the connector's own
                    self._refuse(item, described(error))
                    continue
                sort = _RECORD
            if sort == _RECORD:
                run.count_yielded()
                with LOCK:  # the connector's threads wait
                    if type(item) not in seen:
                        yield from self._service.before(item)
                    yield item
            else:
                yield from self._taken(item, sort)
        while run.complete:
            yield from self._scopes.believed(run.complete.pop())

    def _read(self) -> Iterable[Any]:
        method = getattr(self._foreign, self._shape.reader)
        found = method()
        where = f"{type(self._foreign).__name__}.{self._shape.reader}"
        if found is None:
            told = "it returned None: it has to yield the records, or to return them"
            self._run.status.failure(where, f"{told}{defined_at(method)}")
            return ()
        if self._sort(type(found)) != _SEVERAL and isinstance(found, (BaseModel, str, Mapping)):
            return (found,)  # these could be iterated, too
        if not isinstance(found, Iterable):
            raise PluginFaultError(
                f"{where} returned {type(found).__name__}, which cannot be iterated"
                f"{defined_at(method)}",
                "Write it as a generator that yields records.",
            )
        return found

    def _sort(self, cls: type[Any]) -> int:
        """What objects of a class are; told once for each class."""
        sort = self._sorts[cls] = _sort_of(cls)
        return sort

    def _taken(self, item: Any, sort: int) -> Iterator[Any]:
        """The records that an object stands for which is no record itself."""
        if sort == _NOTHING:
            return
        if sort == _FAILURE:
            self._fail(item)
        elif sort == _SCOPE:
            self._run.count_yielded()
            with LOCK:
                yield from self._scopes.believed(item)
        elif sort == _BARRIER:
            self._run.context.metadata.flush()
        elif sort in (_SEVERAL, _EITHER):
            yield from self._records_of(item if sort == _SEVERAL else (item,))
        elif sort == _ODD:
            self._refuse(item, "it is no record: yield Either(right=<request>)")
        else:
            yield from self._converted(item)

    def _converted(self, item: Any) -> Iterator[Any]:
        """The records of the host that an object of another class stands for."""
        self._run.count_yielded()
        try:
            with LOCK:
                for record in map(native, converted(item)):
                    if type(record) not in self._service.seen:
                        yield from self._service.before(record)
                    yield record
        except UndeliverableError as error:
            self._refuse(item, str(error))
        except OmIngestError as error:
            self._refuse(item, error.what)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            self._refuse(item, described(error))

    def _refuse(self, item: Any, reason: str) -> None:
        name = f"class {item.__name__}" if isinstance(item, type) else type(item).__name__
        self._run.status.failure(name, f"{name} cannot be delivered: {reason}{self._place()}")

    def _fail(self, error: Any) -> None:
        """Report a failure that a connector yields; it stands in the connector's status, too."""
        name, text = failure_of(error)
        if trace := trace_of(error):
            logger.debug("%s: %s\n%s", name, text, trace)
        kept = getattr(getattr(self._foreign, "status", None), "failures", None)
        if isinstance(kept, Counted):
            kept.append(error)
        else:
            self._run.status.failure(name, text)

    def _place(self) -> str:
        """`, at source.py:56 in items`: where the connector has yielded last."""
        found = self._items
        place = ""
        while isinstance(found, GeneratorType):
            frame = found.gi_frame
            if frame is None:
                break
            name = Path(frame.f_code.co_filename).name
            place = f", at {name}:{frame.f_lineno} in {frame.f_code.co_name}"
            found = found.gi_yieldfrom
        return place or defined_at(getattr(self._foreign, self._shape.reader))


def _sort_of(cls: type[Any]) -> int:
    if issubclass(cls, ScopeComplete):
        return _SCOPE
    if issubclass(cls, _RECORDS):
        return _RECORD if core_of(cls) is cls else _SPELLED
    if cls is type(None):
        return _NOTHING
    names = {base.__name__.partition("[")[0] for base in cls.__mro__}
    if "Either" in names:
        return _EITHER
    if names & {"StackTraceError"} or issubclass(cls, BaseException):
        return _FAILURE
    if "Barrier" in names:
        return _BARRIER
    if issubclass(cls, (list, tuple, set, frozenset, Iterator)):
        return _SEVERAL
    return _OTHER if hasattr(cls, "model_fields") else _ODD
