"""Secrets in a config: how they are recognized, and masked where a service stores it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr

from om_ingest.config.validation import structured
from om_ingest.masking import MASK, Redactor
from om_ingest.model.secrets import is_secret, secrets_in


def secrets_by_key(values: Any) -> Iterator[str]:
    """Values whose key sounds like a secret (password, token, api_key …), to any depth.

    So are the secrets inside a URL or a connection string, whatever their key.
    """
    if isinstance(values, str):
        yield from secrets_in(values)
        yield from secrets_by_key(structured(values))  # the JSON of a service account
    elif isinstance(values, dict):
        for key, value in values.items():
            items = structured(value) or value
            for item in (value, *items) if isinstance(items, list) else [value]:
                if is_secret(key, item):
                    yield str(item)
            yield from secrets_by_key(value)
    elif isinstance(values, list):
        for value in values:
            yield from secrets_by_key(value)


def secrets_by_type(value: Any) -> Iterator[str]:
    """Values of the `SecretStr` fields of a checked config, to any depth."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, SecretBytes):
        yield value.get_secret_value().decode(errors="replace")
    elif isinstance(value, BaseModel):
        yield from secrets_by_type([getattr(value, name) for name in type(value).model_fields])
    elif isinstance(value, (dict, list, tuple, set, frozenset)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from secrets_by_type(item)


_SERVER_MASK = "*********"
"""What a server shows in place of a secret; written back, it keeps the secret (contract §2)."""

_STRUCTURE = frozenset({"type", "sourcePythonClass"})
"""Keys of a connection whose values are names of classes."""


def without_secrets(values: Any, redact: Redactor) -> Any:
    """The connection of a service with a server's mask in place of what `redact` knows."""
    if isinstance(values, dict):
        return {
            key: value if key in _STRUCTURE else without_secrets(value, redact)
            for key, value in values.items()
        }
    if isinstance(values, list):
        return [without_secrets(value, redact) for value in values]
    if isinstance(values, str):
        return redact(values).replace(MASK, _SERVER_MASK)
    is_number = isinstance(values, int) and not isinstance(values, bool)
    return _SERVER_MASK if is_number and redact(str(values)) == MASK else values
