"""The facts of the OpenMetadata REST contract, each asked of a live server."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest
from om_ingest_catalog_server.settings import ServerSettings
from om_ingest_catalog_server.stores import Stores

from in_process import Client
from rest import facts
from rest.playing import play
from tests.selection import rarely

if TYPE_CHECKING:
    from rest.case import Case
    from rest.conftest import Clients

CASES: list[Case] = [
    case
    for module in pkgutil.iter_modules(facts.__path__)
    for case in importlib.import_module(f"{facts.__name__}.{module.name}").CASES
]


REPRESENTATIVES = {"table", "query", "user", "glossaryTerm", "databaseService", "dashboard"}
"""Kinds that each fact about kinds is asked of over HTTP every time."""


def name_of(case: Case) -> str:
    """How a case is called in the list of tests."""
    return str(case).removeprefix("§")


@pytest.mark.parametrize(
    "case",
    rarely(CASES, lambda _, case: bool(case.kind) and case.kind not in REPRESENTATIVES, name_of),
)
def test_fact(case: Case, clients: Clients) -> None:
    """The server does what the contract says."""
    play(case, clients(case.server))


@pytest.fixture(scope="module")
def in_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Requests to a server in this process, which handles them as the real one does."""
    path = tmp_path_factory.mktemp("facts") / "catalog.db"
    with Stores(path) as stores, Client(ServerSettings(path), stores) as client:
        client.base_url = httpx.URL("http://server")
        yield client


@pytest.mark.parametrize("case", [case for case in CASES if case.kind], ids=name_of)
def test_fact_of_each_kind(case: Case, in_process: httpx.Client) -> None:
    """What the contract says of each kind holds for all of them: asked without a network."""
    assert case.server == "open"
    play(case, in_process)


def test_the_table_of_facts() -> None:
    """There are at least 200 facts, each said once, each with the section that it is from."""
    claims = [str(case) for case in CASES]
    assert len(claims) >= 200
    assert len(set(claims)) == len(claims), sorted({c for c in claims if claims.count(c) > 1})
    assert all(re.fullmatch(r"§\d+(\.\d+)?", case.section) for case in CASES)
