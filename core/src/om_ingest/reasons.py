"""Equal reasons are counted, and said once, however many things they concern."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

REASON_COUNT = 50
"""Different reasons that are counted; things with another one only count in the total."""

KEY_COUNT = 5
"""Things that are named for each reason."""


def counted(count: int, word: str = "record") -> str:
    """How many there are of something: `1 record`, `2,000 records`."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


@dataclass
class Reasons:
    """Counts by reason, with the first keys of each; its size does not grow with the data."""

    _counts: dict[str, int] = field(default_factory=dict)
    _keys: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, key: Callable[[], str] | str) -> None:
        """Count what has a reason; `key` names it, or is called for the name if that is kept."""
        if reason not in self._counts:
            if len(self._counts) >= REASON_COUNT:
                return
            self._counts[reason], self._keys[reason] = 0, []
        self._counts[reason] += 1
        keys = self._keys[reason]
        if len(keys) < KEY_COUNT:
            keys.append(key if isinstance(key, str) else key())

    def masked(self, mask: Callable[[str], str]) -> Reasons:
        """The same with masked reasons and keys; reasons that become equal are one."""
        made = Reasons()
        for text, count in self._counts.items():
            words = mask(text)
            made._counts[words] = made._counts.get(words, 0) + count
            keys = made._keys.setdefault(words, [])
            keys += [mask(name) for name in self._keys[text]][: KEY_COUNT - len(keys)]
        return made

    def as_list(self) -> list[dict[str, Any]]:
        """Each reason with its count and keys, the most frequent first."""
        ordered = sorted(self._counts.items(), key=lambda item: -item[1])
        return [
            {"reason": reason, "count": count, "keys": self._keys[reason]}
            for reason, count in ordered
        ]
