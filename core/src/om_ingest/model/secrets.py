"""Secrets, recognised by their keys, and the mask that a server shows instead (contract §2)."""

from __future__ import annotations

import re
from typing import Any

PASSWORD_MASK = "*********"
"""The mask that a server shows, and accepts, in place of a stored secret."""

_SECRET_KEY = re.compile(
    r"pass(word|wd|phrase)?$|secret|token|api_?key|private_?key|access_?key|credential|jwt",
    re.IGNORECASE,
)


def is_secret(key: object, value: object) -> bool:
    """Whether the key of a value names a secret: password, token, api_key …"""
    found = _SECRET_KEY.search(str(key))
    if found is None or isinstance(value, bool):
        return False
    # YAML reads a password of digits as a number; token_timeout is no token.
    return isinstance(value, str) or (isinstance(value, int) and found.end() == len(str(key)))


def masked(values: Any) -> Any:
    """The JSON with a mask in place of each secret, at any depth; empty strings stay."""
    if isinstance(values, dict):
        return {key: _masked_at(key, value) for key, value in values.items()}
    return [masked(value) for value in values] if isinstance(values, list) else values


def _masked_at(key: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_masked_at(key, item) for item in value]
    return PASSWORD_MASK if is_secret(key, value) and value != "" else masked(value)


def unmasked(given: Any, stored: Any) -> Any:
    """The JSON with the stored value in place of each mask, if there is one at that place."""
    if isinstance(given, dict) and isinstance(stored, dict):
        return {key: unmasked(value, stored.get(key)) for key, value in given.items()}
    if isinstance(given, list) and isinstance(stored, list) and len(given) == len(stored):
        return [unmasked(*pair) for pair in zip(given, stored, strict=True)]
    return stored if given == PASSWORD_MASK and isinstance(stored, (str, int)) else given
