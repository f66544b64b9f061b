"""The page about an upgrade of the server shows what happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from om_ingest_catalog_server.testing import CatalogServer

if TYPE_CHECKING:
    from tests.command import Cli

PAGE = Path(__file__).parents[2] / "docs/how-to/upgrade-the-server.md"
FILE = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
RUN = re.compile(
    r"--om-version ([\d.]+) &.*?om-ingest (run .*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
SHOWN = re.compile(r"\$ om-ingest (catalog show .*)\n((?: .+\n)+) *```")
CHANGING = re.compile(r"127\.0\.0\.1:\d+|in \d+\.\d+ s \(\d+/s\)")
"""Port, duration and rate, which differ each time."""


def lines(text: str) -> list[str]:
    """The lines of an output; their order differs, as several workers write."""
    return sorted(CHANGING.sub("…", line).strip() for line in text.splitlines() if line.strip())


@pytest.mark.full
def test_the_page_about_an_upgrade_is_true(cli: Cli) -> None:
    """What the old server cannot hold is named; after the upgrade exactly that is sent."""
    text = PAGE.read_text("utf-8")
    files = dict(FILE.findall(text))
    (cli.cwd / "shop.py").write_text(files["shop.py"], "utf-8")
    runs = RUN.findall(text)
    assert [version for version, _, _ in runs] == ["1.6.0", "2.0.7"]
    for version, command, shown in runs:
        with CatalogServer(cli.cwd / "shop.db", "--om-version", version) as server:
            there = files["shop.yaml"].replace("http://127.0.0.1:8585/api", server.url)
            (cli.cwd / "shop.yaml").write_text(there, "utf-8")
            run = cli(*command.split(), env={"PYTHONPATH": "."}).succeeded()
        assert lines(run.err) == lines(shown)
    ((command, shown),) = SHOWN.findall(text)
    assert set(lines(shown)) <= set(lines(cli(*command.split()).succeeded().out))
