"""SQL statements on the tables of entities and their history."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from om_ingest.model.fqn import quote
from om_ingest.versioned_file import LOOKUP_COUNT, OpenFile


class EntityRow(NamedTuple):
    """One row of the table `entity`."""

    rowid: int
    id: str
    entity_type: str
    fqn: str
    name: str
    version: float
    updated_at: int
    updated_by: str
    deleted: int
    """0 if live, else the rowid of the entity whose deletion deleted this one."""

    put_hash: bytes | None
    """Digest of the bot's request that produced this state; None after any other change."""

    body: str
    """JSON of the create request without its parent, after all rules were applied."""

    change: str | None
    """JSON of the change description; None for the first version."""

    impersonated_by: str | None = None
    """The bot that wrote on behalf of `updated_by`."""


class Target(NamedTuple):
    """What a reference to an entity, or a tag label, shows of it."""

    name: str
    deleted: bool
    display_name: str | None = None
    description: str | None = None
    style: dict[str, Any] | None = None


_COLUMNS = ", ".join(EntityRow._fields)
_SELECT = f"SELECT {_COLUMNS} FROM entity"
_INSERT = f"INSERT INTO entity ({_COLUMNS}) VALUES ({', '.join('?' * len(EntityRow._fields))})"
_UPDATE = (
    "UPDATE entity SET version = ?, updated_at = ?, updated_by = ?, put_hash = ?, body = ?,"
    " change = ?, impersonated_by = ? WHERE rowid = ?"
)
_TARGETS = (
    "SELECT id, name, deleted, CASE WHEN json_valid(body) THEN"
    " json_extract(body, '$.displayName', '$.description', '$.style') END FROM entity WHERE id"
)
_MARK = "UPDATE entity SET deleted = ? WHERE rowid = ?"
_COUNT_IN = (
    "INSERT INTO tally (entity_type, parent, live, gone) VALUES (?, ?, ?, 0)"
    " ON CONFLICT (entity_type, parent) DO UPDATE SET live = live + excluded.live"
)
_STATE = ("version", "updated_at", "updated_by", "deleted", "body", "change", "impersonated_by")
_HISTORY = f"SELECT {', '.join(_STATE)} FROM history WHERE entity = ?"
# OR REPLACE: an update that meets a body which it cannot read begins again.
_ARCHIVE = (
    f"INSERT OR REPLACE INTO history (entity, {', '.join(_STATE)}) VALUES (?{', ?' * len(_STATE)})"
)


