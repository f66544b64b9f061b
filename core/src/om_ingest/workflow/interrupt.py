"""Ctrl-C and SIGTERM: stop reading at once, but never in the middle of a delivery."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import FrameType
from typing import Any, NoReturn, TypeVar

from om_ingest import cancellation
from om_ingest.cancellation import Cancellation, SignalExit, end_process
from om_ingest.workflow.deadline import CUT_SIGNAL, Deadline
from om_ingest.workflow.last_resort import LastResort

ItemT = TypeVar("ItemT")

_END: Any = object()
_BURST_S = 1.0
"""Signals that follow each other sooner are one request: of a terminal and a wrapper, say."""
_LAST_WORDS = "Ended at once by a third signal"


class RunInterrupted(BaseException):
    """Raised inside the source when the run is to stop; connectors must not catch it."""


class Interrupt:
    """While entered, the first signal asks the run to stop, and the second ends what it waits for.

    The first signal raises only while code of the source runs, which `source_runs` and
    `reading` tell: a batch that is being delivered is always finished. The second raises
    `KeyboardInterrupt`, wherever the run may wait. None raises while what is left is put down: see
    `settling`. A third request ends the process at once: a source may swallow the others.

    A process that the source forks has the handlers that were there before.
    """

    def __init__(
        self,
        last_words: str = _LAST_WORDS,
        stop_words: Sequence[str] = (),
        *,
        grace_s: float | None = None,
        farewell: Callable[[int], int] = lambda code: code,
    ) -> None:
        """What standard error gets at a third request, and, as it is, at the two before.

        `grace_s` and `farewell` are those of its `Deadline`.
        """
        self.cancelled = Cancellation()
        self.signal_number: int | None = None
        """The signal that asked to stop; None while none did."""
        self._in_source = False
        """Whether a signal raises; set here and nowhere else."""
        self._may_wait = True
        """Whether a signal after the first raises."""
        self._is_patient = False
        """Whether it does so only after a pause."""
        self._count = 0
        self.is_cut_off = False
        """Whether a signal has raised `KeyboardInterrupt`."""
        self._latest_s = 0.0
        self._before: dict[int, Any] = {}
        self._is_forked = False
        self._deadline = Deadline(self.cancelled, grace_s, farewell)
        self._last_resort = LastResort(
            last_words, stop_words, self._deadline.ask, self._deadline.end_process
        )

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                if signal.getsignal(number) is not signal.SIG_IGN:  # so it stays: nohup(1)
                    self._before[number] = signal.signal(number, self._receive)
            if CUT_SIGNAL is not None:
                self._before[CUT_SIGNAL] = signal.signal(CUT_SIGNAL, self._cut_off)
            self._last_resort.watch()
            self._deadline.begin()
        _entered.append(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._restore()
        cancellation.end_by(self.cancelled.over_at)
        if self in _entered:
            _entered.remove(self)

    def _restore(self) -> None:
        self._deadline.end()
        self._last_resort.leave(is_forked=self._is_forked)
        for number, handler in self._before.items():
            if self._is_forked and handler is end_process:
                handler = signal.default_int_handler if number == signal.SIGINT else None
            # None stands for a handler that was not set from Python, and cannot be set again.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def forked(self) -> None:
        """Be as if never entered: this is a process that the source has forked."""
        self._is_forked = True
        self._restore()

    @contextlib.contextmanager
    def waiting(self, *, patient: bool = False) -> Iterator[None]:
        """Something that may never end runs inside: a signal after the first ends it.

        One that comes right after another does not if `patient`.
        """
        before = self._may_wait, self._is_patient
        self._is_patient, self._may_wait = patient, True
        try:
            yield
        finally:
            self._may_wait, self._is_patient = before

    @contextlib.contextmanager
    def settling(self) -> Iterator[None]:
        """What is left of the run is put down inside, and no signal keeps it from that."""
        before, self._may_wait = self._may_wait, False
        try:
            yield
        finally:
            self._may_wait = before

    def awaited(self, step: Callable[[], Iterable[ItemT]]) -> Iterator[ItemT]:
        """Pass on what a step gives; a signal after the first ends it while the next is awaited."""
        items: Iterator[ItemT] | None = None
        while True:
            before, self._may_wait = self._may_wait, True
            try:
                if items is None:
                    items = iter(step())
                item = next(items, _END)
            finally:
                self._may_wait = before
            if item is _END:
                return
            yield item

    @contextlib.contextmanager
    def source_runs(self, *, ending: bool = False) -> Iterator[None]:
        """Code of the source runs inside: a signal raises `RunInterrupted` there.

        Raises it at once if a signal has come already, unless the source is only `ending`:
        what it holds is released in any case.
        """
        before, self._may_wait = self._may_wait, True
        self._in_source = True
        try:
            if self.signal_number is not None and not ending:  # looked at last, as in `reading`
                raise RunInterrupted
            yield
        except BaseException as error:
            self._leave_if_forked(error)
            raise
        finally:
            self._in_source = False
            self._may_wait = before

    def reading(self, records: Iterator[object]) -> Iterator[object]:
        """Pass records on; a signal raises while the next one is awaited, and at no other time.

        Ends early once a signal has come.
        """
        before = self._may_wait
        while True:
            try:
                self._in_source = self._may_wait = True
                if self.signal_number is not None:  # looked at last: from here on it raises
                    return
                record = next(records, _END)
            except BaseException as error:
                self._leave_if_forked(error)
                raise
            finally:
                self._in_source = False
                self._may_wait = before
            if record is _END:
                return
            yield record

    @contextlib.contextmanager
    def delivering(self) -> Iterator[None]:
        """Inside, no signal raises, whether the pipeline or the source asked for the delivery.

        If the source did, by reading back, `RunInterrupted` is raised afterwards for a signal
        that came meanwhile. Enter it before anything is taken that must not be lost.
        """
        before, self._in_source = self._in_source, False
        try:
            with self.settling():
                yield
        finally:
            self._in_source = before
        if before and self.signal_number is not None:
            raise RunInterrupted

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self._deadline.ask(number)
        self._last_resort.add(number)
        self._count += 1
        now = time.monotonic()
        pause_s, self._latest_s = now - self._latest_s, now
        if self.signal_number is None:
            self.signal_number = number
            if self._in_source:
                self._in_source = False
                raise RunInterrupted
        elif self._may_wait and (pause_s >= _BURST_S or self._is_second_at_once()):
            self._may_wait = False  # once: what handles it must not be cut short
            self.is_cut_off = True
            raise KeyboardInterrupt

    def _cut_off(self, number: int, frame: FrameType | None) -> None:
        """End what the run waits for, once its grace is nearly over.

        Before that others have sent the signal: a socket with urgent data, or the runtime of Go.
        """
        if time.monotonic() < self.cancelled.cut_at:
            others = self._before.get(number)
            if callable(others):
                others(number, frame)
        elif self._may_wait:
            self._may_wait = False
            self.is_cut_off = True
            raise KeyboardInterrupt

    def _is_second_at_once(self) -> bool:
        return self._count == 2 and not self._is_patient

    def _leave_if_forked(self, error: BaseException) -> None:
        """End a process that the source forked and that has come to its end: the run is not its."""
        if self._is_forked:
            _leave(error)


_entered: list[Interrupt] = []


def is_fault(error: BaseException) -> bool:
    """Whether a plugin has raised this on its own; if not, a signal did, and it has to pass.

    In a run a plugin may raise `KeyboardInterrupt` and others that are no `Exception`, which end
    the plugin's step and nothing else. Outside of one Ctrl-C raises it.
    """
    if isinstance(error, KeyboardInterrupt):
        return bool(_entered) and not _entered[-1].is_cut_off
    return not isinstance(error, RunInterrupted | SignalExit)


def _leave(error: BaseException) -> NoReturn:
    """End this process as Python would, but without running what its parent has to run."""
    code: object = 1
    if isinstance(error, SystemExit):
        code = error.code
        if isinstance(code, str):
            print(code, file=sys.__stderr__)
    else:
        traceback.print_exception(error, file=sys.__stderr__)
    for stream in filter(None, (sys.__stdout__, sys.__stderr__)):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _before_fork() -> None:
    """Hold signals back: one that came before the child has its own handlers would be lost."""
    if _entered:
        numbers = (signal.SIGINT, signal.SIGTERM)
        _forking.mask = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)


def _after_fork() -> None:
    mask = vars(_forking).pop("mask", None)
    if mask is not None:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _after_fork_in_child() -> None:
    for interrupt in _entered:
        interrupt.forked()
    _after_fork()


_forking = threading.local()

if sys.platform != "win32":
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork,
        after_in_child=_after_fork_in_child,
    )
