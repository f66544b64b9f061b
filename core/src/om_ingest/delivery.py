"""What a sink tells the journal of its run, so that a later run need not send it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from om_ingest.model.records import Record


class DeliveryJournal(Protocol):
    """Remembers what the target has acknowledged; any thread may call it.

    A sink that asks and tells it declares `keeps_journal`, and is then resumed by
    `om-ingest run --resume`. Neither method raises.
    """

    def unsent(self, records: Sequence[Record]) -> list[bool]:
        """Which of the records have to be sent, one answer per record.

        False for one that an earlier run of the job has delivered with the same content: it
        is settled as `Outcome.UNCHANGED`. Called once for each record, in the order in which
        they are written.
        """

    def acknowledge(self, records: Sequence[Record]) -> None:
        """Remember records that the target has acknowledged just now, in their order.

        Whatever happens to the process afterwards, they are remembered when it returns.
        """


class NoJournal:
    """Remembers nothing: every record has to be sent."""

    def unsent(self, records: Sequence[Record]) -> list[bool]:
        """True for every record."""
        return [True] * len(records)

    def acknowledge(self, records: Sequence[Record]) -> None:
        """Nothing is done."""
