"""What counts as a secret, and how it is masked."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from hypothesis import given, strategies as st
from om_ingest.masking import MASK, RedactingFormatter, Redactor
from om_ingest.workflow.secrets import secrets_by_key, secrets_by_type
from pydantic import BaseModel, SecretBytes, SecretStr


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=4, max_size=20))
def test_no_spelling_of_a_secret_survives(secret: str) -> None:
    """A secret is masked as it is, as `repr` writes it, and as JSON writes it."""
    redact = Redactor([secret])
    for written in (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1]):
        assert redact(f"<{written}>") == f"<{MASK}>"
    unescaped = json.dumps(secret, ensure_ascii=False)[1:-1]
    assert redact(f"<{unescaped}>") == f"<{MASK}>"


def test_password_of_digits() -> None:
    """A number is a secret where the whole key says so."""
    values = {"password": 12345, "tokens": [67890], "token_timeout_s": 3600, "secret": True}
    assert list(secrets_by_key(values)) == ["12345"]


def test_longer_secrets_first() -> None:
    """Where one secret begins another, nothing of the longer one is left."""
    assert Redactor(["pass", "password1"])("password1 pass") == f"{MASK} {MASK}"


def test_short_values_are_words() -> None:
    """Values of fewer than four characters are not masked: they would hide ordinary words."""
    redact = Redactor(["a", "", "xyz"])
    assert redact("a xyz") == "a xyz"
    redact.add(["wxyz"])
    assert redact("wxyz") == MASK


def test_log_lines_are_masked_with_their_traceback() -> None:
    """Message, arguments and traceback go through the mask."""
    formatter = RedactingFormatter(logging.Formatter("%(message)s"), Redactor(["hunter2"]))
    try:
        raise ValueError("hunter2")
    except ValueError:
        record = logging.LogRecord(
            "x", logging.INFO, __file__, 1, "%s", ("hunter2",), sys.exc_info()
        )
    line = formatter.format(record)
    assert "hunter2" not in line.replace('"hunter2"', "")  # the source line itself
    assert line.count(MASK) >= 2


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "dbPassword",
        "db_passwd",
        "PASS",
        "api_key",
        "apiKey",
        "privateKeyPassphrase",
        "jwtToken",
        "client_secret",
        "AWS_SECRET_ACCESS_KEY",
        "access_key",
        "credentials",
    ],
)
def test_keys_that_sound_like_secrets(key: str) -> None:
    """Values below such keys are secrets, at any depth."""
    assert set(secrets_by_key({"a": [{"b": {key: "v"}}]})) == {"v"}
    assert set(secrets_by_key({key: ["one", {"x": "two"}]})) <= {"one", "two"}


@pytest.mark.parametrize("key", ["passage_count", "keyspace", "compass_heading", "author"])
def test_other_keys(key: str) -> None:
    """Keys that merely resemble them are not."""
    assert list(secrets_by_key({key: "v"})) == []


class Inner(BaseModel):
    token: SecretStr


class Outer(BaseModel):
    many: list[Inner]
    by_name: dict[str, SecretBytes]
    plain: str = "plain"
    nothing: SecretStr | None = None


def test_secret_fields() -> None:
    """Values of `SecretStr` and `SecretBytes` are found at any depth, others left out."""
    config = Outer(
        many=[Inner(token=SecretStr("one")), Inner(token=SecretStr("two"))],
        by_name={"x": SecretBytes(b"three")},
    )
    assert set(secrets_by_type(config)) == {"one", "two", "three"}
    assert list(secrets_by_type(None)) == []


def test_the_password_in_a_url_is_a_secret() -> None:
    """A connection string hides its password, as it is written and as a driver decodes it."""
    found = set(secrets_by_key({"dsn": ["postgres://me:p%40ssword@db.example/shop"]}))

    assert found == {"p%40ssword", "p@ssword"}
    assert list(secrets_by_key({"hostPort": "http://localhost:8585/api", "at": "a@b:c@d"})) == []


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("postgres://me:p@ss@db.example/shop", {"p@ss"}),
        ("postgres://me:pa/ss@db.example/shop", {"pa/ss"}),
        ("postgres://me:p%40s%2Fs@db.example/shop", {"p%40s%2Fs", "p@s/s"}),
        ("http://host:8585/api?api_key=S3cr%20et&x=1", {"S3cr%20et", "S3cr et"}),
        ("https://a.example/c?x=1&sig=abc%2Bdef", {"abc%2Bdef", "abc+def"}),
        ("jdbc:sqlserver://h:1433;user=me;password=p@ss;x=y", {"p@ss"}),
        ("DRIVER={x};PWD=hunter2;UID=me", {"hunter2"}),
        ("host=db password=hunter2 user=me", {"hunter2"}),
        ("Bearer abcdefgh", {"Bearer abcdefgh"}),
        ('{"private_key": "abc-def", "type": "x"}', {"abc-def"}),
    ],
)
def test_secrets_inside_a_text(text: str, hidden: set[str]) -> None:
    """Passwords before a host, parameters and credentials are secrets, written or decoded."""
    assert hidden <= set(secrets_by_key({"any": text}))


@pytest.mark.parametrize(
    "text",
    [
        *("http://host:8585/api/users/me@here", "http://host:8585", "select key=abcd from t"),
        *("mailto:a@b", "a=b&c=d", "Basic types", "path?sort=name", "{not json"),
    ],
)
def test_no_secrets_inside_a_text(text: str) -> None:
    """A port, an address and a parameter of another name are none."""
    assert list(secrets_by_key({"any": text})) == []


def test_credentials_of_a_header() -> None:
    """Of a header with credentials the part behind the scheme, and a password in it, are masked."""
    redact = Redactor(["Basic Ym90Omh1bnRlcjIy"])
    assert redact("Ym90Omh1bnRlcjIy hunter22") == f"{MASK} {MASK}"
