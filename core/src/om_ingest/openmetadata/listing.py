"""Lists entities of a server page by page, with the fields that it knows (contract §3.0, §7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Any

from om_ingest.errors import RecordError, ServerError
from om_ingest.kinds import EntityKind
from om_ingest.openmetadata.evidence import MissingError, is_page, missing_in
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.server import Server

PAGE_COUNT = 100
"""Entities of a page with everything about them."""

BARE_PAGE_COUNT = 1000
"""Entities of a page with little more than their names."""

_SMALLEST_PAGE_COUNT = 10
"""Entities of a page by default (§7): a server that refuses this many refuses something else."""

_EMPTY_MAX = 100  # empty pages in a row
_INVALID = re.compile(r"[Ii]nvalid field name:? ?'?([A-Za-z]\w*)")
_LIMIT = re.compile(r"\blimit\b(.*?)(?:\(400\))?$", re.IGNORECASE)


class Fields:
    """Values of `fields` that this server knows: they change from one version to the next.

    `wanted` gives those to ask for; a name that the kind's entity does not have is left out.
    """

    def __init__(
        self,
        server: Server,
        wanted: Callable[[EntityKind], Iterable[str]],
        page_count: int = PAGE_COUNT,
    ) -> None:
        self.page_count = page_count
        """Entities of a page with these fields; becomes smaller on a server that refuses it."""
        self._server = server
        self._all = wanted
        self._wanted: dict[str, tuple[str, ...]] = {}
        self._invalid: set[tuple[str, str]] = set()
        """Entity types, each with a name that the server called invalid."""

    def asked(self, kind: EntityKind, ask: Callable[[str], Answer]) -> Answer:
        """The answer of `ask`, which gets the field names, joined by commas.

        A name that the server calls invalid is replaced by its older or newer one, or left out,
        from then on.
        """
        wanted = self._wanted.get(kind.entity_type)
        if wanted is None:
            wanted = self._wanted[kind.entity_type] = self._known(kind)
        while True:
            page_count = self.page_count
            answer = ask(",".join(wanted))
            if answer.status == 400 and (smaller := _smaller_page(page_count, answer.reason)):
                self.page_count = min(self.page_count, smaller)
                continue
            if answer.status != 400 or not wanted:
                return answer
            match = _INVALID.search(answer.reason)
            if match is None or match[1] not in wanted:
                return answer
            self._invalid.add((kind.entity_type, match[1]))
            other = self._server.dialect.other_name(kind.request.__name__, match[1])
            others = (other,) if other and (kind.entity_type, other) not in self._invalid else ()
            wanted = (*(name for name in wanted if name != match[1]), *others)
            self._wanted[kind.entity_type] = wanted

    def _known(self, kind: EntityKind) -> tuple[str, ...]:
        """The names that the server's version knows, as far as a request can say the field."""
        dialect, said = self._server.dialect, kind.request.__name__
        newer = {lost.path for lost in dialect.unknown(said) if not lost.value}
        known = kind.entity.model_fields.keys() - newer
        names = (name for name in self._all(kind) if name in known)
        return tuple(dialect.spelled(said, {name: [""] for name in names}))


def _smaller_page(page_count: int, reason: str) -> int | None:
    """The size of page that a server may take instead; None if it refuses something else."""
    match = _LIMIT.search(reason)
    if match is None or page_count <= _SMALLEST_PAGE_COUNT:
        return None
    told = [int(number) for number in re.findall(r"\d{1,9}", match[1])]
    return max((count for count in told if 0 < count < page_count), default=page_count // 2)


FINGERPRINT = ("sourceHash",)
"""What a bare page shows beside the names."""


def pages(
    server: Server, kind: EntityKind, query: dict[str, Any], fields: Fields
) -> Iterator[dict[str, Any]]:
    """The pages of a list, lazily: `data` and `paging`, as the server gives them.

    There are none of a kind that the server does not have. Raises `RecordError` if it
    refuses the list, `ServerError` for a list that does not end.
    """
    if server.dialect.lacks(kind.entity_type):
        return
    after: str | None = None
    mark: str | None = None
    empty_count = 0
    for number in count(1):
        cursor = {} if after is None else {"after": after}

        def ask(names: str, cursor: dict[str, str] = cursor) -> Answer:
            told: dict[str, Any] = {"fields": names} if names else {}
            told["limit"] = fields.page_count
            return server.get(kind.collection, is_page, **query, **cursor, **told)

        answer = fields.asked(kind, ask)
        if server.has_no(kind, answer):
            return
        page = document_of(answer, f"the list of {kind.collection}")
        yield page
        following = page["paging"].get("after")
        if not following:
            return
        empty_count = 0 if page["data"] else empty_count + 1
        if following in (after, mark) or empty_count > _EMPTY_MAX:
            raise ServerError(
                f"The server's list of {kind.collection} goes in a circle",
                "Look for a proxy that ignores query parameters.",
            )
        after = following
        if number & (number - 1) == 0:  # a power of two: Brent's way to find any circle
            mark = following


def document_of(answer: Answer, name: str) -> dict[str, Any]:
    """The JSON object that was read; raises `RecordError` for a refusal.

    It is a `MissingError` if the server says what it does not have.
    """
    if not answer.is_done:
        if missing := missing_in(answer.status, answer.body):
            raise MissingError(f"{name} cannot be read: {answer.reason}", "Yield it.", missing)
        raise RecordError(f"{name} cannot be read: {answer.reason}", "Correct the request.")
    document: dict[str, Any] = answer.body
    return document
