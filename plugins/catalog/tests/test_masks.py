"""The mask that stands for secrets."""

from __future__ import annotations

from typing import Any

from om_ingest_catalog.rules.masks import PASSWORD_MASK, masked, unmasked

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
