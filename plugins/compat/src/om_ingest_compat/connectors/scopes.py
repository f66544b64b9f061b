"""Scopes that a connector calls complete, in which what it has not yielded is gone."""

from __future__ import annotations

from collections.abc import Iterator

from om_ingest.kinds import KINDS, EntityKind, kind_of
from om_ingest.model import ScopeComplete, fqn as names

from om_ingest_compat.running import Running


class Scopes:
    """Believes a scope to be complete, unless it is unknown what has failed.

    For the host the name of a failure is the FQN of what it protects. Upstream it is a free text:
    `shop.orders` for a table whose schema and database are left out would protect nothing.
    """

    def __init__(self, run: Running) -> None:
        self._run = run
        self._known: dict[str, bool] = {}

    def believed(self, scope: ScopeComplete) -> Iterator[ScopeComplete]:
        """The scope; nothing if a failure of the service has a name that leads nowhere."""
        service = (names.plain(scope.scope_fqn) or "").partition(".")[0]
        for note in self._run.status.failures:  # the first ones: with more, nothing is deleted
            key = names.plain(note.key) or ""
            if not key.startswith(f"{service}.") or note.key in self._run.places:
                continue
            known = self._known.get(note.key)
            if known is None:
                known = self._known[note.key] = self._is_known(note.key, kind_of(scope.entity).root)
                if not known:
                    told = "there is nothing of this name, nor above it: nothing is taken for gone"
                    self._run.status.warning(note.key, told)
            if not known:
                return
        yield scope

    def _is_known(self, fqn: str, root: EntityKind) -> bool:
        """Whether there is an entity of a family with an FQN, or right above it, in a service."""
        path = names.split(fqn)
        return any(
            self._run.context.metadata.get_by_name(kind.entity, names.join(*path[:depth]))
            for depth in (len(path), len(path) - 1)
            for kind in KINDS.values()
            if depth > 1 and kind.root is root and kind.depth == depth
        )
