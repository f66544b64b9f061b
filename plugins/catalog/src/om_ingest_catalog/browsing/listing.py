"""Pages of entities of one kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

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


class Listing(NamedTuple):
    """Entities of one kind in FQN order."""

    shown: list[Any]
    """What is shown of each."""

    total: int
    """How many there are in all."""

    last: str | None
    """The FQN behind which there are more; None if there are none."""

    errors: list[UnreadableError]
    """One for each entity that cannot be read."""


def listing(
    store: Catalog,
    kind: EntityKind,
    scope: str | None,
    after: str | None,
    limit: int | None,
    show: Callable[[EntityKind, Body], Any],
) -> Listing:
    """Up to `limit` entities below the FQN `scope`, behind the FQN `after`; all without a limit.

    `show` makes of each document, whose secrets are masked, what is shown of it.
    """
    collection = Collection(store, kind)
    shown, errors = list[Any](), list[UnreadableError]()
    cursor = encode_cursor(spelled(after)) if after else None
    while True:
        page = collection.page(limit=limit or _PAGE_COUNT, after=cursor, scope=scope)
        for entity in page.entities:
            mask_secrets(kind, entity)
            shown.append(show(kind, entity))
        errors += page.errors
        cursor = page.after
        if limit or cursor is None:
            last = decode_cursor(cursor) if cursor else None
            return Listing(shown, page.total, last, errors)


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
