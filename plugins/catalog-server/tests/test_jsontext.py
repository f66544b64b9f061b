"""Strict parsing of JSON."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, strategies as st
from om_ingest_catalog_server import jsontext

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_read(value: object) -> None:
    """Every JSON value survives being written and read."""
    assert jsontext.parse(jsontext.dump(value)) == value


@given(st.binary(max_size=60))
def test_any_bytes(text: bytes) -> None:
    """Any input is parsed or refused, never another error."""
    with contextlib.suppress(jsontext.JsonTextError):
        jsontext.parse(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "Expecting value"),
        (b'{"a": 1', "delimiter"),
        (b'{"a": 1, "a": 2}', "'a' occurs twice"),
        (b"NaN", "NaN"),
        (b"[-Infinity]", "-Infinity"),
        (b"1e999", "too large"),
        (b"9" * 40, "64 bits"),
        (b"9" * 10_000, "64 bits"),
        (b"9223372036854775808", "64 bits"),
        (b'"\\ud800"', "surrogate"),
        (b'{"\\uDC00": 1}', "surrogate"),
        (b'"\xff"', "UTF-8"),
        (b"[" * 200 + b"]" * 200, "nested"),
        (b"[" * 100_000, "nested"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "nested"),
    ],
)
def test_refused(text: bytes, reason: str) -> None:
    """Ambiguous, non-standard and unstorable JSON is refused with a reason."""
    with pytest.raises(jsontext.JsonTextError, match=reason):
        jsontext.parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"-9223372036854775808", -(2**63)),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b"[" * 100 + b"]" * 100, None),
    ],
)
def test_just_allowed(text: bytes, value: object) -> None:
    """Values at the limits are accepted."""
    read = jsontext.parse(text)
    assert value is None or read == value
