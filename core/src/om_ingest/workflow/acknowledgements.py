"""What the target of a run has taken, record by record: the journal as a sink sees it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from hashlib import blake2b
from threading import Lock

from om_ingest.errors import DeliveryError, RecordError
from om_ingest.kinds.identity import identity_of
from om_ingest.kinds.lines import encode
from om_ingest.model.records import Record, ScopeComplete
from om_ingest.workflow.journal import Journal

logger = logging.getLogger(__name__)

_PLACE_BYTES, _NAME_BYTES, _DIGEST_BYTES = 6, 10, 16


class Acknowledgements:
    """A `DeliveryJournal`. Until it is bound to a journal every record has to be sent.

    A failing journal costs only that more is sent again: it is told once, and not raised.
    """

    def __init__(self) -> None:
        self.skipped_count = 0
        """Records that did not have to be sent."""
        self._journal: Journal | None = None
        self._job = b""
        self._resuming = False
        self._is_afresh = False
        """Whether what earlier runs left is forgotten."""
        self._lock = Lock()

    def bind(self, journal: Journal, job: bytes, *, resuming: bool) -> None:
        """Keep acknowledgements in a journal; those of earlier runs count if `resuming`."""
        self._journal, self._job, self._resuming = journal, job, resuming

    def unsent(self, records: Sequence[Record]) -> list[bool]:
        """See `DeliveryJournal.unsent`."""
        with self._lock:
            try:
                return self._unsent(records)
            except DeliveryError as error:
                self._lose(error)
                return [True] * len(records)

    def _unsent(self, records: Sequence[Record]) -> list[bool]:
        journal = self._journal
        if journal is None:
            return [True] * len(records)
        if not self._resuming:
            if not self._is_afresh:
                # Not before the first record is sent: a run that cannot even reach its target
                # leaves what there is to resume.
                journal.forget(self._job)
                self._is_afresh = True
            return [True] * len(records)
        marks = [mark_of(record) for record in records]
        known = journal.digests(self._job, [mark[0] for mark in marks if mark])
        answers, outdated = [], []
        for mark in marks:
            digest = known.get(mark[0]) if mark else None
            answers.append(digest is None or mark is None or digest != mark[1])
            if mark and digest not in (None, mark[1]):
                # What is sent from here on counts no more as what it was: one that comes
                # later with the old content must not be left out.
                del known[mark[0]]
                outdated.append(mark[0])
        if outdated:
            journal.forget(self._job, outdated)
        self.skipped_count += answers.count(False)
        return answers

    def acknowledge(self, records: Sequence[Record]) -> None:
        """See `DeliveryJournal.acknowledge`."""
        journal = self._journal
        if journal is None:
            return
        marks = [mark for mark in map(mark_of, records) if mark is not None]
        try:
            journal.acknowledge(self._job, marks)
        except DeliveryError as error:
            self._lose(error)

    def _lose(self, error: DeliveryError) -> None:
        if self._journal is not None:
            logger.warning(
                "What is delivered from here on will be sent again if the run is resumed: %s", error
            )
        self._journal = None


def mark_of(record: Record) -> tuple[bytes, bytes] | None:
    """The key of what a record writes, and the digest of what it says; None if it has no key.

    The key begins with what the record lies below: records that arrive together then lie
    together in the file, which makes keeping a million of them five times as fast.
    """
    identity = None if isinstance(record, ScopeComplete) else identity_of(record)
    if identity is None:
        return None
    try:
        content = encode(record)
    except RecordError:
        return None
    name = "\0".join(identity).encode("utf-8", "surrogatepass")
    place = name.rpartition(b".")[0]
    key = _hash(place, _PLACE_BYTES) + _hash(name, _NAME_BYTES)
    return key, _hash(content, _DIGEST_BYTES)


def _hash(text: bytes, byte_count: int) -> bytes:
    return blake2b(text, digest_size=byte_count).digest()
