"""A fresh virtual environment with core in it, installed by pip from a wheel of this checkout."""

from __future__ import annotations

import json
import os
import subprocess
import venv
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.install.matrix.workshop import UV

ROOT = Path(__file__).resolve().parents[2]
ENV = {
    **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    # What is imported is compiled then; of this option, pip takes "no" for "yes".
    "PIP_NO_COMPILE": "no",
}


def build_wheel(project: Path, target: Path) -> Path:
    """The wheel of a project, built by hatchling as pip would."""
    (wheel,) = WheelBuilder(str(project)).build(directory=str(target), versions=["standard"])
    return Path(wheel)


class Venv:
    """A virtual environment, and the commands in it."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=False)
        self.bin = folder / "bin"
        # In a thirtieth of the time that ensurepip takes.
        install = (UV, "pip", "install", "--quiet", "--python", self.bin / "python", "pip")
        subprocess.run(install, check=True)
        self.env = {**ENV, "PATH": f"{self.bin}:/usr/bin:/bin"}
        self.env["XDG_CACHE_HOME"] = str(folder / "cache")
        self.work = folder / "work"
        self.work.mkdir()

    def __call__(self, command: str, *args: str | Path, code: int = 0) -> str:
        """Standard output of a command that ends with `code`."""
        run = subprocess.run(
            [self.bin / command, *args], cwd=self.work, env=self.env, capture_output=True, text=True
        )
        assert run.returncode == code, f"{command} {args}: {run.returncode}\n{run.stderr}"
        return run.stdout

    def pip(self, *args: str | Path) -> str:
        """What pip says; it succeeds."""
        return self("python", "-m", "pip", *args)

    def install(self, *args: str | Path) -> None:
        """Install without looking for anything that is not here already."""
        self.pip("install", "--quiet", "--no-deps", "--no-build-isolation", *args)

    def sources(self) -> dict[str, dict[str, Any]]:
        """What `om-ingest list-sources` lists, by name."""
        listed = json.loads(self("om-ingest", "list-sources", "--json"))
        return {source["name"]: source for source in listed}

    def files_of(self, distribution: str) -> dict[str, str]:
        """The files that pip installed, with their hashes."""
        code = (
            "import importlib.metadata, json, sys;"
            "files = importlib.metadata.files(sys.argv[1]);"
            "hashes = {str(f): f.hash.value for f in files if f.hash};"
            "import hashlib, base64;"
            "found = {str(f): base64.urlsafe_b64encode(hashlib.sha256("
            "f.locate().read_bytes()).digest()).rstrip(b'=').decode() for f in files if f.hash};"
            "assert found == hashes;"
            "print(json.dumps(found))"
        )
        files: dict[str, str] = json.loads(self("python", "-c", code, distribution))
        return files


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Venv:
    """A virtual environment with core and the catalog, and with what builds connectors there."""
    created = Venv(tmp_path_factory.mktemp("environment") / "venv")
    wheels = tmp_path_factory.mktemp("wheels")
    for name in ("catalog", "compat", "lineage", "new", "openlineage", "sql", "testing"):
        build_wheel(ROOT / "plugins" / name, wheels)
    build_wheel(ROOT / "core", wheels)
    # Where a page says `pip install om-ingest`, it is this one.
    places = (created.env.get("PIP_FIND_LINKS", ""), str(wheels))
    created.env["PIP_FIND_LINKS"] = " ".join(filter(None, places))
    created.pip("install", "--quiet", "om-ingest[catalog]", "hatchling>=1.26", "editables")
    return created