class CatalogFile(OpenFile):
    """An open catalog file; threads may share it, and calls are serialised."""

    def by_fqn(self, entity_type: str, fqn: str) -> EntityRow | None:
        """The row of one entity, deleted or not."""
        return self._one("entity_type = ? AND fqn = ?", entity_type, fqn)

    def by_id(self, entity_id: str) -> EntityRow | None:
        """The row with this id, deleted or not."""
        return self._one("id = ?", entity_id)

    def by_rowid(self, rowid: int) -> EntityRow | None:
        """The row with this rowid, deleted or not."""
        return self._one("rowid = ?", rowid)

    def reload(self, row: EntityRow) -> EntityRow:
        """The current state of a row that was read earlier in the same transaction."""
        stored = self.by_rowid(row.rowid)
        assert stored is not None, "a row that was there cannot vanish inside a transaction"
        return stored

    def _one(self, condition: str, *parameters: object) -> EntityRow | None:
        rows = self.query(f"{_SELECT} WHERE {condition}", parameters)
        return EntityRow._make(rows[0]) if rows else None

    def put_hashes(self, entity_type: str, fqns: Sequence[str]) -> dict[str, bytes | None]:
        """Those of the FQNs that exist, each with its `put_hash`."""
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

    def targets(self, ids: Collection[str]) -> dict[str, Target]:
        """Those of the entities that exist, by id."""
        found, every = {}, list(ids)
        for start in range(0, len(every), LOOKUP_COUNT):
            part = every[start : start + LOOKUP_COUNT]
            marks = ", ".join("?" * len(part))
            for key, name, deleted, shown in self.query(f"{_TARGETS} IN ({marks})", part):
                texts = json.loads(shown) if shown else ()
                found[key] = Target(name, bool(deleted), *texts)
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
        """Up to `count` rows of a kind in FQN order, below `scope`, after the FQN `after`.

        With `before`, the `count` rows that precede that FQN, in the same order. `condition`
        is a constant SQL expression on the row, e.g. `deleted = 0`, with its `parameters`.
        Skipping `offset` rows takes time, but no memory.
        """
        where, values = _range(entity_type, scope, after, before)
        order = "fqn" if before is None else "fqn DESC"
        sql = f"{_SELECT} WHERE {where} AND {condition} ORDER BY {order}"
        sql = f"{sql} LIMIT {count:d} OFFSET {offset:d}"
        rows = [EntityRow._make(row) for row in self.query(sql, (*values, *parameters))]
        return rows if before is None else rows[::-1]

    def fqns(self, entity_type: str, scope: str | None, after: str | None, count: int) -> list[str]:
        """FQNs of up to `count` live rows of a kind, in the order of `page`."""
        where, values = _range(entity_type, scope, after, None)
        sql = f"SELECT fqn FROM entity WHERE {where} AND deleted = 0 ORDER BY fqn LIMIT {count:d}"
        return [fqn for (fqn,) in self.query(sql, values)]

    def tally(self, entity_type: str, scope: str | None) -> tuple[int, int]:
        """Numbers of live and of deleted entities of a kind below a scope, at any depth."""
        where, values = "entity_type = ?", [entity_type]
        if scope is not None:
            where += " AND (parent = ? OR (parent > ? AND parent < ?))"
            values += [scope, f"{scope}.", f"{scope}/"]
        sql = f"SELECT coalesce(sum(live), 0), coalesce(sum(gone), 0) FROM tally WHERE {where}"
        live, gone = self.query(sql, values)[0]
        return live, gone

    def children_count(self, entity_type: str, parent: str) -> int:
        """Number of live entities of a kind directly below an FQN."""
        sql = "SELECT live FROM tally WHERE entity_type = ? AND parent = ?"
        return sum(live for (live,) in self.query(sql, (entity_type, parent)))

    def count(
        self, entity_type: str, scope: str | None, condition: str, parameters: Sequence[Any] = ()
    ) -> int:
        """Number of rows on all pages; scans them."""
        where, values = _range(entity_type, scope, None, None)
        sql = f"SELECT count(*) FROM entity WHERE {where} AND {condition}"
        return int(self.query(sql, (*values, *parameters))[0][0])

    def next_rowid(self) -> int:
        """The first free rowid; stays free until the transaction ends."""
        return int(self.query("SELECT coalesce(max(rowid), 0) + 1 FROM entity")[0][0])

    def insert(self, rows: Sequence[EntityRow]) -> None:
        """Insert new, live entities."""
        self.execute_many(_INSERT, rows)
        born = Counter((row.entity_type, row.fqn[: -len(quote(row.name)) - 1]) for row in rows)
        self.execute_many(_COUNT_IN, ((*key, count) for key, count in born.items()))

    def update(self, row: EntityRow) -> None:
        """Replace the row with this rowid; `deleted` must not change."""
        state = (row.version, row.updated_at, row.updated_by, row.put_hash, row.body)
        self.execute(_UPDATE, (*state, row.change, row.impersonated_by, row.rowid))

    def mark(self, row: EntityRow) -> None:
        """Replace the row with this rowid, including `deleted`."""
        # A method of its own: a statement that may fire the tally trigger takes 25 % longer.
        self.update(row)
        self.execute(_MARK, (row.deleted, row.rowid))

    def archive(self, row: EntityRow) -> None:
        """Copy the row's state into the history, before an update."""
        self.execute(_ARCHIVE, (row.rowid, *(getattr(row, name) for name in _STATE)))

    def versions(self, row: EntityRow) -> Iterator[EntityRow]:
        """The current version of the row, then the earlier ones, newest first."""
        yield row
        for state in self.query(f"{_HISTORY} ORDER BY version DESC", (row.rowid,)):
            yield _past_version(row, state)

    def version(self, row: EntityRow, version: float) -> EntityRow | None:
        """One version of the row; None if there is no such version."""
        if row.version == version:
            return row
        states = self.query(f"{_HISTORY} AND version = ?", (row.rowid, version))
        return _past_version(row, states[0]) if states else None

    def previous(self, row: EntityRow) -> EntityRow | None:
        """The previous version of the row; None for the first version."""
        states = self.query(f"{_HISTORY} ORDER BY version DESC LIMIT 1", (row.rowid,))
        return _past_version(row, states[0]) if states else None


def _past_version(row: EntityRow, state: Sequence[Any]) -> EntityRow:
    return row._replace(put_hash=None, **dict(zip(_STATE, state, strict=True)))


def _range(
    entity_type: str, scope: str | None, after: str | None, before: str | None
) -> tuple[str, list[str]]:
    """SQL for a range of the index on entity type and FQN: below a scope, between two FQNs."""
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
