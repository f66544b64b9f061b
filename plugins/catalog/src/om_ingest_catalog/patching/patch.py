"""Patch of one entity: RFC 6902 on its document, then the rules of a PUT (contract §6.4)."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from functools import cache
from typing import Any

from om_ingest.config import fields_of
from om_ingest.errors import PreconditionError, RecordError
from om_ingest.kinds import KINDS
from om_ingest.model import OVER_REST, EntityReference, TagLabel, TermRelation
from om_ingest.store import Outcome

from om_ingest_catalog.documents.compose import StoredEntity, compose
from om_ingest_catalog.documents.etags import matches
from om_ingest_catalog.documents.targets import show_targets
from om_ingest_catalog.patching import json_patch
from om_ingest_catalog.patching.stored_form import kept_fields, stored_form
from om_ingest_catalog.rows.body import Body, parse
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.inheritance import Inheritance
from om_ingest_catalog.rules.changes import changes_between
from om_ingest_catalog.rules.merge import AFTER_RECORDED, NEWEST, Release, keep_secrets
from om_ingest_catalog.rules.request import RefusedError, validated
from om_ingest_catalog.rules.validity import check_products
from om_ingest_catalog.writing import relations
from om_ingest_catalog.writing.batch import BatchWriter
from om_ingest_catalog.writing.fresh import ADMIN, lacking_part
from om_ingest_catalog.writing.options import Actor, WriteOptions, kept_hash
from om_ingest_catalog.writing.revision import revise

_DISPLAY = frozenset({"name", "displayName", "description", "style"})
"""Fields of a label that show its tag, and are not stored."""

SESSION_MS = 10 * 60 * 1000
"""Patches of one user at most this far apart make one version (§6.2)."""


def patch(
    file: CatalogFile,
    writer: BatchWriter,
    row: EntityRow,
    operations: Any,
    actor: Actor,
    if_match: str | None,
    release: Release = NEWEST,
) -> StoredEntity:
    """Apply operations to a live row inside a transaction, under the rules of a server release.

    Raises `PreconditionError` if `if_match` does not match the row, another `RecordError` if
    the operations or their result are invalid.
    """
    if if_match is not None and not matches(if_match, row):
        raise PreconditionError(
            f"The entity has been modified: {row.entity_type} {row.fqn} is at {row.version}",
            "Read it again, and create the patch for its current state.",
        )
    kept, kind = parse(row.body), KINDS[row.entity_type]
    old = relations.with_mirrored(file, row, kept)
    new = _patched(file, row, old, operations, adds=release >= AFTER_RECORDED)
    keep_secrets(new, old)
    try:
        _check(writer, row, new, old, release)
        inherited = Inheritance(file).values(row, new, {"domains"}) if "domains" not in new else {}
        check_products({**inherited, **new}, is_bot=actor.is_bot)
    except RefusedError as refusal:
        raise refusal.error from None
    changes = changes_between(old, new, kind.members, fqn=row.fqn)
    if not changes and new == old:
        change = "entityNoChange" if release >= AFTER_RECORDED else "entityUpdated"
        return StoredEntity(compose(file, row), Outcome.UNCHANGED, change)
    new = relations.update_others(file, row.entity_type, row.fqn, old, new)
    since = _session_start(file, row, actor, writer.now) if if_match is None else None
    total = changes
    if since is not None:
        total = changes_between(parse(since.body), new, kind.members, fqn=row.fqn)
    if not (changes and total):  # the session would end where it began: make a new version
        since, total = None, changes
    hashed = row._replace(put_hash=kept_hash(row.put_hash))
    revise(file, hashed, (kept, new), total, actor, writer.now, since)
    writer.targets.forget(row.entity_type, row.fqn)
    document = compose(file, file.reload(row))
    if changes and release >= AFTER_RECORDED:
        # the answer shows this patch alone, although the version may contain more
        document.entity["changeDescription"] = parse(changes.description(row.version))
    return StoredEntity(document, Outcome.UPDATED, "entityUpdated")


def _check(writer: BatchWriter, row: EntityRow, new: Body, old: Body, release: Release) -> None:
    """Check the new body; what it lacks of a fresh server of the release is added, as for a PUT."""
    try:
        writer.check(row.entity_type, row.fqn, new, old)
    except RefusedError as refusal:
        lacking = lacking_part(refusal, release, writer.targets)
        if lacking is None or writer.apply([lacking], WriteOptions(ADMIN))[0].refusal:
            raise
        _check(writer, row, new, old, release)


def _patched(file: CatalogFile, row: EntityRow, old: Body, operations: Any, *, adds: bool) -> Body:
    """The body after the patch; fields that a patch cannot change keep their values.

    A `replace` of a field that is not there `adds` it, or else cannot be applied.
    """
    original = compose(file, row).entity
    own = {_id_of(label): _DISPLAY & label.keys() for label in _labels_in(original)}
    show_targets(file, [original], lambda entity_type, target: "")  # what a client has read
    empty: Body = {name: [] for name in _lists(row.entity_type) if name not in original}
    applied = _adding(original, operations) if adds else operations
    target = json_patch.apply({**original, **empty}, applied)
    for document in (original, target):
        for label in _labels_in(document):
            for name in _DISPLAY - own.get(_id_of(label), set()):
                label.pop(name, None)
    if not isinstance(target, dict):
        raise RecordError("The patch leaves no object", "Patch the fields of the entity.")
    asked_deleted = target.get("deleted") is True and not row.deleted
    for name in kept_fields(row.entity_type):
        target.pop(name, None)
        if name in original:
            target[name] = original[name]
    shown = _without_inherited(file, row, old, original, operations)
    before = _validated(row.entity_type, {**shown, **empty})
    whole = {**original, **empty}
    if asked_deleted and all(whole.get(name) == value for name, value in target.items()):
        raise RecordError(
            f"{row.entity_type} attribute deleted can't be modified", "Use DELETE instead."
        )
    after = _validated(row.entity_type, target)
    return stored_form(file, row.entity_type, after, before, old)


def _labels_in(value: Any) -> Iterator[Body]:
    """The tag labels in a document, at any depth."""
    if isinstance(value, dict):
        if isinstance(value.get("tagFQN"), str):
            yield value
        value = value.values()
    elif not isinstance(value, list):
        return
    for inner in value:
        yield from _labels_in(inner)


def _id_of(label: Body) -> tuple[str, Any]:
    """What tells a label from another one."""
    return label["tagFQN"], str(label.get("source"))


def _adding(original: Body, operations: Any) -> Any:
    """The operations, in which those that replace a field that is not there add it."""
    if not isinstance(operations, list):
        return operations
    return [
        {**one, "op": "add"}
        if isinstance(one, dict)
        and one.get("op") == "replace"
        and str(one.get("path")).count("/") == 1
        and str(one["path"])[1:] not in original
        else one
        for one in operations
    ]


def _without_inherited(
    file: CatalogFile, row: EntityRow, old: Body, original: Body, operations: Any
) -> Body:
    """A document without the inherited values that the operations set: these become its own.

    References are marked as inherited; a retention period is not.
    """
    said = {
        str(one.get("path")).split("/")[1:2] == ["retentionPeriod"]
        for one in operations
        if isinstance(one, dict)
    }
    if True not in said or not Inheritance(file).values(row, old, {"retentionPeriod"}):
        return original
    return {name: value for name, value in original.items() if name != "retentionPeriod"}


def _validated(entity_type: str, document: Body) -> Body:
    """The document with the defaults of its model; raises `RecordError` if it is invalid."""
    entity = validated(KINDS[entity_type].entity, document, entity_type, context=OVER_REST)
    return entity.model_dump(mode="json", exclude_none=True)


@cache
def _lists(entity_type: str) -> frozenset[str]:
    """Lists of references and tags, which a patch finds empty if they are missing (§6.4)."""
    return frozenset(
        name
        for name, field in fields_of(KINDS[entity_type].entity).items()
        if any(
            choice in (list[EntityReference], list[TagLabel], list[TermRelation])
            for choice in typing.get_args(field.annotation)
        )
    )


def _session_start(file: CatalogFile, row: EntityRow, actor: Actor, now: int) -> EntityRow | None:
    """The version before the user's current session; None if the patch starts a new one."""
    who = (row.updated_by, row.impersonated_by)
    if who != (actor.name, actor.impersonated_by) or now - row.updated_at > SESSION_MS:
        return None
    before = file.previous(row)
    return None if before is None or before.deleted else before
