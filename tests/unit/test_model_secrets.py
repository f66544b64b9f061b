"""Secrets are recognised by their keys."""

from __future__ import annotations

import pytest
from om_ingest.model.secrets import is_secret


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("password", "x", True),
        ("dbPasswd", 123, True),
        ("private_key_path", "x", True),
        ("token_timeout", 5, False),
        ("useSecret", True, False),
        ("password", None, False),
        ("passwordless", "x", False),
        ("user", "x", False),
        ("tokenUrl", "https://login.ex.am/oauth/token", False),
        ("token-service", "/v1/oauth/token", False),
        ("token_url", "a-token", True),
    ],
)
def test_keys_tell_secrets(key: str, value: object, expected: bool) -> None:
    """A secret is a text, or a number right behind the word; a flag is none."""
    assert is_secret(key, value) is expected
