"""The share of stale entities above which nothing is deleted: of a kind, and of each scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from om_ingest.errors import DeliveryError
from om_ingest.model import fqn as names

if TYPE_CHECKING:
    from om_ingest.workflow.seen import Seen

FEW = 5
"""So many may be gone from one scope, whatever its share: they count only in the whole."""

_NAMED_COUNT = 5


class FailSafe:
    """Refuses to delete too much: a source that lost a permission looks as if it lost its data.

    One limit holds for all entities of a kind, and for those below each service,
    database, schema and so on: a scope that is lost would not be noticed among many healthy ones.
    """

    def __init__(self, percent: int) -> None:
        self._percent = percent

    def check(self, seen: Seen, staying: Mapping[str, int]) -> None:
        """Raise `DeliveryError` if the share of stale entities exceeds the limit anywhere.

        `staying` has the number of other entities in the scopes that were looked at, by type.
        """
        for entity_type, gone in seen.stale_counts().items():
            total = gone + staying[entity_type]
            is_whole = self._is_exceeded(gone, total)
            scopes, count = self._scopes(seen, entity_type, with_services=not is_whole)
            limit = f"more than {self._percent} %"
            if is_whole:
                what = f"{gone} of {total} {entity_type} entities are gone from the source"
                what += f" ({100 * gone // total} %, {limit}){', among them ' if count else ''}"
            elif count:
                what = f"Too many {entity_type} entities are gone from one scope ({limit}): "
            else:
                continue
            raise DeliveryError(
                f"{what}{scopes}; nothing was marked as deleted",
                "If they are really gone, run with --allow-mass-delete; --dry-run lists them.",
            )

    def _scopes(self, seen: Seen, entity_type: str, *, with_services: bool) -> tuple[str, int]:
        """The first scopes of a kind that exceed the limit, as text, and how many do.

        What lies in a stale schema does not count here: it goes with the schema.
        """
        named: list[str] = []
        count = 0
        for scope, gone in _by_scope(fqn for _, fqn, _ in seen.topmost(entity_type)):
            if gone <= FEW or not (with_services or names.parent(scope)):
                continue
            total = gone + seen.count_below(entity_type, scope)
            if self._is_exceeded(gone, total):
                count += 1
                if count <= _NAMED_COUNT:
                    named.append(f"{gone} of {total} in {scope}")
        more = count - len(named)
        return ", ".join(named) + (f" and {more} more scopes" if more else ""), count

    def _is_exceeded(self, gone: int, total: int) -> bool:
        return gone * 100 > total * self._percent


def _by_scope(stale: Iterator[str]) -> Iterator[tuple[str, int]]:
    """Everything above stale entities of one kind: its FQN, and how many it has lost.

    The entities come in the order of their FQNs, so that those of one scope follow each other.
    """
    above: list[tuple[str, int]] = []
    """What is above the entity, outermost first: with the number of entities before it."""
    count = 0
    for count, fqn in enumerate(stale):
        while above and not fqn.startswith(f"{above[-1][0]}."):
            scope, before = above.pop()
            yield scope, count - before
        path = names.split(fqn)
        known = len(names.split(above[-1][0])) if above else 0
        above += [(names.join(*path[:depth]), count) for depth in range(known + 1, len(path))]
    for scope, before in reversed(above):
        yield scope, count + 1 - before
