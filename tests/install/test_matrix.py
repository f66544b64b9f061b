"""A connector works however it was installed, whoever is installed beside it."""

from __future__ import annotations

import pytest

from tests.install.matrix import cell as cells
from tests.install.matrix.cell import Cell
from tests.install.matrix.trial import try_cell
from tests.install.matrix.workshop import ROOT, Workshop
from tests.selection import few

DIAGONAL = cells.diagonal()


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A place to build in, shared by the cells."""
    return Workshop(tmp_path_factory.mktemp("matrix"))


@pytest.mark.parametrize("cell", few(DIAGONAL, 1, ids=str))
def test_a_connector_is_listed_and_runs(cell: Cell, workshop: Workshop) -> None:
    """A connector is listed with its distribution where one is on record, and delivers."""
    outcome = try_cell(cell, workshop)
    assert not outcome.fault, f"{outcome.fault}\n{outcome.doctor}"


def test_the_diagonal_leaves_nothing_out() -> None:
    """Every build backend, way of installing and companion is in the diagonal."""
    assert {cell.backend for cell in DIAGONAL} == set(cells.BACKENDS)
    assert {cell.way for cell in DIAGONAL} == set(cells.WAYS)
    assert {cell.companion for cell in DIAGONAL} >= set(cells.COMPANIONS)


def test_the_manual_shows_the_whole_matrix() -> None:
    """The page holds a row for each backend and way that exist, and none says no."""
    page = (ROOT / "docs/reference/install-matrix.md").read_text(encoding="utf-8")
    for backend, name in cells.BACKENDS.items():
        for way in cells.ways_of(backend):
            row = f"| {name} | {cells.WAYS[way]} | yes | yes | yes |"
            assert row in page, f"run `nox -s install -- --full-matrix`: {row}"
    for way in cells.WAYS.values():
        assert f"| {way} | yes | yes |" in page
