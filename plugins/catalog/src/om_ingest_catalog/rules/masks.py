"""The mask that a server shows in place of secrets (contract §2)."""

from __future__ import annotations

from typing import Any

from om_ingest.model import is_secret

PASSWORD_MASK = "*********"
"""The mask that a server shows, and accepts, in place of a stored secret."""


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
