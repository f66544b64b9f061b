"""Names of datasets, as https://openlineage.io/docs/spec/naming has them.

A source for which it has no rule, or whose config does not tell where it is, gets the namespace
`<source>://<service>` and the FQN below its service as a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit


class Dataset(NamedTuple):
    """Where a dataset is, and its name there."""

    namespace: str
    name: str


class _Rule(NamedTuple):
    """How tables of a server are named."""

    scheme: str
    port: int
    parts: int = 3
    """Names from the table outwards that make its name."""


_RULES = {
    "cassandra": _Rule("cassandra", 9042, 2),
    "crate": _Rule("crate", 5432),
    "db2": _Rule("db2", 50000),
    "hive": _Rule("hive", 10000, 2),
    "mariadb": _Rule("mysql", 3306, 2),
    "mssql": _Rule("mssql", 1433),
    "mysql": _Rule("mysql", 3306, 2),
    "oracle": _Rule("oracle", 1521),
    "postgres": _Rule("postgres", 5432),
    "teradata": _Rule("teradata", 1025, 2),
    "trino": _Rule("trino", 8080),
}
_ALIASES = {"postgresql": "postgres", "cratedb": "crate", "oracledb": "oracle"}
_FILES = {"duckdb", "sqlite"}
"""Databases that are files: the namespace is their path, for want of a rule."""

_URL_KEYS = ("url", "uri", "connectionUrl", "connection_url", "database_uri", "databaseUri")
_PATH_KEYS = ("database_path", "databasePath", "path", "database")
_REDSHIFT = re.compile(r"([^.]+)\.[^.]+\.([^.]+)\.redshift")


class Naming:
    """Names the datasets of one source."""

    def __init__(self, source: str, service: str, config: Mapping[str, Any]) -> None:
        """`source` is the type that the workflow names; secrets in `config` may be masked."""
        self._kind = _kind(source)
        self._config = config
        self._url = self._split_url()
        if self._url is not None and self._kind in ("sqlalchemy", "customdatabase"):
            self._kind = _kind(self._url.scheme.partition("+")[0])
        word = re.sub(r"[^a-z0-9+.-]", "-", _word(source).lower())
        self._fallback = f"{word}://{service}"
        self._namespace, self._parts = self._of_tables()

    def table(self, names: list[str]) -> Dataset:
        """The dataset of a table, from the parts of its FQN, that of the service first."""
        if self._namespace is None or len(names) < 4:
            return Dataset(self._fallback, ".".join(names[1:]))
        return Dataset(self._namespace, ".".join(names[-self._parts :]))

    def topic(self, names: list[str]) -> Dataset:
        """The dataset of a topic, from the parts of its FQN."""
        servers = self._config.get("bootstrapServers")
        if not isinstance(servers, str) or not servers:
            return Dataset(self._fallback, ".".join(names[1:]))
        return Dataset(f"kafka://{_with_port(servers.split(',')[0].strip(), 9092)}", names[-1])

    def container(self, names: list[str], full_path: str | None) -> Dataset:
        """The dataset of a container, from the parts of its FQN and its URL in the store."""
        url = urlsplit(full_path or "")
        if url.scheme and url.netloc:
            return Dataset(f"{url.scheme}://{url.netloc}", url.path.strip("/") or "/")
        return Dataset(self._fallback, ".".join(names[1:]))

    def _of_tables(self) -> tuple[str | None, int]:
        """The namespace of tables, None if it is not known; and how many parts their names have."""
        kind, config = self._kind, self._config
        if kind == "bigquery":
            return "bigquery", 3
        if kind == "snowflake":
            account = config.get("account")
            return (f"snowflake://{account}" if account else None), 3
        if kind == "athena":
            region = _nested(config, "awsConfig", "awsRegion") or config.get("region")
            return (f"awsathena://athena.{region}.amazonaws.com" if region else None), 3
        if kind == "redshift":
            address = self._address(5439)
            found = _REDSHIFT.match(address or "")
            if address and found:
                port = address.rpartition(":")[2]
                return f"redshift://{found[1]}.{found[2]}:{port}", 3
            return (f"redshift://{address}" if address else None), 3
        if kind in _FILES:
            path = self._path()
            return (f"{kind}://{path}" if path else None), 2
        rule = _RULES.get(kind)
        address = self._address(rule.port) if rule else None
        return (f"{rule.scheme}://{address}", rule.parts) if rule and address else (None, 3)

    def _address(self, port: int) -> str | None:
        """Host and port of the server; None if the config does not tell."""
        config = self._config
        given = config.get("hostPort") or config.get("host_port") or config.get("host")
        if isinstance(given, str) and given:
            first = given.split(",")[0].strip()
            if first.startswith("/"):  # a socket
                return f"localhost:{port}"
            return _with_port(first, int(config.get("port") or port))
        if self._url is not None and self._url.hostname:
            return f"{self._url.hostname}:{self._url.port or port}"
        return None

    def _path(self) -> str | None:
        """The file of the database; None if the config does not tell."""
        given = next((self._config[key] for key in _PATH_KEYS if self._config.get(key)), None)
        if given is None and self._url is not None:
            given = self._url.path.removeprefix("/")
        return str(Path(str(given)).expanduser().absolute()) if given else None

    def _split_url(self) -> SplitResult | None:
        for key in _URL_KEYS:
            value = self._config.get(key)
            if isinstance(value, str) and "://" in value:
                try:
                    url = urlsplit(value)
                    _ = url.port
                except ValueError:
                    return None
                return url
        return None


def target(sink: str, config: Mapping[str, Any], label: str, service: str) -> Dataset | None:
    """The dataset that a sink writes; None for one that is no dataset, such as a terminal.

    A file is one of the local file system; on a server it is the service, in the namespace
    `openmetadata://host:port`. `label` is what the report calls the sink, with its URL.
    """
    path = config.get("path")
    if isinstance(path, str) and path:
        return Dataset("file", str(Path(path).expanduser().absolute()))
    url = urlsplit(next((word for word in label.split() if "://" in word), ""))
    if url.hostname:
        port = url.port or {"http": 80, "https": 443}.get(url.scheme, 0)
        return Dataset(f"openmetadata://{url.hostname}:{port}", service)
    word = label.split()[-1] if label.split() else ""
    is_file = sink in ("catalog", "jsonl") and word not in ("", sink)
    return Dataset("file", str(Path(word).expanduser().absolute())) if is_file else None


def _kind(source: str) -> str:
    """The kind of system that a type of source stands for."""
    kind = re.sub(r"[^a-z0-9]", "", _word(source).lower())
    return _ALIASES.get(kind, kind)


def _word(source: str) -> str:
    """The name in a type of source; that of the module in a class path."""
    return source.partition(":")[0].rpartition(".")[2]


def _with_port(address: str, port: int) -> str:
    """An address as `host:port`."""
    has_port = re.search(r":\d+$", address) and (address.count(":") == 1 or "]" in address)
    return address if has_port else f"{address}:{port}"


def _nested(config: Mapping[str, Any], *keys: str) -> Any:
    """A value below several keys; None if one is missing."""
    value: Any = config
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
