"""Pages of entities of one kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from om_ingest.kinds import EntityKind
from om_ingest.model.fqn import spelled

from om_ingest_catalog.documents.listing import decode_cursor, encode_cursor
from om_ingest_catalog.documents.projection import mask_secrets
from om_ingest_catalog.rest.collection import Collection
from om_ingest_catalog.rows.body import Body, member_list
from om_ingest_catalog.rows.reading import UnreadableError
from om_ingest_catalog.store import Catalog

_PAGE_COUNT = 500
_DESCRIPTION_CHARS = 60


class Listing:
    """Up to `limit` entities of a kind below the FQN `scope`, behind the FQN `after`.

    All of them without a limit. They are in FQN order, and are read page by page as they are shown.
    """

    count: int = 0
    """How many were shown so far."""

    total: int = 0
    """How many there are in all; known as soon as one is shown."""

    last: str | None = None
    """The FQN behind which there are more; None if there are none. Known at the end."""

    def __init__(
        self,
        store: Catalog,
        kind: EntityKind,
        scope: str | None,
        after: str | None,
        limit: int | None,
    ) -> None:
        self.errors: list[UnreadableError] = []
        """One for each entity that could not be read."""
        self._collection = Collection(store, kind)
        self._kind, self._scope, self._limit = kind, scope, limit
        self._after = encode_cursor(spelled(after)) if after else None

    def shown(self, show: Callable[[EntityKind, Body], Any]) -> Iterator[Any]:
        """What `show` makes of each document, whose secrets are masked."""
        cursor, size = self._after, self._limit or _PAGE_COUNT
        while True:
            page = self._collection.page(limit=size, after=cursor, scope=self._scope)
            self.total = page.total
            self.errors += page.errors
            for entity in page.entities:
                mask_secrets(self._kind, entity)
                self.count += 1
                yield show(self._kind, entity)
            cursor = page.after
            if self._limit or cursor is None:
                self.last = decode_cursor(cursor) if cursor else None
                return


def headers(kind: EntityKind) -> tuple[str, ...]:
    """Headers of the rows of a kind."""
    members = [kind.members[0][-1].upper()] if kind.members else []
    return ("FULLY QUALIFIED NAME", "TYPE", *members, "DESCRIPTION")


def document(kind: EntityKind, entity: Body) -> Body:
    """The whole document."""
    return entity


def row(kind: EntityKind, entity: Body) -> tuple[str, ...]:
    """FQN, type, number of columns or other members, and description."""
    own_type = next(
        (
            name
            for name in kind.entity.model_fields
            if name.endswith("Type") and (name != "serviceType" or kind.segment)
        ),
        "",
    )
    members = [str(sum(len(member_list(entity, path)) for path in kind.members))]
    text = " ".join(str(entity.get("description") or entity.get("displayName") or "").split())
    if len(text) > _DESCRIPTION_CHARS:
        text = f"{text[: _DESCRIPTION_CHARS - 1]}…"
    return (
        entity["fullyQualifiedName"],
        str(entity.get(own_type) or "-"),
        *(members if kind.members else ()),
        text,
    )
