"""Secrets by their keys, and the mask that stands for them."""

from __future__ import annotations

from typing import Any

import pytest
from om_ingest.model.secrets import PASSWORD_MASK, is_secret, masked, unmasked

CONNECTION: dict[str, Any] = {
    "type": "Mysql",
    "password": "p",
    "token_timeout": 30,
    "useToken": True,
    "nested": [{"apiKey": "k"}, {"user": "u"}],
    "tokens": ["a", {"secret": 12345}],
    "emptyPassword": "",
}
HIDDEN = {
    **CONNECTION,
    "password": PASSWORD_MASK,
    "nested": [{"apiKey": PASSWORD_MASK}, {"user": "u"}],
    "tokens": [PASSWORD_MASK, {"secret": PASSWORD_MASK}],
}


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
    ],
)
def test_keys_tell_secrets(key: str, value: object, expected: bool) -> None:
    """A secret is a text, or a number right behind the word; a flag is none."""
    assert is_secret(key, value) is expected


def test_a_mask_hides_secrets_and_nothing_else() -> None:
    """Secrets are hidden to any depth, in lists too; the original stays as it was."""
    before = repr(CONNECTION)
    assert masked(CONNECTION) == HIDDEN
    assert repr(CONNECTION) == before


def test_what_was_masked_comes_back() -> None:
    """A mask becomes what is stored at its place; what is new stays, as does a mask of nothing."""
    assert unmasked(HIDDEN, CONNECTION) == CONNECTION
    assert unmasked({**HIDDEN, "password": "new"}, CONNECTION)["password"] == "new"
    assert unmasked({"key": PASSWORD_MASK}, {}) == {"key": PASSWORD_MASK}
    assert unmasked([PASSWORD_MASK], ["a", "b"]) == [PASSWORD_MASK]
    assert unmasked(HIDDEN, None) == HIDDEN
