"""What there is to know about one kind of entity; `om_ingest.kinds` lists them all."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from om_ingest.model import fqn
from om_ingest.model.entity import CreateRequest, Entity


@dataclass(frozen=True)
class EntityKind:
    """Everything that differs between one kind of entity and the next."""

    entity_type: str
    """The type name in references, e.g. `table`."""

    class_name: str
    """Name of the entity's class, e.g. `Table`."""

    module: str
    """Module of `om_ingest.model` that has the classes, e.g. `table`."""

    collection: str
    """Path below `/v1/`, e.g. `services/databaseServices`."""

    parent: EntityKind | None = None
    """The kind that it lies below; None for a root, and where there are several."""

    parent_choice: tuple[EntityKind, ...] = ()
    """The kinds of which it lies below one, where there are several; empty for most. The
    request then names its parent by a reference, whose type says which.
    """

    late: int = 0
    """By how many levels it comes after its parent's children: it points at other kinds."""

    bulk: bool = False
    """Whether the collection has `PUT …/bulk`."""

    soft_delete: bool = True
    """Whether it can be marked as deleted; if not, deleting removes it for good."""

    nested_field: str | None = None
    """The request's field with another parent, which lies below the first; None if there is
    none. A container lies in a service, or in a container of that service.
    """

    nested_type: str | None = None
    """Entity type of what `nested_field` names; None if there is no such field."""

    nested_answer: str | None = None
    """The entity's field with that parent; None if it has the name of `nested_field`."""

    nested_by_reference: bool = False
    """Whether `nested_field` goes to a server as a reference with an id, not as an FQN."""

    infix: str | None = None
    """A name that stands in the FQN between those of parent and entity; None for most."""

    segment: str | None = None
    """Of a service: the segment of its connectors' namespace, e.g. `database`."""

    links: Mapping[str, str] = field(default_factory=dict)
    """Fields of the request with names or FQNs of other entities: field -> entity type."""

    id_links: Mapping[str, str] = field(default_factory=dict)
    """Fields of the request with nothing but ids of other entities: field -> entity type."""

    lower_case: bool = False
    """Whether names are stored in lower case, however they are written (contract §3.0)."""

    mark_deleted_flag: str | None = None
    """The flag of `sourceConfig` that says whether entities that are gone from the source are
    marked as deleted; None if they never are."""

    members: tuple[tuple[str, ...], ...] = ()
    """Where the request has lists of named parts, such as columns: paths of fields."""

    @cached_property
    def request(self) -> type[CreateRequest]:
        """The create request."""
        request: type[CreateRequest] = self._load(f"Create{self.class_name}Request")
        return request

    @cached_property
    def entity(self) -> type[Entity]:
        """What a store answers."""
        entity: type[Entity] = self._load(self.class_name)
        return entity

    def _load(self, name: str) -> Any:
        return getattr(importlib.import_module(f"om_ingest.model.{self.module}"), name)

    @cached_property
    def level(self) -> int:
        """A lower level is delivered first, so that parents and links are there."""
        return self.late + max((parent.level + 1 for parent in self._parents), default=0)

    @property
    def _parents(self) -> tuple[EntityKind, ...]:
        return (self.parent,) if self.parent else self.parent_choice

    @property
    def parent_type(self) -> str | None:
        """Entity type of the parent; None for a root, and where there are several."""
        return self.parent.entity_type if self.parent else None

    @property
    def parent_field(self) -> str | None:
        """The field of the request that holds the parent."""
        return self.request.parent_field

    @cached_property
    def depth(self) -> int:
        """How many names the FQN has of one that is not nested."""
        above = self._parents[0].depth if self._parents else 0  # services all have one name
        return above + (2 if self.infix else 1)

    @cached_property
    def place_fields(self) -> frozenset[str]:
        """Fields that say where an entity lies, and so follow from its FQN."""
        own = {name for name in (self.parent_field, self.nested_field) if name}
        return (self.parent.place_fields if self.parent else frozenset()) | own

    @property
    def parent_types(self) -> frozenset[str]:
        """The entity types that an entity can lie directly below; empty for a mere root."""
        direct = {parent.entity_type for parent in self._parents}
        return frozenset(direct | {self.nested_type} if self.nested_type else direct)

    def as_stored(self, name: str) -> str:
        """A name or FQN in the letters that it is stored in."""
        return name.lower() if self.lower_case else name

    def goes_by_reference(self, field: str) -> bool:
        """Whether this place field goes to a server as a reference, not as an FQN."""
        by_choice = bool(self.parent_choice) and field == self.parent_field
        return by_choice or (self.nested_by_reference and field == self.nested_field)

    def type_above(self, parent_fqn: str) -> str | None:
        """The entity type of the parent with this FQN; None for a root, and where only the
        request says it: see `parent_choice`.
        """
        if self.nested_type and len(fqn.split(parent_fqn)) >= self.depth:
            return self.nested_type
        return self.parent_type

    def fqn_below(self, parent_fqn: str, name: str) -> str:
        """The FQN of the entity with this name below a parent."""
        return fqn.child(f"{parent_fqn}.{self.infix}" if self.infix else parent_fqn, name)
