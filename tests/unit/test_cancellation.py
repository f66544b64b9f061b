"""The flag that tells a source to stop: set by a signal handler, waited for by anybody."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from types import FrameType

import pytest
from om_ingest import Cancellation

from tests.selection import few

INTERRUPTED_WAITS = """
import signal, sys
from om_ingest import Cancellation

signal.signal(signal.SIGALRM, lambda *_: cancelled.set())
for attempt in range(int(sys.argv[1])):
    cancelled = Cancellation()
    signal.setitimer(signal.ITIMER_REAL, 1e-6 * (1 + attempt % 60))
    assert cancelled.wait(50), attempt
"""


@pytest.mark.parametrize("attempts", few([40, 500], 1))
def test_set_from_a_signal_handler(attempts: int) -> None:
    """A signal that arrives anywhere in `wait` ends it: nothing waits for its own lock."""
    command = [sys.executable, "-c", INTERRUPTED_WAITS, str(attempts)]
    subprocess.run(command, check=True, timeout=300)


def test_wakes_every_thread() -> None:
    """All that wait are woken, and nobody waits any more."""
    cancelled = Cancellation()
    woken: list[bool] = []
    threads = [threading.Thread(target=lambda: woken.append(cancelled.wait())) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert not cancelled.is_set()
    cancelled.set()
    for thread in threads:
        thread.join()
    assert (woken, cancelled.is_set(), cancelled.wait()) == ([True] * 3, True, True)


def test_timeout() -> None:
    """Without a request to stop, a wait ends after its time."""
    began = time.monotonic()
    assert Cancellation().wait(0.6) is False
    assert time.monotonic() - began >= 0.6
    assert Cancellation().wait(0) is False


def test_short_waits() -> None:
    """Waits of microseconds end: none of thousands lasts for ever."""

    def wait() -> None:
        for _ in range(20_000):
            Cancellation().wait(3e-6)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()


@pytest.mark.parametrize("line", [1, 2, 3])
def test_two_signals(line: int) -> None:
    """A second signal may interrupt the handling of the first one at any line."""
    cancelled, lines = Cancellation(), 0

    def interrupt(frame: FrameType, event: str, _: object) -> object:
        nonlocal lines
        if frame.f_code is Cancellation.set.__code__:
            lines += event == "line"
            if event == "line" and lines == line:
                cancelled.set()
        return interrupt

    before = sys.gettrace()
    sys.settrace(interrupt)  # type: ignore[arg-type]  # typeshed wants its own protocol
    try:
        cancelled.set()
    finally:
        sys.settrace(before)
    assert lines >= line
    assert cancelled.wait(5.0)
