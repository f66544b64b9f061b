"""Bodies of answers: decoded while they arrive, up to a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from om_ingest.openmetadata.network.retry import WEIGHT, TransientError

ACCEPTED_ENCODING = "gzip"
"""The `Accept-Encoding` of each request: what `content_of` decodes."""

LIMIT_BYTES = 128 * 1024 * 1024
"""Maximum size of an answer, decoded: a page of 1,000 tables of 400 columns."""

_ENCODINGS = {"": 0, "identity": 0, "gzip": 31, "x-gzip": 31, "deflate": 15}
"""Content codings (RFC 9110 §8.4.1), and what zlib calls them; 0 for none."""

_PIECE_BYTES = 1024 * 1024


def content_of(parts: Iterable[bytes], encoding: str, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """The body that comes in these parts.

    A part that expands to more than the limit is not expanded further: at no time is more than
    the limit in memory. Raises `TransientError` for a body that is too large, cut off or encoded
    in a way that was not asked for.
    """
    window = _ENCODINGS.get(encoding.strip().lower())
    if window is None:
        raise TransientError(f"the answer is encoded as {encoding}, which was not asked for")
    decoder = zlib.decompressobj(window) if window else None
    pieces: list[bytes] = []
    size = 0
    try:
        for part in parts:
            left = part
            while left:
                if decoder is None:
                    piece, left = left, b""
                else:
                    piece = decoder.decompress(left, _PIECE_BYTES)
                    left = decoder.unconsumed_tail
                pieces.append(piece)
                size += len(piece)
                if size > limit_bytes:
                    what = f"the answer is larger than {limit_bytes // 1024**2} MiB"
                    raise TransientError(what, weight=WEIGHT)
        if decoder is not None and pieces:
            pieces.append(decoder.flush())
            if not decoder.eof:
                raise TransientError("the compressed answer is cut off")
    except zlib.error as error:
        raise TransientError(f"the answer cannot be decoded: {error}") from None
    return b"".join(pieces)
