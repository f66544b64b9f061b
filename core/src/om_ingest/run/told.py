"""One observer that is told of a run: what it raises, and how slow it is, changes nothing."""

from __future__ import annotations

import functools
import logging
import queue
import threading
import time
from typing import Any

from om_ingest.errors import described
from om_ingest.observer import RunObserver
from om_ingest.workflow.interrupt import is_fault

logger = logging.getLogger(__name__)

QUEUED_COUNT = 8
"""Calls that wait for an observer; a batch of records is one."""

PATIENCE_S = 5.0
"""Longest time that a run waits for an observer that does not keep up."""


class Told:
    """One observer; what it raises is a warning, the first time."""

    def __init__(self, name: str, observer: RunObserver) -> None:
        self.name = name
        self._observer = observer
        self._has_failed = False

    def tell(self, method: str, *arguments: Any) -> None:
        """Call a method of the observer."""
        try:
            getattr(self._observer, method)(*arguments)
        except BaseException as error:  # a plugin may raise anything
            if not is_fault(error):
                raise
            said = f"The observer {self.name} failed in {method}: {described(error)}"
            logger.log(logging.DEBUG if self._has_failed else logging.WARNING, "%s", said)
            logger.debug("%s", said, exc_info=error)
            self._has_failed = True

    def leave(self, over_at: float) -> None:
        """Wait for the observer until this monotonic time at most."""

    def _warn(self, why: str) -> None:
        logger.warning(
            "The observer %s %s: it is told no more, and may not know how the run ended.",
            *(self.name, why),
        )


class ToldAtOnce(Told):
    """An observer that is called in the thread of the run, and only closed in one of its own."""

    _closing: threading.Thread | None = None

    def tell(self, method: str, *arguments: Any) -> None:
        """Call a method of the observer; does not wait for `close`."""
        if method != "close":
            super().tell(method, *arguments)
            return
        close = functools.partial(super().tell, "close")
        self._closing = threading.Thread(target=close, name=f"observer {self.name}", daemon=True)
        self._closing.start()

    def leave(self, over_at: float) -> None:
        """Wait until the observer is closed, or this monotonic time."""
        if self._closing is not None:
            self._closing.join(max(over_at - time.monotonic(), 0.0))
            if self._closing.is_alive():
                self._warn("has not come to its end")


class ToldInThread(Told):
    """An observer that is given up once the run has waited `patience_s` for it, in all."""

    def __init__(self, name: str, observer: RunObserver, patience_s: float = PATIENCE_S) -> None:
        super().__init__(name, observer)
        self._calls: queue.Queue[tuple[str, tuple[Any, ...]]] = queue.Queue(QUEUED_COUNT)
        self._patience_s = patience_s
        self._is_given_up = False
        self._thread = threading.Thread(target=self._work, name=f"observer {name}", daemon=True)
        self._thread.start()

    def tell(self, method: str, *arguments: Any) -> None:
        """Let the thread call a method; waits if many calls wait already."""
        if self._is_given_up:
            return
        try:
            self._calls.put_nowait((method, arguments))
            return
        except queue.Full:
            began = time.monotonic()
        try:
            self._calls.put((method, arguments), timeout=self._patience_s)
        except queue.Full:
            self._give_up("does not keep up with the run")
        self._patience_s = max(self._patience_s - (time.monotonic() - began), 0.001)

    def leave(self, over_at: float) -> None:
        """Wait for the observer until this monotonic time at most."""
        if not self._is_given_up:
            self._thread.join(max(over_at - time.monotonic(), 0.0))
            if self._thread.is_alive():
                self._give_up("has not come to its end")

    def _give_up(self, why: str) -> None:
        self._is_given_up = True
        self._warn(why)

    def _work(self) -> None:
        while not self._is_given_up:
            method, arguments = self._calls.get()
            super().tell(method, *arguments)
            if method == "close":
                return
