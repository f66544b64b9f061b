"""Room for statements whose parts are nested more deeply than Python's stack allows."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import TypeVar

from om_ingest_lineage.analysis.names import KnownTable, NamePart, Names, Unresolved

_STACK_BYTES = 128 * 1024 * 1024
"""Of address space; only what is used becomes memory."""

_CALLS = 30_000
"""Calls inside each other; each needs less than 2 KB of the stack."""

_ONE_AT_A_TIME = threading.Lock()
_Found = TypeVar("_Found")
_Message = tuple[Sequence[NamePart], "SimpleQueue[KnownTable | Unresolved | Exception]"]


class _Asking:
    """Names that are resolved in the thread that waits: it may hold a database open."""

    def __init__(self, messages: SimpleQueue[_Message | None]) -> None:
        self._messages = messages

    def resolve(self, parts: Sequence[NamePart]) -> KnownTable | Unresolved:
        """Ask the other thread."""
        answers: SimpleQueue[KnownTable | Unresolved | Exception] = SimpleQueue()
        self._messages.put((parts, answers))
        answer = answers.get()
        if isinstance(answer, Exception):
            raise answer
        return answer


def deeply(work: Callable[[Names], _Found], names: Names) -> _Found:
    """Do some work in a thread with a large stack, and return what it returns, or raise it.

    The limit of recursion is one for all threads: it is higher while the work runs.
    """
    messages: SimpleQueue[_Message | None] = SimpleQueue()
    found: list[_Found] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            found.append(work(_Asking(messages)))
        except Exception as error:  # noqa: BLE001 - raised by the thread that waits
            failed.append(error)
        messages.put(None)

    with _ONE_AT_A_TIME:
        limit, size = sys.getrecursionlimit(), threading.stack_size()
        try:
            threading.stack_size(_STACK_BYTES)
            sys.setrecursionlimit(max(limit, _CALLS))
            thread = threading.Thread(target=run, name="om-ingest-lineage", daemon=True)
            thread.start()
            threading.stack_size(size)
            while (message := messages.get()) is not None:
                parts, answers = message
                try:
                    answers.put(names.resolve(parts))
                except Exception as error:  # noqa: BLE001 - raised where the name is asked for
                    answers.put(error)
            thread.join()
        finally:
            sys.setrecursionlimit(limit)
            threading.stack_size(size)
    if failed:
        raise failed[0]
    return found[0]
