"""Which modes the files of a run have, and who can widen them."""

from __future__ import annotations

import os
import signal
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.command import Cli, Connect

BODY = """
def next_record(self):
    yield from stock.tables(1)
    yield "no record"
    pathlib.Path("waiting").touch()
    time.sleep(60 if self.config.waits else 0)
"""
CONFIG = "waits: bool = False"


def modes(cli: Cli) -> dict[str, int]:
    """The modes of the files that om-ingest has created, by the beginnings of their names."""
    found = {}
    for path in cli.cwd.iterdir():
        name = "failed" if path.name.startswith("om-ingest-failed") else path.name
        name = "lock" if name.endswith(".lock") else name
        if name not in ("waiting", "flow.yaml"):
            found[name] = stat.S_IMODE(path.stat().st_mode)
    return found


def test_files_of_a_run_are_for_its_user(cli: Cli, connector: Connect) -> None:
    """Also while it goes on; what is for other programs is as the umask says."""
    connector("bad", BODY, config=CONFIG)
    process = cli.start("run", "bad", "--set", "waits=true")
    cli.wait_for("waiting")
    found = modes(cli)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert set(found) >= {"om-ingest.db", "om-ingest.db-wal", "om-ingest-runs.db", "lock", "failed"}
    assert set(found) >= {"om-ingest-runs.db-wal", "om-ingest-runs.db-shm"}
    assert set(found.values()) == {0o600}, found
    assert cli("run", "bad", "--report", "report.json", "--sink", "jsonl:lines").code == 1
    assert modes(cli)["report.json"] == 0o600
    before = os.umask(0)
    os.umask(before)
    assert modes(cli)["lines"] == 0o666 & ~before


def test_modes_are_widened(cli: Cli, connector: Connect) -> None:
    """By the workflow file, by the variable, which wins; what exists keeps its mode."""
    connector("bad", BODY, config=CONFIG)
    cli.write("flow.yaml", "source: {type: bad}\nfiles: {readableBy: group}")
    cli.write("om-ingest-runs.db", "")
    (cli.cwd / "om-ingest-runs.db").chmod(0o604)
    words = ("run", "flow.yaml", "--report", "report.json")
    assert cli(*words).code == 1
    kept = {"om-ingest-runs.db": 0o604}
    new = dict.fromkeys(("om-ingest.db", "failed", "report.json"), 0o640)
    assert modes(cli) == {**new, **kept}
    for name in new:
        for path in cli.cwd.glob("om-ingest-failed*" if name == "failed" else name):
            path.unlink()
    assert cli(*words, env={"OM_INGEST_UMASK": "002"}).code == 1
    assert modes(cli) == {**dict.fromkeys(new, 0o664), **kept}
    refused = cli(*words, env={"OM_INGEST_UMASK": "u=rw"})
    refused.refused(2, "OM_INGEST_UMASK is 'u=rw', which is no umask")
