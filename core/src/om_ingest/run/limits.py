"""What works only in part: what a source says of itself, and a sink of its target."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from om_ingest.errors import PluginError
from om_ingest.failure_place import defined_at
from om_ingest.host import loading
from om_ingest.registry import InstalledSource
from om_ingest.run.job import Job
from om_ingest.sink import Sink
from om_ingest.source import Source

_CHARS = 20_000
"""Longest line."""

_COUNT = 1_000
"""Lines that are read at most."""


def of_source(source: Source, installed: InstalledSource, job: Job) -> list[str]:
    """What of a source works only in part, masked, a line each.

    Raises `PluginError` if there is any and the job is strict, or what `limits` answers is wrong.
    """
    name = f"The source {installed.name}" + (f" of {installed.owner}" if installed.owner else "")
    with loading.blamed(name):
        lines = _lines(source.limits(), f"limits{defined_at(source.limits)}", job)
    if lines and job.strict:
        raise PluginError(
            "\n  ".join([f"{name} works only in part, and the run is to be strict:", *lines]),
            "Correct the connector, or leave --strict and plugins.strict out: these are warnings"
            " then.",
        )
    return lines


def of_sink(sink: Sink, job: Job) -> list[str]:
    """What the target of a sink cannot hold, masked, a line each."""
    return _lines(sink.limits(), "limits", job)


def _lines(answer: Iterable[str], what: str, job: Job) -> list[str]:
    if isinstance(answer, str):
        raise TypeError(f"{what} answers text instead of lines")
    lines: list[Any] = list(itertools.islice(answer, _COUNT))
    if wrong := [line for line in lines if not isinstance(line, str)]:
        raise TypeError(f"{what} answers {type(wrong[0]).__name__} among its lines")
    return [job.redact.message(line, _CHARS) for line in lines]
