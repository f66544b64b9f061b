"""What a row makes of what the server has: who wins in a field, and which labels it refuses.

A server takes no label beside another one of a classification whose tags exclude each other, and
merges what a PUT says with what is there (contract §3.0, §6.3): the label that is there stays, and
the other one must not be sent.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import Any

from om_ingest.kinds import KEEPING, Identity, Policy, changes, policy_of, rivals, settled
from om_ingest.model import fqn as names
from om_ingest.openmetadata.bodies import Row
from om_ingest.openmetadata.server import Server

Body = dict[str, Any]

MODEL = "dataModel"
"""A field of tables that a PUT takes and does not store; it has a path of its own (§3.0)."""

_KEPT = ("domains", "dataProducts")
"""Fields that no PUT by a bot changes once they are there, not even one that overrides (§6.3)."""

INHERITED = "retentionPeriod"
"""A field that a server shows also below where it was set, without a mark."""

_PARENT_COUNT = 1000
"""Parents of which it is remembered."""

_PUT_PARTS = ("description", "tags")
"""Fields of parts that a PUT with `overrideMetadata` replaces (contract §6.3)."""


class Comparison:
    """Compares rows with what is stored, in the form of requests. Thread-safe.

    With `override`, what rows say wins also where it would keep what people have set. Asks the
    server once about each classification of which an entity has one label and a row says another;
    all methods raise `RecordError` when it cannot tell.
    """

    def __init__(self, server: Server, *, override: bool = False) -> None:
        self.override = override
        self._server = server
        self._excludes: dict[str, bool] = {}
        self._above: dict[Identity, Any] = {}
        """What parents have that their children inherit without a mark."""
        self._lock = threading.Lock()

    def changes(self, row: Row, stored: Body) -> Body:
        """The fields that a row changes, and what they become by a patch."""
        exclusive = () if self.override else self._exclusive(row, stored)
        return changes(row.kind, stored, row.body, override=self.override, exclusive=exclusive)

    def lacks(self, row: Row, stored: Body) -> Body:
        """The fields that a row changes without regard to `override`."""
        exclusive = self._exclusive(row, stored)
        return changes(row.kind, stored, row.body, exclusive=exclusive)

    def completed(self, row: Row, stored: Body) -> Body:
        """The body of a PUT of a row with what is there and stays."""
        exclusive = () if self._replaces else self._exclusive(row, stored)
        return settled(row.kind, stored, row.body, override=self.override, exclusive=exclusive)

    def not_put(self, row: Row, stored: Body) -> Body:
        """The fields that a row changes, and a PUT by a bot does not, as of `changes`."""
        policies = KEEPING if self.override and not self._replaces else {Policy.KEYS}
        kept = {
            field
            for field in row.body
            if (self.override and field in _KEPT) or policy_of(row.kind, field) in policies
        }
        found = self.changes(row, stored) if kept else {}
        return {field: value for field, value in found.items() if field in kept}

    def needs_patch(self, row: Row, stored: Body) -> bool:
        """Whether a PUT changes nothing, or too little: a patch does all of it then."""
        not_put = self.not_put(row, stored)
        if not_put and not_put.keys() == self.changes(row, stored).keys() - {MODEL}:
            return True
        return self.override and self._is_short(row, stored)

    def _is_short(self, row: Row, stored: Body) -> bool:
        """Whether a PUT keeps what a row overrides in parts, such as columns."""
        parts = _PUT_PARTS if self._replaces else ()
        fields = {path[0] for path in row.kind.members}
        said = {field: value for field, value in row.body.items() if field in fields}
        by_put = settled(row.kind, stored, said, override=True, parts=parts)
        return by_put != settled(row.kind, stored, said, override=True)

    def inherits(self, row: Row, body: Body) -> bool:
        """Whether the parent has the value of the field that is inherited without a mark."""
        parent, field = row.kind.parent, row.kind.request.parent_field
        if parent is None or field is None or INHERITED not in parent.entity.model_fields:
            return False
        key = parent.entity_type, str(row.body[field])
        with self._lock:
            is_known, told = key in self._above, self._above.get(key)
        if not is_known:
            answer = self._server.by_name(*key)
            told = answer.body.get(INHERITED) if answer.is_done else None
            with self._lock:
                if len(self._above) >= _PARENT_COUNT:
                    self._above.clear()
                self._above[key] = told
        return bool(told == body[INHERITED])

    @property
    def _replaces(self) -> bool:
        """Whether a PUT replaces what people have set, as far as servers do that at all."""
        features = self._server.features
        return self.override and features.has_override and features.is_bot

    def _exclusive(self, row: Row, stored: Body) -> Collection[str]:
        """FQNs above labels of which the server takes no second one beside a stored one."""
        return {fqn for fqn in rivals(row.kind, stored, row.body) if self._is_exclusive(fqn)}

    def _is_exclusive(self, fqn: str) -> bool:
        with self._lock:
            known = self._excludes.get(fqn)
        if known is None:
            entity_type = "classification" if len(names.split(fqn)) == 1 else "tag"
            answer = self._server.by_name(entity_type, fqn)
            known = answer.is_done and bool(answer.body.get("mutuallyExclusive"))
            with self._lock:
                self._excludes[fqn] = known
        return known
