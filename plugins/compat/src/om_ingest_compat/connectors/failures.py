"""What a connector says has failed: names, texts and places, in the shapes of all releases."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from om_ingest_compat import running


def pairs(entry: Any) -> Iterable[tuple[str, str]]:
    """Keys and reasons of an entry, which is mostly `{key: reason}`."""
    if isinstance(entry, dict):
        return [(str(key), str(reason)) for key, reason in entry.items()]
    return [("", str(entry))]


UNNAMED = "(unnamed)"
"""The name of a failure that has none: it is no FQN, so it protects everything from deletion."""


def failure_of(error: Any) -> tuple[str, str]:
    """Name and text of a failure, whatever a connector has made it of.

    The text has the last place in the connector's code, if the failure comes with a stack trace.
    """
    name, text = _said_of(error)
    trace = trace_of(error)
    place = "" if not trace or _PLACE.search(text) else _last_place(trace)
    return name or UNNAMED, f"{text}, at {place}" if place else text


def trace_of(error: Any) -> str:
    """The stack trace that a failure comes with; empty without one."""
    for name in ("stackTrace", "stack_trace"):
        trace = error.get(name) if isinstance(error, dict) else getattr(error, name, None)
        if trace:
            return str(trace)
    return ""


def _said_of(error: Any) -> tuple[str, str]:
    if isinstance(error, dict):
        if "error" in error:
            return str(error.get("name", "")), str(error["error"])
        return next(iter(pairs(error)), ("", "no reason is given"))
    if hasattr(error, "error"):
        return str(getattr(error, "name", "")), str(error.error)
    if isinstance(error, BaseException):
        return type(error).__name__, str(error)
    return "", str(error)


_PLACE = re.compile(r", at \S+:\d+ in ")
_FRAME = re.compile(
    r'^ *File "(?P<file>[^"\n]+)", line (?P<line>\d+), in (?P<name>\S+)', re.MULTILINE
)


def _last_place(trace: str) -> str:
    """`source.py:12 in rows`: the last line of a stack trace in the connector's code."""
    home = _home()
    for frame in reversed(list(_FRAME.finditer(trace))) if home else ():
        below = frame["file"].removeprefix(f"{home}/")
        if below != frame["file"] and "site-packages" not in below:
            return f"{below.rpartition('/')[2]}:{frame['line']} in {frame['name']}"
    return ""


def _home() -> str:
    """The folder of the connector's code; empty if it is not known."""
    if not running.is_running():
        return ""
    module = running.current().module
    top = module.partition(".")[0]
    found = sys.modules.get(module if top == "metadata" else top)
    file = getattr(found, "__file__", None) or getattr(sys.modules.get(module), "__file__", None)
    return str(Path(file).parent) if file else ""
