"""The command `om-ingest serve`."""

from __future__ import annotations

import math
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from om_ingest import OmIngestError

from om_ingest_catalog_server import server_log
from om_ingest_catalog_server.server_log import LogFormat
from om_ingest_catalog_server.settings import (
    DEFAULT_MAX_BODY_BYTES,
    DEFAULT_VERSION,
    ServerSettings,
)
from om_ingest_catalog_server.tokens import TokenFile

_DEFAULT_CATALOG = Path("om-ingest.db")  # the default of `om-ingest run`


def _grace(given: float) -> float:
    """Refuse what no range of numbers leaves out."""
    if math.isnan(given):
        raise typer.BadParameter("nan is no number of seconds.")
    return given


class ServerLogLevel(str, Enum):
    """Level of the log on stderr."""

    debug = "debug"
    info = "info"
    warning = "warning"
    error = "error"


def serve(
    catalog: Annotated[
        Path, typer.Option("--catalog", help="The catalog file; created if it does not exist.")
    ] = _DEFAULT_CATALOG,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 8585,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", help="File with one token per line; writing requires one."),
    ] = None,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allowed-host",
            metavar="NAME",
            help="Another name in URLs of this server; repeatable. Others are refused if it has"
            " no tokens.",
        ),
    ] = None,
    om_version: Annotated[
        str,
        typer.Option(
            "--om-version",
            help=f"OpenMetadata version to emulate, from 1.5 to {DEFAULT_VERSION}.",
        ),
    ] = DEFAULT_VERSION,
    max_body: Annotated[
        int, typer.Option("--max-body", min=1, help="Maximum size of a request body in bytes.")
    ] = DEFAULT_MAX_BODY_BYTES,
    log_level: Annotated[
        ServerLogLevel, typer.Option("--log-level", help="`info` logs every request.")
    ] = ServerLogLevel.warning,
    log_format: Annotated[
        LogFormat,
        typer.Option(
            "--log-format",
            envvar="OM_INGEST_LOG_FORMAT",
            help="Text or JSON lines; with JSON, every request is logged.",
        ),
    ] = LogFormat.text,
    access_log: Annotated[
        bool | None,
        typer.Option("--access-log/--no-access-log", help="Log every request, or none."),
    ] = None,
    metrics_need_token: Annotated[
        bool,
        typer.Option("--metrics-need-token", help="Require a token to read /metrics, too."),
    ] = False,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--trusted-proxy",
            metavar="ADDRESS",
            help="A proxy, or a network of them, whose X-Forwarded-For and X-Forwarded-Proto are"
            " believed; repeatable. Default: 127.0.0.1.",
        ),
    ] = None,
    grace: Annotated[
        float,
        typer.Option(
            min=0,
            max=86_400,
            callback=_grace,
            envvar="OM_INGEST_GRACE",
            metavar="SECONDS",
            help="After a signal, end within this time.",
        ),
    ] = 25.0,
) -> None:
    """Serve a catalog file as OpenMetadata's REST interface, until Ctrl-C or SIGTERM."""
    if access_log is None:
        is_chatty = log_level in {ServerLogLevel.info, ServerLogLevel.debug}
        access_log = is_chatty or log_format is LogFormat.json
    server_log.set_up(log_level.value, log_format, log_requests=access_log)
    from om_ingest_catalog_server.admission import hosts_of  # imports uvicorn, for this command
    from om_ingest_catalog_server.listening import listen

    try:
        tokens = TokenFile(token_file) if token_file is not None else None
        given = allowed_host or []
        hosts = hosts_of(host, given) if tokens is None or given else None
        settings = ServerSettings(catalog, om_version, max_body, tokens, hosts, metrics_need_token)
        listen(settings, host, port, grace_s=grace, proxies=trusted_proxy or [])
    except OmIngestError as error:
        if log_format is not LogFormat.json:
            raise
        server_log.logger.error("%s", error)
        raise typer.Exit(error.exit_code) from None
