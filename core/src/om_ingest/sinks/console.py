"""Sink onto standard output: one record per line, as JSON."""

from __future__ import annotations

import sys
from typing import Any

from om_ingest.config.settings import Settings
from om_ingest.config.validation import validated
from om_ingest.delivery import SinkContext
from om_ingest.errors import DeliveryError
from om_ingest.sinks.spool import Spool, SpoolSink


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
        """Open the temporary file."""
        self.opened = Spool.temporary(self.ctx.scratch)

    @property
    def target(self) -> str:
        """`console`."""
        return "console"

    def append(self, lines: bytes) -> None:
        """Print the lines, too; raises `DeliveryError` when nobody reads on."""
        super().append(lines)
        out = sys.__stdout__  # sys.stdout is redirected, so that connectors cannot print here
        if out is not None:
            try:
                out.buffer.write(lines)  # UTF-8, whatever the terminal is set to
                out.flush()
            except OSError as error:
                raise DeliveryError(
                    f"Cannot print: {error.strerror}", "Read the output to its end."
                ) from None
