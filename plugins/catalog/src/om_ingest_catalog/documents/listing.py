"""Pages of a list, ordered by FQN, and their cursors (contract §7, ADR 0015)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import NamedTuple

from om_ingest.errors import RecordError

from om_ingest_catalog.documents.filters import Include, RowFilter
from om_ingest_catalog.rows.body import Body
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.reading import UnreadableError


def encode_cursor(fqn: str) -> str:
    """The cursor of an entity: base64url (RFC 4648 §5) without padding."""
    text = json.dumps({"fqn": fqn}, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> str:
    """The FQN of a cursor, with or without padding.

    Raises `RecordError` for text that `encode_cursor` did not produce.
    """
    bare = cursor.rstrip("=")
    try:
        text = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
        fqn = json.loads(text.decode())["fqn"]
    except (binascii.Error, ValueError, TypeError, KeyError, RecursionError):
        fqn = None
    if not isinstance(fqn, str) or not _is_text(fqn):
        raise RecordError(
            f"Not a cursor: {cursor[:80]!r}", "Pass on what an earlier page gave, unchanged."
        )
    return fqn


def is_cursor(text: str) -> bool:
    """Whether a text is the cursor of a page."""
    try:
        decode_cursor(text)
    except RecordError:
        return False
    return True


def _is_text(fqn: str) -> bool:
    try:
        fqn.encode()  # SQLite rejects lone surrogates
    except UnicodeEncodeError:
        return False
    return True


LIMIT_MAX = 1_000_000
"""Maximum number of entities of one page."""


class Page(NamedTuple):
    """One page of a list."""

    entities: list[Body]
    """JSON documents in FQN order, without those that cannot be read."""

    total: int
    """Number of entities in the whole list."""

    after: str | None = None
    """Cursor of the next page; None on the last page."""

    before: str | None = None
    """Cursor of the previous page; None on the first page."""

    errors: Sequence[UnreadableError] = ()
    """One for each entity of the page that cannot be read."""


class Slice(NamedTuple):
    """Rows of one page, and whether there are more before and after."""

    rows: list[EntityRow]
    more_before: bool = False
    more_after: bool = False

    @property
    def after(self) -> str | None:
        """Cursor of the next page."""
        return encode_cursor(self.rows[-1].fqn) if self.rows and self.more_after else None

    @property
    def before(self) -> str | None:
        """Cursor of the previous page."""
        return encode_cursor(self.rows[0].fqn) if self.rows and self.more_before else None


def check_paging(limit: int, after: str | None, before: str | None) -> None:
    """Raise `RecordError`, worded as by OpenMetadata, for invalid paging parameters."""
    if limit > LIMIT_MAX:
        raise RecordError(
            f"[query param limit must be less than or equal to {LIMIT_MAX}]", "Ask for fewer."
        )
    if limit < 0:
        raise RecordError("[query param limit must be greater than or equal to 0]", "Ask for more.")
    if after is not None and before is not None:
        raise RecordError(
            "Only one of before or after query parameter allowed", "Leave one of them out."
        )


def slice_of(
    file: CatalogFile,
    entity_type: str,
    chosen: RowFilter,
    limit: int,
    after: str | None,
    before: str | None,
    offset: int = 0,
) -> Slice:
    """The rows of one page: from the start, or on one side of a cursor, after `offset` rows."""
    start = None if after is None else decode_cursor(after)
    end = None if before is None else decode_cursor(before)
    if limit == 0:
        return Slice([])
    rows = file.page(
        entity_type,
        chosen.scope,
        start,
        limit + 1,
        chosen.condition,
        chosen.parameters,
        before=end,
        offset=offset,
    )
    more = len(rows) > limit
    if end is None:
        return Slice(rows[:limit], more_before=start is not None or offset > 0, more_after=more)
    return Slice(rows[-limit:], more_before=more, more_after=True)


def total(file: CatalogFile, entity_type: str, chosen: RowFilter, include: Include) -> int:
    """Number of entities in a list: from the tally, or by a scan if a filter needs the body."""
    if not chosen.by_place:
        return file.count(entity_type, chosen.scope, chosen.condition, chosen.parameters)
    live, gone = file.tally(entity_type, chosen.scope)
    return {"non-deleted": live, "deleted": gone, "all": live + gone}[include]
