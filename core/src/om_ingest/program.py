"""The entry point of the command line: signals count before anything big is imported.

A container's first process gets no signal that it has no handler for (pid_namespaces(7)). One that
was blocked when the process began, e.g. by `env --block-signal=TERM`, waits until here. At its end
Python takes its handlers away: signals are ignored from then on, so that the exit code stays.
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
    atexit.register(_ignore)  # the last to run
    for number in _NUMBERS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, end_process)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _NUMBERS)


def _ignore() -> None:
    """Let signals change nothing while Python ends, which leaves them as they are set here.

    To block them would not do: a thread that is left does not block them, and the signal ends the
    process, even process 1.
    """
    for number in _NUMBERS:
        signal.signal(number, signal.SIG_IGN)
