"""README.md and docs/ are followed in a fresh environment, command by command."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Venv

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CHANGING = re.compile(r"in \d+\.\d+ s \(\d+/s")
"""Duration and rate, which differ each time."""


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page in one language, in their order."""
    text = (ROOT / page).read_text("utf-8")
    return [block for name, block in FENCE.findall(text) if name == language]


def steps(page: str) -> list[tuple[str, str]]:
    """The commands of a page's console blocks, each with the output shown below it."""
    found: list[tuple[str, str]] = []
    for block in blocks(page, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def follow(environment: Venv, folder: Path, page: str) -> None:
    """Run every command in `folder`; what the page shows is what is printed."""
    for command, shown in steps(page):
        if "nox" in command:
            continue  # that is what runs this test
        run = subprocess.run(
            ["/bin/sh", "-c", command.replace("pip install", "pip install --no-build-isolation")],
            cwd=folder,
            env={"PATH": f"{environment.bin}:/usr/bin:/bin", "HOME": str(folder)},
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, f"{page}: {command}\n{run.stdout}{run.stderr}"
        if shown.strip():
            printed = CHANGING.sub("", run.stdout + run.stderr)
            assert CHANGING.sub("", shown).strip() in printed, f"{page}: {command}\n{printed}"


@pytest.fixture
def checkout(environment: Venv, tmp_path: Path) -> Path:
    """A copy of what the README's commands need, beside nothing else."""
    copy = tmp_path / "checkout"
    wanted = ("core", "plugins", "examples")
    for name in wanted:
        ignored = shutil.ignore_patterns("__pycache__", "*.db*", "tests")
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    return copy


def test_the_readme_does_what_it_says(environment: Venv, checkout: Path) -> None:
    """Every command of the README works in its order, and prints what the README shows."""
    follow(environment, checkout, "README.md")
    (workflow,) = blocks("README.md", "yaml")
    (checkout / "demo.yaml").write_text(workflow, "utf-8")

    environment("om-ingest", "check", checkout / "demo.yaml", code=2)  # no examples/ here
    run = subprocess.run(
        [environment.bin / "om-ingest", "run", "demo.yaml"], cwd=checkout, capture_output=True
    )

    assert run.returncode == 0, run.stderr.decode()


def test_the_connector_page_leads_to_a_connector_that_runs(
    environment: Venv, tmp_path: Path
) -> None:
    """The files of docs/connector.md, saved as the page says, install, list and run."""
    (project,) = blocks("docs/connector.md", "toml")
    (module,) = blocks("docs/connector.md", "python")
    place = tmp_path / "my-files/src/metadata/ingestion/source/storage"
    place.mkdir(parents=True)
    (tmp_path / "my-files/pyproject.toml").write_text(project, "utf-8")
    (place / "my_files.py").write_text(module, "utf-8")
    (tmp_path / "people.csv").write_text("name,birthday\n", "utf-8")

    follow(environment, tmp_path, "docs/connector.md")
    printed = environment(
        "om-ingest", "run", "my-files", "--set", f"folder={tmp_path}", "--sink", "console"
    )

    assert '"birthday"' in printed
    environment.pip("uninstall", "--yes", "my-files")


@pytest.mark.parametrize("number", range(3))
def test_workflow_files_of_the_page_run(environment: Venv, tmp_path: Path, number: int) -> None:
    """Every workflow file in docs/workflow-file.md runs as it stands."""
    pages = blocks("docs/workflow-file.md", "yaml")
    assert len(pages) == 3
    environment.install(ROOT / "plugins/sample-tables")
    workflow = tmp_path / "workflow.yaml"
    workflow.write_text(pages[number], "utf-8")

    environment("om-ingest", "run", workflow)

    for catalog in environment.work.glob("*.db"):
        catalog.unlink()
