"""What a target would hold if a dry run wrote: the target, with what the run has said on top."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from pydantic import ValidationError

from om_ingest.errors import RecordError
from om_ingest.kinds import KINDS, EntityKind, Identity, Parcel, kind_of
from om_ingest.kinds.identity import identity_at
from om_ingest.model.entity import Entity, EntityReference
from om_ingest.model.lineage import Edge, EntityLineage
from om_ingest.model.records import Record
from om_ingest.run.overlay.changes import COPIED, HARD, PATCHED, SOFT, Changes
from om_ingest.run.overlay.copying import copied, on_top, without_ids
from om_ingest.run.overlay.graphs import edge_between, graph, has_edge
from om_ingest.run.overlay.target import Target
from om_ingest.store import EntityT, MetadataStore, Outcome, WriteResult, write_sealed
from om_ingest.workflow.presence import Presence

logger = logging.getLogger(__name__)

ItemT = TypeVar("ItemT")


class Overlay(MetadataStore):
    """A target that is only read, and over it a scratch store that takes what is written.

    The scratch store keeps what the run says. What a record refers to, and only the target has, is
    copied there when the record needs it. What is read is the target's entity, settled with what
    the scratch store has of it (`om_ingest.kinds.Policy`), under the id that the target gave it.
    What is deleted here is noted, and hides what lies below. It closes the scratch store.
    """

    def __init__(
        self, scratch: MetadataStore, target: MetadataStore, presence: Presence, *, override: bool
    ) -> None:
        """`presence` tells what the target has; `override` whether the run replaces what people
        have set.
        """
        self._scratch = scratch
        self._below = target
        self._changes = Changes()
        self._target = Target(target, presence, self._changes)
        self._override = override

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        """Write into the scratch store."""
        return write_sealed(records, self.write_parcels)

    def write_parcels(self, parcels: Sequence[Parcel]) -> list[WriteResult]:
        """As `write`; what the run writes for the first time is `CREATED`."""
        results = self._put(parcels)
        for place, (parcel, result) in enumerate(zip(parcels, results, strict=True)):
            identity = parcel.identity
            if identity is None or result.outcome is Outcome.FAILED or identity[0] not in KINDS:
                continue
            if self._changes.written(identity):
                results[place] = result._replace(outcome=Outcome.CREATED)
        return results

    def get_by_name(
        self, entity: type[EntityT], fqn: str, *, include_deleted: bool = False
    ) -> EntityT | None:
        """The entity with this FQN, or None."""
        mine = self._scratch.get_by_name(entity, fqn, include_deleted=True)
        if mine is not None:
            return _live(self._shown(mine), include_deleted=include_deleted)
        theirs = self._below.get_by_name(entity, fqn, include_deleted=include_deleted)
        return _live(self._left(theirs), include_deleted=include_deleted)

    def get_by_id(
        self, entity: type[EntityT], entity_id: object, *, include_deleted: bool = False
    ) -> EntityT | None:
        """The entity with this id, that of the target or that of the scratch store, or None."""
        mine, theirs = self._scratch.get_by_id(entity, entity_id, include_deleted=True), None
        if mine is None:
            theirs = self._below.get_by_id(entity, entity_id, include_deleted=True)
            if theirs is None:
                return None
            fqn = theirs.fullyQualifiedName
            mine = self._scratch.get_by_name(entity, fqn, include_deleted=True)
        found = self._left(theirs) if mine is None else self._shown(mine, theirs)
        return _live(found, include_deleted=include_deleted)

    def list_entities(
        self, entity: type[EntityT], *, scope: str | None = None, include_deleted: bool = False
    ) -> Iterator[EntityT]:
        """Entities of both, each once; ordered by FQN as far as the target's are."""
        listed = self._below.list_entities(entity, scope=scope, include_deleted=include_deleted)
        theirs = ((each.fullyQualifiedName, each) for each in listed)
        for mine, other in self._merged(entity, scope, theirs):
            found = self._left(other) if mine is None else self._shown(mine, other)
            found = _live(found, include_deleted=include_deleted)
            if found is not None:
                yield found

    def list_fqns(self, entity: type[Entity], *, scope: str | None = None) -> Iterator[str]:
        """FQNs of live entities of both."""
        entity_type = kind_of(entity).entity_type
        theirs = ((fqn, fqn) for fqn in self._below.list_fqns(entity, scope=scope))
        for mine, fqn in self._merged(entity, scope, theirs):
            if mine is not None:
                if not mine.deleted:
                    yield mine.fullyQualifiedName
            elif not self._changes.fate(identity_at(entity_type, fqn)):
                yield fqn

    def get_lineage(
        self, entity: type[Entity], fqn: str, *, upstream_depth: int = 1, downstream_depth: int = 1
    ) -> EntityLineage | None:
        """The graph of the edges of both, step by step; None when there is no such entity."""
        start = self.get_by_name(entity, fqn)
        if start is None:
            return None
        ways = (partial(self._edges, is_up=is_up) for is_up in (True, False))
        up, down = zip(ways, (upstream_depth, downstream_depth), strict=True)
        return graph(start.reference(), up, down)

    def delete(
        self, entity: type[Entity], fqn: str, *, recursive: bool = False, hard: bool = False
    ) -> bool:
        """Hide it, and what lies below it; as the method of any store."""
        kind, found = kind_of(entity), self.get_by_name(entity, fqn, include_deleted=True)
        if found is None or (found.deleted and not hard):
            return False
        fqn = found.fullyQualifiedName
        if not recursive and self._has_children(kind, fqn):
            what = f"{kind.entity_type} is not empty"
            raise RecordError(what, f"Delete what is below {fqn}, or recursively.")
        self._scratch.delete(entity, fqn, recursive=True, hard=hard)
        state = HARD if hard or not kind.soft_delete else SOFT
        self._changes.note("gone", identity_at(kind.entity_type, fqn), state)
        return True

    def delete_lineage(self, start: EntityReference, target: EntityReference) -> bool:
        """Hide the edge; as the method of any store."""
        was_there, mine = has_edge(self, start, target), self._scratch
        self._changes.note("gone", edge_between(start, target), HARD)
        return mine.delete_lineage(start, target) or was_there

    def restore(self, entity: type[EntityT], fqn: str) -> EntityT | None:
        """Show it again, with what was hidden with it."""
        found = self.get_by_name(entity, fqn, include_deleted=True)
        if found is None or not found.deleted:
            return found
        identity = identity_at(kind_of(entity).entity_type, fqn)
        self._changes.forget("gone", identity)
        self._scratch.restore(entity, fqn)
        if self.get_by_name(entity, fqn) is None:  # it is the target that has it as deleted
            self._copy(found)
        return self.get_by_name(entity, fqn)

    def patch(
        self, entity: type[EntityT], fqn: str, operations: Sequence[Mapping[str, Any]]
    ) -> EntityT | None:
        """Patch a copy of the entity as it is read; as the method of any store."""
        found = self.get_by_name(entity, fqn)
        if found is None:
            return None
        identity = identity_at(kind_of(entity).entity_type, fqn)
        if self._changes.state("held", identity) != PATCHED:
            _ = self._copy(found, is_whole=True) or self._copy(found)
        if self._scratch.patch(entity, fqn, operations) is None:
            return None
        self._changes.note("held", identity, PATCHED)
        return self.get_by_name(entity, fqn)

    def close(self) -> None:
        """Throw away what the run has said."""
        self._scratch.close()
        self._changes.close()

    def _put(self, parcels: Sequence[Parcel]) -> list[WriteResult]:
        """Write into the scratch store; what is missing there is copied from the target."""
        results = list(self._scratch.write_parcels(parcels))
        asked: set[Identity] = set()
        while True:
            lacking = [place for place, result in enumerate(results) if result.missing]
            missing = {each for place in lacking if (each := results[place].missing)} - asked
            asked |= missing
            if not [each for each in sorted(missing) if self._bring(each)]:
                return results
            again = [without_ids(parcels[place]) for place in lacking]
            tried = self._scratch.write_parcels(again)
            for place, result in zip(lacking, tried, strict=True):
                results[place] = result._replace(record=parcels[place].record)

    def _bring(self, identity: Identity) -> bool:
        """Copy an entity of the target; whether it has one, and the copy could be made."""
        kind = KINDS.get(identity[0])
        if kind is None or self._changes.fate(identity):
            return False
        try:
            found = self._below.get_by_name(kind.entity, identity[1])
        except RecordError:
            return False
        return found is not None and self._copy(found)

    def _copy(self, found: Entity, *, is_whole: bool = False) -> bool:
        """Write an entity as it is read into the scratch store; whether that was possible."""
        kind = kind_of(found)
        identity = identity_at(kind.entity_type, found.fullyQualifiedName)
        is_new = self._scratch.get_by_name(kind.entity, found.fullyQualifiedName) is None
        try:
            request = copied(kind, found, is_whole=is_whole)
            (result,) = self._put([Parcel.sealed(request)])
        except (RecordError, ValidationError) as error:
            logger.debug("%s %s cannot be copied: %s", *identity, error)
            return False
        if result.outcome is Outcome.FAILED:
            logger.debug("%s %s cannot be copied: %s", *identity, result.reason)
            return False
        if is_new:
            self._changes.note("held", identity, COPIED)
        return True

    def _shown(self, mine: EntityT, theirs: EntityT | None = None) -> EntityT | None:
        """An entity of the scratch store, settled with that of the target."""
        identity = identity_at(mine.entity_type, mine.fullyQualifiedName)
        state = self._changes.state("held", identity)
        if self._changes.fate(identity) == HARD:
            theirs = None
        elif theirs is None:
            theirs = self._target.find(type(mine), identity)
        if theirs is None:
            return self._target.with_ids(mine)
        if state == COPIED:
            return theirs.with_valid(deleted=mine.deleted)
        mine, replaces = self._target.with_ids(mine), state == PATCHED
        return on_top(theirs, mine, replaces=replaces, override=self._override)

    def _left(self, theirs: EntityT | None) -> EntityT | None:
        """An entity that only the target has, as deletions have left it."""
        if theirs is None:
            return None
        fate = self._changes.fate(identity_at(theirs.entity_type, theirs.fullyQualifiedName))
        if fate == HARD:
            return None
        return theirs.with_valid(deleted=True) if fate else theirs

    def _merged(
        self, entity: type[EntityT], scope: str | None, theirs: Iterable[tuple[str, ItemT]]
    ) -> Iterator[tuple[EntityT | None, Any]]:
        """What both list, in pairs of the same FQN where the other one is next, too."""
        listed = self._scratch.list_entities(entity, scope=scope, include_deleted=True)
        mine = next(listed, None)
        is_empty = mine is None
        for fqn, other in theirs:
            while mine is not None and mine.fullyQualifiedName < fqn:
                yield mine, None
                mine = next(listed, None)
            if mine is not None and mine.fullyQualifiedName == fqn:
                yield mine, other
                mine = next(listed, None)
            elif is_empty or self._scratch.get_by_name(entity, fqn, include_deleted=True) is None:
                yield None, other
        yield from ((each, None) for each in chain([mine] if mine else [], listed))

    def _edges(
        self, node: EntityReference, *, is_up: bool
    ) -> Iterator[tuple[Edge, EntityReference]]:
        """The edges at one entity, each with its other end; what the run said comes first."""
        entity, fqn = kind_of(node.type).entity, node.fullyQualifiedName or ""
        depths = {"upstream_depth": int(is_up), "downstream_depth": int(not is_up)}
        known: set[str] = set()
        for store in (self._scratch, self._below):
            found = store.get_lineage(entity, fqn, **depths) if fqn else None
            if found is None:
                continue
            ends = {str(each.id): each for each in (found.entity, *found.nodes)}
            if store is self._scratch:
                ends = {given: self._target.with_id(each) for given, each in ends.items()}
            for edge in found.upstreamEdges if is_up else found.downstreamEdges:
                other = ends.get(edge.fromEntity if is_up else edge.toEntity)
                if other is None or str(other.id) in known or self._is_gone(other):
                    continue
                hidden = edge_between(*((other, node) if is_up else (node, other)))
                if store is self._below and self._changes.state("gone", hidden):
                    continue
                known.add(str(other.id))
                start, target = (other, node) if is_up else (node, other)
                yield edge.with_valid(fromEntity=str(start.id), toEntity=str(target.id)), other

    def _is_gone(self, end: EntityReference) -> bool:
        fqn = end.fullyQualifiedName
        return bool(fqn and self._changes.fate(identity_at(end.type, fqn)))

    def _has_children(self, kind: EntityKind, fqn: str) -> bool:
        below = (each for each in KINDS.values() if kind.entity_type in each.parent_types)
        return any(next(self.list_fqns(each.entity, scope=fqn), None) for each in below)


def _live(found: EntityT | None, *, include_deleted: bool) -> EntityT | None:
    return found if found is not None and (include_deleted or not found.deleted) else None
