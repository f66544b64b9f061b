"""Observers are waited for within bounds."""

from __future__ import annotations

import threading
import time

import pytest
from om_ingest.observer import RunObserver
from om_ingest.run.observing import Observers
from om_ingest.run.told import ToldInThread


class Hanging(RunObserver):
    """Never returns from its first call."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.goes_on = threading.Event()

    def phase_began(self, name: str, at: object) -> None:
        self.calls.append(name)
        self.goes_on.wait()


@pytest.mark.parametrize("count", [1, 20])
def test_hanging_observer(caplog: pytest.LogCaptureFixture, count: int) -> None:
    """A run waits so long at most for an observer that hangs, with a warning; others learn all."""
    hanging, other = Hanging(), Hanging()
    other.goes_on.set()
    both = [ToldInThread("slow", hanging, patience_s=0.1), ToldInThread("other", other)]
    observers = Observers(both)
    began = time.monotonic()
    for number in range(count):
        with observers.phase(str(number)):
            pass
    observers.ended({}, within_s=0.1)
    observers.ended({}, within_s=60)  # nobody is left
    assert time.monotonic() - began < 5
    assert other.calls == [str(number) for number in range(count)]
    assert hanging.calls == ["0"]
    (warning,) = caplog.messages
    assert warning.startswith("The observer slow "), warning
    hanging.goes_on.set()
