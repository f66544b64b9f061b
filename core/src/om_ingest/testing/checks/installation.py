"""Checks of what pip installed, and of the connector in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from om_ingest.testing.probe import run_by_name
from om_ingest.testing.subject import foreign_files
from om_ingest.testing.verdict import Checks, UnseenError, check, shown

ALONE = "it cannot be imported in a process of its own: see test_quiet_import"
TRIES = 3
"""How often an import is timed before it counts as slow."""


class InstallationChecks(Checks):
    """Users can install, list, import and run the connector."""

    import_s: ClassVar[float]

    @check
    def test_entry_point(self) -> Iterator[str]:
        subject = self.observations.subject
        if subject.refusal is not None:
            yield f"cannot be loaded: {' '.join(str(subject.refusal).split())}"
        elif subject.installed is None:
            yield (
                f"is not installed: no entry point leads to {subject.loaded.__module__}:"
                f"{subject.loaded.__qualname__}. Name it in pyproject.toml under "
                '[project.entry-points."metadata.ingestion.source"], and run `pip install -e .`'
            )
        elif subject.installed.status != "ok":
            yield f"cannot be run by its name: {subject.installed.detail}"

    @check
    def test_shared_levels(self) -> Iterator[str]:
        installed = self.observations.subject.need_installed()
        for file in foreign_files(installed.distribution):
            yield f"is shipped with {file}, in a folder that belongs to all connectors"

    @check
    def test_quiet_import(self) -> Iterator[str]:
        _ = self.observations.subject.source_class
        found = self.observations.probed
        if found.problem:
            yield f"cannot be imported in a process of its own: {found.problem}"
        if found.printed:
            yield f"printed while it was imported: {shown(found.printed)}"
        if found.logging:
            yield f"set up logging while it was imported: {found.logging}"
        for event in found.connections("import"):
            yield f"connected while it was imported: {event}"
        for event in found.folder:
            yield f"accessed the working directory while it was imported: {event}"

    @check
    def test_quick_import(self) -> Iterator[str]:
        _ = self.observations.subject.source_class
        if self.observations.probed.problem:
            raise UnseenError(ALONE)
        took_s = self.observations.probed.import_s
        for _ in range(TRIES - 1):  # another process may have held it up
            if took_s >= self.import_s:
                took_s = min(took_s, self.observations.probe().import_s)
        if took_s >= self.import_s:
            yield f"took {took_s:.1f} s to import"

    @check
    def test_runs_by_name(self) -> Iterator[str]:
        observations = self.observations
        installed = observations.subject.need_installed()
        _ = observations.faultless
        good, bad = observations.expected
        run = run_by_name(observations.subject, installed.qualified_name, observations.patience_s)
        if run.code != 0 and not bad and not observations.noted_failures:
            yield f"ended with exit code {run.code} when it was run by name: {run.complaint}"
        elif run.delivered < good:  # more: a sink puts into order what comes together
            yield f"delivered {run.delivered} of {good} records when it was run by name"
