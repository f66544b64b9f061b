"""Writing a batch of records: one transaction, one result per record."""

from __future__ import annotations

import time
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, TypeAlias

from pydantic_core import PydanticSerializationError

from om_ingest.catalog import lineage, search
from om_ingest.catalog.body import Body, dump, make_canonical, parse
from om_ingest.catalog.changes import FIRST_VERSION, changes_between
from om_ingest.catalog.deletion import restore_descendants
from om_ingest.catalog.file import CatalogFile, Row
from om_ingest.catalog.ids import entity_id
from om_ingest.catalog.preserve import merged
from om_ingest.catalog.references import Targets, check_tags, normalised, resolve_references
from om_ingest.catalog.rules import RefusedError, check_same_parent, problem_of
from om_ingest.model import fqn as names
from om_ingest.model.entity import CreateRequest, EntityReference
from om_ingest.model.kinds import KINDS, kind_of, own_name, place_of
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.naming import NAME_RULE, is_legal
from om_ingest.model.records import Record, ScopeComplete
from om_ingest.sink import Outcome, WriteResult

_DIGEST_BYTES = 16


class Request(NamedTuple):
    """A create request, ready to be compared with what is stored."""

    entity_type: str
    name: str
    parent: str | EntityReference | None
    """The parent's FQN in its one spelling; a reference if only the id is known."""

    fqn: str | None
    """None while the parent is only known by id."""

    text: str
    """The request as JSON."""

    digest: bytes
    """Hash of the text."""


Item: TypeAlias = Request | AddLineageRequest | str | None
"""A record ready for writing; a reason why it cannot be; None if it writes nothing."""


