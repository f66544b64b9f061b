"""What the cells are made of: wheels, environments, projects; each built once and kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from tests.install.matrix.cell import HERE, Cell

ROOT = HERE.parents[2]
OFFICIAL = "openmetadata-ingestion==2.0.7.0"

UV = Path(sys.executable).with_name("uv")


class CommandError(Exception):
    """A command failed; the message is what it said."""


def run(*command: str | Path, env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    """Standard output of a command; raises `CommandError` unless it ends with 0."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "VIRTUAL_ENV") and not name.startswith("OM_INGEST_")
    }
    done = subprocess.run(
        [str(part) for part in command],
        env={**clean, **(env or {})},
        cwd=cwd,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise CommandError(f"{Path(command[0]).name} ended with {done.returncode}: {said}")
    return done.stdout


class Workshop:
    """Builds into one folder; every cell takes what it needs from here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        self._kept: dict[str, Path] = {}

    def environment(self, place: Path, cell: Cell) -> Path:
        """The Python of a new environment that holds om-ingest and the cell's companion."""
        run(UV, "venv", "--quiet", "--python", sys.executable, place)
        python = place / "bin/python"
        self._furnish(place, whole=cell.companion == "official")
        if cell.companion == "official-bare":
            _install(python, "--no-deps", OFFICIAL)
        elif cell.companion in ("second", "framework"):
            _install(python, "--no-deps", self.wheel_of(HERE / "companions" / cell.companion))
        return python

    def project(self, backend: str, place: Path) -> Path:
        """The connector's project for one build backend, in a folder of its own."""
        flat = backend.endswith("-flat")
        shutil.copytree(
            HERE / "code",
            place if flat else place / "src",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        shutil.copy(HERE / "backends" / f"{backend}.toml", place / "pyproject.toml")
        return place

    def connector(self, backend: str) -> Path:
        """The connector's wheel, made by one build backend."""
        place = self.folder / "projects" / backend
        return self._once(backend, lambda: self._wheel(self.project(backend, place)))

    def wheel_of(self, project: Path) -> Path:
        """The wheel of a project that is not touched by building it."""
        return self._once(str(project), lambda: self._wheel(project))

    def offer(self, *projects: Path) -> Path:
        """A folder with the wheels of projects, to find them in as if it were an index."""
        with self._lock:
            offered = self.folder / "offered"
            offered.mkdir(exist_ok=True)
            for project in projects:
                shutil.copy(self.wheel_of(project), offered)
            return offered

    def _wheel(self, project: Path) -> Path:
        target = self.folder / "wheels" / project.name
        run(UV, "build", "--quiet", "--wheel", "--out-dir", target, project)
        (wheel,) = target.glob("*.whl")
        return wheel

    def _furnish(self, place: Path, *, whole: bool) -> None:
        """Put om-ingest and pip into an environment, and the whole framework if asked to.

        They are links to one installation, made and compiled once: a cell takes seconds.
        """
        kind = "official" if whole else "host"
        kept = self._once(kind, lambda: self._furnished(kind))
        (source,) = kept.glob("lib/python*/site-packages")
        (target,) = place.glob("lib/python*/site-packages")
        own = shutil.ignore_patterns("_virtualenv*")
        shutil.copytree(source, target, copy_function=os.link, ignore=own, dirs_exist_ok=True)
        command = (kept / "bin/om-ingest").read_text(encoding="utf-8")
        (place / "bin/om-ingest").write_text(command.replace(str(kept), str(place)))
        (place / "bin/om-ingest").chmod(0o755)

    def _furnished(self, kind: str) -> Path:
        place = self.folder / kind
        run(UV, "venv", "--quiet", "--python", sys.executable, place)
        what: list[str | Path] = [self.wheel_of(ROOT / "core"), "pip"]
        if kind == "official":
            what += [OFFICIAL, "--override", HERE / "companions/official-overrides.txt"]
        _install(place / "bin/python", "--compile-bytecode", *what)
        return place

    def _once(self, key: str, make: Callable[[], Path]) -> Path:
        """What `make` built when it was asked for the first time."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = make()
            return self._kept[key]


def _install(python: Path, *arguments: str | Path) -> None:
    run(UV, "pip", "install", "--quiet", "--python", python, *arguments)
