"""Options that several commands share."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Annotated

import typer

from om_ingest import logs
from om_ingest.cli import completion
from om_ingest.errors import WorkflowError
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


def _resume(context: typer.Context, given: bool | None) -> bool:
    """What the command line says, or else `OM_INGEST_RESUME`, which a dry run goes on without."""
    value = os.environ.get("OM_INGEST_RESUME", "").strip().lower()
    if given is not None or context.resilient_parsing:
        return bool(given)
    if value not in _YES and value not in _NO:
        raise WorkflowError(
            f"OM_INGEST_RESUME is {value!r}, which is neither yes nor no", "Set it to 1 or to 0."
        )
    return value in _YES and not context.params.get("dry_run")


_YES, _NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")

Resume = Annotated[
    bool | None,
    typer.Option(
        "--resume/--no-resume",
        help="Do not send again what an unfinished run delivered.  [env var: OM_INGEST_RESUME]",
        callback=_resume,
        show_default=False,
    ),
]
Folders = Annotated[
    list[Path] | None,
    typer.Option(
        "--path", help="Find code in this folder, too; for this command only.", metavar="DIR"
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Refuse a source that works only in part.")]
Report = Annotated[
    Path | None, typer.Option("--report", readable=False, help="Write the report as JSON.")
]
Metrics = Annotated[
    Path | None,
    typer.Option("--metrics", readable=False, help="Write metrics as a Prometheus textfile."),
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


def _grace(given: float | None) -> float | None:
    """Refuse what no range of numbers leaves out."""
    if given is not None and math.isnan(given):
        raise typer.BadParameter("nan is no number of seconds.")
    return given


Grace = Annotated[
    float | None,
    typer.Option(
        "--grace",
        min=0,
        max=86_400,
        callback=_grace,
        envvar="OM_INGEST_GRACE",
        help="After SIGTERM, end within this time; default: 25.",
        metavar="SECONDS",
    ),
]
Level = Annotated[LogLevel | None, typer.Option("--log-level", help="Default: info.")]
Format = Annotated[
    LogFormat, typer.Option("--log-format", envvar=logs.FORMAT_VARIABLE, help="Text or JSON lines.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print only errors; no report, no progress.")]
