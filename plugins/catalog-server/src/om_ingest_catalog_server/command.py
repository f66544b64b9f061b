"""`om-ingest serve`: parse, delegate. What is heavy is imported once the command runs."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from om_ingest_catalog_server.settings import (
    DEFAULT_MAX_BODY_BYTES,
    DEFAULT_VERSION,
    ServerSettings,
)
from om_ingest_catalog_server.tokens import TokenFile

_DEFAULT_CATALOG = Path("om-ingest.db")  # where `om-ingest run` writes unless told otherwise


class ServerLogLevel(str, Enum):
    """How much the server tells on stderr."""

    debug = "debug"
    info = "info"
    warning = "warning"
    error = "error"


def serve(
    catalog: Annotated[
        Path, typer.Option("--catalog", help="The catalog file; created if need be.")
    ] = _DEFAULT_CATALOG,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 8585,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", help="One token per line; whoever writes needs one."),
    ] = None,
    om_version: Annotated[
        str, typer.Option("--om-version", help="The OpenMetadata version to be.")
    ] = DEFAULT_VERSION,
    max_body: Annotated[
        int, typer.Option("--max-body", min=1, help="Bytes of a request body at most.")
    ] = DEFAULT_MAX_BODY_BYTES,
    log_level: Annotated[
        ServerLogLevel, typer.Option("--log-level", help="`info` logs every request.")
    ] = ServerLogLevel.warning,
) -> None:
    """Serve a catalog file as OpenMetadata's REST interface, until Ctrl-C or SIGTERM."""
    tokens = TokenFile(token_file) if token_file is not None else None
    settings = ServerSettings(catalog, om_version, max_body, tokens)
    from om_ingest_catalog_server.listening import listen  # imports uvicorn, for this command

    listen(settings, host, port, log_level.value)
