"""Secrets in configurations, recognised by their keys and by their places in URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, unquote_plus

_SECRET_KEY = re.compile(
    r"pass(word|wd|phrase)?$|secret|token|api_?key|private_?key|access_?key|credential|jwt",
    re.IGNORECASE,
)
_TOKEN_ADDRESS = re.compile(r"token[-_]?(url|uri|endpoint|service)$", re.IGNORECASE)
_SECRET_PARAMETER = re.compile(r"(^|[_-])(sig|signature|auth|key|code)$", re.IGNORECASE)
_PARAMETER = re.compile(r"(^|[?&;#,\s])([\w.-]{1,64})=([^&;#\s]+)")
_SCHEME = re.compile(r"(?:Basic|Bearer) +(\S{8,})", re.IGNORECASE)
_USER = re.compile(r"://[^/\s:@]{0,256}:")
_PORT = re.compile(r"\d{1,5}(/|$)")


def is_secret(key: object, value: object) -> bool:
    """Whether the key of a value names a secret: password, token, api_key …"""
    found = _SECRET_KEY.search(str(key))
    if found is None or isinstance(value, bool):
        return False
    if _TOKEN_ADDRESS.search(str(key)) and str(value).startswith(("http://", "https://", "/")):
        return False  # where tokens are got (RFC 6749 §3.2); `secrets_in` knows those in URLs
    # YAML reads a password of digits as a number; token_timeout is no token.
    return isinstance(value, str) or (isinstance(value, int) and found.end() == len(str(key)))


def secrets_in(text: str) -> Iterator[str]:
    """Secrets inside a URL or a connection string, as they are written and decoded.

    They are the password before a host, which may hold `/` and `@` although RFC 3986 §3.2 has them
    quoted, and parameters whose names sound like secrets: `?api_key=…`, `;password=…`. The value
    of a header `Authorization` is one as a whole.
    """
    if _SCHEME.fullmatch(text.strip()):
        yield text
    for user in _USER.finditer(text):
        rest = text[user.end() :].split(maxsplit=1)[:1]
        before, at, _ = rest[0].rpartition("@") if rest else ("", "", "")
        if at and not _PORT.match(before):
            shortest = before.partition("@")[0]
            yield from {before, unquote(before), shortest, unquote(shortest)}
    for before, name, value in _PARAMETER.findall(text):
        is_of_url = before in ("?", "&") and _SECRET_PARAMETER.search(name)
        if is_of_url or is_secret(name, value) or name.lower() == "pwd":
            yield from {value, unquote(value), unquote_plus(value)}
