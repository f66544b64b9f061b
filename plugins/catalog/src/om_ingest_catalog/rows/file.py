"""The statements on the table of entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from om_ingest.model.fqn import quote
from om_ingest.versioned_file import LOOKUP_COUNT, OpenFile


class EntityRow(NamedTuple):
    """One entity as it is stored."""

    rowid: int
    id: str
    entity_type: str
    fqn: str
    name: str
    version: float
    updated_at: int
    updated_by: str
    deleted: int
    """0, or the rowid of the entity whose deletion took this one along."""

    put_hash: bytes | None
    """Digest of the bot's request that left the row as it is."""

    body: str
    """JSON of the create request, without its parent, after every rule was applied."""

    change: str | None
    """JSON of the change description; None for the first version."""

    impersonated_by: str | None = None
    """The bot that wrote it in the name of `updated_by`."""


_COLUMNS = ", ".join(EntityRow._fields)
_SELECT = f"SELECT {_COLUMNS} FROM entity"
_INSERT = f"INSERT INTO entity ({_COLUMNS}) VALUES ({', '.join('?' * len(EntityRow._fields))})"
_UPDATE = (
    "UPDATE entity SET version = ?, updated_at = ?, updated_by = ?, put_hash = ?, body = ?,"
    " change = ?, impersonated_by = ? WHERE rowid = ?"
)
_MARK = "UPDATE entity SET deleted = ? WHERE rowid = ?"
_COUNT_IN = (
    "INSERT INTO tally (entity_type, parent, live, gone) VALUES (?, ?, ?, 0)"
    " ON CONFLICT (entity_type, parent) DO UPDATE SET live = live + excluded.live"
)
_STATE = ("version", "updated_at", "updated_by", "deleted", "body", "change", "impersonated_by")
_HISTORY = f"SELECT {', '.join(_STATE)} FROM history WHERE entity = ?"
_KEEP = f"INSERT INTO history (entity, {', '.join(_STATE)}) VALUES (?{', ?' * len(_STATE)})"


