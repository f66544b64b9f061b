"""One cell: a connector of one service type and kind, and how it went."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.install.matrix.workshop import ROOT

TEMPLATE = ROOT / "plugins/new/src/om_ingest_new/templates/connector"
_QUESTIONS: dict[str, Any] = json.loads((TEMPLATE / "cookiecutter.json").read_bytes())

SERVICE_TYPES: list[str] = _QUESTIONS["service_type"]
KINDS: list[str] = _QUESTIONS["kind"]
LICENSES: list[str] = _QUESTIONS["license"]
CIS: list[str] = _QUESTIONS["ci"]


@dataclass(frozen=True)
class Cell:
    """What one author answers."""

    service_type: str
    kind: str
    license: str
    ci: str

    real_pip: bool = False
    """Whether `python -m venv` and pip make the environment; elsewhere uv does, in less time."""

    def __str__(self) -> str:
        return f"{self.service_type}-{self.kind}"

    @property
    def name(self) -> str:
        """Name of the connector; one of them is as long as a name may be."""
        if (self.service_type, self.kind) == ("messaging", "rest"):
            return "acme-messages-of-the-whole-company-at-42"
        return f"acme-{self}"

    @property
    def reflects(self) -> bool:
        """Whether tables are read by reflection: their types are then spelled by SQLAlchemy."""
        return self.service_type == self.kind == "database"

    @property
    def golden(self) -> Path:
        """The template's part with the records that the connector yields."""
        part = "reflected" if self.reflects else self.service_type
        return TEMPLATE / f"templates/golden/{part}.jsonl"


@dataclass
class Outcome:
    """How a cell went."""

    cell: Cell
    steps: dict[str, float] = field(default_factory=dict)
    """Seconds that each step took, in order."""

    green_s: float = 0.0
    """Seconds from `om-ingest new` until tests, linters and type check have passed."""

    fault: str = ""
    """The first thing that went wrong; empty if the cell works."""


def every_cell() -> list[Cell]:
    """All service types with all kinds; licences and CI take turns."""
    return [
        _cell(number, service_type, kind, real_pip=service_type == "database")
        for number, (service_type, kind) in enumerate(
            (service_type, kind) for service_type in SERVICE_TYPES for kind in KINDS
        )
    ]


def diagonal() -> list[Cell]:
    """A few cells with every kind, licence and CI in them."""
    chosen = {"database": "database", "dashboard": "rest", "storage": "files", "llm": "empty"}
    return [
        _cell(number, service_type, kind, real_pip=False)
        for number, (service_type, kind) in enumerate(chosen.items())
    ]


def others() -> list[Cell]:
    """A cell of each service type that is not in the diagonal; kinds take turns."""
    covered = {cell.service_type for cell in diagonal()}
    left = [service_type for service_type in SERVICE_TYPES if service_type not in covered]
    return [
        _cell(number, service_type, KINDS[number % len(KINDS)], real_pip=False)
        for number, service_type in enumerate(left)
    ]


def _cell(number: int, service_type: str, kind: str, *, real_pip: bool) -> Cell:
    return Cell(
        service_type,
        kind,
        LICENSES[number % len(LICENSES)],
        CIS[(number + number // 4) % len(CIS)],
        real_pip,
    )
