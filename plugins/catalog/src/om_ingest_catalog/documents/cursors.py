"""Cursors: where a page of a list begins or ends, as opaque text that is safe in URLs."""

from __future__ import annotations

import base64
import binascii
import json

from om_ingest.errors import RecordError


def encode_cursor(fqn: str) -> str:
    """The cursor at an entity: base64url (RFC 4648 §5) without padding."""
    text = json.dumps({"fqn": fqn}, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> str:
    """The FQN that a cursor stands at, with or without padding.

    Raises `RecordError` for anything that `encode_cursor` does not make.
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


def _is_text(fqn: str) -> bool:
    try:
        fqn.encode()  # SQLite takes no half of a surrogate pair
    except UnicodeEncodeError:
        return False
    return True
