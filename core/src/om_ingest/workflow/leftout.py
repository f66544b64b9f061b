"""What filters leave out: no record comes of it, and yet it is not gone from the source."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from om_ingest.config.settings import SourceConfig
from om_ingest.errors import DeliveryError, RecordError
from om_ingest.kinds import EntityKind
from om_ingest.kinds.identity import identity_at, identity_of
from om_ingest.model import fqn as names
from om_ingest.model.entity import CreateRequest
from om_ingest.source import Source, SourceStatus
from om_ingest.store import MetadataStore

if TYPE_CHECKING:
    from om_ingest.selection import Selection
    from om_ingest.workflow.seen import Seen


class LeftOut:
    """Learns what a run leaves out, and then tells whether an entity is among it.

    Three know: the source, which calls `SourceStatus.filter`; the processors, which drop
    records; and the patterns and include flags of the workflow, for sources that apply them
    without a word.
    """

    def __init__(self, settings: SourceConfig, seen: Callable[[], Seen]) -> None:
        self._settings = settings
        self._seen = seen
        self._heard_count = 0
        self._lock = threading.Lock()
        self.unknown = ""
        """Why it cannot be told what was left out; empty if it can."""
        self.lost = ""
        """Why it cannot be told what is there without being yielded; empty if it can."""

    @cached_property
    def _selection(self) -> Selection[SourceConfig]:
        from om_ingest.selection import Selection  # loads the models of tables

        return Selection(type(self._settings), self._settings, SourceStatus())

    def listen(self, source: Source) -> None:
        """Hear everything that a source leaves out from now on, and what it says is there."""
        try:
            status = source.get_status()
        except Exception:  # noqa: BLE001  # a plugin may raise anything: it is reported at the end
            return
        if isinstance(status, SourceStatus):
            status.on_filtered, status.on_present = self._hear, self._hear_present

    def _hear(self, key: str) -> None:
        with self._lock:  # a source may have threads
            self._heard_count += 1
        self._note(key)

    def _hear_present(self, entity_type: str, fqn: str) -> None:
        """Note what is there, and not left out; errors as below."""
        try:
            with self._lock:
                self._seen().add(identity_at(entity_type, fqn))
        except (DeliveryError, RecordError) as error:
            self.lost = error.what

    def _note(self, key: str) -> None:
        """Note a key; an error does not disturb the source, but the deletion."""
        try:
            self._seen().add_left_out(names.plain(key) or key.strip().casefold())
        except DeliveryError as error:
            self.unknown = error.what

    def drop(self, record: object) -> None:
        """Note a record that a processor dropped."""
        identity = identity_of(record) if isinstance(record, CreateRequest) else None
        if identity is not None:
            self._seen().drop(identity)
            self._note(identity[1])

    def complete(self, status: SourceStatus) -> None:
        """Take what was not heard from the final status, as far as it tells."""
        if status.filtered_count <= self._heard_count:
            return
        for note in status.filtered:
            self._note(note.key)
        if status.filtered_count > len(status.filtered):
            self.unknown = "the source left out more than can be told apart"

    def includes(self, store: MetadataStore, kind: EntityKind, fqn: str) -> bool:
        """Whether an entity, or what it lies in, or something in it is left out."""
        return self._seen().is_left_out(fqn) or self._by_settings(store, kind, fqn)

    def _by_settings(self, store: MetadataStore, kind: EntityKind, fqn: str) -> bool:
        selection, path = self._selection, names.split(fqn)
        if selection.leaves_out_kind(kind.collection.rpartition("/")[2]):
            return True
        if kind.nested_type == kind.entity_type:  # a pattern for containers is for the outermost
            path = path[: kind.depth]
        above = kind.parent
        if selection.why_not(kind.entity, path[-1], names.join(*path)):
            return True
        while above is not None:
            path = path[: above.depth]
            if selection.why_not(above.entity, path[-1], names.join(*path)):
                return True
            above = above.parent
        if kind.entity_type != "table" or not selection.leaves_out_tables:
            return False
        found = store.get_by_name(kind.entity, fqn)
        return found is not None and bool(selection.why_not_type(getattr(found, "tableType", None)))
