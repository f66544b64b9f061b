"""Batched writes in one transaction, with one result per record."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from om_ingest.errors import described
from om_ingest.kinds import CREATED_WITH, KINDS
from om_ingest.model import NAME_RULE, AttachmentRequest, is_legal
from om_ingest.store import Outcome

from om_ingest_catalog.attachments import putting
from om_ingest_catalog.rows import backlinks, search
from om_ingest_catalog.rows.body import Body, dump, make_canonical, parse
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.links import entity_id
from om_ingest_catalog.rows.reading import UNREADABLE, body_of
from om_ingest_catalog.rules.changes import FIRST_VERSION
from om_ingest_catalog.rules.labels import add_derived_tags, check_tags
from om_ingest_catalog.rules.merge import NEWEST, without_ignored
from om_ingest_catalog.rules.references import (
    ReferenceLookup,
    check_parent,
    check_unique,
    fqn_below,
    resolve_references,
)
from om_ingest_catalog.rules.request import Item, PreparedRequest, RefusedError, exists
from om_ingest_catalog.rules.runs import leave_out_inherited
from om_ingest_catalog.rules.validity import problem_of
from om_ingest_catalog.writing import lineage, relations
from om_ingest_catalog.writing.deletion import restore_descendants
from om_ingest_catalog.writing.fresh import ADMIN, lacking_part
from om_ingest_catalog.writing.next_state import is_always_compared, next_state
from om_ingest_catalog.writing.options import Actor, ItemResult, WriteOptions
from om_ingest_catalog.writing.revision import revise


class BatchWriter:
    """Writes batches to the file; all methods must be called inside `transaction`."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self.targets = ReferenceLookup(file, before_lookup=self._flush)
        self._new_rows: list[EntityRow] = []
        self._new_texts: list[search.SearchText] = []
        self._new_backlinks: list[backlinks.Backlink] = []
        self._put_hashes: dict[str, dict[str, bytes | None]] = {kind: {} for kind in KINDS}
        self._repeated: set[str] = set()
        self._next_rowid = 0
        self._now = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything that is applied inside, or nothing; other writers wait.

        Raises `DeliveryError` when the file fails.
        """
        try:
            with self._file.transaction():
                self._now = time.time_ns() // 1_000_000
                self.targets.refresh()
                yield
        except BaseException:
            self._clear_buffers()
            self.forget()
            raise

    @contextmanager
    def changing(self) -> Iterator[None]:
        """A transaction for changes other than batches, such as a delete."""
        with self.transaction():
            try:
                yield
            finally:
                self.forget()

    @property
    def now(self) -> int:
        """Start of the transaction, in ms since 1970."""
        return self._now

    def apply(self, items: Sequence[Item], options: WriteOptions) -> list[ItemResult]:
        """Create or update inside a transaction; one result per item, in order."""
        self._begin(items, options)
        settled = [self._result_of(item, options) for item in items]
        self._flush()
        return settled

    def forget(self) -> None:
        """Clear the cache of references, after a change that this writer did not make."""
        self.targets.forget_all()

    def _begin(self, items: Sequence[Item], options: WriteOptions) -> None:
        self._next_rowid = self._file.next_rowid()
        by_type: dict[str, list[str]] = {}
        for item in items:
            if isinstance(item, PreparedRequest) and item.fqn is not None:
                by_type.setdefault(item.entity_type, []).append(item.fqn)
        self._put_hashes = {
            entity_type: self._file.put_hashes(entity_type, by_type.get(entity_type, ()))
            for entity_type in KINDS
        }
        if options.trust_source_hash:
            counted = Counter(fqn for fqns in by_type.values() for fqn in fqns)
            self._repeated = {fqn for fqn, count in counted.items() if count > 1}

    def _result_of(self, item: Item, options: WriteOptions) -> ItemResult:
        if item is None:
            return ItemResult(Outcome.UNCHANGED)
        if isinstance(item, str):
            return ItemResult(Outcome.FAILED, refusal=RefusedError(item))
        try:
            if isinstance(item, PreparedRequest):
                fqn = item.fqn or fqn_below(item, self.targets)
                return ItemResult(self._put(item, fqn, options), fqn)
            if isinstance(item, AttachmentRequest):
                return ItemResult(putting.put_record(self._file, self.targets, item))
            actor = options.actor.name
            outcome = lineage.put(self._file, self.targets, item, actor, self._now, options=options)
            return ItemResult(outcome)
        except RefusedError as refusal:
            lacking = lacking_part(refusal, options.release or NEWEST, self.targets)
            if lacking and not self._result_of(lacking, options._replace(actor=ADMIN)).refusal:
                return self._result_of(item, options)
            return ItemResult(Outcome.FAILED, refusal=refusal)
        except UNREADABLE as error:  # the entity as it is stored, or another one that it needs
            reason = f"what the catalog holds of it or above it cannot be read: {described(error)}"
            return ItemResult(Outcome.FAILED, refusal=RefusedError(reason))

    def _put(self, request: PreparedRequest, fqn: str, options: WriteOptions) -> Outcome:
        known = self._put_hashes[request.entity_type]
        if request.fqn is None and fqn not in known:
            known.update(self._file.put_hashes(request.entity_type, [fqn]))
        key = (request.entity_type, fqn)
        if fqn in known and options.create_only:
            raise exists(*key)
        put_hash = options.put_hash(request.digest, known.get(fqn))
        if is_always_compared(request.entity_type, options):
            put_hash = None
        elif options.actor.is_bot and not options.override and known.get(fqn) == put_hash:
            return Outcome.UNCHANGED
        stored = self._stored(key) if fqn in known else None
        if stored is not None and self._is_same_source(request, stored, options):
            return Outcome.UNCHANGED
        try:
            body = parse(request.text)
        except ValueError as error:  # the parser limits nesting
            raise RefusedError(f"cannot be read back from JSON: {error}") from None
        exclusive = self._check(request, fqn, body, options, stored[1] if stored else {})
        if stored is None:
            outcome = self._create(key, body, put_hash, options.actor)
        else:
            try:
                outcome = self._update(stored, body, exclusive, put_hash, options)
            except UNREADABLE:  # what is stored is not what its kind needs: it is replaced
                body = parse(request.text)
                self._check(request, fqn, body, options, {})
                replaced = (stored[0], {"name": stored[0].name})
                outcome = self._update(replaced, body, exclusive, put_hash, options)
        known[fqn] = put_hash
        return outcome

    def _stored(self, key: tuple[str, str]) -> tuple[EntityRow, Body]:
        self._flush()  # the row may still be buffered
        row = self._file.by_fqn(*key)
        assert row is not None, "a row whose hash is known cannot vanish inside a transaction"
        return row, body_of(row)

    def _is_same_source(
        self, request: PreparedRequest, stored: tuple[EntityRow, Body], options: WriteOptions
    ) -> bool:
        row, old = stored
        return bool(
            options.trust_source_hash
            and not options.override
            and request.source_hash
            and request.source_hash == old.get("sourceHash")
            and not row.deleted
            and request.fqn not in self._repeated
        )

    def _check(
        self, request: PreparedRequest, fqn: str, body: Body, options: WriteOptions, stored: Body
    ) -> set[str]:
        """Convert the body to its stored form; the mutually exclusive classifications used."""
        if not is_legal(request.name):  # the model's validation was bypassed
            raise RefusedError(f"{request.name!r}: {NAME_RULE}")
        check_parent(request, body, self.targets, as_server=options.as_server)
        make_canonical(request.entity_type, body)
        if options.is_run:
            leave_out_inherited(body)
        if options.as_server:
            without_ignored(request.entity_type, body)
        before = stored if options.is_run else {}
        return self.check(request.entity_type, fqn, body, before, as_server=options.as_server)

    def check(
        self,
        entity_type: str,
        fqn: str,
        body: Body,
        before: Body | None = None,
        *,
        as_server: bool = True,
    ) -> set[str]:
        """Validate a body and resolve its references, in place; the exclusive classifications.

        What is referred to in `before` may be deleted, a tag also disabled. `as_server`, so may
        targets by id, and the tags of glossary terms are added. Raises `RefusedError` if the body
        is invalid.
        """
        members = KINDS[entity_type].members
        problem = problem_of(fqn, body, members, before)
        if problem is not None:
            raise RefusedError(problem)
        if not before:
            resolve_references(entity_type, body, self.targets, as_server=as_server)
        else:
            new = {name: value for name, value in body.items() if value != before.get(name)}
            resolve_references(entity_type, new, self.targets, before, as_server=as_server)
            body.update(new)
        if as_server:
            check_unique(entity_type, fqn, body, self.targets)
            add_derived_tags(members, body, self.targets, before)
        return check_tags(members, body, self.targets, before)

    def _create(
        self, key: tuple[str, str], body: Body, put_hash: bytes | None, actor: Actor
    ) -> Outcome:
        entity_type, fqn = key
        body = {**CREATED_WITH.get(entity_type, {}), **body}
        new_id = entity_id(entity_type, fqn)
        if relations.states_any(entity_type, body):
            self._flush()  # the others may still be buffered
            body = relations.update_others(self._file, entity_type, fqn, {}, body)
        row = EntityRow(
            rowid=self._next_rowid,
            id=new_id,
            entity_type=entity_type,
            fqn=fqn,
            name=body["name"],
            version=FIRST_VERSION,
            updated_at=self._now,
            updated_by=actor.name,
            impersonated_by=actor.impersonated_by,
            deleted=0,
            body=dump(body),
            change=None,
            put_hash=put_hash,
        )
        self._next_rowid += 1
        self._new_rows.append(row)
        self._new_texts.append(search.search_text(row.rowid, entity_type, body))
        self._new_backlinks += backlinks.backlinks_of(row.rowid, entity_type, body)
        return Outcome.CREATED

    def _update(
        self,
        stored: tuple[EntityRow, Body],
        body: Body,
        exclusive: set[str],
        put_hash: bytes | None,
        options: WriteOptions,
    ) -> Outcome:
        row, kept = stored
        old, new, changes, is_same = next_state(self._file, row, kept, body, exclusive, options)
        actor = options.actor
        if is_same:
            if put_hash != row.put_hash:
                self._file.update(row._replace(put_hash=put_hash))
            return Outcome.UNCHANGED
        hashed = row._replace(put_hash=put_hash)
        new = relations.update_others(self._file, row.entity_type, row.fqn, old, new)
        revise(self._file, hashed, (kept, new), changes, actor, self._now)
        self.targets.forget(row.entity_type, row.fqn)
        if row.deleted:
            restore_descendants(self._file, row, actor, self._now, every=options.as_server)
            self.forget()
        return Outcome.UPDATED

    def _flush(self) -> None:
        """Insert the buffered rows."""
        if self._new_rows:
            self._file.insert(self._new_rows)
            search.add(self._file, self._new_texts)
            backlinks.add(self._file, self._new_backlinks)
            self._clear_buffers()

    def _clear_buffers(self) -> None:
        self._new_rows.clear()
        self._new_texts.clear()
        self._new_backlinks.clear()
