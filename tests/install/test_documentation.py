"""README.md and docs/ are followed in a fresh environment, command by command."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.databases.postgres import PASSWORD, Cluster
from tests.selection import few

if TYPE_CHECKING:
    from conftest import Venv

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
CHANGING = re.compile(r"in \d+\.\d+ s \(\d+/s|passed in \d+\.\d+s")
"""Duration and rate, which differ each time."""


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page in one language, in their order."""
    text = (ROOT / page).read_text("utf-8")
    return [block for name, _, block in FENCE.findall(text) if name == language]


def steps(page: str, saved: Path) -> Iterator[tuple[str, str]]:
    """What a page tells to do: commands, and the output that it shows for each.

    A block with a title is a file: it is kept in `saved`, and copied where it stands.
    """
    for language, title, block in FENCE.findall((ROOT / page).read_text("utf-8")):
        if title:
            kept = saved / str(len(list(saved.iterdir())))
            kept.write_text(block, "utf-8")
            yield f"mkdir -p $(dirname {title}) && cp {kept} {title}", ""
        elif language == "console":
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                if "nox" not in command:  # that is what runs this test
                    yield command, output


def follow(
    environment: Venv, folder: Path, page: str, saved: Path, variables: Mapping[str, str] = {}
) -> None:
    """Do what a page says, in one shell; what the page shows is what is printed."""
    todo = list(steps(page, saved))
    script = "".join(
        f"echo @@{number}\n{{ {command}\n}} || exit\n" for number, (command, _) in enumerate(todo)
    )
    run = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=folder,
        env={**environment.env, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert run.returncode == 0, f"{page}:\n{run.stdout}"
    printed = re.split(r"^@@\d+\n", run.stdout, flags=re.MULTILINE)[1:]
    assert len(printed) == len(todo)
    for (command, shown), said in zip(todo, printed, strict=True):
        wanted = CHANGING.sub("(changes)", shown).strip()
        assert wanted in CHANGING.sub("(changes)", said), f"{page}: {command}\n{said}"


@pytest.fixture
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files of a page wait until they are wanted."""
    return tmp_path_factory.mktemp("saved")


@pytest.fixture
def checkout(environment: Venv, tmp_path: Path) -> Path:
    """A copy of what the README's commands need, beside nothing else."""
    copy = tmp_path / "checkout"
    wanted = ("core", "plugins", "examples")
    for name in wanted:
        ignored = shutil.ignore_patterns("__pycache__", "*.db*", "tests")
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    return copy


def test_the_readme_does_what_it_says(environment: Venv, checkout: Path, saved: Path) -> None:
    """Every command of the README works in its order, and prints what the README shows."""
    follow(environment, checkout, "README.md", saved)
    (workflow,) = blocks("README.md", "yaml")
    (checkout / "demo.yaml").write_text(workflow, "utf-8")

    environment("om-ingest", "check", checkout / "demo.yaml", code=2)  # no examples/ here
    run = subprocess.run(
        [environment.bin / "om-ingest", "run", "demo.yaml"], cwd=checkout, capture_output=True
    )

    assert run.returncode == 0, run.stderr.decode()


def test_the_connector_page_leads_to_a_connector_that_runs(
    environment: Venv, tmp_path: Path, saved: Path
) -> None:
    """The files of docs/connector.md, saved as the page says, install, list and run."""
    (project,) = blocks("docs/connector.md", "toml")
    (module,) = blocks("docs/connector.md", "python")
    place = tmp_path / "my-files/src/metadata/ingestion/source/storage"
    place.mkdir(parents=True)
    (tmp_path / "my-files/pyproject.toml").write_text(project, "utf-8")
    (place / "my_files.py").write_text(module, "utf-8")
    (tmp_path / "people.csv").write_text("name,birthday\n", "utf-8")

    follow(environment, tmp_path, "docs/connector.md", saved)
    printed = environment(
        "om-ingest", "run", "my-files", "--set", f"folder={tmp_path}", "--sink", "console"
    )

    assert '"birthday"' in printed
    environment.pip("uninstall", "--yes", "my-files")


@pytest.mark.full
def test_the_tutorial_leads_to_a_connector(environment: Venv, tmp_path: Path, saved: Path) -> None:
    """Who has Python and a shell, and does what the tutorial says, gets what it shows."""
    follow(environment, tmp_path, "docs/tutorial.md", saved)


@pytest.mark.full
def test_the_tutorial_leads_to_lineage(
    environment: Venv, postgres: Cluster, tmp_path: Path, saved: Path
) -> None:
    """Who has a PostgreSQL, and does what the tutorial says, gets the tree that it shows."""
    database = postgres.database(name="shop")
    address = {
        "PGHOST": postgres.host,
        "PGPORT": str(postgres.port),
        "PGUSER": "postgres",
        "PGPASSWORD": PASSWORD,
        "PGDATABASE": database.name,
        "PATH": f"{environment.env['PATH']}:{postgres.home / 'bin'}",
    }
    follow(environment, tmp_path, "docs/tutorial-lineage.md", saved, address)
    database.drop()


@pytest.mark.parametrize(
    "page",
    few(
        [
            "run-an-existing-connector",
            "sql-lineage",
            "databases",
            "config-and-secrets",
            "record-and-replay",
            "incremental",
            "lineage",
            "processor",
            "samples-usage-and-runs",
            "testing",
        ],
        1,
    ),
)
def test_how_to_pages_are_true(environment: Venv, tmp_path: Path, saved: Path, page: str) -> None:
    """The files of a page, saved as it says, do what it says."""
    environment.install(ROOT / "plugins/sample-tables")
    follow(environment, tmp_path, f"docs/how-to/{page}.md", saved)


IN_A_FOLDER = """\
from om_ingest import CreateDatabaseServiceRequest, Source, SourceStatus
from om_ingest.model import DatabaseServiceType


class MyConnector(Source):
    @classmethod
    def create(cls, config_dict, metadata_config_dict, ctx):
        return cls(ctx)

    def prepare(self):
        self.status = SourceStatus()

    def next_record(self):
        kind = DatabaseServiceType.CustomDatabase
        yield CreateDatabaseServiceRequest(name=self.ctx.service_name, serviceType=kind)

    def get_status(self):
        return self.status
"""
"""The connector of the page that is not installed: `connector/my_connector.py`."""


@pytest.mark.parametrize("number", range(5))
def test_workflow_files_of_the_page_run(environment: Venv, tmp_path: Path, number: int) -> None:
    """Every workflow file in docs/workflow-file.md runs as it stands."""
    pages = blocks("docs/workflow-file.md", "yaml")
    assert len(pages) == 5
    environment.install(ROOT / "plugins/sample-tables")
    for folder in ("flows", "connector"):
        (tmp_path / folder).mkdir()
    (tmp_path / "connector/my_connector.py").write_text(IN_A_FOLDER, "utf-8")
    workflow = tmp_path / "flows/workflow.yaml"
    workflow.write_text(pages[number], "utf-8")

    environment("om-ingest", "run", workflow)

    for catalog in environment.work.glob("*.db"):
        catalog.unlink()
