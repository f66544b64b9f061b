"""Token files, and the identity in a token."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from om_ingest import WorkflowError
from om_ingest_catalog import Actor
from om_ingest_catalog_server.identity import actor_of, bearer_token
from om_ingest_catalog_server.tokens import TokenFile


def jwt(claims: object) -> str:
    """A token with these claims, as nobody signed it."""
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{body}.signature"


def test_lines(tmp_path: Path) -> None:
    """Every line is a token, except blank lines and comments."""
    path = tmp_path / "tokens"
    path.write_text("# of the nightly job\nfirst\n\n  second  \n", "utf-8")
    tokens = TokenFile(path)
    assert tokens.holds("first")
    assert tokens.holds("second")
    assert not any(map(tokens.holds, ("", "third", "firs", "# of the nightly job")))


def test_changes(tmp_path: Path) -> None:
    """A changed file takes effect immediately; without a token in it, all writes are refused."""
    path = tmp_path / "tokens"
    path.write_text("first\n", "utf-8")
    tokens = TokenFile(path)
    path.write_text("second token\n", "utf-8")
    assert tokens.holds("second token")
    assert not tokens.holds("first")
    path.write_text("# nobody\n", "utf-8")
    assert not tokens.holds("second token")
    path.unlink()
    assert not tokens.holds("second token")
    path.write_text("third\n", "utf-8")
    assert tokens.holds("third")


@pytest.mark.parametrize("content", [b"", b"# none\n", b"\xff\xfe", None])
def test_unusable(tmp_path: Path, content: bytes | None) -> None:
    """A missing file, or one without a token, is a `WorkflowError`."""
    path = tmp_path / "tokens"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WorkflowError, match=os.fspath(path)):
        TokenFile(path)


@pytest.mark.parametrize(
    ("claims", "actor"),
    [
        ({"sub": "ingestion-bot", "isBot": True}, Actor("ingestion-bot", True)),
        ({"sub": "Alice"}, Actor("alice", False)),
        ({"sub": "1", "email": "alice@example.com"}, Actor("alice", False)),
        ({"sub": "1", "preferred_username": "bob", "isBot": "true"}, Actor("bob", False)),
        ({}, Actor()),
        ({"sub": 7}, Actor()),
        ([], Actor()),
    ],
)
def test_claims(claims: object, actor: Actor) -> None:
    """The actor comes from the claims of the token; without a name it is the ingestion bot."""
    assert actor_of(jwt(claims)) == actor


@pytest.mark.parametrize("token", [None, "", "secret", "a.b.c", "a.é.c", "..", "a.bm8.c"])
def test_no_jwt(token: str | None) -> None:
    """Without a token, or with one that is no JWT, it is the ingestion bot."""
    assert actor_of(token) == Actor()


def test_header() -> None:
    """The scheme is `Bearer`, in this spelling (contract §1.1)."""
    assert bearer_token("Bearer abc") == "abc"
    assert [bearer_token(text) for text in (None, "", "bearer abc", "Basic abc", "Bearer ")] == (
        [None] * 5
    )
