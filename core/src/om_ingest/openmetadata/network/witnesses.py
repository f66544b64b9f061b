"""Whether the server answers other requests: by those that it has answered, or by asking."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from om_ingest.openmetadata.network.connections import Request

_LARGEST_BYTES = 1024 * 1024
_CHANGING = frozenset({"DELETE", "PATCH"})
GIVEN_UP_MAX = 20
"""Requests for one collection that may be given up in a row before that is an outage."""

PROBE_S = 10.0
"""Seconds for the answer to a question whether the server answers."""


class _Told(NamedTuple):
    """What was found out by asking."""

    asked_at: float = 0.0
    answers: bool = False
    """Whether the usual request is answered."""

    repeats: bool | None = None
    """Whether the latest request is answered again; None if there is none to send."""


def _collection_of(request: Request) -> tuple[bool, str]:
    """Whether a request reads, and the first part of its path, e.g. `tables`."""
    return request.reads, request.path.partition("/")[0]


class Witnesses:
    """Tells a request that always fails from a server that always fails (ADR 28). Thread-safe.

    A request is known to fail alone only if one of its kind, reading or writing, is answered
    meanwhile: a server may read and not write, and answer its version and nothing else. If no
    other worker has a request answered, the latest one that was answered is sent again: a GET, a
    PUT, or a PATCH for one version, which change nothing the second time.

    A PUT is sent again only while nothing is newer: it is the latest write that was done, and
    no other write is under way. Callers send the writes of one entity one after the other.

    `ask` sends a request once, and tells whether it is answered; `usual` is what is read when
    nothing has been; `stored` is one whose answer comes from the server's database.
    """

    def __init__(self, ask: Callable[[Request], bool], usual: Request, stored: Request) -> None:
        self._ask = ask
        self._changed = threading.Condition()
        """Notified when an attempt to write ends, and when a repetition does."""
        self._counts = {True: 0, False: 0}
        self._latest: dict[bool, Request | None] = {True: usual, False: None}
        self._usual, self._stored = usual, stored
        self._given_up: Counter[tuple[bool, str]] = Counter()
        """Requests for a collection that were given up since one for it was answered."""
        self._writing_count = 0
        self._is_repeating = False
        self._asking = {True: threading.Lock(), False: threading.Lock()}
        self._told = {True: _Told(), False: _Told()}

    @contextmanager
    def sending(self, request: Request) -> Iterator[None]:
        """An attempt of a request: no write is sent again before it ends.

        What was put before may be deleted or changed by a DELETE or a PATCH, even by one whose
        answer is lost: it is not put again.
        """
        if request.reads:
            yield
            return
        with self._changed:
            self._changed.wait_for(lambda: not self._is_repeating)
            self._writing_count += 1
        try:
            yield
        finally:
            with self._changed:
                self._writing_count -= 1
                if request.method in _CHANGING and not self._is_latest(request):
                    self._latest[False] = None
                self._changed.notify_all()

    def add(self, request: Request) -> None:
        """Note, within `sending`, that a request was answered, and done."""
        is_small = len(request.body or b"") <= _LARGEST_BYTES
        with self._changed:
            self._counts[request.reads] += 1
            self._given_up.pop(_collection_of(request), None)
            repeats = request.method == "PUT" or "If-Match" in request.headers
            if repeats or (request.reads and is_small):
                # A second restore is refused with 500 (1.6).
                is_fit = is_small and not request.path.endswith("/restore")
                self._latest[request.reads] = request._replace(read_s=PROBE_S) if is_fit else None
            elif request.method in _CHANGING:
                self._latest[False] = None
            self._changed.notify_all()

    def _is_latest(self, request: Request) -> bool:
        """Whether this is the write that was answered latest."""
        latest = self._latest[False]
        return latest is not None and latest._replace(read_s=request.read_s) == request

    def give_up(self, request: Request) -> None:
        """Note that a request has failed alone."""
        with self._changed:
            self._given_up[_collection_of(request)] += 1

    def of(
        self, request: Request, *, lenient: bool = False, essential: bool = False
    ) -> Callable[..., bool | None]:
        """A function that tells whether others like the request are answered at the moment.

        They are if one was since the function was last called, or is when it is sent now. If
        nothing can be sent, it depends on the usual request if the request is `lenient`; else
        the answer is None if the server does not handle the request (the function's argument)
        and reads from its database, unless the request is `essential`: others need what it writes.
        They are not once `GIVEN_UP_MAX` requests for its collection were given up in a row: what
        fails for a whole collection is no matter of single records.
        """
        reads, seen = request.reads, self._counts[request.reads]

        def are_answered(is_unhandled: bool = False) -> bool | None:
            nonlocal seen
            seen, before = self._counts[reads], seen
            if self._given_up[_collection_of(request)] >= GIVEN_UP_MAX:
                return False
            if seen > before:
                return True
            told = self._asked(reads)
            if told.answers and told.repeats is None and not lenient:
                is_open = is_unhandled and not essential and self._is_reading()
                return None if is_open else False
            return told.answers and told.repeats is not False

        return are_answered

    def _asked(self, reads: bool) -> _Told:
        """Send a request of this kind; workers that want to know at the same time share it."""
        wanted_at = time.monotonic()
        with self._asking[reads]:
            if self._told[reads].asked_at < wanted_at:
                asked_at = time.monotonic()
                answers = self._ask(self._usual)
                repeats = None
                if answers:
                    repeats = self._reads_again() if reads else self._writes_again()
                self._told[reads] = _Told(asked_at, answers, repeats)
            return self._told[reads]

    def _is_reading(self) -> bool:
        told = self._asked(True)
        is_known = self._latest[True] is not self._usual
        return told.answers and told.repeats is True and (is_known or self._ask(self._stored))

    def _reads_again(self) -> bool:
        latest = self._latest[True]
        return latest is None or latest is self._usual or self._ask(latest)

    def _writes_again(self) -> bool | None:
        """Put the latest again once no other write is under way; or see one of those answered."""
        with self._changed:
            count = self._counts[False]
            self._changed.wait_for(
                lambda: self._counts[False] > count or not self._writing_count, PROBE_S
            )
            if self._counts[False] > count:
                return True
            if self._writing_count:
                return False  # nothing is answered for so long
            latest = self._latest[False]
            if latest is None:
                return None
            self._is_repeating = True
        try:
            return self._ask(latest)
        finally:
            with self._changed:
                self._is_repeating = False
                self._changed.notify_all()
