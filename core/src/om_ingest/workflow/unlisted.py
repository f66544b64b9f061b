"""Where a source has not listed everything: nothing is taken for gone there."""

from __future__ import annotations

from om_ingest.kinds import KINDS
from om_ingest.model import fqn as names
from om_ingest.source import Source, SourceStatus

_MOST = 1000
"""So many places are told apart; from then on everything is kept."""


class Unlisted:
    """Hears `SourceStatus.unlisted`, and tells which scopes to keep."""

    def __init__(self) -> None:
        self._reasons: dict[tuple[str, str], str] = {}
        """Reasons by entity type, empty for all, and plain FQN, empty for every place."""

    def listen(self, source: Source) -> None:
        """Hear what a source says from now on."""
        try:
            status = source.get_status()
        except Exception:  # noqa: BLE001  # a plugin may raise anything: it is reported at the end
            return
        if isinstance(status, SourceStatus):
            status.on_unlisted = self._note

    def _note(self, entity_type: str, fqn: str, reason: str) -> None:
        if len(self._reasons) >= _MOST:
            entity_type, fqn = "", ""
        place = entity_type if entity_type in KINDS else "", names.plain(fqn) or ""
        self._reasons.setdefault(place, reason)

    def why_kept(self, entity_type: str, scope: str) -> str | None:
        """Why no entity of a type below a scope may be deleted; None if it may."""
        at, types = f"{names.plain(scope)}.", {"", entity_type}
        above = KINDS[entity_type].parent
        while above is not None:
            types.add(above.entity_type)
            above = above.parent
        for (name, place), reason in self._reasons.items():
            inside = not place or at.startswith(f"{place}.") or f"{place}.".startswith(at)
            if name in types and inside:
                return reason
        return None
