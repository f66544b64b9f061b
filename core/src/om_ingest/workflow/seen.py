"""What a run has seen, on disk: its size grows with the data, memory does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from om_ingest.kinds.identity import Identity
from om_ingest.model import fqn as names
from om_ingest.scratch_file import ScratchFile

_CHUNK_COUNT = 500  # SQLite before 3.32 takes 999 parameters in one statement
_TABLES = (
    "CREATE TABLE seen (entity_type TEXT, fqn TEXT, PRIMARY KEY (entity_type, fqn)) WITHOUT ROWID",
    "CREATE TABLE scope (entity_type TEXT, fqn TEXT, PRIMARY KEY (entity_type, fqn)) WITHOUT ROWID",
    """
    CREATE TABLE stale (
        level INTEGER, entity_type TEXT, fqn TEXT, is_left_out INTEGER,
        PRIMARY KEY (level, entity_type, fqn)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX stale_fqn ON stale (fqn)",
    "CREATE TABLE left_out (fqn TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE kept (entity_type TEXT, fqn TEXT, PRIMARY KEY (entity_type, fqn)) WITHOUT ROWID",
)


_BELOW = "fqn > ? AND fqn < ?"


def _range(fqn: str) -> tuple[str, str]:
    """Between these two lies every FQN below this one, and nothing else."""
    return f"{fqn}.", f"{fqn}/"  # the slash follows the dot


