"""docs/how-to/editor.md is true: mypy and pyright run on the repository that it describes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = "metadata.ingestion.source.storage.my_files"
PYRIGHT = Path(sys.executable).with_name("basedpyright")

# Each file needs a type from elsewhere to be known: without it, there is no error.
USES = f"""\
from {MODULE} import MyFilesConfig

folder: str = MyFilesConfig.model_validate({{"folder": "."}}).folder
"""
OTHER = """\
from metadata.ingestion.source.database.sqlite_file import SqliteSource

source: int = SqliteSource
"""


def block(page: Path, language: str, number: int = 0) -> str:
    """One block of code of a page."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)[number]


@pytest.fixture
def repository(root: Path, tmp_path: Path) -> Path:
    """A connector's repository as docs/connector.md describes it, and two modules beside it."""
    folder = tmp_path / "workspace/my-files"
    module = folder / f"src/{MODULE.replace('.', '/')}.py"
    module.parent.mkdir(parents=True)
    module.write_text(block(root / "docs/connector.md", "python"))
    (folder / "pyproject.toml").write_text(block(root / "docs/connector.md", "toml"))
    (folder / "tests").mkdir()
    (folder / "tests/uses.py").write_text(USES)
    (folder / "tests/other.py").write_text(OTHER)
    return folder


def framework(folder: Path) -> Path:
    """A path entry that holds the shared folders with an `__init__.py` each."""
    for name in ("metadata", "metadata/ingestion", "metadata/ingestion/source"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").touch()
    return folder


def mypy(repository: Path) -> str:
    """What mypy says of the repository."""
    cache = repository.parents[2] / "mypy-cache"  # of all tests: what they share is read once
    command = [sys.executable, "-m", "mypy", f"--cache-dir={cache}", "src", "tests"]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True).stdout


def configure_mypy(root: Path, repository: Path, path: str = "src") -> None:
    """Add the page's settings to the repository's."""
    settings = block(root / "docs/how-to/editor.md", "toml").replace('"src"', f'"{path}"')
    with (repository / "pyproject.toml").open("a") as file:
        file.write(f"\n{settings}")


def pyright(workspace: Path) -> set[tuple[str, str]]:
    """What pyright finds: name of the file and rule, of each error."""
    command = [str(PYRIGHT), "--outputjson", "--level=error", f"--pythonpath={sys.executable}"]
    run = subprocess.run(command, cwd=workspace, capture_output=True, text=True)
    report = json.loads(run.stdout)
    assert report["summary"]["filesAnalyzed"] == 3
    return {
        (Path(finding["file"]).name, finding["rule"]) for finding in report["generalDiagnostics"]
    }


FOUND = {("uses.py", "reportAssignmentType"), ("other.py", "reportAssignmentType")}
"""The two errors that only somebody sees who has found the types."""


def test_mypy_resolves_the_connector(root: Path, repository: Path) -> None:
    """With the page's settings mypy checks the connector and knows its types and others'."""
    configure_mypy(root, repository)
    said = mypy(repository)
    assert (
        'tests/uses.py:3: error: Incompatible types in assignment (expression has type "Path"'
        in said
    )
    assert "tests/other.py:3: error: Incompatible types in assignment" in said
    assert "Found 2 errors in 2 files (checked 3 source files)" in said


@pytest.mark.full
def test_mypy_needs_the_settings(repository: Path) -> None:
    """Without them mypy leaves the connector's types out, in the words that the page quotes."""
    said = mypy(repository)
    assert f'Skipping analyzing "{MODULE}"' in said
    assert "missing library stubs or py.typed marker" in said


@pytest.mark.full
def test_mypy_beside_the_framework(root: Path, repository: Path, tmp_path: Path) -> None:
    """Mypy still finds the connector when shared folders with an `__init__.py` lie behind it."""
    configure_mypy(root, repository, f"src:{framework(tmp_path / 'framework').as_posix()}")
    assert "Found 2 errors in 2 files (checked 3 source files)" in mypy(repository)


def test_pyright_finds_src_at_the_top(repository: Path) -> None:
    """Pyright needs no setting for a `src` at the top of the workspace."""
    assert pyright(repository) == FOUND


@pytest.mark.full
def test_pyright_needs_the_path_of_a_folder_below(root: Path, repository: Path) -> None:
    """In a larger workspace pyright needs the page's `extraPaths`, and VS Code gets the same."""
    workspace = repository.parent
    assert ("uses.py", "reportMissingImports") in pyright(workspace)
    page = root / "docs/how-to/editor.md"
    settings = block(page, "json", 1)
    (workspace / "pyrightconfig.json").write_text(settings)
    assert pyright(workspace) == FOUND
    of_code = json.loads(block(page, "json", 0))
    assert of_code["python.analysis.extraPaths"] == json.loads(settings)["extraPaths"]


def test_pyright_beside_the_framework(repository: Path, tmp_path: Path) -> None:
    """Pyright finds no connector where shared folders have an `__init__.py`: the page warns."""
    shutil.move(repository / "pyproject.toml", tmp_path)
    paths = ["src", str(framework(tmp_path / "framework"))]
    (repository / "pyrightconfig.json").write_text(json.dumps({"extraPaths": paths}))
    assert pyright(repository) == {
        ("uses.py", "reportMissingImports"),
        ("other.py", "reportMissingImports"),
    }
