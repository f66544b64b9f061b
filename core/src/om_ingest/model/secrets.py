"""Secrets in configurations, recognised by their keys."""

from __future__ import annotations

import re

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
