"""Secrets are recognised by their keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from om_ingest.model import secrets
from om_ingest.model.secrets import is_secret

_PAGE = Path(__file__).parents[2] / "docs" / "workflow-file.md"


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
        ("auth", "LDAP", False),
        ("auth", "OAuth 2.0", False),
        ("auth", "hunter2", True),
        ("basicAuth", "joe", True),
        ("pin", 4711, True),
    ],
)
def test_keys_tell_secrets(key: str, value: object, expected: bool) -> None:
    """A secret is a text, or a number right behind the word; a flag is none."""
    assert is_secret(key, value) is expected


def test_every_word_is_found_and_on_the_page() -> None:
    """Each word makes a key one of a secret, as people spell it; the page has them all."""
    words = (*secrets.ANYWHERE, *secrets.AT_THE_END, *secrets.LAST_WORDS, *secrets.MODES)
    for word in words:
        camel = "".join(part.capitalize() for part in word.split("_"))
        spellings = (word, f"my{camel}", f"MY_{word.upper()}", word.replace("_", "-"))
        assert all(is_secret(key, "x1:y") for key in spellings), word
    page = _PAGE.read_text("utf-8")
    assert [word for word in words if f"`{word}`" not in page] == []


def test_words_that_only_resemble_them() -> None:
    """Keys of options that sound like secrets, and are none."""
    keys = """authType authProvider author authMechanism path pattern spin pinned patient keyspace
        key primary_key partitionKey licensePath saslMechanism cookiePolicy basicAuthType opinion"""
    assert [key for key in keys.split() if is_secret(key, "x1:y")] == []
