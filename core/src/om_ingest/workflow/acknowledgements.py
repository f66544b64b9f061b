"""The journal as a sink sees it: which records the target has acknowledged."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from hashlib import blake2b
from threading import Lock

from om_ingest.errors import DeliveryError, RecordError
from om_ingest.kinds import Parcel
from om_ingest.workflow.journal import Journal

logger = logging.getLogger(__name__)

_PLACE_BYTES, _NAME_BYTES, _DIGEST_BYTES = 6, 10, 16


class Acknowledgements:
    """A `DeliveryJournal`. Until it is bound to a journal every record has to be sent.

    A journal that fails only causes records to be sent again: it is logged once, not raised.
    """

    def __init__(self) -> None:
        self.skipped_count = 0
        """Records that did not have to be sent."""
        self._journal: Journal | None = None
        self._job = b""
        self._resuming = False
        self._is_afresh = False
        """Whether the acknowledgements of earlier runs have been deleted."""
        self._lock = Lock()

    def bind(self, journal: Journal, job: bytes, *, resuming: bool) -> None:
        """Keep acknowledgements in a journal; those of earlier runs count if `resuming`."""
        self._journal, self._job, self._resuming = journal, job, resuming

    def unsent(self, parcels: Sequence[Parcel]) -> list[bool]:
        """See `DeliveryJournal.unsent`."""
        with self._lock:
            try:
                return self._unsent(parcels)
            except DeliveryError as error:
                self._lose(error)
                return [True] * len(parcels)

    def _unsent(self, parcels: Sequence[Parcel]) -> list[bool]:
        journal = self._journal
        if journal is None:
            return [True] * len(parcels)
        if not self._resuming:
            if not self._is_afresh:
                # Not before the first record is sent: a run that cannot reach its target must
                # not delete what an earlier run can be resumed from.
                journal.forget(self._job)
                self._is_afresh = True
            return [True] * len(parcels)
        marks = [mark_of(parcel) for parcel in parcels]
        known = journal.digests(self._job, [mark[0] for mark in marks if mark])
        answers, outdated = [], []
        for mark in marks:
            digest = known.get(mark[0]) if mark else None
            answers.append(digest is None or mark is None or digest != mark[1])
            if mark and digest not in (None, mark[1]):
                # The old content is about to be overwritten: if it is yielded again later, it
                # has to be sent again.
                del known[mark[0]]
                outdated.append(mark[0])
        if outdated:
            journal.forget(self._job, outdated)
        self.skipped_count += answers.count(False)
        return answers

    def acknowledge(self, parcels: Sequence[Parcel]) -> None:
        """See `DeliveryJournal.acknowledge`."""
        journal = self._journal
        if journal is None:
            return
        marks = [mark for mark in map(mark_of, parcels) if mark is not None]
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


def mark_of(parcel: Parcel) -> tuple[bytes, bytes] | None:
    """Key and content digest of a record; None if it has no identity, or cannot be encoded.

    The key begins with a hash of the parent's name: records that arrive together are then
    neighbours in the file, which makes writing a million of them five times as fast.
    """
    if parcel.identity is None:
        return None
    try:
        content = parcel.encoded
    except RecordError:
        return None
    name = "\0".join(parcel.identity).encode("utf-8", "surrogatepass")
    place = name.rpartition(b".")[0]
    key = _hash(place, _PLACE_BYTES) + _hash(name, _NAME_BYTES)
    return key, _hash(content, _DIGEST_BYTES)


def _hash(text: bytes, byte_count: int) -> bytes:
    return blake2b(text, digest_size=byte_count).digest()
