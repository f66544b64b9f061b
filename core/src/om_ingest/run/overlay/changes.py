"""What a dry run has changed, as far as its scratch store does not show it."""

from __future__ import annotations

from collections.abc import Iterator

from om_ingest.kinds import KINDS, Identity
from om_ingest.model import fqn as names
from om_ingest.scratch_file import ScratchFile

COPIED = "copied"
"""State of an entity that the scratch store has only because others refer to it."""

PATCHED = "patched"
"""State of an entity that the scratch store has as a whole, since it was patched."""

HARD, SOFT = "hard", "soft"
"""How an entity was deleted: for good, or marked as deleted."""

_TABLES = (
    "CREATE TABLE held (entity_type TEXT, fqn TEXT, state TEXT, PRIMARY KEY (entity_type, fqn))",
    "CREATE TABLE gone (entity_type TEXT, fqn TEXT, state TEXT, PRIMARY KEY (entity_type, fqn))",
    "CREATE TABLE ids (given TEXT PRIMARY KEY, shown TEXT)",
)


class Changes:
    """States of entities in a temporary file: `held` by the scratch store, or `gone`."""

    def __init__(self) -> None:
        self._deletes = False
        self._file = ScratchFile("what a dry run has changed", _TABLES)

    def state(self, table: str, identity: Identity) -> str:
        """The state of an entity; empty if none is noted."""
        sql = f"SELECT state FROM {table} WHERE entity_type = ? AND fqn = ?"
        return next((str(row[0]) for row in self._file.query(sql, identity)), "")

    def note(self, table: str, identity: Identity, state: str) -> None:
        """Note the state of an entity."""
        self._deletes = self._deletes or table == "gone"
        self._file.insert(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)", [(*identity, state)])

    def forget(self, table: str, identity: Identity) -> None:
        """Note that an entity has no state any more."""
        self._file.query(f"DELETE FROM {table} WHERE entity_type = ? AND fqn = ?", identity)

    def fate(self, identity: Identity) -> str:
        """`HARD` or `SOFT` if an entity was deleted, itself or with what it lies in; or empty."""
        if not self._deletes:
            return ""
        states = [self.state("gone", each) for each in _line(identity)]
        return HARD if HARD in states else next(filter(None, states), "")

    def written(self, identity: Identity) -> bool:
        """Note that the run has written an entity; whether the scratch store had but a copy."""
        if self._deletes and self.state("gone", identity) == SOFT:
            self.forget("gone", identity)
        if self.state("held", identity) != COPIED:
            return False
        self.forget("held", identity)
        return True

    def shown_id(self, given: str) -> str | None:
        """The id that is shown in place of one of the scratch store; None if none is noted."""
        rows = self._file.query("SELECT shown FROM ids WHERE given = ?", (given,))
        return str(rows[0][0]) if rows else None

    def note_id(self, given: str, shown: str) -> None:
        """Note which id is shown in place of another one."""
        self._file.insert("INSERT OR REPLACE INTO ids VALUES (?, ?)", [(given, shown)])

    def close(self) -> None:
        """Throw everything away."""
        self._file.close()


def _line(identity: Identity) -> Iterator[Identity]:
    """An entity, and what it lies in, as far as its kind tells the types."""
    yield identity
    kind, above = KINDS[identity[0]], names.parent(identity[1])
    if above and kind.infix:
        above = names.parent(above)
    if above and (entity_type := kind.type_above(above)):
        yield from _line((entity_type, above))