class BatchWriter:
    """Applies batches of records to the file as one actor."""

    def __init__(self, file: CatalogFile, actor: str, *, is_bot: bool) -> None:
        self._file = file
        self._actor = actor
        self._is_bot = is_bot
        self._targets = Targets(file, before_lookup=self._flush)
        self._new_rows: list[Row] = []
        self._new_texts: list[search.SearchText] = []
        self._put_hashes: dict[str, dict[str, bytes | None]] = {kind: {} for kind in KINDS}
        self._next_rowid = 0
        self._now = 0

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        """Create or update; raises `DeliveryError` with nothing of the batch stored."""
        items = [_prepared(record) for record in records]  # before other writers must wait
        try:
            with self._file.transaction():
                self._begin(items)
                results = [self._settled(*pair) for pair in zip(records, items, strict=True)]
                self._flush()
        except BaseException:
            self._new_rows.clear()
            self._new_texts.clear()
            self.forget()
            raise
        return results

    def forget(self) -> None:
        """Look everything up afresh; called after a change that was made elsewhere."""
        self._targets.forget_all()

    def _begin(self, items: Sequence[Item]) -> None:
        self._targets.refresh()
        self._next_rowid = self._file.next_rowid()
        self._now = time.time_ns() // 1_000_000
        by_type: dict[str, list[str]] = {}
        for item in items:
            if isinstance(item, Request) and item.fqn is not None:
                by_type.setdefault(item.entity_type, []).append(item.fqn)
        self._put_hashes = {
            entity_type: self._file.put_hashes(entity_type, by_type.get(entity_type, ()))
            for entity_type in KINDS
        }

    def _settled(self, record: Record, item: Item) -> WriteResult:
        if item is None:
            return WriteResult(record, Outcome.UNCHANGED)
        if isinstance(item, str):
            return WriteResult(record, Outcome.FAILED, item)
        try:
            if isinstance(item, Request):
                return WriteResult(record, self._put(item))
            outcome = lineage.put(self._file, self._targets, item, self._actor, self._now)
            return WriteResult(record, outcome)
        except RefusedError as refusal:
            return WriteResult(record, Outcome.FAILED, str(refusal))

    def _put(self, request: Request) -> Outcome:
        fqn, known = request.fqn, self._put_hashes[request.entity_type]
        if fqn is None:
            fqn = self._fqn_below(request)
            if fqn not in known:
                known.update(self._file.put_hashes(request.entity_type, [fqn]))
        if self._is_bot and known.get(fqn) == request.digest:
            return Outcome.UNCHANGED
        try:
            body = parse(request.text)
        except ValueError as error:  # the parser's limit on nesting
            raise RefusedError(f"cannot be read back from JSON: {error}") from None
        exclusive = self._check(request, fqn, body)
        key = (request.entity_type, fqn)
        put_hash = request.digest if self._is_bot else None
        if fqn in known:
            self._flush()
            outcome = self._update(key, body, exclusive, put_hash)
        else:
            outcome = self._create(key, body, put_hash)
        known[fqn] = put_hash
        return outcome

    def _fqn_below(self, request: Request) -> str:
        assert isinstance(request.parent, EntityReference)
        parent = self._targets.find_reference(request.parent.model_dump())
        kind = KINDS[request.entity_type]
        if parent is None or parent.entity_type not in kind.parent_types:
            raise RefusedError(
                _no_parent(request.parent.type, request.parent.id, request.entity_type)
            )
        return kind.fqn_below(parent.fqn, request.name)

    def _check(self, request: Request, fqn: str, body: Body) -> set[str]:
        """Bring the body into its stored form; the classifications that exclude tags."""
        if not is_legal(request.name):  # the model was circumvented
            raise RefusedError(f"{request.name!r}: {NAME_RULE}")
        if isinstance(request.parent, str):
            parent_type = self._parent_type(request, body)
            parent = self._targets.find(parent_type, request.parent)
            if parent is None or parent.deleted:
                raise RefusedError(_no_parent(parent_type, request.parent, request.entity_type))
        make_canonical(request.entity_type, body)
        members = KINDS[request.entity_type].members
        problem = problem_of(fqn, body, members) or resolve_references(
            request.entity_type, body, self._targets
        )
        if problem is not None:
            raise RefusedError(problem)
        problem, exclusive = check_tags(members, body, self._targets)
        if problem is not None:
            raise RefusedError(problem)
        return exclusive

    def _parent_type(self, request: Request, body: Body) -> str:
        kind = KINDS[request.entity_type]
        if not kind.parent_choice:
            return str(kind.type_above(str(request.parent)))
        parent_type = str(body[str(kind.parent_field)]["type"])
        if parent_type not in kind.parent_types:
            raise RefusedError(f"a {kind.entity_type} cannot lie in a {parent_type}")
        return parent_type

    def _create(self, key: tuple[str, str], body: Body, put_hash: bytes | None) -> Outcome:
        entity_type, fqn = key
        row = Row(
            rowid=self._next_rowid,
            id=entity_id(entity_type, fqn),
            entity_type=entity_type,
            fqn=fqn,
            name=body["name"],
            version=FIRST_VERSION,
            updated_at=self._now,
            updated_by=self._actor,
            deleted=0,
            body=dump(body),
            change=None,
            put_hash=put_hash,
        )
        self._next_rowid += 1
        self._new_rows.append(row)
        self._new_texts.append(search.search_text(row.rowid, entity_type, body))
        return Outcome.CREATED

    def _update(
        self, key: tuple[str, str], body: Body, exclusive: set[str], put_hash: bytes | None
    ) -> Outcome:
        row = self._file.by_fqn(*key)
        assert row is not None, "a row that was there cannot vanish inside a transaction"
        old = parse(row.body)
        check_same_parent(row, old, body)
        members = KINDS[row.entity_type].members
        new = merged(old, body, members, is_bot=self._is_bot, exclusive=exclusive)
        if not self._is_bot and new.get("dataProducts") and not new.get("domains"):
            raise RefusedError("dataProducts are given but no domain; give the domain too")
        changes = changes_between(old, new, members)
        changes.record("deleted", bool(row.deleted), False)
        if not changes and new == old:
            if put_hash != row.put_hash:
                self._file.update(row._replace(put_hash=put_hash))
            return Outcome.UNCHANGED
        changed = row._replace(body=dump(new), put_hash=put_hash)
        if changes:
            self._file.keep_version(row)
            changed = changed._replace(
                version=changes.next_version(row.version),
                updated_at=self._now,
                updated_by=self._actor,
                deleted=0,
                change=changes.description(row.version),
            )
        self._file.update(changed)
        search.replace(self._file, search.search_text(row.rowid, row.entity_type, new))
        if row.deleted:
            restore_descendants(self._file, row, self._actor, self._now)
            self.forget()
        self._targets.forget(*key)
        return Outcome.UPDATED

    def _flush(self) -> None:
        """Store the new rows that were held back to go in together."""
        if self._new_rows:
            self._file.insert(self._new_rows)
            search.add(self._file, self._new_texts)
            self._new_rows.clear()
            self._new_texts.clear()


def _prepared(record: Any) -> Item:
    """The record ready for writing; the reason if it cannot be; None if it writes nothing."""
    kind = KINDS.get(getattr(record, "entity_type", ""))
    if kind is None or type(record) is not kind.request:  # isinstance is slow on these classes
        if isinstance(record, ScopeComplete):
            return None
        if not isinstance(record, CreateRequest):
            is_edge = isinstance(record, AddLineageRequest)
            return record if is_edge else f"not a record: {type(record).__name__}"
        kind = kind_of(record)
    try:
        text = record.model_dump_json(exclude_none=True)
    except PydanticSerializationError as error:
        return f"cannot be written as JSON: {error}"
    name, (field, given) = own_name(record), place_of(record)
    fqn: str | None = None
    if field is None:
        fqn = names.quote(name)
    else:
        where = given.fullyQualifiedName if isinstance(given, EntityReference) else given
        if where:
            given = normalised(where)
            if given is None:
                return f"{field}: {where!r} is not a fully qualified name"
            fqn = kind.fqn_below(given, name)
        elif not isinstance(given, EntityReference) or given.id is None:
            return f"{field} is missing: give the FQN of the parent"
    digest = blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest()
    return Request(record.entity_type, name, given, fqn, text, digest)


def _no_parent(parent_type: str, parent: object, child_type: str) -> str:
    return f"the {parent_type} {parent} does not exist; yield it before its {child_type}s"
