"""One row of the table of entity kinds; `om_ingest.kinds.KINDS` has them all."""

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
    """Everything that differs from one kind of entity to the next."""

    entity_type: str
    """The type name in references, e.g. `table`."""

    class_name: str
    """Name of the entity class, e.g. `Table`."""

    module: str
    """Module of `om_ingest.model` with the classes, e.g. `table`."""

    collection: str
    """Path of the REST collection below `/v1/`, e.g. `services/databaseServices`."""

    parent: EntityKind | None = None
    """The kind of the parent; None for a root kind, and where there is a `parent_choice`."""

    parent_choice: tuple[EntityKind, ...] = ()
    """The possible kinds of the parent, if there are several. The request then names its parent
    by a reference, whose type tells the kind.
    """

    late: int = 0
    """Levels to add to the delivery level, for a kind that refers to other kinds."""

    bulk: bool = False
    """Whether the collection has `PUT …/bulk`."""

    soft_delete: bool = True
    """Whether entities can be marked as deleted; if not, a deletion is permanent."""

    nested_field: str | None = None
    """The request's field with a nearer parent, which itself lies below the first; None if the
    kind has no such field. A container lies in a service, or in a container of that service.
    """

    nested_type: str | None = None
    """Entity type of the nearer parent; None without `nested_field`."""

    nested_answer: str | None = None
    """The entity's field with the nearer parent; None if its name is that of `nested_field`."""

    nested_by_reference: bool = False
    """Whether a server expects a reference with an id in `nested_field`, not an FQN."""

    nested_keyword: str | None = None
    """The optional keyword of `fqn.build` for the nearer parent, e.g. `parent_container`."""

    infix: str | None = None
    """A name between those of parent and entity in the FQN, e.g. `model`."""

    fqn_keyword: str | None = None
    """The keyword of `fqn.build` for the entity's own name, e.g. `table_name`; None for kinds
    that OpenMetadata's client has no keyword for (contract §8.4).
    """

    rewrites_names: bool = False
    """Whether reserved sequences in names are rewritten (contract §8.2)."""

    lower_case: bool = False
    """Whether names are stored in lower case (contract §3.0)."""

    segment: str | None = None
    """Of a service: the namespace segment of its connectors, e.g. `database`."""

    links: Mapping[str, str] = field(default_factory=dict)
    """Request fields with names or FQNs of other entities: field -> entity type."""

    id_links: Mapping[str, str] = field(default_factory=dict)
    """Request fields with ids of other entities: field -> entity type."""

    members: tuple[tuple[str, ...], ...] = ()
    """Paths of the request fields with lists of named parts, such as columns."""

    children_field: str | None = None
    """The parent entity's field that lists the entities of this kind, e.g. `tables`."""

    total_field: str | None = None
    """The parent entity's field with the number of all entities below it, e.g. `termCount`."""

    filters: Mapping[int, str] = field(default_factory=dict)
    """List filters by an ancestor: number of names in the ancestor's FQN -> query parameter.
    If empty, kinds that lie in a service have the filter `service`: see `scope_filters`.
    """

    mark_deleted_flag: str | None = None
    """The flag of `sourceConfig` that makes a run mark entities as deleted that are gone from the
    source; None for kinds that are never marked.
    """

    @cached_property
    def request(self) -> type[CreateRequest]:
        """The class of create requests."""
        request: type[CreateRequest] = self._load(f"Create{self.class_name}Request")
        return request

    @cached_property
    def entity(self) -> type[Entity]:
        """The class of stored entities."""
        entity: type[Entity] = self._load(self.class_name)
        return entity

    def _load(self, name: str) -> Any:
        return getattr(importlib.import_module(f"om_ingest.model.{self.module}"), name)

    @cached_property
    def level(self) -> int:
        """Delivery level: lower levels are delivered first, so that parents and links exist."""
        return self.late + max((parent.level + 1 for parent in self.parents), default=0)

    @property
    def root(self) -> EntityKind:
        """The outermost kind above it, e.g. `databaseService` for a table; itself for a root."""
        return self.parent.root if self.parent else self

    @property
    def parents(self) -> tuple[EntityKind, ...]:
        """The kinds that a parent may have; empty for a root kind."""
        return (self.parent,) if self.parent else self.parent_choice

    @property
    def parent_type(self) -> str | None:
        """Entity type of the parent; None for a root kind, and with a `parent_choice`."""
        return self.parent.entity_type if self.parent else None

    @property
    def parent_field(self) -> str | None:
        """The request's field with the parent."""
        return self.request.parent_field

    @cached_property
    def depth(self) -> int:
        """Number of names in the FQN of an entity that is not nested."""
        above = self.parents[0].depth if self.parents else 0  # services all have one name
        return above + (2 if self.infix else 1)

    @cached_property
    def place_fields(self) -> frozenset[str]:
        """Fields with ancestors, which follow from the FQN."""
        own = {name for name in (self.parent_field, self.nested_field) if name}
        return (self.parent.place_fields if self.parent else frozenset()) | own

    @property
    def parent_types(self) -> frozenset[str]:
        """Entity types that an entity can lie directly below; empty for a root kind."""
        direct = {parent.entity_type for parent in self.parents}
        return frozenset(direct | {self.nested_type} if self.nested_type else direct)

    @property
    def scope_filters(self) -> Mapping[int, str]:
        """The `filters`, or their default."""
        return self.filters or ({1: "service"} if "service" in self.place_fields else {})

    @cached_property
    def fqn_keywords(self) -> Mapping[str, bool]:
        """Keywords of `fqn.build`, outermost first: keyword -> whether it is required."""
        if self.fqn_keyword is None:
            return {}
        nested = {self.nested_keyword: False} if self.nested_keyword else {}
        above = self.parent.fqn_keywords if self.parent else {}
        return {**above, **nested, self.fqn_keyword: True}

    def as_stored(self, name: str) -> str:
        """A name or FQN in the case that it is stored in."""
        return name.lower() if self.lower_case else name

    def spelled(self, given: str) -> str:
        """An FQN as it is stored: in its case, without needless quotes."""
        return fqn.spelled(self.as_stored(given))

    def goes_by_reference(self, field: str) -> bool:
        """Whether a server expects a reference in this place field, not an FQN."""
        by_choice = bool(self.parent_choice) and field == self.parent_field
        return by_choice or (self.nested_by_reference and field == self.nested_field)

    def type_above(self, parent_fqn: str) -> str | None:
        """The entity type of the parent with this FQN; None for a root kind, and where only the
        request tells it: see `parent_choice`.
        """
        if self.nested_type and len(fqn.split(parent_fqn)) >= self.depth:
            return self.nested_type
        return self.parent_type

    def fqn_below(self, parent_fqn: str, name: str) -> str:
        """The FQN of the entity with this name below a parent."""
        return fqn.child(f"{parent_fqn}.{self.infix}" if self.infix else parent_fqn, name)
