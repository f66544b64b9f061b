"""Secrets in a config: how they are recognized. `om_ingest.masking` masks them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr

from om_ingest.config.validation import structured
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
