"""The ways to get a connector onto the path, each as its user would do it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.install.matrix.cell import Cell
from tests.install.matrix.workshop import UV, Workshop, run


@dataclass(frozen=True)
class Place:
    """Where a cell is built: an environment, and a folder for what lies beside it."""

    cell: Cell
    workshop: Workshop
    folder: Path
    python: Path

    def install(self) -> dict[str, str]:
        """Install the connector; the environment variables that this way needs."""
        path = _INSTALLERS[self.cell.way](self)
        return {} if path is None else {"PYTHONPATH": str(path)}

    def pip(self, *arguments: str | Path) -> None:
        """`pip install`; uv, which takes the same arguments, where pip has had its row."""
        installer: tuple[str | Path, ...] = (UV, "pip", "install", "--python", self.python)
        if self.cell.real_pip:
            installer = (self.python, "-m", "pip", "install")
        run(*installer, "--quiet", "--no-deps", *arguments)

    def wheel(self) -> Path:
        """The connector's wheel."""
        return self.workshop.connector(self.cell.backend)

    def project(self) -> Path:
        """The connector's project, a copy for this cell alone."""
        return self.workshop.project(self.cell.backend, self.folder / "project")

    def code(self) -> Path:
        """The folder above `metadata` in such a project."""
        project = self.project()
        return project / "src" if (project / "src").is_dir() else project


def _wheel(place: Place) -> None:
    place.pip(place.wheel())


def _editable(place: Place) -> None:
    place.pip("--editable", place.project())


def _strict(place: Place) -> None:
    place.pip("--config-settings=editable_mode=strict", "--editable", place.project())


def _target(place: Place) -> Path:
    target = place.folder / "target"
    place.pip("--target", target, place.wheel())
    return target


def _source(place: Place) -> Path:
    return place.code()


def _zip(place: Place) -> Path:
    return Path(shutil.make_archive(str(place.folder / "code"), "zip", place.code()))


def _wheel_file(place: Place) -> Path:
    return place.wheel()


def _pth(place: Place) -> None:
    (site,) = (place.python.parents[1] / "lib").glob("python*/site-packages")
    (site / "orders.pth").write_text(f"{place.code()}{os.linesep}", encoding="utf-8")


_INSTALLERS: dict[str, Callable[[Place], Path | None]] = {
    "wheel": _wheel,
    "editable": _editable,
    "strict": _strict,
    "target": _target,
    "source": _source,
    "zip": _zip,
    "wheel-file": _wheel_file,
    "pth": _pth,
}
