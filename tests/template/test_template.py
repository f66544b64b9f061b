"""A connector made by `om-ingest new` works at once: its tests, its linters, its run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from om_ingest_new import scaffold

from tests.install.matrix.workshop import ROOT, UV, Workshop, run
from tests.selection import few
from tests.template import cell as cells
from tests.template.cell import Cell
from tests.template.trial import OFFERED, try_cell

DIAGONAL = cells.diagonal()


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A place to build in, shared by the cells."""
    return Workshop(tmp_path_factory.mktemp("template"))


@pytest.mark.parametrize("cell", few(DIAGONAL, 1, ids=str))
def test_a_new_connector_is_green(cell: Cell, workshop: Workshop) -> None:
    """A new project installs, passes its own checks, runs by name, and builds a clean wheel."""
    outcome = try_cell(cell, workshop)
    steps = "  ".join(f"{step} {took:.1f} s" for step, took in outcome.steps.items())
    print(f"\n{cell}: green after {outcome.green_s:.1f} s ({steps})")
    assert not outcome.fault, outcome.fault


@pytest.mark.full
def test_new_connectors_live_together(workshop: Workshop, tmp_path: Path) -> None:
    """Connectors of all other service types, in one environment, deliver what they should."""
    cells_here = cells.others()
    projects = {
        cell: scaffold.scaffold(
            cell.name, {"service_type": cell.service_type, "kind": cell.kind}, tmp_path
        )
        for cell in cells_here
    }
    run(UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv")
    python = tmp_path / "venv/bin/python"
    wheels = workshop.offer(*(ROOT / name for name in OFFERED))
    editable = [f"--editable={project}" for project in projects.values()]
    install = (UV, "pip", "install", "--quiet", "--python", python, "--find-links", wheels)
    run(*install, "ruff>=0.12", *editable)
    run(python.with_name("ruff"), "check", tmp_path)
    run(python.with_name("ruff"), "format", "--check", tmp_path)
    for cell, project in projects.items():
        file = tmp_path / f"{cell}.jsonl"
        command = (python.with_name("om-ingest"), "run", cell.name, "--quiet")
        run(*command, f"--sink=jsonl:{file}", cwd=tmp_path)
        golden = (project / "tests/golden.jsonl").read_text("utf-8").splitlines()
        lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        delivered = [line for line in lines if "record" in line and line["type"] != "end"]
        assert delivered == [json.loads(line) for line in golden], cell


@pytest.mark.full
@pytest.mark.parametrize("editable", [True, False])
def test_the_printed_lines_work_as_they_are(tmp_path: Path, editable: bool) -> None:
    """Pasted into the shell that made a project, the lines install, run and test it."""
    tools = tmp_path / "Ada's tools"
    run(UV, "venv", "--quiet", "--python", sys.executable, tools)
    install = (UV, "pip", "install", "--quiet", "--python", tools / "bin/python")
    parts = [str(ROOT / name) for name in ("core", "plugins/new")]
    run(*install, *(f"--editable={part}" if editable else part for part in parts))
    env = {"PATH": f"{tools / 'bin'}:/usr/bin:/bin", "PIP_FIND_LINKS": ""}
    said = run(tools / "bin/om-ingest", "new", "acme", "--no-input", cwd=tmp_path, env=env)
    lines = [line for line in said.splitlines() if line.startswith("  ")]
    assert len(lines) == 5, said
    assert "passed" in run("/bin/sh", "-ec", "\n".join(lines), cwd=tmp_path, env=env)


def test_the_selection_leaves_nothing_out() -> None:
    """Every kind, licence and CI is in the diagonal, and every service type is tried somehow."""
    tried = {cell.service_type for cell in [*DIAGONAL, *cells.others()]}
    assert tried == set(cells.SERVICE_TYPES)
    assert {cell.kind for cell in DIAGONAL} == set(cells.KINDS)
    assert {cell.license for cell in DIAGONAL} == set(cells.LICENSES)
    assert {cell.ci for cell in DIAGONAL} == set(cells.CIS)
