"""Checks of what pip installed, and of the connector in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import ClassVar, NamedTuple

from om_ingest import namespace
from om_ingest.distributions import installed, normalize, project_of, text_of
from om_ingest.errors import OmIngestError
from om_ingest.source import SourceStatus

from om_ingest_testing.observations import SourceChecks
from om_ingest_testing.probe import probe
from om_ingest_testing.source_run import Subject
from om_ingest_testing.verdict import UnseenError, shown

ALONE = "it cannot be imported in a process of its own: see test_quiet_import"
TRIES = 3
"""How often an import is timed before it counts as slow."""

_TREE = tuple(namespace.ROOT.split("."))
_LAYOUTS = ("src", ".")
"""Folders of a project that may hold its packages."""


class InstallationChecks(SourceChecks):
    """Users can install, list, import and run the connector."""

    import_s: ClassVar[float]

    def test_entry_point(self) -> Iterator[str]:
        subject = self.observations.subject
        if isinstance(subject.found, OmIngestError):
            yield f"cannot be loaded: {' '.join(str(subject.found).split())}"
        elif subject.installed is None:
            yield (
                f"is not installed: no entry point leads to {subject.found.__module__}:"
                f"{subject.found.__qualname__}. Name it in pyproject.toml under "
                '[project.entry-points."metadata.ingestion.source"], and run `pip install -e .`'
            )
        elif subject.installed.status != "ok":
            yield f"cannot be run by its name: {subject.installed.detail}"

    def test_shared_levels(self) -> Iterator[str]:
        distribution = self.observations.subject.need_installed().distribution
        files = {path for path in _files(distribution) if _is_in_shared_folder(path)}
        for file in sorted(map(str, files)):
            yield f"is shipped with {file}, in a folder that belongs to all connectors"

    def test_quiet_import(self) -> Iterator[str]:
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

    def test_quick_import(self) -> Iterator[str]:
        if self.observations.probed.problem:
            raise UnseenError(ALONE)
        took_s = self.observations.probed.import_s
        subject, patience_s = self.observations.subject, self.observations.patience_s
        for _ in range(TRIES - 1):  # another process may have held it up
            if took_s >= self.import_s:
                took_s = min(took_s, probe(subject, patience_s).import_s)
        if took_s >= self.import_s:
            yield f"took {took_s:.1f} s to import"

    def test_runs_by_name(self) -> Iterator[str]:
        observations = self.observations
        name = observations.subject.need_installed().qualified_name
        whole = observations.sound
        if "close" in whole.errors:
            raise UnseenError("it cannot be closed: see test_closed_once")
        if not isinstance(whole.status, SourceStatus):
            raise UnseenError("it has no status: see test_status_makes_sense")
        good, bad = observations.expected
        run = _run_by_name(observations.subject, name, observations.patience_s)
        if run.code != 0 and not bad and not whole.status.failure_count:
            yield f"ended with exit code {run.code} when it was run by name: {run.complaint}"
        elif run.delivered < good:  # more: a sink puts into order what comes together
            yield f"delivered {run.delivered} of {good} records when it was run by name"


class _RunByName(NamedTuple):
    """Exit code of the command, its error message on one line, and what is in the catalog now."""

    code: int
    complaint: str
    delivered: int = 0


def _run_by_name(subject: Subject, name: str, patience_s: float) -> _RunByName:
    """Run a source into a temporary catalog; paths are relative to this working directory."""
    source = {
        "type": name,
        "serviceName": subject.service_name,
        "config": subject.config,
        "sourceConfig": {"config": subject.source_config},
    }
    with tempfile.TemporaryDirectory() as folder:
        flow, report = Path(folder, "flow.json"), Path(folder, "report.json")
        flow.touch(mode=0o600)  # it may hold a secret
        flow.write_text(json.dumps({"source": source}), encoding="utf-8")
        command = [sys.executable, "-m", "om_ingest", "run", str(flow), "--report", str(report)]
        command += ["--sink", f"catalog:{Path(folder, 'catalog.db')}"]
        try:
            run = subprocess.run(command, capture_output=True, timeout=patience_s)
        except subprocess.TimeoutExpired:
            return _RunByName(-1, f"it was still busy after {patience_s:g} s")
        lines = run.stderr.decode(errors="replace").strip().splitlines() or [""]
        complaint = next((line for line in lines if line.startswith("error: ")), lines[-1])
        if not report.exists():
            return _RunByName(run.returncode, complaint)
        told = json.loads(report.read_text(encoding="utf-8"))
    if told["deadLetters"]:  # it lies in the working directory
        Path(told["deadLetters"]).unlink(missing_ok=True)
    delivered = sum(told["records"][outcome] for outcome in ("created", "updated", "unchanged"))
    return _RunByName(run.returncode, complaint, delivered)


def _files(distribution: str) -> Iterator[PurePosixPath]:
    """Files of a distribution: of its RECORD, or of the namespace in an editable project."""
    for dist in installed():
        if normalize(str(dist.metadata["Name"])) != normalize(distribution):
            continue
        if project := project_of(dist):
            for top in (Path(project, layout) for layout in _LAYOUTS):
                for path in (top / _TREE[0]).glob("**/*"):
                    if path.is_file() and "__pycache__" not in path.parts:
                        yield PurePosixPath(path.relative_to(top).as_posix())
        else:
            for line in (text_of(dist, "RECORD") or "").splitlines():
                yield PurePosixPath(line.rsplit(",", 2)[0].strip('"'))


def _is_in_shared_folder(path: PurePosixPath) -> bool:
    """Whether a file lies where it belongs to all connectors.

    A single module in the folder of its service type is a connector, and does not.
    """
    folder = path.parts[:-1]
    if not folder or folder[: len(_TREE)] != _TREE[: len(folder)]:
        return False
    if len(folder) <= len(_TREE):
        return True
    is_connector = path.stem != "__init__" and path.suffix == ".py"
    return len(folder) == len(_TREE) + 1 and not is_connector
