"""Engines of SQLAlchemy: `metadata.ingestion.connections.builders`, `.session`.

SQLAlchemy is a requirement of the connectors that use them; it is imported when one does.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

from om_ingest_compat.models.values import VALUES
from om_ingest_compat.shims.entities import text_of


def _setting(connection: Any, name: str) -> Any:
    """A setting of a connection without what it is wrapped in; None without one."""
    value = getattr(connection, name, None)
    return getattr(value, "root", value)


def get_connection_args_common(connection: Any) -> dict[str, Any]:
    """The `connectionArguments` of a connection."""
    return dict(_setting(connection, "connectionArguments") or {})


def get_connection_options_dict(connection: Any) -> dict[str, Any] | None:
    """The `connectionOptions` of a connection; None without any."""
    return dict(_setting(connection, "connectionOptions") or {}) or None


def init_empty_connection_arguments() -> Any:
    """Arguments to add to."""
    return VALUES["ConnectionArguments"]({})


def init_empty_connection_options() -> Any:
    """Options to add to."""
    return VALUES["ConnectionOptions"]({})


def get_connection_url_common(connection: Any) -> str:
    """`scheme://user:password@host/database?options` of the settings of a connection."""
    url = f"{text_of(connection.scheme)}://"
    if user := _setting(connection, "username"):
        url += f"{quote_plus(text_of(user))}:{quote_plus(_password(connection))}@"
    url += text_of(connection.hostPort)
    is_named = any(hasattr(connection, name) for name in ("database", "databaseSchema"))
    name = _setting(connection, "database") or _setting(connection, "databaseSchema")
    options = get_connection_options_dict(connection) or {}
    if name or (is_named and options):
        url += f"/{name or ''}"
    given = (f"{key}={quote_plus(text_of(value))}" for key, value in options.items() if value)
    return f"{url}?{'&'.join(given)}" if options else url


def _password(connection: Any) -> str:
    for holder in (connection, getattr(connection, "authType", None)):
        password = getattr(holder, "password", None)
        if password:
            reveal = getattr(password, "get_secret_value", None)
            return text_of(reveal() if reveal is not None else password)
    return ""


def create_generic_db_connection(
    connection: Any,
    get_connection_url_fn: Callable[[Any], Any],
    get_connection_args_fn: Callable[[Any], Any],
) -> Any:
    """An engine for the settings of a connection, by functions for its URL and its arguments."""
    engine = importlib.import_module("sqlalchemy").create_engine
    return engine(
        get_connection_url_fn(connection),
        connect_args=get_connection_args_fn(connection),
        pool_reset_on_return=None,
        echo=False,
    )


def create_and_bind_session(engine: Any) -> Any:
    """A session on an engine."""
    return importlib.import_module("sqlalchemy.orm").sessionmaker(bind=engine)()


def create_and_bind_thread_safe_session(engine: Any) -> Any:
    """A session on an engine for each thread."""
    orm = importlib.import_module("sqlalchemy.orm")
    return orm.scoped_session(orm.sessionmaker(bind=engine))
