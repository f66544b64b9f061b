"""A connector made by `om-ingest new` works at once: its tests, its linters, its run."""

from __future__ import annotations

import pytest

from tests.install.matrix.workshop import Workshop
from tests.template import cell as cells
from tests.template.cell import Cell
from tests.template.trial import try_cell

DIAGONAL = cells.diagonal()


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A place to build in, shared by the cells."""
    return Workshop(tmp_path_factory.mktemp("template"))


@pytest.mark.parametrize("cell", DIAGONAL, ids=str)
def test_a_new_connector_is_green(cell: Cell, workshop: Workshop) -> None:
    """A new project installs, passes its own checks, runs by name, and builds a clean wheel."""
    outcome = try_cell(cell, workshop)
    steps = "  ".join(f"{step} {took:.1f} s" for step, took in outcome.steps.items())
    print(f"\n{cell}: green after {outcome.green_s:.1f} s ({steps})")
    assert not outcome.fault, outcome.fault


def test_the_diagonal_leaves_nothing_out() -> None:
    """Every kind, licence and CI is in the diagonal."""
    assert {cell.kind for cell in DIAGONAL} == set(cells.KINDS)
    assert {cell.license for cell in DIAGONAL} == set(cells.LICENSES)
    assert {cell.ci for cell in DIAGONAL} == set(cells.CIS)
