"""Many runs at once, as a platform of many tenants has them."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from om_ingest.model import Table
from om_ingest_catalog import Catalog
from om_ingest_catalog_server.testing import CatalogServer

if TYPE_CHECKING:
    import subprocess

    from tests.command import Cli, Connect

TENANT_COUNT = 20
PEAK_BYTES = 100_000_000
FILE_COUNT = 20

BODY = """
def next_record(self):
    name = self.ctx.service_name
    yield CreateDatabaseServiceRequest(name=name, serviceType="CustomDatabase")
    yield CreateDatabaseRequest(name="db", service=name)
    yield CreateDatabaseSchemaRequest(name="public", database=f"{name}.db")
    for number in range(self.config.count):
        yield CreateTableRequest(
            name=f"t{number}",
            databaseSchema=f"{name}.db.public",
            columns=[Column(name=f"c{n}", dataType=DataType.INT) for n in range(5)],
        )
"""


def watched(processes: list[subprocess.Popen[bytes]]) -> tuple[int, int]:
    """Wait until all have succeeded: the largest peak memory in bytes, the most open files."""
    running, peak, files = list(processes), 0, 0
    while running:
        for process in list(running):
            with contextlib.suppress(OSError):
                files = max(files, sum(1 for _ in Path(f"/proc/{process.pid}/fd").iterdir()))
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                assert process.returncode == 0, process.communicate()[1].decode()
                peak = max(peak, usage.ru_maxrss * 1024)
                running.remove(process)
        time.sleep(0.01)
    return peak, files


@pytest.mark.full
@pytest.mark.parametrize("target", ["server", "catalog"])
def test_twenty_tenants_at_once(cli: Cli, connector: Connect, tmp_path: Path, target: str) -> None:
    """They arrive whole in one server, or one catalog, and are kept in one journal; each takes at
    most 100 MB and 20 open files, and so does a run of 20,000 tables.
    """
    connector("tenant", BODY, config="count: int = 50")
    path = tmp_path / "catalog.db"
    with contextlib.ExitStack() as opened:
        sink = f"catalog:{path}"
        if target == "server":
            sink = f"openmetadata:{opened.enter_context(CatalogServer(path)).url}"
        words = ("run", "tenant", "--quiet", "--state", "state", "--sink", sink)
        several = [
            cli.start(*words, "--service-name", f"tenant{number:02}")
            for number in range(TENANT_COUNT)
        ]
        measured = [watched(several)]
        large = cli.start(*words, "--service-name", "large", "--set", "count=20000")
        measured.append(watched([large]))
    for peak, files in measured:
        assert peak <= PEAK_BYTES
        assert files <= FILE_COUNT
    with Catalog(path, read_only=True) as catalog:
        names = [table.fullyQualifiedName or "" for table in catalog.list_entities(Table)]
    found = dict.fromkeys((*(f"tenant{n:02}" for n in range(TENANT_COUNT)), "large"), 0)
    for name in names:
        found[name.split(".")[0]] += 1
    assert found == {**dict.fromkeys(found, 50), "large": 20_000}
    jobs = cli("runs", "--state", "state", "--last-success", "--since", "1h", "--json")
    assert {job["serviceName"]: job["inTime"] for job in jobs.succeeded().json} == dict.fromkeys(
        found, True
    )
    assert list((cli.cwd / "state").glob("*.lock")) == []
