"""A cache of limited size: `metadata.utils.lru_cache`."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

LRU_CACHE_SIZE = 4096


class LRUCache:
    """A dict that keeps the values that were used last."""

    def __init__(self, capacity: int = LRU_CACHE_SIZE) -> None:
        self.capacity = capacity
        self._values: OrderedDict[Any, Any] = OrderedDict()

    def get(self, key: Any) -> Any:
        """The value; raises `KeyError` if there is none."""
        self._values.move_to_end(key)
        return self._values[key]

    def put(self, key: Any, value: Any) -> None:
        """Keep a value; the one that was not used for the longest time may go."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self.capacity:
            self._values.popitem(last=False)

    def forget(self, is_gone: Callable[[Any], bool]) -> None:
        """Forget the values for which this holds."""
        for key in [key for key, value in self._values.items() if is_gone(value)]:
            del self._values[key]

    def clear(self) -> None:
        """Forget all values."""
        self._values.clear()

    def __contains__(self, key: Any) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)
