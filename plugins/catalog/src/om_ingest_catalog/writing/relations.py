"""Relations with two sides, each of which may state them (contract §3.1).

A *mirrored* relation is stored on one side, e.g. the teams of a user, and shown on the other. A
*symmetric* one is stored on both, e.g. related terms. As on a server, only the side that a
request writes gets a new version.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from om_ingest.kinds import KINDS

from om_ingest_catalog.rows import backlinks
from om_ingest_catalog.rows.body import Body, dump, parse
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.links import MIRRORED, entity_id
from om_ingest_catalog.writing.options import kept_hash

_SYMMETRIC = {"glossaryTerm": "relatedTerms", "metric": "relatedMetrics"}


@cache
def mirrored_fields(entity_type: str) -> frozenset[str]:
    """The fields of a kind that show what other entities store."""
    return frozenset(MIRRORED.get(entity_type, ()))


@cache
def related_fields(entity_type: str) -> frozenset[str]:
    """The fields of a kind that change other entities when they change."""
    symmetric = {_SYMMETRIC[entity_type]} if entity_type in _SYMMETRIC else set()
    return mirrored_fields(entity_type) | symmetric


def states_any(entity_type: str, body: Body) -> bool:
    """Whether a body states a relation that others store, too."""
    return not body.keys().isdisjoint(related_fields(entity_type))


def with_mirrored(file: CatalogFile, row: EntityRow, body: Body, given: Body | None = None) -> Body:
    """The body with what other live entities state about it, in the order of `given`.

    A kind without mirrored relations keeps its body.
    """
    result = body
    for field, (other_type, other_field) in MIRRORED.get(row.entity_type, {}).items():
        me = _name(row.entity_type, row, other_type, other_field)
        others = [
            _name(other_type, other, row.entity_type, field)
            for other in backlinks.referrers(file, row, other_type)
            if not other.deleted and me in parse(other.body).get(other_field, ())
        ]
        if others:
            order = {name: place for place, name in enumerate((given or {}).get(field) or ())}
            every = dict.fromkeys((*(body.get(field) or ()), *others))
            result = {
                **result,
                field: sorted(every, key=lambda name: order.get(name, len(order))),
            }
    return result


def update_others(file: CatalogFile, entity_type: str, fqn: str, before: Body, after: Body) -> Body:
    """Update the other sides of the relations of a body that changes; the body to store.

    `before` and `after` have their mirrored relations. A body keeps a mirrored relation only to
    entities that are not in the catalog.
    """
    row_id, stored = entity_id(entity_type, fqn), after
    for field, (other_type, other_field) in MIRRORED.get(entity_type, {}).items():
        if field not in before and field not in after:
            continue
        me = row_id if other_field in KINDS[other_type].id_links else fqn
        was, now = before.get(field) or (), after.get(field) or ()
        found = _others(file, entity_type, field, other_type, (*now, *was))
        for name, other in found.items():
            _set(file, other, other_field, me, is_in=name in now)
        strangers = [name for name in now if name not in found]
        stored = {name: value for name, value in stored.items() if name != field}
        if strangers:
            stored[field] = strangers
    symmetric = _SYMMETRIC.get(entity_type, "")
    was, now = before.get(symmetric) or (), after.get(symmetric) or ()
    if was or now:
        others = _others(file, entity_type, symmetric, entity_type, (*now, *was))
        for name, other in others.items():
            if name != fqn and (name in now) is not (name in was):
                _set(file, other, symmetric, fqn, is_in=name in now)
    return stored


def _name(entity_type: str, row: EntityRow, other_type: str, other_field: str) -> str:
    """How a field of another kind names an entity: by id or by FQN."""
    return row.id if other_field in KINDS[other_type].id_links else row.fqn


def _others(
    file: CatalogFile, entity_type: str, field: str, other_type: str, names: Iterable[str]
) -> dict[str, EntityRow]:
    """The entities that a field names, as far as they are in the catalog."""
    by_id = field in KINDS[entity_type].id_links
    found = {
        name: file.by_id(name) if by_id else file.by_fqn(other_type, name)
        for name in dict.fromkeys(names)
    }
    return {
        name: row
        for name, row in found.items()
        if row is not None and row.entity_type == other_type
    }


def _set(file: CatalogFile, row: EntityRow, field: str, name: str, *, is_in: bool) -> None:
    """State a relation on another entity, or take it away; its version stays."""
    old = parse(row.body)
    known = old.get(field) or []
    if (name in known) is is_in:
        return
    new = {**old, field: [*known, name] if is_in else [it for it in known if it != name]}
    if not new[field]:
        del new[field]
    file.update(row._replace(body=dump(new), put_hash=kept_hash(row.put_hash)))
    backlinks.replace(file, row, old, new)
