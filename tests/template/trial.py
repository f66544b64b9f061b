"""Try one cell: make the project, install it, run its checks, run it, build it."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.install.matrix.workshop import ROOT, UV, CommandError, Workshop, run
from tests.template.cell import Cell, Outcome

COMMAND = Path(sys.executable).with_name("om-ingest")
OFFERED = ("core", "plugins/catalog", "plugins/testing")
"""Distributions of this checkout that a new connector needs; no index has them."""
_CI = {
    "github": (".github/workflows/ci.yml", "vendor.github-workflows"),
    "gitlab": (".gitlab-ci.yml", "vendor.gitlab-ci"),
}
_LEFT_OVER = re.compile(r"\{\{ |\{%|cookiecutter|TODO|FIXME")


def try_cell(cell: Cell, workshop: Workshop, *, update_golden: bool = False) -> Outcome:
    """Do what the author of a connector does, in a folder and an environment of its own."""
    folder = workshop.folder / "connectors" / str(cell)
    folder.mkdir(parents=True)
    trial = _Trial(cell, workshop, folder)
    try:
        trial.render()
        trial.install()
        if update_golden:
            trial.update_golden()
        trial.check()
        trial.outcome.green_s = time.monotonic() - trial.began
        trial.use()
        trial.build()
    except CommandError as error:
        trial.outcome.fault = str(error)
    shutil.rmtree(folder)
    return trial.outcome


class _Trial:
    """One cell on its way; each step raises `CommandError` with what went wrong."""

    def __init__(self, cell: Cell, workshop: Workshop, folder: Path) -> None:
        self.cell = cell
        self.workshop = workshop
        self.project = folder / cell.name
        self.bin = self.project / ".venv/bin"
        self.outcome = Outcome(cell)
        self.wheels = workshop.offer(*(ROOT / name for name in OFFERED))
        self.env = {"PIP_FIND_LINKS": str(self.wheels), "UV_FIND_LINKS": str(self.wheels)}
        self.began = time.monotonic()

    def render(self) -> None:
        """`om-ingest new`."""
        cell = self.cell
        answers = {
            "service_type": cell.service_type,
            "kind": cell.kind,
            "license": cell.license,
            "ci": cell.ci,
            "author": 'Zoë "Zo" O\'Neill',
        }
        with self._step("new"):
            sets = [f"--set={key}={value}" for key, value in answers.items()]
            run(COMMAND, "new", cell.name, *sets, "--no-input", cwd=self.project.parent)
            for path in self.project.rglob("*"):
                text = path.read_text(encoding="utf-8") if path.is_file() else ""
                left = _LEFT_OVER.search(str(path.relative_to(self.project))) or (
                    # GitHub's own expressions look like Jinja's.
                    None if path.name == "ci.yml" else _LEFT_OVER.search(text)
                )
                _expect(left is None, f"{path}: {left and left[0]!r} is left over")

    def install(self) -> None:
        """An environment, and `pip install -e '.[test]'` in it."""
        venv = self.bin.parent
        with self._step("install"):
            if self.cell.real_pip:
                run(sys.executable, "-m", "venv", venv)
                self._run("python", "-m", "pip", "install", "--quiet", "-e", ".[test]")
            else:
                run(UV, "venv", "--quiet", "--python", sys.executable, venv)
                install = ("pip", "install", "--quiet", "--python", self.bin / "python")
                run(UV, *install, "-e", ".[test]", env=self.env, cwd=self.project)

    def update_golden(self) -> None:
        """Take the records that the connector yields now into the template."""
        written = self.project / "tests/golden.jsonl"
        written.unlink()  # also what is gone is taken
        self._run("pytest", "-q", "--update-golden", "-k", "golden")
        text = written.read_text(encoding="utf-8")
        text = text.replace(self.cell.name, "{{ cookiecutter.name }}")
        self.cell.golden.write_text(text, encoding="utf-8")

    def check(self) -> None:
        """The commands that the project's README names, all of them."""
        for command in ("pytest", "ruff check", "ruff format --check", "mypy"):
            with self._step(command):
                self._run(*command.split())

    def use(self) -> None:
        """The source is listed and runs by name; so does the example; doctor is content."""
        name = self.cell.name
        with self._step("run"):
            listed = json.loads(self._run("om-ingest", "list-sources", "--json"))
            (found,) = [source for source in listed if source["name"] == name]
            _expect(found["distribution"] == name and found["status"] == "ok", f"listed: {found}")
            _expect(found["serviceType"] == self.cell.service_type, f"listed: {found}")
            self._run("om-ingest", "show", name)
            said = self._run("om-ingest", "run", name, "--sink", "console", "--quiet")
            _expect(self.cell.service_type in said, f"a run prints {said!r}")
            self._run("om-ingest", "run", f"examples/{name}.yaml")
            _expect((self.project / f"{name}.db").is_file(), "the example writes no catalog")
            self._run("om-ingest", "doctor")

    def build(self) -> None:
        """The wheel holds the connector and nothing else; the CI file is what its host reads."""
        with self._step("wheel"):
            target = self.project / "dist"
            run(UV, "build", "--quiet", "--wheel", "--out-dir", target, cwd=self.project)
            (wheel,) = target.glob("*.whl")
            module = self.cell.name.replace("-", "_")
            own = f"metadata/ingestion/source/{self.cell.service_type}/{module}/"
            with zipfile.ZipFile(wheel) as archive:
                names = archive.namelist()
            foreign = [n for n in names if not n.startswith((own, f"{module}-0.1.0.dist-info/"))]
            _expect(not foreign, f"the wheel holds {foreign}")
            _expect(f"{own}py.typed" in names, "the wheel holds no py.typed")
            samples = [n for n in names if n.startswith(f"{own}sample.")]
            _expect(len(samples) == (self.cell.kind != "empty"), f"the wheel holds {samples}")
        if self.cell.ci in _CI:
            with self._step("ci"):
                file, schema = _CI[self.cell.ci]
                check = Path(sys.executable).with_name("check-jsonschema")
                run(check, "--builtin-schema", schema, self.project / file)

    def _run(self, command: str, *arguments: str) -> str:
        path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        env = {**self.env, "PATH": path, "VIRTUAL_ENV": str(self.bin.parent)}
        return run(self.bin / command, *arguments, env=env, cwd=self.project)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.outcome.steps[name] = time.monotonic() - began


def _expect(true: bool, otherwise: str) -> None:
    if not true:
        raise CommandError(otherwise)
