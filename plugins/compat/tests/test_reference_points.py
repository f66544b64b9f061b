"""Two sorts of connectors that the public knows: one that reads CSV, one for each service type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector_runs import CONNECTORS, Expected

if TYPE_CHECKING:
    from connector_runs import RunConnector

CSV = CONNECTORS / "csv"
CUSTOM = CONNECTORS / "custom"
FAMILIES = ["warehouse", "figures", "tills", "night", "guesses", "cellar", "wishes", "office"]


# The first uses a validator of pydantic 1 for a model of its own.
@pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20")
@pytest.mark.parametrize(
    ("generation", "cls"),
    [
        ("g1", "seedbank_g1.shelves.SeedBank"),
        ("g3", "seedbank_g3.catalogue.SeedBankSource"),
        ("g4", "seedbank_g4.reader.SeedBankReader"),
    ],
)
def test_csv(run_connector: RunConnector, generation: str, cls: str) -> None:
    """A connector that reads back service, database and schema before it yields what lies below
    delivers everything but the table with a mistake, in the spelling of each release.
    """
    expected = Expected.read(CSV / "expected.yaml", **{"class": cls})

    done = run_connector(CSV / generation)

    assert done.content == expected.content, done.output
    assert done.code == expected.code
    (failure,) = done.notes("failures")
    assert failure.startswith(expected.failures[0])


@pytest.mark.parametrize("name", FAMILIES)
def test_custom_service_types(run_connector: RunConnector, name: str) -> None:
    """A connector of each custom service type delivers the entities of its family, with tags,
    samples, runs and lineage.
    """
    expected = Expected.read(CUSTOM / name / "expected.yaml")

    done = run_connector(CUSTOM / name, CUSTOM)

    assert done.content == expected.content, done.output
    assert done.code == expected.code, done.output
