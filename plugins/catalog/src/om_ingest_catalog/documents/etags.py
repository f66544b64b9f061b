"""Entity tags (ETags) of entities (RFC 9110 §8.8, contract §6.4)."""

from __future__ import annotations

import re
from collections.abc import Collection
from hashlib import blake2b

from om_ingest_catalog.rows.file import EntityRow

_DIGEST_BYTES = 12
_TAG = re.compile(r'\s*(?:(?P<weak>W/)?"(?P<value>[^"]*)"|(?P<any>\*))\s*(?:,|$)')


def weak_etag(row: EntityRow) -> str:
    """The weak tag, `W/"0.3"`: the version, regardless of the requested fields."""
    return f'W/"{row.version}"'


def strong_etag(row: EntityRow, fields: Collection[str] | None, computed: str = "") -> str:
    """The strong tag of a document with the requested `fields`; `computed` is their JSON, as far
    as it is not in the row.

    The part before the hyphen depends on the row alone, so that a conditional write works with
    the tag of any document of it.
    """
    shown = "*" if fields is None else ",".join(sorted(fields))
    return f'"{_state(row)}-{_digest(shown, computed)}"'


def matches(if_match: str, row: EntityRow) -> bool:
    """Whether an `If-Match` header matches the state of a row.

    A weak tag is compared with the version, where `W/"1"` equals `W/"1.0"`; `*` always matches.
    """
    position, state = 0, _state(row)  # once: it reads the whole body
    while position < len(if_match):
        tag = _TAG.match(if_match, position)
        if tag is None:
            return False
        if tag["any"] or (
            _is_version(tag["value"], row.version)
            if tag["weak"]
            else tag["value"].partition("-")[0] == state
        ):
            return True
        position = tag.end()
    return False


def _is_version(text: str, version: float) -> bool:
    try:
        return float(text) == version
    except ValueError:
        return False


def _state(row: EntityRow) -> str:
    # With the body, because some fields change without a new version (contract §6.2).
    return _digest(row.id, f"{row.version} {row.updated_at} {row.deleted}", row.body)


def _digest(*parts: str) -> str:
    text = "\n".join(parts).encode()
    return blake2b(text, digest_size=_DIGEST_BYTES).hexdigest()
