"""What the client searches: entities whose FQN has given parts."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import islice, takewhile
from typing import Any

from om_ingest.kinds import EntityKind
from om_ingest.model import fqn as names

from om_ingest_compat import running
from om_ingest_compat.client.reading import Reading, kind_asked
from om_ingest_compat.shims.entities import as_asked, text_of
from om_ingest_compat.shims.lru import LRUCache


class Searching(Reading):
    """The searching methods of the client."""

    def es_search_from_fqn(
        self,
        entity_type: Any,
        fqn_search_string: Any,
        from_count: int = 0,
        size: int = 10,
        fields: Any = None,
    ) -> list[Any] | None:
        """Entities whose FQN is this one, where `*` stands for any text; None if there are none.

        The store of the run answers, not a search engine; upper and lower case are the same.
        """
        kind, text = kind_asked(entity_type), text_of(fqn_search_string)
        if kind is None or names.normalised(text) is None:
            return None
        if "*" not in text:
            exact = self._find(kind, text)
            return None if exact is None or from_count else [as_asked(exact, entity_type)]
        fqns = self._matched(kind, text.casefold(), from_count, size)
        found = [self._store.get_by_name(kind.entity, fqn) for fqn in fqns]
        return [as_asked(one, entity_type) for one in found if one is not None] or None

    def _matched(self, kind: EntityKind, text: str, start: int, size: int) -> list[str]:
        """The FQNs that a search finds: it reads all of what it searches.

        They are remembered until the connector yields an entity of the kind, or changes any.
        """
        run, wanted = running.current(), (kind.entity_type, text, start, size)
        state = (run.context.latest.get(kind.entity_type), run.change_count)
        kept = self._searches.get(wanted) if wanted in self._searches else None
        if kept and kept[0][0] is state[0] and kept[0][1] == state[1]:
            return list(kept[1])
        fqns = list(islice(self._matching(kind, text), start, start + size))
        self._searches.put(wanted, (state, fqns))
        return fqns

    @cached_property
    def _searches(self) -> LRUCache:
        """The FQNs that were found last, and what the connector had written then."""
        return LRUCache(500)

    def _matching(self, kind: EntityKind, pattern: str) -> Iterator[str]:
        parts = names.split(pattern)
        above = list(takewhile(lambda part: "*" not in part, parts))
        listed = self._store.list_fqns(kind.entity, scope=names.join(*above) if above else None)
        last = max(parts[-1].casefold().replace('"', "*").split("*"), key=len)
        return (fqn for fqn in listed if last in fqn.casefold() and _matches(fqn, parts))

    def search_in_any_service(
        self, entity_type: Any, fqn_search_string: Any, size: int = 10, fields: Any = None, **_: Any
    ) -> Any:
        """The first entity whose FQN is this one below any service; None if there is none."""
        found = self.es_search_from_fqn(entity_type, f"*.{text_of(fqn_search_string)}", size=size)
        return found[0] if found else None

    def es_search_container_by_path(self, full_path: str, *_: Any, **__: Any) -> None:
        """None: the store has no search engine; a connector then does without."""


def _matches(fqn: str, parts: list[str]) -> bool:
    own = names.split(fqn)
    return len(own) == len(parts) and all(
        fnmatchcase(name.casefold(), part.casefold().replace("[", "[[]"))
        for name, part in zip(own, parts, strict=True)
    )
