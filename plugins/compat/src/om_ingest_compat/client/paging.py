"""Lists in pages: `EntityList` and its cursors."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from om_ingest_compat.client.rest_errors import APIError

T = TypeVar("T")
_OPEN_COUNT = 16
"""How many lists may be half read; an older one is begun anew."""


class EntityList(BaseModel, Generic[T], defer_build=True):
    """One page of a list: `metadata.ingestion.ometa.models.EntityList`."""

    entities: list[T]
    total: int
    """The number of entities on all pages."""
    after: str | None = None
    """The cursor of the next page; None on the last one."""
    before: str | None = None
    """Always None: lists are read forwards."""


class Pages:
    """Lists that are half read, by the cursor of their next page."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[Iterator[Any], int]] = {}
        self._numbers = itertools.count(1)

    def page(
        self,
        begin: Callable[[], Iterator[Any]],
        count: Callable[[], int],
        limit: int,
        after: str | None,
    ) -> EntityList[Any]:
        """The page behind a cursor; `begin` starts the list, `count` counts all of it.

        Raises `APIError` for a cursor that is none, and for a limit below 0.
        """
        start = (after or "0").partition("-")[0]
        if not start.isdecimal() or limit < 0:
            wrong = f"limit: {limit}" if limit < 0 else f"after: {after}"
            raise APIError({"code": 400, "message": f"Not a page of a list: {wrong}"})
        skipped = int(start)
        found = self._open.pop(after, None) if after else None
        listed, total = found or (itertools.islice(begin(), skipped, None), -1)
        entities = list(itertools.islice(listed, limit))
        rest = next(listed, None)
        seen = skipped + len(entities)
        if rest is None:
            return EntityList(entities=entities, total=seen)
        total = count() if total < 0 else total
        cursor = f"{seen}-{next(self._numbers)}"
        if len(self._open) >= _OPEN_COUNT:
            del self._open[next(iter(self._open))]
        self._open[cursor] = itertools.chain([rest], listed), total
        return EntityList(entities=entities, total=total, after=cursor)
