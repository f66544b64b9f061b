"""The entry point of the command line: signals count before anything big is imported.

A container's first process gets no signal that it has no handler for (pid_namespaces(7)). One that
was blocked when the process began, e.g. by `env --block-signal=TERM`, waits until here.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

_NUMBERS = (signal.SIGINT, signal.SIGTERM)


def main() -> None:
    """Run the command of `sys.argv`, and exit with its code."""
    _listen()
    from om_ingest import cli  # takes a tenth of a second

    cli.main()


def _listen() -> None:
    """End the process at SIGTERM until a run has handlers of its own, and get what has waited."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _end)
    if sys.platform != "win32":
        os.register_at_fork(after_in_child=_forget)  # called after that of a run, which is later
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _NUMBERS)


def _forget() -> None:
    """In a forked process: a signal ends it as it ends any other."""
    if signal.getsignal(signal.SIGTERM) is _end:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
