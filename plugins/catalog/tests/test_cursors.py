"""Cursors of lists (REST contract §7)."""

from __future__ import annotations

import base64
import contextlib
import json
import re

import pytest
from hypothesis import given, strategies as st
from om_ingest.errors import RecordError
from om_ingest_catalog.documents.listing import decode_cursor, encode_cursor

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@given(NAMES)
def test_a_cursor_leads_back(fqn: str) -> None:
    """A cursor holds any FQN, is safe in a URL unescaped, and may come back padded."""
    cursor = encode_cursor(fqn)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", cursor)
    assert decode_cursor(cursor) == fqn
    assert decode_cursor(cursor + "=" * (-len(cursor) % 4)) == fqn


@given(st.text(max_size=60))
def test_what_is_no_cursor_is_refused(text: str) -> None:
    """Any text is a cursor or a `RecordError`, never another error."""
    with contextlib.suppress(RecordError):
        fqn = decode_cursor(text)
        assert decode_cursor(encode_cursor(fqn)) == fqn


@pytest.mark.parametrize("value", ["x", 5, ["fqn"], {"fqn": 5}, {"name": "x"}, None])
def test_other_json_is_no_cursor(value: object) -> None:
    """Base64 of other JSON is refused."""
    text = base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
    with pytest.raises(RecordError, match="Not a cursor"):
        decode_cursor(text)


def test_half_a_character_is_no_cursor() -> None:
    """A cursor with a lone surrogate is refused."""
    text = base64.urlsafe_b64encode(b'{"fqn": "\\ud800"}').decode()
    with pytest.raises(RecordError, match="Not a cursor"):
        decode_cursor(text)
