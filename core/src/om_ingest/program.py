"""The entry point of the command line: signals count before anything big is imported.

A container's first process gets no signal that it has no handler for (pid_namespaces(7)). One that
was blocked when the process began, e.g. by `env --block-signal=TERM`, waits until here. At its end
Python takes the handlers away: signals are blocked before that, so that the exit code stays.
"""

from __future__ import annotations

import atexit
import signal
import sys

from om_ingest.cancellation import end_process

_NUMBERS = (signal.SIGINT, signal.SIGTERM)


def main() -> None:
    """Run the command of `sys.argv`, and exit with its code."""
    _listen()
    from om_ingest import cli  # takes a tenth of a second

    cli.main()


def _listen() -> None:
    """End the process by signals until a run has handlers of its own, and get what has waited.

    What whoever started it ignores stays ignored: nohup(1).
    """
    for number in _NUMBERS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, end_process)
    if sys.platform != "win32":
        atexit.register(signal.pthread_sigmask, signal.SIG_BLOCK, _NUMBERS)  # the last to run
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _NUMBERS)
