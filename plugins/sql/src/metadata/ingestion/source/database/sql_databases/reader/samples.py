"""Values of sample rows, as JSON and people can take them."""

from __future__ import annotations

import math
from collections.abc import Mapping

_LONGEST = 1000
"""Characters of one value."""

_EXACT = 2**63
"""Whole numbers beyond it are texts: most readers of JSON would round them."""


def plain(value: object) -> object:
    r"""A value that a driver gave: truth values, numbers and short texts as they are, else a text.

    Bytes are in hexadecimal digits, as PostgreSQL writes them: `\x00ff`.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -_EXACT <= value < _EXACT else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        head = bytes(value[: _LONGEST // 2])
        return f"\\x{head.hex()}" + ("…" if len(value) > len(head) else "")
    if isinstance(value, Mapping):
        return {str(key): plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(member) for member in value]
    text = str(value).replace("\0", "").encode(errors="replace").decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
