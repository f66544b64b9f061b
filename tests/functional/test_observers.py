"""Observers: told how a run goes, without a say in it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.command import Cli, Connect, Distribute

PAGE = Path(__file__).parents[2] / "docs/reference/observers.md"
GROUP = "[om_ingest.observer]\n"

DIARY = """
import json, sys
from om_ingest.observer import RunObserver

class Diary(RunObserver):
    def __init__(self, value): self.value = value
    @classmethod
    def create(cls, value): return cls(value)
    def note(self, *words):
        with open(self.value, "a") as file: file.write(json.dumps(words) + "\\n")
    def started(self, run):
        print("a print")
        self.note("started", run.run_id, run.source, run.service_name, run.sink, dict(run.config))
    def phase_ended(self, phase):
        assert phase.began_at <= phase.ended_at
        self.note("phase", phase.name, phase.error)
    def settled(self, batch):
        assert batch.began_at <= batch.ended_at
        self.note("settled", [(r.record.name, r.outcome.value, r.reason) for r in batch.results])
    def ended(self, report):
        self.note("ended", *(report[key] for key in ("runId", "state", "exitCode")))
    def close(self): self.note("close")
"""


def told(cli: Cli) -> list[list[Any]]:
    """What the diary wrote down."""
    return [json.loads(line) for line in (cli.cwd / "diary").read_text().splitlines()]


def test_told_of_a_run(cli: Cli, distributed: Distribute, connector: Connect) -> None:
    """An observer learns of phases, of each record's fate and of the end; of no secret.

    `list-plugins` shows it, and what it prints is not taken for the output of the command. The
    example of the page is another.
    """
    distributed("diary", DIARY, f"{GROUP}diary = diary:Diary\n")
    (example,) = re.findall(r"```python title=.*?\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    distributed("my_audit", "", f"{GROUP}audit = my_audit:Audit\n")
    (cli.site / "my_audit.py").write_text(example, "utf-8")
    connector(
        "shop",
        """
    def next_record(self):
        yield from stock.tables(2)
        yield stock.table("bad", "shop.nowhere.public")
    """,
        config="password: str",
    )
    assert "observer" in cli("list-plugins").succeeded().out
    asked = {"OM_INGEST_OBSERVERS": "diary:diary audit:audit.jsonl"}
    options = ("--set", "password=s3cr3t-word", "--service-name", "shop", "--log-format", "json")
    run = cli("run", "shop", *options, "--report", "report.json", env=asked)
    assert run.code == 1, run.err
    assert "a print" not in run.out
    report = json.loads((cli.cwd / "report.json").read_text())
    (start, run_id, *names, config), *rest, end, close = told(cli)
    assert [start, *names] == ["started", "shop", "shop", "catalog"]
    assert config == {"password": "**********"}
    phases = [words[1:] for words in rest if words[0] == "phase"]
    names = ["assemble", "open", "prepare", "read", "stale", "close"]
    assert phases == [[name, ""] for name in names]
    settled = [each for words in rest if words[0] == "settled" for each in words[1]]
    counts = report["records"]
    assert len(settled) == counts["yielded"] == 6, settled
    assert [each[:2] for each in settled if each[1] == "failed"] == [["bad", "failed"]]
    assert end == ["ended", report["runId"], "failed", 1]
    assert (run_id, close) == (report["runId"], ["close"])
    noted = json.loads((cli.cwd / "audit.jsonl").read_text())
    assert noted == {"runId": run_id, "state": "failed", "exitCode": 1}


BROKEN = """
import time
from om_ingest.observer import RunObserver

class Broken(RunObserver):
    def __init__(self, value): self.value = value
    @classmethod
    def create(cls, value):
        if value == "create": raise RuntimeError("no way")
        return cls(value)
    def started(self, run): raise SystemExit("not today")
    def settled(self, batch): raise RuntimeError("nor now")
    def ended(self, report):
        with open("broken", "a") as file: print(self.value, report["state"], file=file)
"""


def test_broken_observers_change_nothing(
    cli: Cli, distributed: Distribute, connector: Connect
) -> None:
    """What observers raise is one warning each, and the run is as without; they learn its end.

    So they do if the connector cannot be created.
    """
    distributed("broken", BROKEN, f"{GROUP}broken = broken:Broken\n")
    connector("shop")
    connector("dies", "pass")
    asked = {"OM_INGEST_OBSERVERS": "broken:create broken:a broken"}
    run = cli("run", "shop", env=asked).succeeded()
    assert run.err.count("The observer broken failed in create: RuntimeError: no way") == 1
    assert run.err.count("The observer broken failed in started: SystemExit: not today") == 2
    assert "nor now" not in run.err
    assert cli("run", "dies", env=asked).code == 3  # it has no next_record
    ends = (cli.cwd / "broken").read_text().splitlines()
    assert sorted(ends) == [" failed", " success", "a failed", "a success"]


def test_observers_that_cannot_be_used(cli: Cli, shop: str, distributed: Distribute) -> None:
    """A run that asks for an observer that is not there, or is none, does not begin: exit 3 or 2.

    For one of this project the message says what to install.
    """
    distributed("none", "Diary = dict", f"{GROUP}none = none:Diary\n")
    cli("run", shop, env={"OM_INGEST_OBSERVERS": "nobody"}).refused(2, "no observer named 'nobody'")
    cli("run", shop, env={"OM_INGEST_OBSERVERS": "none"}).refused(3, "is no subclass of om_ingest")
