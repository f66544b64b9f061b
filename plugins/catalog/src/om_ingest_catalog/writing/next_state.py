"""What an entity becomes when a request meets its stored state."""

from __future__ import annotations

from typing import NamedTuple

from om_ingest.kinds import KINDS

from om_ingest_catalog.rows.body import Body
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.inheritance import Inheritance, inherited_fields
from om_ingest_catalog.rules import merge
from om_ingest_catalog.rules.changes import UNVERSIONED, Changes, changes_between
from om_ingest_catalog.rules.labels import check_exclusive
from om_ingest_catalog.rules.merge import NEWEST, Release
from om_ingest_catalog.rules.runs import written_by_run
from om_ingest_catalog.rules.validity import check_products, check_same_parent
from om_ingest_catalog.writing import relations
from om_ingest_catalog.writing.fresh import without_built_in
from om_ingest_catalog.writing.options import WriteOptions

_RETENTION = "retentionPeriod"


class NextState(NamedTuple):
    """The next state of an entity; relations that others state are in both bodies."""

    old: Body
    new: Body
    changes: Changes
    """The differences that make a version."""

    is_same: bool
    """Whether nothing is to be stored."""


def is_always_compared(entity_type: str, options: WriteOptions) -> bool:
    """Whether a PUT that equals the last one may change an entity: others change it, too."""
    return not options.is_run and (
        bool(relations.related_fields(entity_type)) or _takes_inherited(entity_type, options)
    )


def next_state(
    file: CatalogFile,
    row: EntityRow,
    stored: Body,
    said: Body,
    exclusive: set[str],
    options: WriteOptions,
) -> NextState:
    """The state of a row after a request; `exclusive` are mutually exclusive classifications.

    Raises `RefusedError` if the entity cannot become what the request says.
    """
    old, kind = relations.with_mirrored(file, row, stored, said), KINDS[row.entity_type]
    check_same_parent(row, old, said)
    is_bot, override = options.actor.is_bot, options.override
    if options.is_run:
        before = without_built_in(row, old, said)
        new = written_by_run(kind, before, said, exclusive, override=override)
        check_products(new, is_bot=is_bot)
        changes = changes_between(old, new, kind.members, fqn=row.fqn)
        changes.record("deleted", bool(row.deleted), False)
        return NextState(old, new, changes, not changes and new == old)
    release = options.release or NEWEST
    merge.check_kept_connection(kind, old, said, release)
    new = merge.merged(kind, old, said, release, is_bot=is_bot, override=override)
    check_products(new, is_bot=is_bot)
    check_exclusive(kind.members, new, exclusive)
    recorded = old
    if _takes_inherited(row.entity_type, options):
        recorded = {**Inheritance(file).values(row, old, {_RETENTION}), **old}
    versioned = merge.versioned_fields(release)
    changes = changes_between(recorded, new, kind.members, versioned, fqn=row.fqn)
    changes.record("deleted", bool(row.deleted), False)
    if not changes and all(new.get(name) == old.get(name) for name in UNVERSIONED):
        return NextState(old, old, changes, is_same=True)
    return NextState(old, merge.to_store(kind, said, new), changes, is_same=False)


def _takes_inherited(entity_type: str, options: WriteOptions) -> bool:
    """Whether each PUT takes away an inherited value that is shown again at once (1.6)."""
    release: Release = options.release or NEWEST
    return release < merge.AFTER_RECORDED and _RETENTION in inherited_fields(entity_type)
