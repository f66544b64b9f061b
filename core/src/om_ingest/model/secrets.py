"""Secrets in configurations, recognised by their keys and by their places in URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, unquote_plus

ANYWHERE = ("secret", "token", "api_key", "private_key", "access_key", "credential", "jwt")
"""Words that make a key one of a secret, wherever they stand in it."""

AT_THE_END = ("pass", "password", "passwd", "passphrase", "passcode", "pwd")
"""Words that a key of a secret ends with."""

LAST_WORDS = (
    *("account_key", "auth_key", "encryption_key", "license_key", "master_key", "shared_key"),
    *("sas_key", "signing_key", "ssh_key", "subscription_key", "user_key"),
    *("basic_auth", "bearer", "cookie", "cookies", "pat", "pin", "sas"),
)
"""Words that a key of a secret is or ends with, as words of their own: `my_pat`, not `repat`."""

MODES = ("auth", "authorization")
"""As `LAST_WORDS`, unless the value is a way to log in: `auth: LDAP` is no secret."""

_SECRET_KEY = re.compile(
    f"{'|'.join(ANYWHERE)}|({'|'.join(AT_THE_END)})$"
    f"|(?<![^_.-])({'|'.join((*LAST_WORDS, *MODES))})$".replace("_key", "[_.-]?key").replace(
        "basic_auth", "basic[_.-]?auth"
    ),
    re.IGNORECASE,
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MODE_KEY = re.compile(rf"(?<!basic)(?<!basic[_.-])({'|'.join(MODES)})$", re.IGNORECASE)
_MODE = re.compile(
    r"\W*|no(ne|[-_ ]?auth|[-_ ]?sasl)|anonymous|default|native|custom|plain|basic|digest|ldap"
    r"|kerberos|gssapi|ntlm|scram([-_ ]?sha)?[-_ ]?\d*|saml|sso|oidc|o?auth[-_ ]?\d?(\.\d)?|jwt"
    r"|(api[-_ ]?|access[-_ ]?)?(token|key)|bearer|password|header|session|iam|aws|azure|google"
    r"|okta|ssl|tls|mtls|cert(ificate)?|enabled|disabled|openmetadata|\d",
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
    words = _HUMP.sub("_", str(key))
    found = _SECRET_KEY.search(str(key)) or _SECRET_KEY.search(words)
    if found is None or isinstance(value, bool):
        return False
    if _MODE_KEY.search(words) and _MODE.fullmatch(str(value)):
        return False
    if _TOKEN_ADDRESS.search(str(key)) and str(value).startswith(("http://", "https://", "/")):
        return False  # where tokens are got (RFC 6749 §3.2); `secrets_in` knows those in URLs
    # YAML reads a password of digits as a number; token_timeout is no token.
    return isinstance(value, str) or (isinstance(value, int) and found.end() == len(found.string))


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
        if is_of_url or is_secret(name, value):
            yield from {value, unquote(value), unquote_plus(value)}
