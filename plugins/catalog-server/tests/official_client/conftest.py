"""What the official client saw of a catalog server, and left in it.

It takes ten seconds to import, so one process plays all the scenarios that the collected tests
ask about, while its own command ingests; the tests wait for what they need of that.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from om_ingest_catalog_server.testing import CatalogServer

from official_client.processes import HERE, OfficialClient, Run, Seen

VARIABLE = "OFFICIAL_CLIENT"
"""Names the folder of the virtual environment that openmetadata-ingestion is installed in."""
OLDER = "1.12.0"
"""A release that the client must not be used with."""

TOKEN = "let me in"
"""A token of the older server; no JSON Web Token, which the client does not mind."""


@pytest.fixture(scope="session")
def official() -> OfficialClient:
    """The official client; without one, its tests fail."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.fail(
            f"{VARIABLE} names no environment with openmetadata-ingestion in it: "
            "run `nox -s official-client`, which makes one",
            pytrace=False,
        )
    return OfficialClient(Path(folder).absolute())


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogServer]:
    """A catalog server for all tests; each scenario has services of its own."""
    with CatalogServer(tmp_path_factory.mktemp("server") / "catalog.db") as running:
        yield running


@pytest.fixture(scope="session")
def older_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogServer]:
    """A catalog server that says it is of another release, and wants a token for writing."""
    folder = tmp_path_factory.mktemp("older")
    tokens = folder / "tokens"
    tokens.write_text(f"{TOKEN}\n", encoding="utf-8")
    options = ("--om-version", OLDER, "--token-file", str(tokens))
    with CatalogServer(folder / "catalog.db", *options) as running:
        yield running


@dataclass(frozen=True)
class Work:
    """What was started, and what will come of it."""

    seen: Future[Seen]
    ledgers: Future[list[Run]]
    torn: Future[list[Run]]


@pytest.fixture(scope="session")
def work(
    request: pytest.FixtureRequest,
    official: OfficialClient,
    server: CatalogServer,
    older_server: CatalogServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Work]:
    """Everything that the collected tests need of the official client, at work side by side."""
    wanted = {
        (name, scenario_of(item.path))
        for item in request.session.items
        for name in getattr(item, "fixturenames", ())
    }
    scenarios = sorted({scenario for name, scenario in wanted if name == "seen"})
    fixtures = {name for name, _ in wanted}
    folder = tmp_path_factory.mktemp("work")
    ingest = functools.partial(official.ingest, server.url, folder=folder)

    def seen() -> Seen:
        if not scenarios:
            return Seen({}, Run(0, "", ""))
        return official.play(server.url, older_server.url, scenarios, folder)

    def ledgers() -> list[Run]:
        if "ledgers" not in fixtures:
            return []
        runs = ("accounts bookings balances old", "accounts bookings balances")
        return [ingest(service="ledgers", tables=tables) for tables in runs]

    def torn() -> list[Run]:
        if "torn" not in fixtures:
            return []
        return [ingest(service="torn", tables="accounts bookings", broken="may june july")]

    with ThreadPoolExecutor() as pool:
        yield Work(pool.submit(seen), pool.submit(ledgers), pool.submit(torn))


def scenario_of(path: Path) -> str:
    """The module of `driver` that the tests of a file are about; "" if there is none."""
    name = path.stem.removeprefix("test_")
    return name if (HERE / "driver" / f"{name}.py").is_file() else ""


@pytest.fixture
def seen(request: pytest.FixtureRequest, work: Work) -> Callable[..., Any]:
    """`seen(step)`: what a step of this file's scenario gave; `seen(step, scenario)` of another."""
    scenario = scenario_of(request.path)
    notes = work.seen.result()

    def step_of(step: str, of: str = scenario) -> Any:
        return notes(of, step)

    return step_of


@pytest.fixture
def ledgers(work: Work) -> list[Run]:
    """Two runs of `metadata ingest`; the second finds one table less."""
    return work.ledgers.result()


@pytest.fixture
def torn(work: Work) -> Run:
    """A run of `metadata ingest` that cannot read everything."""
    (run,) = work.torn.result()
    return run
