"""How files of SQL are encoded."""

from __future__ import annotations

import codecs


def encoding_of(first: bytes) -> str:
    """The encoding of a file that begins with these bytes: UTF-16 if it is marked, else UTF-8."""
    is_wide = first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return "utf-16" if is_wide else "utf-8-sig"
