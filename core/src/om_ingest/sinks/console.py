"""Sink onto standard output: one record per line, as JSON."""

from __future__ import annotations

import logging
from typing import Any, TextIO

from om_ingest import streams
from om_ingest.config.settings import Settings
from om_ingest.config.validation import validated
from om_ingest.delivery import SinkContext
from om_ingest.errors import OutputError
from om_ingest.sinks.spool import Spool, SpoolSink

logger = logging.getLogger(__name__)


class ConsoleConfig(Settings):
    """The console sink has nothing to set."""


class ConsoleSink(SpoolSink):
    """Prints every record, and keeps a copy in a temporary file for reading back."""

    config_class = ConsoleConfig

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> ConsoleSink:
        """Check the config; raises `WorkflowError`."""
        validated(ConsoleConfig, config_dict, ("sink", "config"))
        return cls(ctx)

    def prepare(self) -> None:
        """Open the temporary file; raises `OutputError` if there is no standard output."""
        _out()
        self.opened = Spool.temporary(self.ctx.scratch)

    @property
    def target(self) -> str:
        """`console`."""
        return "console"

    def append(self, lines: bytes) -> None:
        """Print the lines, too; raises `OutputError` when that is no longer possible."""
        super().append(lines)
        out = _out()
        try:
            out.buffer.write(lines)  # UTF-8, whatever the terminal is set to
            out.flush()
            lost = streams.failure(out)
        except OSError as error:  # of a program that has not guarded its streams
            lost = streams.described(error)
        if lost is None:
            return
        if lost.reader_left:
            logger.info("Nobody reads on: the run ends here")
        raise lost


def _out() -> TextIO:
    """Standard output itself: `sys.stdout` is redirected, so that connectors cannot print there."""
    out = streams.output()
    if out is None:
        raise OutputError(
            "Nothing can be printed: standard output is closed",
            "Leave it open, or name another sink.",
        )
    return out
