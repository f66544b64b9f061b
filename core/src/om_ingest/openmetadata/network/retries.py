"""How often requests were repeated while a run went on, and the time that this cost."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any


class Retries:
    """Counts repeated requests by server and reason. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._seconds: Counter[tuple[str, str]] = Counter()

    def add(self, server: str, status: int, seconds: float) -> None:
        """One more failure that is repeated; `status` is that of the answer, 0 without one.

        `seconds` went by from the beginning of the attempt to that of the next one.
        """
        key = server, f"HTTP {status}" if status else "no answer"
        with self._lock:
            self._counts[key] += 1
            self._seconds[key] += seconds  # type: ignore[assignment]  # a Counter adds floats, too

    def as_dict(self) -> dict[str, Any]:
        """The numbers with the keys of a report; requests side by side add up their seconds."""
        with self._lock:
            counts, seconds = dict(self._counts), dict(self._seconds)
        servers: dict[str, list[dict[str, Any]]] = {}
        for (server, reason), count in counts.items():
            lost_s = round(seconds[server, reason], 3)
            servers.setdefault(server, []).append(
                {"reason": reason, "count": count, "lost_s": lost_s}
            )
        return {
            **_sums([{"count": counts[key], "lost_s": seconds[key]} for key in counts]),
            "servers": [
                {"server": server, **_sums(reasons), "reasons": reasons}
                for server, reasons in servers.items()
            ],
        }


def _sums(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "count": sum(part["count"] for part in parts),
        "lost_s": round(sum(part["lost_s"] for part in parts), 3),
    }


_current = Retries()


def begin() -> None:
    """Count anew: a run begins."""
    global _current  # a process has one run at a time
    _current = Retries()


def current() -> Retries:
    """Those of the run of this process."""
    return _current
