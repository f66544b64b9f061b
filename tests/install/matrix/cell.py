"""One cell of the matrix: what is installed how, beside what, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent

BACKENDS = {
    "setuptools": "setuptools",
    "setuptools-flat": "setuptools, code at the top of the project",
    "hatchling": "hatchling",
    "flit-core": "flit-core",
    "poetry-core": "poetry-core",
    "pdm-backend": "pdm-backend",
    "uv-build": "uv-build",
}
"""Each has a file in `backends/`. Code at the top makes setuptools install an import hook."""

WAYS = {
    "wheel": "`pip install WHEEL`",
    "editable": "`pip install -e PROJECT`",
    "strict": "the same, `--config-settings editable_mode=strict`",
    "target": "`pip install --target DIR WHEEL`, `PYTHONPATH=DIR`",
    "source": "`PYTHONPATH=CODE`, not installed",
    "zip": "`PYTHONPATH=CODE.zip`, not installed",
    "wheel-file": "`PYTHONPATH=WHEEL`, not installed",
    "pth": "`.pth` file in site-packages, not installed",
}
"""How the connector gets onto the path."""

COMPANIONS = {
    "alone": "alone",
    "second": "beside another connector",
    "framework": "beside a shadowing framework",
}
"""What every backend is tried with; the distributions are in `companions/`."""

OFFICIAL = {
    "official-bare": "beside openmetadata-ingestion 2.0.7.0, `--no-deps`",
    "official": "beside openmetadata-ingestion 2.0.7.0, whole",
}
"""What every way is tried with, for one backend each."""

RECORDED = {"wheel", "editable", "strict", "target", "wheel-file"}
"""The ways in which it is on record which distribution the connector belongs to."""


@dataclass(frozen=True)
class Cell:
    """A connector of one backend, installed in one way, beside one companion."""

    backend: str
    way: str
    companion: str

    def __str__(self) -> str:
        return f"{self.backend}-{self.way}-{self.companion}"

    @property
    def distribution(self) -> str:
        """The distribution that the connector must be listed with."""
        return "acme-orders" if self.way in RECORDED else ""

    @property
    def real_pip(self) -> bool:
        """Whether pip installs the connector; elsewhere uv does, in a tenth of the time."""
        return self.companion == "alone"


@dataclass(frozen=True)
class Outcome:
    """How a cell went."""

    cell: Cell
    fault: str
    """The first thing that was not as it should be; empty if the cell works."""

    doctor: str
    """What `om-ingest doctor` says."""

    elapsed_s: float


def ways_of(backend: str) -> list[str]:
    """The ways that exist for a backend: only setuptools knows strict editables."""
    return [way for way in WAYS if way != "strict" or backend.startswith("setuptools")]


def every_cell() -> list[Cell]:
    """The whole matrix."""
    return [
        Cell(backend, way, companion)
        for companion in COMPANIONS
        for backend in BACKENDS
        for way in ways_of(backend)
    ] + official_cells()


def official_cells() -> list[Cell]:
    """Every way beside the real framework, each with one backend."""
    return [
        Cell("setuptools" if way == "strict" else "hatchling", way, companion)
        for companion in OFFICIAL
        for way in WAYS
    ]


def diagonal() -> list[Cell]:
    """A small selection with every backend, every way and every companion in it."""
    backends, ways, companions = list(BACKENDS), list(WAYS), list(COMPANIONS)
    cells = []
    for number, way in enumerate(ways):
        backend = backends[number % len(backends)]
        if way not in ways_of(backend):
            backend = "setuptools"
        cells.append(Cell(backend, way, companions[(number + 1) % len(companions)]))
    editable = [
        Cell(backend, "editable", "framework")
        for backend in backends
        if all(cell.backend != backend or cell.way != "editable" for cell in cells)
    ]
    return cells + editable
