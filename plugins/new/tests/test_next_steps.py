"""The commands that `om-ingest new` prints install om-ingest from where this one came from."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from om_ingest_new.next_steps import next_steps
from om_ingest_new.scaffold import taken

GIT = {"url": "https://example.com/om-ingest.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}
PARTS = {
    "om-ingest": "core",
    "om-ingest-catalog": "plugins/catalog",
    "om-ingest-testing": "plugins/testing",
    "om-ingest-new": "plugins/new",
}
FOLDERS = ("core", "plugins/catalog", "plugins/testing")


def installed(site: Path, origins: dict[str, dict[str, Any] | None]) -> list[str]:
    """Distributions with what their installer noted; the path to find them on."""
    for name, noted in origins.items():
        folder = site / f"{name.replace('-', '_')}-0.1.0.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Name: {name}\nVersion: 0.1.0\n", "utf-8")
        if noted:
            (folder / "direct_url.json").write_text(json.dumps(noted), "utf-8")
    return [str(site)]


def arguments(path: list[str]) -> list[str]:
    """What the install line tells the installer beside the project itself."""
    install = next_steps(Path("acme"), "acme", path)[2]
    words = shlex.split(install)
    assert words[words.index("install") :][1:3] == ["-e", ".[test]"]
    return words[words.index("install") + 3 :]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in a folder with a space and a quote in its name."""
    folder = tmp_path / "Ada's files"
    for name, place in PARTS.items():
        (folder / place).mkdir(parents=True)
        (folder / place / "pyproject.toml").write_text(f'[project]\nname = "{name}"\n', "utf-8")
    return folder


@pytest.mark.parametrize("editable", [True, False])
@pytest.mark.parametrize(
    "names", [tuple(PARTS), ("om-ingest", "om-ingest-new"), ("om-ingest-new",)]
)
def test_from_a_checkout(
    tmp_path: Path, checkout: Path, names: tuple[str, ...], editable: bool
) -> None:
    """A checkout is named with all that the project needs, also what is not installed here."""
    origins: dict[str, dict[str, Any] | None] = {
        name: {"url": (checkout / PARTS[name]).as_uri(), "dir_info": {"editable": editable}}
        for name in names
    }
    expected = [str(checkout / place) for place in FOLDERS]
    if editable:
        expected = [word for place in expected for word in ("-e", place)]
    assert arguments(installed(tmp_path / "site", origins)) == expected


def test_from_wheels(tmp_path: Path) -> None:
    """The folder of a wheel is looked into for the other ones."""
    wheel = tmp_path / "my wheels" / "om_ingest-0.1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.touch()
    path = installed(tmp_path / "site", {"om-ingest": {"url": wheel.as_uri(), "archive_info": {}}})
    assert arguments(path) == ["--find-links", str(wheel.parent)]


def test_from_git(tmp_path: Path) -> None:
    """A revision of a repository is named with the folder of each distribution."""
    path = installed(tmp_path / "site", {"om-ingest": {**GIT, "subdirectory": "core"}})
    url = "git+https://example.com/om-ingest.git@abc#subdirectory="
    assert arguments(path) == [f"{name} @ {url}{PARTS[name]}" for name in list(PARTS)[:3]]


@pytest.mark.parametrize(
    "noted", [None, {"url": "file:///no/such/place", "dir_info": {}}, {"url": 7}]
)
def test_from_an_index(tmp_path: Path, noted: dict[str, Any] | None) -> None:
    """Without a place of its own, or with one that is gone, the index has it."""
    assert arguments(installed(tmp_path / "site", dict.fromkeys(PARTS, noted))) == []


def test_names_that_are_taken() -> None:
    """A source, or a distribution, that is installed and has the name is told before."""
    (said,) = taken("sample-tables")
    assert "from om-ingest-sample-tables" in said
    (said,) = taken("pluggy")
    assert "a distribution pluggy" in said
    assert list(taken("never-heard-of")) == []