class Seen:
    """Identities that were yielded, scopes that are complete, and what turned out to be stale.

    Lives in a temporary file that disappears when it is closed. Raises `DeliveryError` when
    there is no room for it.
    """

    def __init__(self) -> None:
        self._waiting: list[Identity] = []
        self._entity_types: set[str] = set()
        self._file = ScratchFile("the entities that were yielded", _TABLES)

    def add(self, identity: Identity) -> None:
        """Note an entity that was yielded."""
        self._waiting.append(identity)
        self._entity_types.add(identity[0])
        if len(self._waiting) >= _CHUNK_COUNT:
            self._store()

    def drop(self, identity: Identity) -> None:
        """Take back an entity that was yielded: a processor has dropped it."""
        self._store()
        self._query("DELETE FROM seen WHERE entity_type = ? AND fqn = ?", identity)

    def add_left_out(self, fqn: str) -> None:
        """Note the plain form of an FQN that was left out; any thread may do so."""
        self._query("INSERT OR IGNORE INTO left_out VALUES (?)", (fqn,))

    def is_left_out(self, fqn: str) -> bool:
        """Whether an entity was left out, or what it lies in, or something in it.

        A key that does not begin with the service, such as `schema.table`, means every entity
        whose FQN holds these names one after the other.
        """
        path = [name.casefold() for name in names.split(fqn)]
        ends = range(1, len(path) + 1)
        keys = [".".join(path[start:end]) for end in ends for start in range(end)]
        marks = ", ".join("?" * len(keys))
        sql = f"SELECT 1 FROM left_out WHERE fqn IN ({marks}) OR ({_BELOW}) LIMIT 1"
        return bool(self._query(sql, (*keys, *_range(".".join(path)))))

    def add_scope(self, entity_type: str, scope_fqn: str) -> None:
        """Note that everything of this kind below this scope has been yielded."""
        self._query("INSERT OR IGNORE INTO scope VALUES (?, ?)", (entity_type, scope_fqn))

    def scopes(self, entity_type: str) -> list[str]:
        """The complete scopes of a kind; what lies inside another one follows it at once."""
        # The dot makes x.y follow x at once, before x-y.
        sql = "SELECT fqn FROM scope WHERE entity_type = ? ORDER BY fqn || '.'"
        return [fqn for (fqn,) in self._query(sql, (entity_type,))]

    def entity_types(self) -> list[str]:
        """The kinds with at least one complete scope."""
        return [name for (name,) in self._query("SELECT DISTINCT entity_type FROM scope")]

    def unseen(self, entity_type: str, fqns: Sequence[str]) -> list[str]:
        """Those of some FQNs that were not yielded, nor anything below them; at most 500."""
        self._store()
        marks = ", ".join("?" * len(fqns))
        sql = f"SELECT fqn FROM seen WHERE entity_type = ? AND fqn IN ({marks})"
        known = {fqn for (fqn,) in self._query(sql, (entity_type, *fqns))}
        return [fqn for fqn in fqns if fqn not in known and not self._is_parent(fqn)]

    def _is_parent(self, fqn: str) -> bool:
        """Whether something below an entity was yielded: then the entity is there."""
        sql = f"SELECT 1 FROM seen WHERE entity_type = ? AND {_BELOW} LIMIT 1"
        return any(self._query(sql, (name, *_range(fqn))) for name in self._entity_types)

    def has(self, fqn: str) -> bool:
        """Whether an entity was yielded, of whatever kind, or something below it."""
        self._store()
        sql = f"SELECT 1 FROM seen WHERE entity_type = ? AND (fqn = ? OR {_BELOW}) LIMIT 1"
        return any(self._query(sql, (name, fqn, *_range(fqn))) for name in self._entity_types)

    def count_below(self, entity_type: str, scope_fqn: str) -> int:
        """How many entities of a kind were yielded below a scope."""
        self._store()
        sql = f"SELECT COUNT(*) FROM seen WHERE entity_type = ? AND {_BELOW}"
        ((count,),) = self._query(sql, (entity_type, *_range(scope_fqn)))
        return int(count)

    def add_stale(
        self, level: int, entity_type: str, fqns: Sequence[str], *, is_left_out: bool = False
    ) -> None:
        """Note entities that are in the store and were not yielded: they are to go."""
        rows = [(level, entity_type, fqn, is_left_out) for fqn in fqns]
        self._insert("INSERT OR IGNORE INTO stale VALUES (?, ?, ?, ?)", rows)

    def add_kept(self, entity_type: str, fqns: Sequence[str]) -> None:
        """Note entities that are in the store and stay there although they were not yielded."""
        rows = [(entity_type, fqn) for fqn in fqns]
        self._insert("INSERT OR IGNORE INTO kept VALUES (?, ?)", rows)

    def stale_counts(self) -> dict[str, int]:
        """How many stale entities there are, by entity type, parents first."""
        sql = "SELECT entity_type, COUNT(*) FROM stale GROUP BY level, entity_type"
        return dict(self._query(sql))

    def kept_counts(self) -> dict[str, int]:
        """How many entities stay that were not yielded, by entity type."""
        return dict(self._query("SELECT entity_type, COUNT(*) FROM kept GROUP BY entity_type"))

    def stale(self, entity_type: str | None = None) -> Iterator[tuple[str, str, bool]]:
        """Entity type and FQN of stale entities, and whether each was left out; parents first.

        Those of one type come by their FQNs.
        """
        after: tuple[int | str, ...] = (-1, "", "")
        only, which = ("", ()) if entity_type is None else ("entity_type = ? AND", (entity_type,))
        sql = (
            f"SELECT * FROM stale WHERE {only} (level, entity_type, fqn) > (?, ?, ?)"
            f" ORDER BY level, entity_type, fqn LIMIT {_CHUNK_COUNT}"
        )
        while rows := self._query(sql, (*which, *after)):
            for _, name, fqn, is_left_out in rows:
                yield name, fqn, bool(is_left_out)
            after = rows[-1][:3]

    def topmost(self, entity_type: str | None = None) -> Iterator[tuple[str, str, bool]]:
        """As `stale`, without what lies below something that is stale itself: it goes with it."""
        latest, goes = "", False
        for stale in self.stale(entity_type):
            above = names.parent(stale[1]) or ""
            if above != latest:
                latest, goes = above, bool(above) and self._goes(above)
            if not goes:
                yield stale

    def _goes(self, fqn: str) -> bool:
        """Whether what has this FQN is stale itself, or lies below what is."""
        path = names.split(fqn)
        above = [names.join(*path[:depth]) for depth in range(1, len(path) + 1)]
        marks = ", ".join("?" * len(above))
        return bool(self._query(f"SELECT 1 FROM stale WHERE fqn IN ({marks}) LIMIT 1", above))

    def close(self) -> None:
        """Throw everything away."""
        self._file.close()

    def _store(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._insert("INSERT OR IGNORE INTO seen VALUES (?, ?)", waiting)

    def _insert(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        if rows:
            self._file.insert(sql, rows)

    def _query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._file.query(sql, parameters)
