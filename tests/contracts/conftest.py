"""What the rules of this repository look at: its files, and the wheels built from them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parents[2]
# Written by tools: everything with a leading dot but .ci, and what a build leaves.
_GENERATED = {"__pycache__", "build", "dist", "node_modules", "site", "venv"}


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".") and path.name not in {".ci", ".gitignore"}
        if hidden or path.name in _GENERATED or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """Every file that people wrote, relative to the top."""
    return [path.relative_to(ROOT) for path in _files(ROOT)]


@pytest.fixture(scope="session")
def plugins() -> list[Path]:
    """The folder of each plugin; there is at least one, or the rules would prove nothing."""
    found = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))
    assert found, "plugins/ holds no distribution"
    return found


@pytest.fixture(scope="session")
def wheels(
    plugins: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Distribution]]:
    """The folder of each distribution, e.g. `core`, and the wheel that is built from it."""
    with ExitStack() as stack:
        built: dict[str, Distribution] = {}
        for project in (ROOT / "core", *plugins):
            target = tmp_path_factory.mktemp("wheel")
            builder = WheelBuilder(str(project))
            (path,) = builder.build(directory=str(target), versions=["standard"])
            archive = stack.enter_context(zipfile.ZipFile(path))
            (info,) = {name.split("/")[0] for name in archive.namelist() if ".dist-info/" in name}
            name = project.relative_to(ROOT).as_posix()
            built[name] = PathDistribution(zipfile.Path(archive, f"{info}/"))
        yield built
