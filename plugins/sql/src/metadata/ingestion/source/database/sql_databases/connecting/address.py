"""Where a server is: `hostPort`, and URLs and connection strings taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote

_PORT = re.compile(r"\d{1,5}")
_MAX_PORT = 65_535
_SCHEME = re.compile(r"([a-z][a-z0-9]*)(?:\+\w+)?://", re.IGNORECASE)
_PAIR = re.compile(
    r"\s*([A-Za-z_]\w*)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)(?=\s|$)", re.DOTALL
)

SCHEMES = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
}
"""Schemes of URLs, and the protocol that each of them means."""


class Address(NamedTuple):
    """One place where a server may listen."""

    host: str
    """Name or IP address; a path stands for a socket: its folder (PostgreSQL), or itself."""

    port: int | None = None

    @property
    def is_socket(self) -> bool:
        """Whether it is a Unix socket; `@` begins the name of an abstract one."""
        return self.host.startswith(("/", "@"))

    def __str__(self) -> str:
        if self.port is None:
            return self.host
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def addresses(text: str) -> list[Address]:
    """The addresses in a `hostPort`: `host`, `host:port`, `[::1]:port`, a path; several by comma.

    Raises `ValueError`, in words for the author of a workflow file.
    """
    if "://" in text or text.lower().startswith("jdbc:"):
        raise ValueError("must be host:port without a scheme; a URL goes into the key url")
    return [_address(part.strip()) for part in text.split(",")]


def _address(text: str) -> Address:
    host, port = text, None
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"{text!r} is no address: write [IPv6]:port")
        port = rest[1:] if rest else None
    elif text.startswith(("/", "@")) or text.count(":") == 1:
        before, colon, after = text.rpartition(":")
        if colon and (not text.startswith(("/", "@")) or _PORT.fullmatch(after)):
            host, port = before, after
    if not host:
        raise ValueError("lacks the name of a host: write host:port")
    if "/" in host and not host.startswith(("/", "@")):
        raise ValueError(f"{text!r} is no address: the name of a database goes into its own key")
    if re.search(r"[\s@?#]", host) and not host.startswith(("/", "@")):
        raise ValueError(f"{text!r} is no address: write host:port alone")
    return Address(host, None if port is None else _port(port))


def _port(text: str) -> int:
    if not _PORT.fullmatch(text) or not 0 < int(text) <= _MAX_PORT:
        raise ValueError(f"{text!r} is no port: it is a number from 1 to {_MAX_PORT}")
    return int(text)


class Parts(NamedTuple):
    """What a URL or connection string says; empty where it says nothing."""

    host_port: str = ""
    username: str = ""
    password: str | None = None
    database: str = ""
    options: Mapping[str, str] = {}
    """Parameters of the driver."""

    bare: str = ""
    """The text without what may be secret in it."""


def parts(text: str, protocol: str) -> Parts:
    """The parts of a URL of that protocol or, for PostgreSQL, of a connection string of libpq.

    Both are as PostgreSQL's documentation has them, section 32.1.1 "Connection Strings"; several
    hosts, a host as a parameter, and the `+driver` of SQLAlchemy are taken. Raises `ValueError`
    without any of the text: it may hold a password.
    """
    text = text.strip()
    if text.lower().startswith("jdbc:"):
        raise ValueError("is a URL of JDBC: leave out jdbc: and write user and password before @")
    scheme = _SCHEME.match(text)
    if scheme is None and protocol == "postgres" and "=" in text:
        return _of_pairs(dict(_pairs(text)))
    wanted = " or ".join(f"{name}://" for name, one in SCHEMES.items() if one == protocol)
    if scheme is None:
        raise ValueError(f"is no URL: it begins with {wanted}")
    if SCHEMES.get(scheme[1].lower()) != protocol:
        raise ValueError(f"is a URL for something else ({scheme[1]}): it begins with {wanted}")
    return _of_url(text[scheme.end() :], scheme[0])


def _of_url(rest: str, scheme: str) -> Parts:
    rest, _, query = rest.partition("?")
    user, at, place = rest.rpartition("@")  # a password may hold an @ that is not quoted
    if at and "/" in place and "/" in user and ":" not in user.partition("/")[0]:
        raise ValueError("has an @ behind its host: write %40 for an @ in a name or password")
    host_port, _, database = place.partition("/")
    name, colon, password = user.partition(":")
    options = dict(parse_qsl(query, keep_blank_values=True))
    values = {
        "host": unquote(host_port),
        "user": unquote(name),
        "dbname": unquote(database),
        **options,
    }
    if colon:
        values["password"] = unquote(password)
    return _of_pairs(values, scheme)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """The pairs of a connection string of libpq."""
    place = 0
    while place < len(text):
        found = _PAIR.match(text, place)
        if found is None:
            raise ValueError("is no connection string: write keyword=value pairs, or a URL")
        value = found[2]
        yield found[1], re.sub(r"\\(.)", r"\1", value[1:-1] if value[:1] == "'" else value)
        place = found.end()
        if not text[place:].strip():
            return


def _of_pairs(values: dict[str, str], scheme: str = "postgresql://") -> Parts:
    """The parts among the parameters of libpq; those without a key of their own are options."""
    rest = dict(values)
    hosts = rest.pop("host", "").split(",")
    given = rest.pop("port", "")
    ports = given.split(",") if given else []
    if len(ports) > 1 and len(ports) != len(hosts):
        raise ValueError(f"has {len(ports)} ports for {len(hosts)} hosts")
    if ports:
        own = ports if len(ports) > 1 else ports * len(hosts)
        hosts = [
            f"[{host}]:{port}" if host.count(":") > 1 and host[:1] != "[" else f"{host}:{port}"
            for host, port in zip((host or "localhost" for host in hosts), own, strict=True)
        ]
    host_port = ",".join(hosts)
    if not host_port:
        raise ValueError("names no host; that of a socket is its folder: host=/run/postgresql")
    try:
        addresses(host_port)
    except ValueError:  # what it says may be part of a password that is not quoted
        raise ValueError(
            "has no host and port where they belong: write user:password@host:port, and %40, %2F"
            " or %3A for @, / or : in the password"
        ) from None
    username, password = rest.pop("user", ""), rest.pop("password", None)
    database = rest.pop("dbname", "")
    bare = f"{scheme}{quote(username)}{'@' if username else ''}{quote(host_port, safe=':,[]')}"
    return Parts(host_port, username, password, database, rest, f"{bare}/{quote(database)}")
