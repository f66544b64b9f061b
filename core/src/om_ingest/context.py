"""What a source has yielded last, kind by kind: `self.context` of OpenMetadata's connectors."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from om_ingest.errors import PluginFaultError, RecordError
from om_ingest.kinds import KINDS, EntityKind
from om_ingest.model import fqn as names
from om_ingest.model.entity import CreateRequest, Entity
from om_ingest.model.records import Record
from om_ingest.store import EntityT, MetadataStore

_KINDS = {entity_type.lower(): kind for entity_type, kind in KINDS.items()}


class ReadName(str):
    """A name or FQN that was read back; it answers `.root` and `.__root__` as well.

    The client of OpenMetadata keeps names in models, whose text is in `__root__` up to release 1.4,
    and in `root` from 1.5 on.
    """

    __slots__ = ()

    @property
    def root(self) -> str:
        """The text."""
        return str(self)

    __root__ = root


class ReadId(UUID):
    """An id that was read back, with the same names for its value as a `ReadName`."""

    __slots__ = ()

    @property
    def root(self) -> UUID:
        """The id."""
        return UUID(int=self.int)

    __root__ = root


def as_read(found: EntityT) -> EntityT:
    """An entity for a source: name, FQN and id are of the types `ReadName` and `ReadId`."""
    return found.with_valid(
        id=ReadId(int=found.id.int),
        name=ReadName(found.name),
        fullyQualifiedName=ReadName(found.fullyQualifiedName),
    )


class SourceContext:
    """The entity of each kind that the source yielded last, as it was delivered.

    `context.database_service`, `context.database_schema`, `context.topic` …: the entity type in
    lower case, with or without underscores. It is read from where the records go when it is first
    asked for, which delivers what it depends on, and kept until the next one of its kind is
    yielded. A service that the source did not yield is the one that the run is for, if it exists.
    Its `id`, `name` and `fullyQualifiedName` answer `.root` and `.__root__` as well.

    Raises `PluginFaultError` if nothing of that kind was yielded, or it was not delivered, and
    `AttributeError` for what is no kind.
    """

    def __init__(
        self, metadata: MetadataStore, service_name: str, latest: Mapping[str, Record]
    ) -> None:
        """`latest` has the record that was yielded last of each entity type."""
        self._metadata = metadata
        self._service_name = service_name
        self._latest = latest
        self._read: dict[str, tuple[Record | None, Entity]] = {}

    def __getattr__(self, name: str) -> Any:
        kind = _KINDS.get(name.replace("_", "").lower())
        if kind is None or name.startswith("_"):
            close = difflib.get_close_matches(name.replace("_", "").lower(), _KINDS, 1)
            hint = f"; did you mean {_KINDS[close[0]].entity_type!r}?" if close else ""
            raise AttributeError(f"self.context has no {name!r}{hint}")
        record = self._latest.get(kind.entity_type)
        read = self._read.get(kind.entity_type)
        if read is None or read[0] is not record:
            read = self._read[kind.entity_type] = record, self._find(name, kind, record)
        return read[1]

    def _find(self, name: str, kind: EntityKind, record: Record | None) -> Entity:
        fqn = None
        if isinstance(record, CreateRequest):
            with contextlib.suppress(RecordError, AttributeError, TypeError):  # it has no parent
                fqn = self._metadata.fqn_of(record)
        elif kind.segment is not None:
            fqn = names.quote(self._service_name)
        found = self._metadata.get_by_name(kind.entity, fqn) if fqn else None
        if found is not None:
            return as_read(found)
        if record is None:
            raise PluginFaultError(
                f"self.context.{name}: no {kind.entity_type} was yielded so far",
                f"Yield a {kind.request.__name__} before it is used.",
            )
        named = fqn or str(getattr(record, "name", ""))
        raise PluginFaultError(
            f"self.context.{name}: the {kind.entity_type} {named!r} was yielded, and not delivered",
            "See why among the failed records, and yield parents before their children.",
        )
