"""A disk without room: each part of a run says that the disk is full, and exit codes stay true."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.command import COMMAND, Cli
from tests.selection import few

if TYPE_CHECKING:
    from om_ingest_testing import CommandResult

    from tests.command import Connect

OLD = Path(__file__).parents[1] / "old_formats"
IN_DISK = """
mount -t tmpfs -o size=$SIZE none disk && cp -rp before/. disk && cd "$FOLDER" || exit 99
test -z "$FILLED" || ! cat /dev/zero > "$PWD_OUTSIDE/disk/filling" 2> /dev/null || exit 99
"$0" "$@"; code=$?
cd "$PWD_OUTSIDE" && rm -f disk/filling && cp -rp disk/. after && exit $code
"""
FULL = "the disk is full ("


class Full(Cli):
    """The command beside a folder `disk`, which is a small file system without room.

    It holds what is in `before` when the command begins; what it holds at the end is in `after`.
    """

    program = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", IN_DISK, COMMAND)

    def run(self, *words: str, **env: str) -> CommandResult:
        """Run the command to its end, with further variables."""
        return self.ended(self.start(*words, env=env))


@pytest.fixture
def full(cli: Cli, connector: Connect) -> Full:
    """The command, and sources that deliver everything, fail, read back, and have much."""
    connector("good", "def next_record(self): return stock.tables(2)")
    connector("bad", "def next_record(self):\n    yield from stock.tables(1)\n    yield 'none'")
    connector("much", "def next_record(self): return stock.tables(20_000)")
    for name in ("disk", "before", "after"):
        (cli.cwd / name).mkdir()
    command = Full(cli.cwd, cli.site)
    command.env |= {"PWD_OUTSIDE": str(cli.cwd), "SIZE": "256k", "FILLED": "1", "FOLDER": "."}
    return command


@pytest.mark.parametrize(
    ("words", "env", "code", "told"),
    few(
        [
            (("good", "--sink", "catalog:disk/c.db"), {}, 1, "Cannot open the catalog disk/c.db: "),
            (("good", "--state", "disk"), {}, 1, "Cannot open the journal of runs"),
            (("good",), {"FOLDER": "disk"}, 1, "Cannot open the catalog om-ingest.db: "),
            (("much", "--sink", "catalog:disk/c.db"), {"FILLED": ""}, 1, "disk/c.db failed: "),
            (("good", "--sink", "jsonl:disk/lines"), {}, 1, "Cannot write to disk/lines: "),
            (("much", "--sink", "jsonl:disk/lines"), {"FILLED": ""}, 1, "Cannot write to disk/"),
            (("bad", "--sink", "console"), {"FOLDER": "disk"}, 1, "could not be set aside"),
            (("good", "--sink", "console"), {"FOLDER": "disk"}, 0, "This run is not kept"),
            (("good", "--metrics", "disk/m.prom"), {}, 0, "disk/m.prom: the disk is full"),
            (("much", "--dry-run"), {"TMPDIR": "disk", "FILLED": ""}, 1, "(temporary) failed: "),
        ],
        1,
    ),
)
def test_a_full_disk(
    full: Full, words: tuple[str, ...], env: dict[str, str], code: int, told: str
) -> None:
    """What cannot be written is named, with the folder to make room in; and no traceback."""
    run = full.run("run", *words, **env)
    assert (run.code, told in run.err, FULL in run.err) == (code, True, True), run.err
    assert "Make room" in run.err
    assert "Traceback" not in run.err


def test_a_report_without_room(full: Full) -> None:
    """The report of yesterday does not stay: its room is used for that of today."""
    report = {"runId": "yesterday", "state": "success", "exitCode": 0, "padding": "x" * 9000}
    (full.cwd / "before" / "report.json").write_text(json.dumps(report, indent=2))
    run = full.run("run", "bad", "--sink", "console", "--report", "disk/report.json")
    assert run.code == 1
    said = json.loads((full.cwd / "after" / "report.json").read_text("utf-8"))
    assert (said["state"], said["exitCode"]) == ("failed", 1)
    run = full.run("run", "good", "--sink", "console", "--report", "disk/new.json").succeeded()
    assert "disk/new.json: the disk is full" in run.err
    assert not (full.cwd / "after" / "new.json").exists()


def test_an_upgrade_without_room(full: Full) -> None:
    """It is refused beforehand: the catalog is as it was, and half a backup is left nowhere."""
    before = gzip.decompress((OLD / "catalog-2.db.gz").read_bytes())
    (full.cwd / "before" / "old.db").write_bytes(before)
    run = full.run("catalog", "upgrade", "--catalog", "disk/old.db", SIZE="160k", FILLED="")
    run.refused(1, "There is no room to upgrade the catalog disk/old.db", "MiB free")
    run = full.run("run", "good", "--sink", "catalog:disk/old.db")
    run.refused(1, "Cannot open the catalog disk/old.db", FULL)
    assert (full.cwd / "after" / "old.db").read_bytes() == before
    assert list((full.cwd / "after").glob("*.backup*")) == []
