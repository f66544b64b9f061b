"""Live servers that the tests of a process share; each test uses names of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from rest.live import PROFILES, TOKEN, LiveServer

Clients = Callable[[str], httpx.Client]


@pytest.fixture(scope="session")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    """A connection to the server of a profile, which is started when it is first asked for."""
    running: dict[str, httpx.Client] = {}
    with contextlib.ExitStack() as stack:

        def client(profile: str) -> httpx.Client:
            if profile not in running:
                folder = tmp_path_factory.mktemp(profile)
                (folder / "tokens").write_text(f"# whoever runs the tests\n{TOKEN}\n", "utf-8")
                server = stack.enter_context(LiveServer(folder / "catalog.db", *PROFILES[profile]))
                running[profile] = stack.enter_context(server.client())
            return running[profile]

        yield client


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    """A server of the test's own, on an empty catalog."""
    with LiveServer(tmp_path / "catalog.db") as started:
        yield started
