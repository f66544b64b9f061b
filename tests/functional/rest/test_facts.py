"""The facts of the OpenMetadata REST contract, each asked of a live server."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import TYPE_CHECKING

import pytest

from tests.functional.rest import facts
from tests.functional.rest.playing import play

if TYPE_CHECKING:
    from tests.functional.rest.case import Case
    from tests.functional.rest.conftest import Clients

CASES: list[Case] = [
    case
    for module in pkgutil.iter_modules(facts.__path__)
    for case in importlib.import_module(f"{facts.__name__}.{module.name}").CASES
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case).removeprefix("§"))
def test_fact(case: Case, clients: Clients) -> None:
    """The server does what the contract says."""
    play(case, clients(case.server))


def test_the_table_of_facts() -> None:
    """There are at least 200 facts, each said once, each with the section that it is from."""
    claims = [str(case) for case in CASES]
    assert len(claims) >= 200
    assert len(set(claims)) == len(claims), sorted({c for c in claims if claims.count(c) > 1})
    assert all(re.fullmatch(r"§\d+(\.\d+)?", case.section) for case in CASES)
