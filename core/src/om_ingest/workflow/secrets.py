"""Secrets: how they are recognized, and masked in all output."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from pydantic import BaseModel, SecretBytes, SecretStr

from om_ingest.model.secrets import is_secret

MASK = "**********"

MIN_CHARS = 4
"""Shorter values are not masked: they would hide ordinary words of every message."""

_URL_PASSWORD = re.compile(r"://[^/\s:@]*:([^@/\s]+)@")


class Redactor:
    """Replaces every known secret by a mask."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Add secrets; values shorter than `MIN_CHARS` are not masked."""
        for secret in secrets:
            if len(secret) >= MIN_CHARS:
                # A message may show a value as it is, or as repr() and JSON escape it.
                written = (repr(secret), json.dumps(secret), json.dumps(secret, ensure_ascii=False))
                self._secrets.update({secret, *(text[1:-1] for text in written)})
        if self._secrets:
            longest_first = sorted(self._secrets, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def __call__(self, text: str) -> str:
        """The text with every secret masked."""
        return self._pattern.sub(MASK, text) if self._pattern else text


class RedactingFormatter(logging.Formatter):
    """Masks secrets in a finished log line, tracebacks included."""

    def __init__(self, inner: logging.Formatter, redact: Redactor) -> None:
        super().__init__()
        self.inner = inner
        self.redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """The line as the inner formatter writes it, masked."""
        return self.redact(self.inner.format(record))


def secrets_by_key(values: Any) -> Iterator[str]:
    """Values whose key sounds like a secret (password, token, api_key …), to any depth.

    So is the password inside a URL, whatever its key.
    """
    if isinstance(values, str):
        for written in _URL_PASSWORD.findall(values):
            yield from {written, unquote(written)}  # a driver may show it decoded
    elif isinstance(values, dict):
        for key, value in values.items():
            for item in value if isinstance(value, list) else [value]:
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
