"""Entity tags: which state of an entity a caller has seen (RFC 9110 §8.8, contract §6.4)."""

from __future__ import annotations

import re
from collections.abc import Collection
from hashlib import blake2b

from om_ingest_catalog.rows.file import EntityRow

_DIGEST_BYTES = 12
_TAG = re.compile(r'\s*(?:(?P<weak>W/)?"(?P<value>[^"]*)"|(?P<any>\*))\s*(?:,|$)')


def weak_etag(row: EntityRow) -> str:
    """`W/"0.3"`: the version, however much of the entity was asked for."""
    return f'W/"{row.version}"'


def strong_etag(row: EntityRow, fields: Collection[str] | None, beside: str = "") -> str:
    """Of an entity as it was shown: `fields` were asked for, `beside` is what they hold
    that is not in the row.

    The part before the hyphen depends on the state alone, so that a write may be made
    conditional on it whatever was shown.
    """
    shown = "*" if fields is None else ",".join(sorted(fields))
    return f'"{_state(row)}-{_digest(shown, beside)}"'


def matches(if_match: str, row: EntityRow) -> bool:
    """Whether a row is in one of the states that an `If-Match` header lists.

    A weak tag is compared with the version, `W/"1"` being `W/"1.0"`; `*` is any state.
    """
    position = 0
    while position < len(if_match):
        tag = _TAG.match(if_match, position)
        if tag is None:
            return False
        if tag["any"] or (
            _is_version(tag["value"], row.version)
            if tag["weak"]
            else tag["value"].partition("-")[0] == _state(row)
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
    # The body too: some fields change without a new version (contract §6.2).
    return _digest(row.id, f"{row.version} {row.updated_at} {row.deleted}", row.body)


def _digest(*parts: str) -> str:
    text = "\n".join(parts).encode()
    return blake2b(text, digest_size=_DIGEST_BYTES).hexdigest()
