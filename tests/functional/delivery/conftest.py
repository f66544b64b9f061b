"""A server, a proxy in front of it that fails on plan, and jobs that deliver through both.

Starting a server takes a second: one serves all tests of a worker, each with a service of
its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from om_ingest.kinds.identity import Identity

from tests.functional.delivery.faults import nothing
from tests.functional.delivery.holdings import State, identities
from tests.functional.delivery.proxy import Proxy
from tests.functional.delivery.servers import MortalServer
from tests.functional.delivery.trial import TOKEN, Trial

STOCK = Path(__file__).parents[2] / "stock"


@dataclass(frozen=True)
class Complete:
    """What a run leaves in which nothing goes wrong."""

    state: State
    identities: list[Identity]
    """What the connector yields, in its order."""


NewTrial = Callable[..., Trial]
FindOut = Callable[[dict[str, Any]], Complete]

_numbers = itertools.count(10_000)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MortalServer]:
    """The server, over a catalog file."""
    with MortalServer(tmp_path_factory.mktemp("server") / "catalog.db") as started:
        yield started


@pytest.fixture(scope="session")
def shared_proxy(server: MortalServer) -> Iterator[Proxy]:
    """The proxy that all tests of a worker share, one after the other."""
    with Proxy(lambda: server.port, restart=server.restart, token=TOKEN) as proxy:
        yield proxy


@pytest.fixture
def proxy(shared_proxy: Proxy) -> Iterator[Proxy]:
    """A proxy that does nothing yet."""
    shared_proxy.begin(nothing)
    yield shared_proxy
    shared_proxy.begin(nothing)
    shared_proxy.latency_s = 0.0


@pytest.fixture
def trial(
    tmp_path: Path, server: MortalServer, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> NewTrial:
    """Makes a job with a service of its own; `config` is that of its connector."""
    monkeypatch.syspath_prepend(STOCK)
    monkeypatch.setenv("OM_INGEST_TOKEN", TOKEN)

    def make(config: dict[str, Any] | None = None, **options: Any) -> Trial:
        service = f"w{next(_numbers)}"
        return Trial(tmp_path / service, server.path, proxy, service, config or {}, **options)

    return make


@pytest.fixture(scope="session")
def known() -> dict[str, Complete]:
    """What `complete` has found out so far, by the config of the job."""
    return {}


@pytest.fixture
def complete(trial: NewTrial, known: dict[str, Complete]) -> FindOut:
    """What a run with this config leaves in which nothing goes wrong."""

    def find_out(config: dict[str, Any]) -> Complete:
        if repr(config) not in known:
            job = trial(config)
            records = job.recorded()
            job.run().exits(0)
            names = identities(records, job.catalog, job.service)
            known[repr(config)] = Complete(job.state(), names)
        return known[repr(config)]

    return find_out
