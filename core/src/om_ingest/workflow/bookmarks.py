"""When what a source assigns to `ctx.state` may be kept: once all that it covers is delivered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Changes: TypeAlias = dict[str, str | None]
"""Keys that were assigned, with their values as JSON; None for a key that was removed."""

_COUNT = 100
"""How many bookmarks wait for the records before them; of more, the newest become one."""


class Bookmarks:
    """Bookmarks that stand in line among the records without a result.

    `line` has these records in the order in which they were taken, by their `id`. A bookmark
    becomes a place in it, and is kept when everything before it has left the line. So records may
    be settled in any order, a bookmark costs nothing where none is set, and no list grows with the
    records.
    """

    def __init__(self, line: dict[int, Any]) -> None:
        self.keep: Callable[[Changes], None] = lambda changes: None
        """Called with what may be kept."""
        self._line = line
        self._marks: dict[int, Changes] = {}
        """Bookmarks in line, in order."""
        self._held_marks: set[int] = set()
        """Those of them that come after a record which is tried again at the end of the run."""
        self._held: Changes = {}
        """What may be kept if all that is tried again at the end is delivered."""
        self._holds = False
        """Whether every bookmark from here on has to wait for the end."""
        self._is_stopped = False
        """Whether something has failed: nothing that comes after it is kept."""
        self.is_behind = False
        """Whether anything that was assigned is not kept."""

    def hold_all(self) -> None:
        """Keep nothing before the end: what a source has yielded leads to records only then."""
        self._holds = True

    def assign(self, key: str, encoded: str | None) -> None:
        """The source has assigned a value, behind everything that is in the line."""
        if self._is_stopped:
            self.is_behind = True
            return
        newest = next(reversed(self._marks), None)
        is_last = newest is not None and next(reversed(self._line), None) == newest
        if newest is not None and is_last:
            self._marks[newest][key] = encoded
            return
        changes: Changes = {}
        if newest is not None and len(self._marks) >= _COUNT:
            changes = self._leave(newest)
        changes[key] = encoded
        if self._holds:
            self._held_marks.add(id(changes))
        self._marks[id(changes)] = changes
        self._line[id(changes)] = None

    def fail(self, record: object) -> None:
        """A record has failed for good, whether it stands in the line or did not come so far."""
        for mark in self._after(record):
            self._leave(mark)
            self.is_behind = True
        self._is_stopped = True

    def stop(self) -> None:
        """The source could not read something: what it assigns from now on would cover that.

        Any thread may call this.
        """
        self._is_stopped = True

    def hold(self, record: object) -> None:
        """A record in the line is tried again at the end."""
        self._held_marks.update(self._after(record))
        self._holds = True

    def drop_held(self) -> None:
        """A record that was tried again has failed."""
        held, self._held = self._held, {}
        self.is_behind = self.is_behind or bool(held)
        for mark in [mark for mark in self._marks if mark in self._held_marks]:
            self._leave(mark)
            self.is_behind = True
        self._is_stopped = True

    def advance(self) -> None:
        """Keep what nothing in the line stands before any more."""
        changes: Changes = {}
        while self._marks and (first := next(iter(self._line), 0)) in self._marks:
            is_held = first in self._held_marks
            (self._held if is_held else changes).update(self._leave(first))
        if changes:
            self.keep(changes)

    def end(self, *, is_whole: bool) -> None:
        """Keep what had to wait, if the run `is_whole`: all that was to follow has followed."""
        self.advance()
        self.is_behind = self.is_behind or bool(self._marks)
        if self._held and is_whole:
            self.keep(self._held)
        elif self._held:
            self.is_behind = True

    def _after(self, record: object) -> list[int]:
        """The bookmarks behind a record; none if it is not in the line, where it is the last."""
        if not self._marks or id(record) not in self._line:
            return []
        keys = list(self._line)
        return [key for key in keys[keys.index(id(record)) :] if key in self._marks]

    def _leave(self, mark: int) -> Changes:
        self._line.pop(mark, None)  # a signal may have come before it stood there
        self._held_marks.discard(mark)
        return self._marks.pop(mark)
