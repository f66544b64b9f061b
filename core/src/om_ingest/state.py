"""What a source keeps from run to run: `ctx.state`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, NoReturn

from om_ingest.errors import PluginFaultError

MAX_BYTES = 64 * 1024
"""Size of a state at most, as JSON."""


class JobState(MutableMapping[str, Any]):
    """Bookmarks of a source: a small mapping of text to JSON values, kept for each job.

    A run begins with what the job has kept. What is assigned can be read at once, and is kept as
    soon as every record that was yielded before it has been delivered: `ctx.state["orders"] =
    "2026-01-31"` belongs behind the records that it covers. After a record that failed, and after
    `SourceStatus.failure`, nothing is kept. A value is assigned as a whole; changing it in place
    raises `PluginFaultError`, and so do a value that is no JSON, and more than 64 kB in all.

    Not for secrets, and not for threads of a source's own. Not usable in `create`, because the run
    begins later. A context that a test makes has a state of its own, which is kept nowhere.
    """

    def __init__(self, values: Mapping[str, Any] | None = None, *, is_open: bool = True) -> None:
        self._is_open = is_open
        self._values: dict[str, Any] = {}
        self._encoded: dict[str, str] = {}
        self._size = 0
        """Of keys and values, in bytes."""
        self._tell: Callable[[str, str | None], None] = lambda key, encoded: None
        if values:
            self._load(values)

    def open(self, values: Mapping[str, Any]) -> None:
        """For the host: begin with what was kept."""
        self._is_open = True
        self._load(values)

    def listen(self, tell: Callable[[str, str | None], None]) -> None:
        """For the host: call `tell` with each key that changes, and its value as JSON.

        None instead of the value tells that the key was removed.
        """
        self._tell = tell

    def _load(self, values: Mapping[str, Any]) -> None:
        for key, value in values.items():
            self._put(key, _fixed(value))

    def _put(self, key: str, fixed: Any) -> str:
        """Keep a value in memory; its JSON. Raises `PluginFaultError` if that is too much."""
        encoded, before = json.dumps(fixed), self._encoded.get(key)
        size = self._size + len(encoded) - (-len(key) if before is None else len(before))
        if size > MAX_BYTES:
            raise PluginFaultError(
                f"ctx.state would hold {size:,} bytes, and {MAX_BYTES:,} are the limit",
                "Keep there how far you have read, such as a time or a cursor, not what you read.",
            )
        self._values[key], self._encoded[key], self._size = fixed, encoded, size
        return encoded

    def _opened(self) -> dict[str, Any]:
        if not self._is_open:
            raise PluginFaultError(
                "The source used ctx.state before the run began",
                "Move this from create or __init__ to prepare or next_record.",
            )
        return self._values

    def __getitem__(self, key: str) -> Any:
        return self._opened()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._opened())

    def __len__(self) -> int:
        return len(self._opened())

    def __setitem__(self, key: str, value: Any) -> None:
        self._opened()
        try:
            if not isinstance(key, str):
                raise TypeError(f"a key of type {type(key).__name__}")
            fixed = _fixed(value)
        except (TypeError, RecursionError) as error:
            raise PluginFaultError(
                f"ctx.state[{key!r}] holds {error}, which is no JSON",
                "Assign text, numbers, True, False, None, and lists and mappings of these; of a"
                " time, its isoformat().",
            ) from None
        before = self._encoded.get(key)
        encoded = self._put(key, fixed)
        if encoded != before:
            self._tell(key, encoded)

    def __delitem__(self, key: str) -> None:
        del self._opened()[key]
        self._size -= len(key) + len(self._encoded.pop(key))
        self._tell(key, None)

    def __repr__(self) -> str:
        return f"JobState({self._values!r})"


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise PluginFaultError(
        "a value of ctx.state was changed in place, where nobody notices it",
        "Assign the whole value: ctx.state[KEY] = VALUE.",
    )


class _FixedList(list[Any]):
    """A list that cannot be changed; a copy of it can."""

    append = extend = insert = remove = pop = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse

    def __reduce__(self) -> tuple[type, tuple[list[Any]]]:
        return list, (list(self),)


class _FixedDict(dict[str, Any]):
    """A mapping that cannot be changed; a copy of it can."""

    update = setdefault = pop = popitem = clear = _refuse
    __setitem__ = __delitem__ = __ior__ = _refuse

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (dict(self),)


def _fixed(value: Any) -> Any:
    """A JSON value that cannot be changed in place; raises `TypeError` for anything else."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, list | tuple):
        return _FixedList(map(_fixed, value))
    if isinstance(value, dict):
        if strange := next((key for key in value if not isinstance(key, str)), None):
            raise TypeError(f"a key of type {type(strange).__name__}")
        return _FixedDict({key: _fixed(item) for key, item in value.items()})
    what = str(value) if isinstance(value, float) else f"a {type(value).__name__}"
    raise TypeError(what)
