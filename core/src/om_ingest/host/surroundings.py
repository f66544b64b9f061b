"""What all code of a process shares, kept as it is while a connector is imported.

Scripts set up logging, warnings and streams, and go to another folder; the modules of many
connectors began as scripts.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_OWN = re.compile(r"om_ingest(_\w+)?(\.|$)")
"""Names of the loggers of om-ingest and of its plugins."""


@contextlib.contextmanager
def kept_as_they_are() -> Iterator[None]:
    """What is changed inside is undone at the end.

    That is: log handlers and levels, of the root and of om-ingest and its plugins; which loggers
    are disabled; filters of warnings; the working directory; standard streams; `sys.excepthook`;
    and handlers of SIGINT and SIGTERM. What a connector does to its own loggers, to `sys.path` and
    to the environment stays.
    """
    undo = [_logging(), folder_of_now(), _streams(), _signals()]
    with warnings.catch_warnings():
        try:
            yield
        finally:
            for step in undo:
                step()


def _logging() -> Callable[[], None]:
    manager = logging.root.manager
    known = [each for each in manager.loggerDict.values() if isinstance(each, logging.Logger)]
    own = [each for each in known if _OWN.match(each.name)]
    enabled = [each for each in known if not each.disabled]
    before = [
        (each, each.handlers[:], each.level, each.disabled, each.propagate)
        for each in (logging.root, *own)
    ]
    disabled_level = manager.disable

    def undo() -> None:
        logging.disable(disabled_level)
        for logger in enabled:  # `logging.config` disables all that it does not name
            logger.disabled = False
        for logger, handlers, level, is_disabled, propagates in before:
            logger.handlers[:] = handlers
            if logger.level != level:
                logger.setLevel(level)
            logger.disabled, logger.propagate = is_disabled, propagates

    return undo


def folder_of_now() -> Callable[[], None]:
    """What makes the working directory of now that of the process again."""
    try:
        before = Path.cwd()
    except OSError:  # it was deleted
        return lambda: None

    def undo() -> None:
        with contextlib.suppress(OSError):
            if Path.cwd() != before:
                os.chdir(before)

    return undo


def _streams() -> Callable[[], None]:
    before = sys.stdin, sys.stdout, sys.stderr, sys.excepthook

    def undo() -> None:
        sys.stdin, sys.stdout, sys.stderr, sys.excepthook = before

    return undo


def _signals() -> Callable[[], None]:
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    numbers = (signal.SIGINT, signal.SIGTERM)
    before: list[tuple[int, Any]] = [(number, signal.getsignal(number)) for number in numbers]

    def undo() -> None:
        for number, handler in before:
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)

    return undo