class CatalogFile(OpenFile):
    """An open catalog file, usable from several threads, one at a time."""

    def by_fqn(self, entity_type: str, fqn: str) -> EntityRow | None:
        """The row of one entity, deleted or not."""
        return self._one("entity_type = ? AND fqn = ?", entity_type, fqn)

    def by_id(self, entity_id: str) -> EntityRow | None:
        """The row with this id, deleted or not."""
        return self._one("id = ?", entity_id)

    def by_rowid(self, rowid: int) -> EntityRow | None:
        """The row at this place, deleted or not."""
        return self._one("rowid = ?", rowid)

    def again(self, row: EntityRow) -> EntityRow:
        """What a row has become in the transaction that found it."""
        stored = self.by_rowid(row.rowid)
        assert stored is not None, "a row that was there cannot vanish inside a transaction"
        return stored

    def _one(self, condition: str, *parameters: object) -> EntityRow | None:
        rows = self.query(f"{_SELECT} WHERE {condition}", parameters)
        return EntityRow._make(rows[0]) if rows else None

    def put_hashes(self, entity_type: str, fqns: Sequence[str]) -> dict[str, bytes | None]:
        """Which of these FQNs exist, each with the hash of the request that made it so."""
        found: dict[str, bytes | None] = {}
        for start in range(0, len(fqns), LOOKUP_COUNT):
            part = fqns[start : start + LOOKUP_COUNT]
            found.update(
                self.query(
                    "SELECT fqn, put_hash FROM entity WHERE entity_type = ?"
                    f" AND fqn IN ({', '.join('?' * len(part))})",
                    (entity_type, *part),
                )
            )
        return found

    def page(
        self,
        entity_type: str,
        scope: str | None,
        after: str | None,
        count: int,
        condition: str,
        parameters: Sequence[Any] = (),
        *,
        before: str | None = None,
        offset: int = 0,
    ) -> list[EntityRow]:
        """The next `count` rows of a kind in FQN order, below `scope`, after FQN `after`.

        With `before`, the `count` rows that precede that FQN, in the same order. `condition`
        is a constant piece of SQL on the row, e.g. `deleted = 0`, with its `parameters`.
        The first `offset` rows are passed over, which takes time, but no memory.
        """
        where, values = _range(entity_type, scope, after, before)
        order = "fqn" if before is None else "fqn DESC"
        sql = f"{_SELECT} WHERE {where} AND {condition} ORDER BY {order}"
        sql = f"{sql} LIMIT {count:d} OFFSET {offset:d}"
        rows = [EntityRow._make(row) for row in self.query(sql, (*values, *parameters))]
        return rows if before is None else rows[::-1]

    def fqns(self, entity_type: str, scope: str, after: str | None, count: int) -> list[str]:
        """The FQNs of the next `count` live rows of a kind, as `page` would give them."""
        where, values = _range(entity_type, scope, after, None)
        sql = f"SELECT fqn FROM entity WHERE {where} AND deleted = 0 ORDER BY fqn LIMIT {count:d}"
        return [fqn for (fqn,) in self.query(sql, values)]

    def tally(self, entity_type: str, scope: str | None) -> tuple[int, int]:
        """How many entities of a kind there are below a scope: live ones, and deleted ones."""
        where, values = "entity_type = ?", [entity_type]
        if scope is not None:
            where += " AND (parent = ? OR (parent > ? AND parent < ?))"
            values += [scope, f"{scope}.", f"{scope}/"]
        sql = f"SELECT coalesce(sum(live), 0), coalesce(sum(gone), 0) FROM tally WHERE {where}"
        live, gone = self.query(sql, values)[0]
        return live, gone

    def children_count(self, entity_type: str, parent: str) -> int:
        """How many live entities of a kind lie directly below an FQN."""
        sql = "SELECT live FROM tally WHERE entity_type = ? AND parent = ?"
        return sum(live for (live,) in self.query(sql, (entity_type, parent)))

    def count(
        self, entity_type: str, scope: str | None, condition: str, parameters: Sequence[Any] = ()
    ) -> int:
        """How many rows there are on all pages; reads them all."""
        where, values = _range(entity_type, scope, None, None)
        sql = f"SELECT count(*) FROM entity WHERE {where} AND {condition}"
        return int(self.query(sql, (*values, *parameters))[0][0])

    def next_rowid(self) -> int:
        """The first free place; stays free until the transaction ends."""
        return int(self.query("SELECT coalesce(max(rowid), 0) + 1 FROM entity")[0][0])

    def insert(self, rows: Sequence[EntityRow]) -> None:
        """Store new entities, which are live."""
        self.execute_many(_INSERT, rows)
        born = Counter((row.entity_type, row.fqn[: -len(quote(row.name)) - 1]) for row in rows)
        self.execute_many(_COUNT_IN, ((*key, count) for key, count in born.items()))

    def update(self, row: EntityRow) -> None:
        """Store the row in place of the one with its rowid, which is as deleted as it is."""
        state = (row.version, row.updated_at, row.updated_by, row.put_hash, row.body)
        self.execute(_UPDATE, (*state, row.change, row.impersonated_by, row.rowid))

    def mark(self, row: EntityRow) -> None:
        """Store the row in place of the one with its rowid, and whether it is deleted."""
        # Apart: a statement that may fire the trigger of the tally takes a quarter longer.
        self.update(row)
        self.execute(_MARK, (row.deleted, row.rowid))

    def keep_version(self, row: EntityRow) -> None:
        """Put the row's state into the history, before it is updated."""
        self.execute(_KEEP, (row.rowid, *(getattr(row, name) for name in _STATE)))

    def versions(self, row: EntityRow) -> Iterator[EntityRow]:
        """The row as it is, then as it was before each change, newest first."""
        yield row
        for state in self.query(f"{_HISTORY} ORDER BY version DESC", (row.rowid,)):
            yield _as_it_was(row, state)

    def version(self, row: EntityRow, version: float) -> EntityRow | None:
        """The row as it was in one version; None if there was no such version."""
        if row.version == version:
            return row
        states = self.query(f"{_HISTORY} AND version = ?", (row.rowid, version))
        return _as_it_was(row, states[0]) if states else None

    def previous(self, row: EntityRow) -> EntityRow | None:
        """The row as it was in the version before; None if this is the first one."""
        states = self.query(f"{_HISTORY} ORDER BY version DESC LIMIT 1", (row.rowid,))
        return _as_it_was(row, states[0]) if states else None


def _as_it_was(row: EntityRow, state: Sequence[Any]) -> EntityRow:
    return row._replace(put_hash=None, **dict(zip(_STATE, state, strict=True)))


def _range(
    entity_type: str, scope: str | None, after: str | None, before: str | None
) -> tuple[str, list[str]]:
    """The part of the index by kind and FQN that lies below a scope and between two FQNs."""
    where, values = "entity_type = ?", [entity_type]
    lower = max(filter(None, (after, scope and f"{scope}.")), default=None)
    upper = min(filter(None, (before, scope and f"{scope}/")), default=None)
    if lower is not None:
        where += " AND fqn > ?"
        values.append(lower)
    if upper is not None:
        where += " AND fqn < ?"
        values.append(upper)
    return where, values
