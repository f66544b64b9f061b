"""The journal as a sink sees it: which records the target has acknowledged, and still holds."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING, Any

from om_ingest.errors import DeliveryError, RecordError
from om_ingest.kinds import KINDS, Identity, Parcel, identity_of, kind_of
from om_ingest.kinds.identity import identity_at
from om_ingest.model.lineage import AddLineageRequest, EntitiesEdge
from om_ingest.store import ForwardingStore, MetadataStore
from om_ingest.workflow.journal import Journal

if TYPE_CHECKING:
    from om_ingest.workflow.presence import Presence

logger = logging.getLogger(__name__)

_PARENT_TYPES = frozenset(name for kind in KINDS.values() for name in kind.parent_types)
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
        self._target: MetadataStore | None = None
        self._presence: Presence | None = None
        self._lock = Lock()

    def bind(
        self, journal: Journal, job: bytes, *, resuming: bool, target: MetadataStore | None = None
    ) -> None:
        """Keep acknowledgements in a journal; those of earlier runs count if `resuming`.

        What the `target` no longer has is sent again all the same; None if it cannot be asked.
        """
        self._journal, self._job, self._resuming = journal, job, resuming
        self._target = target

    def watching(self, store: MetadataStore) -> MetadataStore:
        """The store; what is deleted through it is no longer known as acknowledged."""
        return store if self._journal is None else _Watched(store, self._forget)

    def close(self) -> None:
        """Throw away what is known of the target."""
        if self._presence is not None:
            self._presence.close()

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
        places = [place for place, is_unsent in enumerate(answers) if not is_unsent]
        for place, is_there in zip(places, self._are_there(parcels, places), strict=True):
            mark = marks[place]
            if not is_there and mark:
                answers[place] = True
                outdated.append(mark[0])
        if self._presence is not None:
            self._presence.expect(itertools.compress(parcels, answers))
        if outdated:
            journal.forget(self._job, outdated)
        self.skipped_count += answers.count(False)
        return answers

    def _are_there(self, parcels: Sequence[Parcel], places: Sequence[int]) -> list[bool]:
        """Whether the target still has what was acknowledged of some of the records."""
        if self._target is None or not places:
            return [True] * len(places)
        if self._presence is None:
            from om_ingest.workflow.presence import Presence  # only resumed runs need it

            self._presence = Presence(self._target)
        return self._presence.is_there([parcels[place] for place in places])

    def _forget(self, entity_type: str, fqns: Iterable[str]) -> None:
        """Forget entities that are about to be deleted, with what lies below them."""
        journal = self._journal
        if journal is None:
            return
        keys = None  # a key is a hash: those below an entity cannot be told from others
        if entity_type not in _PARENT_TYPES:
            is_kind = entity_type in KINDS  # an edge is named by its ends
            named = (
                identity_at(entity_type, fqn) if is_kind else (entity_type, fqn) for fqn in fqns
            )
            keys = [_key_of(identity) for identity in named]
        try:
            journal.forget(self._job, keys)
        except DeliveryError as error:
            self._lose(error)

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
    return _key_of(parcel.identity), _hash(content, _DIGEST_BYTES)


def _key_of(identity: Identity) -> bytes:
    name = "\0".join(identity).encode("utf-8", "surrogatepass")
    place = name.rpartition(b".")[0]
    return _hash(place, _PLACE_BYTES) + _hash(name, _NAME_BYTES)


class _Watched(ForwardingStore):
    """A store that tells what is about to be deleted through it."""

    def __init__(self, store: MetadataStore, forget: Callable[[str, Iterable[str]], None]) -> None:
        self._store = store
        self._forget = forget

    def _target(self) -> MetadataStore:
        return self._store

    def _forward(self, method: str, **arguments: Any) -> Any:
        if method in ("delete", "delete_stale"):
            fqns = arguments["fqns"] if method == "delete_stale" else [arguments["fqn"]]
            self._forget(kind_of(arguments["entity"]).entity_type, fqns)
        if method == "delete_lineage":
            edge = EntitiesEdge(fromEntity=arguments["start"], toEntity=arguments["target"])
            identity = identity_of(AddLineageRequest(edge=edge))
            self._forget(*((identity[0], [identity[1]]) if identity else ("lineage", [])))
        return super()._forward(method, **arguments)


def _hash(text: bytes, byte_count: int) -> bytes:
    return blake2b(text, digest_size=byte_count).digest()
