"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from om_ingest.cli import completion
from om_ingest.logs import LogFormat, LogLevel

Target = Annotated[
    str,
    typer.Argument(
        help="A workflow file, - for standard input, a recording, or a source.",
        autocompletion=completion.targets,
    ),
]
SourceName = Annotated[
    str, typer.Argument(help="A source from list-sources.", autocompletion=completion.sources)
]
Values = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="A key of the connector's config.",
        metavar="KEY=VALUE",
        autocompletion=completion.keys,
    ),
]
ValuesFromFiles = Annotated[
    list[str] | None,
    typer.Option("--set-file", help="A key of the config, from a file.", metavar="KEY=PATH"),
]
ValuesFromEnvironment = Annotated[
    list[str] | None,
    typer.Option("--set-env", help="A key of the config, from a variable.", metavar="KEY=VARIABLE"),
]
Sink = Annotated[
    str | None,
    typer.Option(
        "--sink",
        help="catalog:FILE, openmetadata:URL, jsonl:FILE, console; wins over the file.",
        metavar="TYPE[:VALUE]",
        autocompletion=completion.sinks,
    ),
]
ServiceName = Annotated[str | None, typer.Option(help="Service that the entities are filed under.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Do everything except writing.")]
State = Annotated[
    Path | None,
    typer.Option(
        "--state",
        envvar="OM_INGEST_STATE",
        help="Folder of the journal; default: that of the file, or the working directory.",
        metavar="DIR",
    ),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        envvar="OM_INGEST_RESUME",
        help="Do not send again what an unfinished run delivered.",
    ),
]
Folders = Annotated[
    list[Path] | None,
    typer.Option(
        "--path", help="Find code in this folder, too; for this command only.", metavar="DIR"
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Refuse a source that works only in part.")]
Report = Annotated[Path | None, typer.Option("--report", help="Write the report as JSON.")]
Metrics = Annotated[
    Path | None, typer.Option("--metrics", help="Write metrics as a Prometheus textfile.")
]
OpenLineage = Annotated[
    str | None,
    typer.Option(
        "--openlineage",
        envvar="OM_INGEST_OPENLINEAGE_URL",
        help="Tell an OpenLineage receiver of the run.",
        metavar="URL",
    ),
]
Grace = Annotated[
    float | None,
    typer.Option(
        "--grace",
        min=0,
        envvar="OM_INGEST_GRACE",
        help="After SIGTERM, end within this time; default: 25.",
        metavar="SECONDS",
    ),
]
Level = Annotated[LogLevel | None, typer.Option("--log-level", help="Default: info.")]
Format = Annotated[LogFormat, typer.Option("--log-format", help="Text or JSON lines.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print only errors; no report, no progress.")]
