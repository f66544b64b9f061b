"""Virtual environments of their own, and wheels to be installed into them.

An environment holds Python, om-ingest and what that needs, linked from where the tests run,
as `uv --link-mode=symlink` would do it. Everything else is installed by the test.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import venv
import zipfile
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from textwrap import dedent
from typing import Any

import pip
import pytest

DATABASE = "metadata/ingestion/source/database"
SOURCE = """
from om_ingest import ConfiguredSource, ConnectorConfig

class ShopSource(ConfiguredSource[ConnectorConfig]):
    def next_record(self): return ()
"""


class Environment:
    """One virtual environment; calling it runs its `om-ingest`."""

    def __init__(self, root: Path, host: dict[str, Path]) -> None:
        venv.create(root, symlinks=True)
        self.root = root
        self.python = root / "bin/python"
        (self.site,) = root.glob("lib/python*/site-packages")
        for name, path in host.items():
            (self.site / name).symlink_to(path)
        self.command = root / "bin/om-ingest"
        self.command.write_text(
            f"#!{self.python}\nimport sys\nfrom om_ingest.cli import main\nsys.exit(main())\n"
        )
        self.command.chmod(0o755)
        self.work = root / "work"
        self.work.mkdir()
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PIP_", "PYTHONPATH"))
        }
        installer = root / "installer"  # pip, and nothing else that is installed beside it
        installer.mkdir()
        (installer / "pip").symlink_to(Path(pip.__file__).parent)
        self.installer = {"PYTHONPATH": str(installer), "PIP_CONFIG_FILE": os.devnull}

    def __call__(
        self, *args: str | Path, path: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end, in an empty folder; `path` becomes the PYTHONPATH."""
        return self.run(self.command, *args, env={"PYTHONPATH": str(path)} if path else {})

    def run(
        self, *command: str | Path, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run any command to its end."""
        return subprocess.run(
            [*map(str, command)],
            cwd=self.work,
            env={**self.env, **(env or {})},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def pip(self, *args: str | Path) -> None:
        """Run pip in this environment; it finds wheels in `wheels`, and has no index."""
        index = ("--no-index", "--no-compile", "--find-links", self.root.parent / "wheels")
        options = index if args[0] == "install" else ("--yes",)
        ran = self.run(self.python, "-m", "pip", *args, *options, env=self.installer)
        assert ran.returncode == 0, ran.stdout + ran.stderr

    def unpack(self, *wheels: Path, into: Path | None = None) -> None:
        """Install wheels as every installer does, without its start-up time."""
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(into or self.site)

    def diagnosis(self, *options: str, path: Path | None = None) -> dict[str, Any]:
        """What `doctor --json` says; its exit code agrees, and every finding is complete.

        Without options no source is imported, which takes most of the time.
        """
        ran = self("doctor", "--json", *(options or ["--no-import"]), path=path)
        assert ran.returncode in (0, 3), ran.stdout + ran.stderr
        diagnosis: dict[str, Any] = json.loads(ran.stdout)
        assert list(diagnosis) == ["healthy", "findings", "imports"]
        assert diagnosis["healthy"] == (ran.returncode == 0)
        for finding in diagnosis["findings"]:
            assert finding["what"], finding
            assert finding["fix"], finding
            assert finding["file"], finding
            assert bool(finding["distribution"]) == bool(finding["version"]), finding
        return diagnosis

    def findings(self, path: Path | None = None) -> list[dict[str, Any]]:
        """All findings, errors first."""
        found: list[dict[str, Any]] = self.diagnosis(path=path)["findings"]
        return found

    def one(self, kind: str, path: Path | None = None) -> dict[str, Any]:
        """The one finding of this kind, an error."""
        found = [finding for finding in self.findings(path) if finding["kind"] == kind]
        assert len(found) == 1, self.findings(path)
        assert found[0]["severity"] == "error", found
        return found[0]

    def healthy(self, path: Path | None = None) -> None:
        """Fail the test if anything is found."""
        assert self.findings(path) == []


@pytest.fixture(scope="session")
def host() -> dict[str, Path]:
    """Top-level files and folders of om-ingest and all it needs, by name."""
    linked: dict[str, Path] = {}
    pending, seen = ["om-ingest", "coverage"], set[str]()
    while pending:
        name = pending.pop()
        try:
            dist = distribution(name)
        except PackageNotFoundError:
            continue  # for another platform, or for an extra
        if name in seen:
            continue
        seen.add(name)
        for file in dist.files or ():
            top = file.parts[0]
            if top not in ("..", "/", "__pycache__"):
                linked[top] = Path(str(dist.locate_file(top)))
        needed = [text for text in dist.requires or () if "extra ==" not in text]
        pending += [re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in needed]
    return linked


@pytest.fixture
def environment(tmp_path: Path, host: dict[str, Path]) -> Environment:
    """An environment in which only om-ingest is installed."""
    return Environment(tmp_path / "venv", host)


Wheel = Callable[..., Path]


@pytest.fixture
def wheel(tmp_path: Path) -> Wheel:
    """Builds a wheel: `wheel("shop", files={...})`; by default a connector that works."""

    def build(
        name: str,
        version: str = "1.0",
        *,
        files: dict[str, str] | None = None,
        entry_points: str | None = None,
        requires: Iterable[str] = ("om-ingest",),
        extras: Iterable[str] = (),
    ) -> Path:
        if files is None:
            files = {f"{DATABASE}/{name}.py": SOURCE}
        if entry_points is None:
            target = f"{DATABASE.replace('/', '.')}.{name}:ShopSource"
            entry_points = f"[metadata.ingestion.source]\n{name} = {target}\n"
        metadata = [f"Metadata-Version: 2.1\nName: {name}-connector\nVersion: {version}\n"]
        metadata += [f"Requires-Dist: {text}\n" for text in requires]
        metadata += [f"Provides-Extra: {extra}\n" for extra in extras]
        stem = f"{name}_connector-{version}"
        info = f"{stem}.dist-info"
        content = {
            **files,
            f"{info}/METADATA": "".join(metadata),
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/entry_points.txt": dedent(entry_points),
        }
        path = tmp_path / "wheels" / f"{stem}-py3-none-any.whl"
        path.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            for file, text in content.items():
                archive.writestr(file, text)
            archive.writestr(f"{info}/RECORD", _record(content, f"{info}/RECORD"))
        return path

    return build


def _record(content: dict[str, str], own: str) -> str:
    lines = io.StringIO()
    rows = csv.writer(lines, lineterminator="\n")
    for file, text in content.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        rows.writerow([file, f"sha256={digest.decode()}", len(text.encode())])
    rows.writerow([own, "", ""])
    return lines.getvalue()


Project = Callable[..., Path]


@pytest.fixture
def editable(environment: Environment, tmp_path: Path) -> Project:
    """Installs a project as editable, by a `.pth` (PEP 660): `editable("shop", pth="src")`."""

    def install(name: str, pth: str = "src", **files: str) -> Path:
        project = tmp_path / "projects" / name
        source = project / "src" / DATABASE
        source.mkdir(parents=True)
        (source / f"{name}.py").write_text(SOURCE)
        info = environment.site / f"{name}_connector-1.0.dist-info"
        info.mkdir()
        target = f"{DATABASE.replace('/', '.')}.{name}:ShopSource"
        for file, text in {
            "METADATA": f"Metadata-Version: 2.1\nName: {name}-connector\nVersion: 1.0\n"
            "Requires-Dist: om-ingest\n",
            "entry_points.txt": f"[metadata.ingestion.source]\n{name} = {target}\n",
            "INSTALLER": "pip",
            "direct_url.json": json.dumps(
                {"dir_info": {"editable": True}, "url": project.as_uri()}
            ),
        }.items():
            (info / file).write_text(text)
        listed = [f"__editable__.{name}.pth", f"{info.name}/RECORD"]
        listed += [f"{info.name}/{file.name}" for file in info.iterdir()]
        (info / "RECORD").write_text("".join(f"{file},,\n" for file in listed))
        (environment.site / f"__editable__.{name}.pth").write_text(f"{project / pth}\n")
        return project

    return install


COMPANION = {
    "metadata/__init__.py": "raise SystemExit('nobody needs to import this')\n",
    "metadata/ingestion/__init__.py": "",
    "metadata/ingestion/source/__init__.py": "",
    "metadata/ingestion/source/database/__init__.py": "",
    "metadata/ingestion/api/__init__.py": "",
    "metadata/ingestion/api/steps.py": "",
    "metadata/ingestion/source/database/legacy/__init__.py": "",
}
"""Files as openmetadata-ingestion has them: code of its own all over `metadata`."""


@pytest.fixture
def companion(wheel: Wheel) -> Path:
    """A wheel that is no plugin, and ships `metadata/__init__.py`."""
    return wheel("companion", files=COMPANION, entry_points="", requires=())
