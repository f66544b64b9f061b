"""The facts of the OpenMetadata REST contract, each asked of a live server."""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import httpx
import pytest
from om_ingest_catalog_server.settings import DEFAULT_VERSION, ServerSettings
from om_ingest_catalog_server.stores import Stores

from in_process import Client
from rest import facts
from rest.case import FIRST
from rest.playing import play
from tests.selection import few, rarely

if TYPE_CHECKING:
    from rest.case import Case
    from rest.conftest import Clients


def _cases() -> Iterator[Case]:
    for found in pkgutil.iter_modules(facts.__path__):
        module = importlib.import_module(f"{facts.__name__}.{found.name}")
        for case in module.CASES:
            yield case.aged(getattr(module, "SINCE", FIRST))


CASES = list(_cases())


RELEASES = ("1.6.0", "1.8.0", "1.9.0", "1.11.0", "1.12.0", "1.13.0")
"""Servers before the default one; the first is played every time."""

REPRESENTATIVES = {"table", "query", "user", "glossaryTerm", "databaseService", "dashboard"}
"""Kinds that each fact about kinds is asked of over HTTP every time."""

TODAY = [case for case in CASES if case.holds_on(DEFAULT_VERSION)]

TOO_EARLY = {
    "a stored data product against another: a human's PUT",
    "a changed text or tag of a column is named with the names of all columns around it",
}
"""Claims that the server of the first release fulfils although they are younger."""


def name_of(case: Case) -> str:
    """How a case is called in the list of tests."""
    return str(case).removeprefix("§")


@pytest.mark.parametrize(
    "case",
    rarely(TODAY, lambda _, case: bool(case.kind) and case.kind not in REPRESENTATIVES, name_of),
)
def test_fact(case: Case, clients: Clients) -> None:
    """The server does what the contract says."""
    play(case, clients(case.server))


Served = Callable[[str], httpx.Client]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Requests to servers of given versions in this process, which handles them as a real one."""
    clients: dict[str, httpx.Client] = {}
    with contextlib.ExitStack() as stack:

        def client(version: str) -> httpx.Client:
            if version not in clients:
                path = tmp_path_factory.mktemp("facts") / "catalog.db"
                stores = stack.enter_context(Stores(path))
                made = Client(ServerSettings(path, version=version), stores)
                made.base_url = httpx.URL("http://server")
                clients[version] = stack.enter_context(made)
            return clients[version]

        yield client


@pytest.mark.parametrize(
    "case",  # over HTTP, test_fact asks of representatives
    rarely(
        [case for case in TODAY if case.kind],
        lambda _, case: case.kind in REPRESENTATIVES,
        name_of,
    ),
)
def test_fact_of_each_kind(case: Case, served: Served) -> None:
    """What the contract says of each kind holds for all of them: asked without a network."""
    assert case.server == "open"
    play(case, served(DEFAULT_VERSION))


def _played(case: Case, client: httpx.Client, version: str) -> str:
    """What speaks against a case; empty if nothing does."""
    try:
        play(case, client, version)
    except AssertionError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("version", few(RELEASES, 0))
def test_facts_of_older_releases(version: str, served: Served) -> None:
    """A server of an older release does what the contract says of it."""
    cases = [case for case in CASES if case.server == "open" and case.holds_on(version)]
    assert len(cases) > 700
    found = [_played(case, served(version), version) for case in cases]
    assert not any(found), "\n\n".join(filter(None, found))


def test_facts_of_releases_between(served: Served) -> None:
    """What neither the first nor the newest release does is done by one between them."""
    ends = (RELEASES[0], DEFAULT_VERSION)
    cases = [case for case in CASES if not any(map(case.holds_on, ends))]
    assert cases
    for case in cases:
        version = next(version for version in reversed(RELEASES) if case.holds_on(version))
        # a server of its own: the full suite has played the case on the other one
        play(case, served(f"{version}-SNAPSHOT"), version)


def test_facts_younger_than_the_first_release(served: Served) -> None:
    """A server of the first release does nothing that only younger ones are said to do."""
    version = RELEASES[0]
    young = [case for case in TODAY if case.server == "open" and not case.holds_on(version)]
    assert len(young) > 200
    held = [str(case) for case in young if not _played(case, served(version), version)]
    assert held == [name for name in held if name.partition(" ")[2] in TOO_EARLY]


def test_the_table_of_facts() -> None:
    """There are at least 200 facts, each said once, each with its section and its first release."""
    claims = [str(case) for case in CASES]
    assert len(claims) >= 200
    assert len(set(claims)) == len(claims), sorted({c for c in claims if claims.count(c) > 1})
    assert all(re.fullmatch(r"§\d+(\.\d+)?", case.section) for case in CASES)
    assert all(re.fullmatch(r"[12]\.\d+(\.\d+)?", case.since) for case in CASES)
    assert not [case for case in CASES if case.until and not case.holds_on(case.since)]
