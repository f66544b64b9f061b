"""Whether the server answers other requests: by those that it has answered, or by asking."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from om_ingest.openmetadata.network.connections import Request

_LARGEST_BYTES = 1024 * 1024
PROBE_S = 10.0
"""Seconds for the answer to a question whether the server answers."""


class Witnesses:
    """Tells a request that always fails from a server that always fails (ADR 28). Thread-safe.

    A request is known to fail alone only if one of its kind, reading or writing, is answered
    meanwhile: a server may read and not write, and answer its version and nothing else. If no
    other worker has a request answered, the latest one that was answered is sent again: a GET,
    or a PUT, which changes nothing the second time.

    `ask` sends a request once, and tells whether it is answered; `usual` is what is read when
    nothing has been.
    """

    def __init__(self, ask: Callable[[Request], bool], usual: Request) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._counts = {True: 0, False: 0}
        self._latest: dict[bool, Request | None] = {True: usual, False: None}
        self._usual = usual
        self._asking = {True: threading.Lock(), False: threading.Lock()}
        self._told = {True: (0.0, False), False: (0.0, False)}
        """When it was asked last, and whether it was answered."""

    def add(self, request: Request) -> None:
        """Note that a request was answered, and done."""
        with self._lock:
            self._counts[request.reads] += 1
            if request.method in {"DELETE", "PATCH"}:
                # What was put before may be deleted or changed now: it must not be put again.
                self._latest[False] = None
            elif request.method in {"GET", "PUT"} and len(request.body or b"") <= _LARGEST_BYTES:
                self._latest[request.reads] = request._replace(read_s=PROBE_S)

    def of(self, request: Request, *, lenient: bool = False) -> Callable[[], bool]:
        """A function that tells whether others like the request are answered at the moment.

        They are if one was since the function was last called, or is when it is sent now. If
        nothing can be sent, the answer is no, or depends on the usual request if `lenient`.
        """
        reads, seen = request.reads, self._counts[request.reads]

        def are_answered() -> bool:
            nonlocal seen
            seen, before = self._counts[reads], seen
            return seen > before or self._is_answered(reads, lenient=lenient)

        return are_answered

    def _is_answered(self, reads: bool, *, lenient: bool) -> bool:
        """Send a request of this kind; workers that want to know at the same time share it."""
        wanted_at = time.monotonic()
        with self._asking[reads]:
            asked_at, is_answered = self._told[reads]
            if asked_at < wanted_at:
                asked_at = time.monotonic()
                with self._lock:
                    latest = self._latest[reads]
                is_answered = self._ask(self._usual)
                if is_answered and latest is not None and latest is not self._usual:
                    is_answered = self._ask(latest)
                self._told[reads] = asked_at, is_answered
            return is_answered and (lenient or self._latest[reads] is not None)
