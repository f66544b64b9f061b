"""`--resume` sends what is missing, and nothing twice; `runs` tells how each run went."""

from __future__ import annotations

import signal
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.command import Cli, Connect, Distribute

LEDGER = """
import json
from om_ingest_catalog import Catalog
from om_ingest.hookspecs import hookimpl
from om_ingest.kinds import Parcel, encode, label

class LedgerSink(Sink):
    shorthand = "path"
    keeps_journal = True

    def __init__(self, path, ctx):
        self.path, self.ctx = pathlib.Path(path), ctx

    @classmethod
    def create(cls, config_dict, ctx):
        return cls(config_dict["path"], ctx)

    def prepare(self):
        if pathlib.Path("unreachable").exists():
            raise ServerError("The server is away", "Start it.")
        self.catalog = Catalog.temporary()

    @property
    def store(self): return self.catalog

    @property
    def target(self): return f"ledger {self.path}"

    def write(self, records):
        parcels = [Parcel.of(record) for record in records]
        for parcel, is_unsent in zip(parcels, self.ctx.journal.unsent(parcels), strict=True):
            record = parcel.record
            if not is_unsent:
                yield WriteResult(record, Outcome.UNCHANGED)
                continue
            with self.path.open("a") as file:
                print(label(record), file=file)
            self.ctx.journal.acknowledge([parcel])
            yield WriteResult(record, Outcome.CREATED)

@hookimpl
def om_ingest_workflow_finished(report):
    pathlib.Path("hooked").write_text(json.dumps([report.resumed_from, report.skipped]))
"""

STEPS = """
def next_record(self):
    yield from stock.parents()
    for number in range(6):
        if number == self.config.stop_at:
            self.ctx.metadata.list_entities(Table)  # delivers what is pending
            {stop}
        yield stock.table(f"t{{number}}", description=self.config.said.get(f"t{{number}}"))
"""

CONFIG = "stop_at: int = -1\nsaid: dict[str, str] = {}"

STOPS = {
    "failed": "raise RuntimeError('away')",
    "waiting": "pathlib.Path('waiting').touch(); time.sleep(60)",
}


@pytest.fixture
def steps(connector: Connect, distributed: Distribute) -> None:
    """A source that stops where it is told to, and a sink that notes what it is sent."""
    for name, stop in STOPS.items():
        connector(name, STEPS.format(stop=stop), config=CONFIG)
    entry_points = "[om_ingest.sink]\nledger = ledger:LedgerSink\n[om_ingest]\nledger = ledger\n"
    distributed("ledger", LEDGER, entry_points)


def run(cli: Cli, *words: str, source: str = "failed", code: int = 0) -> str:
    """Run into the ledger; what was said on standard error."""
    ended = cli("run", source, "--sink", "ledger:sent", "--report", "report.json", *words)
    assert ended.code == code, ended.err
    return ended.err


def sent(cli: Cli) -> Counter[str]:
    """How often each record was sent."""
    return Counter((cli.cwd / "sent").read_text("utf-8").splitlines())


def runs(cli: Cli, *words: str) -> list[dict[str, Any]]:
    """What `om-ingest runs` lists."""
    listed: list[dict[str, Any]] = cli("runs", "--json", *words).succeeded().json
    return listed


def test_a_failed_run_is_continued(cli: Cli, steps: None) -> None:
    """What was acknowledged is not sent again, but counted; the report and hooks tell it."""
    run(cli, "--set", "stop_at=3", code=1)
    before = sent(cli)
    assert (sum(before.values()), set(before.values())) == (6, {1})
    known = cli.report()["journal"]
    assert (known["acknowledged"], known["lastSuccess"], known["folder"]) == (6, None, str(cli.cwd))
    said = run(cli, "--resume")
    after = sent(cli)
    assert (len(after), set(after.values())) == (9, {1})
    report = cli.report()
    assert (report["records"]["unchanged"], report["records"]["created"]) == (6, 3)
    second, first = runs(cli)
    assert report["resumedFrom"] == second["resumedFrom"] == first["runId"]
    assert report["skipped"] == 6
    assert report["journal"] == {
        "folder": str(cli.cwd),
        "job": first["job"],
        "acknowledged": 0,
        "lastSuccess": second["endedAt"],
        "lastSuccessRunId": second["runId"],
    }
    assert (cli.cwd / "hooked").read_text() == f'["{first["runId"]}", 6]'
    assert f"resumed from {first['runId']}: 6 records had been delivered" in said
    assert (first["state"], second["state"]) == ("failed", "success")


def test_changed_content_is_sent_again(cli: Cli, steps: None) -> None:
    """A record that says something else now is sent, once more.

    The workflow file is in a ConfigMap, which each pod has in a folder of its own.
    """
    flow, data = (cli.cwd / name for name in ("config/workflow.yaml", "config/..data"))
    data.with_name("..2026_11_30").mkdir(parents=True)
    cli.write("config/..2026_11_30/workflow.yaml", "source: {type: failed}\n")
    data.symlink_to("..2026_11_30")
    flow.symlink_to("..data/workflow.yaml")
    run(cli, "--state", ".", "--set", "stop_at=3", source=str(flow), code=1)
    data.resolve().rename(data.with_name("..2026_12_01"))
    data.unlink()
    data.symlink_to("..2026_12_01")
    run(cli, "--state", ".", "--resume", "--set", "said.t1=new", source=str(flow))
    assert sent(cli)["table shop.db.public.t1"] == 2
    assert sent(cli)["table shop.db.public.t0"] == 1


def test_a_killed_run_is_continued(cli: Cli, steps: None) -> None:
    """After kill -9 a run is shown as killed, and resumed like any other."""
    words = ("--sink", "ledger:sent", "--set", "stop_at=4")
    process = cli.start("run", "waiting", *words)
    cli.wait_for("waiting")
    (now,) = runs(cli)
    assert (now["state"], now["pid"], now["exitCode"]) == ("running", process.pid, None)
    refused = cli("run", "waiting", "--resume", "--sink", "ledger:sent")
    refused.refused(1, now["runId"], "still running", str(process.pid))
    process.send_signal(signal.SIGKILL)
    process.wait()
    (now,) = runs(cli)
    assert (now["state"], now["duration_s"]) == ("killed", None)
    shown = cli("runs", "show", now["runId"]).succeeded().out
    assert "killed: waiting -> ledger sent" in shown
    assert "--resume" in shown
    run(cli, "--resume", source="waiting")
    assert (len(sent(cli)), set(sent(cli).values())) == (9, {1})


def test_two_runs_of_one_job_at_once(cli: Cli, steps: None) -> None:
    """One holds the job: another cannot resume it, and an ordinary one keeps nothing of its own.

    The lock dies with its holder, and tells `runs` whether that goes on: no process number does.
    """
    process = cli.start("run", "waiting", "--sink", "ledger:sent", "--set", "stop_at=4")
    cli.wait_for("waiting")
    with closing(sqlite3.connect(cli.cwd / "om-ingest-runs.db")) as connection:
        connection.execute("UPDATE run SET pid = 1, process_beginning = 'another container'")
        connection.commit()
    (now,) = runs(cli)
    assert now["state"] == "running"
    words = ("run", "waiting", "--sink", "ledger:sent")
    said = cli(*words, "--resume").refused(1, now["runId"], f"as process {process.pid} on").err
    assert f"since {now['startedAt']}" in said
    kept = acknowledged(cli)
    assert "cannot be resumed" in cli(*words).succeeded().err
    assert acknowledged(cli) == kept == 7
    process.kill()
    process.wait()
    assert [one["state"] for one in runs(cli)] == ["success", "killed"]
    assert [path.suffix for path in cli.cwd.glob("*.lock")] == [".lock"]
    cli(*words).succeeded()
    assert list(cli.cwd.glob("*.lock")) == []


def acknowledged(cli: Cli) -> int:
    """How many records the journal knows as acknowledged."""
    with closing(sqlite3.connect(cli.cwd / "om-ingest-runs.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM acknowledged").fetchone()[0])


def test_a_damaged_journal_is_a_message(cli: Cli, steps: None) -> None:
    """Each command says which file is damaged and what to do; an ordinary run goes on without."""
    run(cli, "--set", "stop_at=3", code=1)
    journal = cli.cwd / "om-ingest-runs.db"
    for damage in ("UPDATE run SET counts = '{', report = '[1]'", "DROP TABLE acknowledged"):
        with closing(sqlite3.connect(journal)) as connection:
            connection.execute(damage)
            connection.commit()
        said = (f"{journal} is damaged", "remove it")
        cli("runs").refused(2, *said)
        cli("run", "failed", "--sink", "ledger:sent", "--resume").refused(2, *said)
    cli("runs", "show", "a").refused(2, *said)
    assert "not kept" in run(cli)


def test_an_interrupted_run_is_continued(cli: Cli, steps: None) -> None:
    """Ctrl-C leaves what is needed to go on; several attempts add up."""
    process = cli.start("run", "waiting", "--sink", "ledger:sent", "--set", "stop_at=2")
    cli.wait_for("waiting")
    process.send_signal(signal.SIGINT)
    assert cli.ended(process).code == 130
    (cli.cwd / "waiting").unlink()
    process = cli.start("run", "waiting", "--sink", "ledger:sent", "--set", "stop_at=5", "--resume")
    cli.wait_for("waiting")
    process.send_signal(signal.SIGTERM)
    assert cli.ended(process).code == 143
    run(cli, "--resume", source="waiting")
    assert [one["state"] for one in runs(cli)] == ["success", "interrupted", "interrupted"]
    assert (len(sent(cli)), set(sent(cli).values())) == (9, {1})


def test_nothing_to_resume(cli: Cli, steps: None) -> None:
    """Without an unfinished run of the same job that is told, and everything is delivered."""
    assert "nothing to resume" in run(cli, "--resume")
    assert "nothing to resume" in run(cli, "--resume")
    assert set(sent(cli).values()) == {2}
    run(cli, "--set", "stop_at=3", code=1)
    assert "nothing to resume" in run(cli, "--resume", "--service-name", "other")
    assert cli.report()["resumedFrom"] is None


def test_a_run_without_resume_starts_afresh(cli: Cli, steps: None) -> None:
    """It sends everything, and forgets what an earlier run was told."""
    run(cli, "--set", "stop_at=3", code=1)
    run(cli, "--set", "stop_at=1", code=1)
    assert set(sent(cli).values()) == {1, 2}
    run(cli, "--resume")
    assert cli.report()["skipped"] == 4


def test_a_server_that_is_away_loses_nothing(cli: Cli, steps: None) -> None:
    """A run that cannot begin is listed with its reason; there is as much to resume as before."""
    run(cli, "--set", "stop_at=3", code=1)
    (cli.cwd / "unreachable").touch()
    run(cli, code=4)
    away, _ = runs(cli)
    assert (away["state"], away["exitCode"], away["records"]["yielded"]) == ("failed", 4, 0)
    assert "The server is away" in cli("runs", "show", away["runId"]).succeeded().out
    (cli.cwd / "unreachable").unlink()
    run(cli, "--resume")
    assert set(sent(cli).values()) == {1}
    assert cli.report()["resumedFrom"] == away["runId"]


@pytest.mark.full
def test_sinks_that_are_not_resumed(cli: Cli, steps: None) -> None:
    """The catalog finds out by itself what is unchanged; a recording is written anew, whole."""
    for sink in ("catalog:c.db", "jsonl:out.jsonl"):
        words = ("run", "failed", "--sink", sink, "--report", "report.json")
        assert cli(*words, "--set", "stop_at=3").code == 1
        said = cli(*words, "--resume").succeeded().err
        assert "not resumed record by record" in said
        report = cli.report()
        assert (report["resumedFrom"], report["skipped"]) == (None, 0)
        expected = 6 if sink.startswith("catalog") else 0
        assert (report["records"]["yielded"], report["records"]["unchanged"]) == (9, expected)
    assert len(cli.records("out.jsonl")) == 9


@pytest.mark.full
def test_a_dry_run_leaves_no_trace(cli: Cli, steps: None) -> None:
    """It is not kept, forgets nothing, and cannot be resumed."""
    run(cli, "--dry-run")
    assert runs(cli) == []
    assert not (cli.cwd / "om-ingest-runs.db").exists()
    run(cli, "--set", "stop_at=3", code=1)
    run(cli, "--dry-run")
    cli("run", "failed", "--dry-run", "--resume").refused(2, "--dry-run")
    run(cli, "--resume")
    assert set(sent(cli).values()) == {1}


@pytest.mark.full
def test_where_the_journal_lies(cli: Cli, steps: None) -> None:
    """It lies beside the workflow file or the recording, else in the working directory."""
    for name in ("flows", "state"):
        (cli.cwd / name).mkdir()
    flow = cli.write("flows/flow.yaml", "source: {type: failed}\nsink: {type: console}\n")
    cli("run", flow).succeeded()
    assert len(runs(cli, "--state", "flows")) == 1
    cli("run", flow, "--state", "state").succeeded()
    cli("run", "failed", "--sink", "jsonl:flows/r.jsonl", "--state", "state").succeeded()
    cli("run", "flows/r.jsonl", "--sink", "console").succeeded()
    assert [one["source"] for one in runs(cli, "--state", "flows")] == ["recording", "failed"]
    assert runs(cli) == []
    cli("run", "-", stdin="source: {type: failed}\nsink: {type: console}\n").succeeded()
    assert len(runs(cli)) == 1
    assert len(runs(cli, "--state", "state")) == 2


def test_replaying_is_kept_too(cli: Cli, connector: Connect) -> None:
    """The journal lists `replay` with other runs; `--state` says where, and makes the folder."""
    connector("orphan", "def next_record(self): yield stock.table('t')")
    assert cli("run", "orphan", "--state", "state").code == 1
    (letters,) = cli.dead_letters()
    assert cli("replay", letters, "--state", "state").code == 1
    assert [one["source"] for one in runs(cli, "--state", "state")] == ["replay", "orphan"]


def test_a_journal_that_cannot_be_kept(cli: Cli, steps: None) -> None:
    """A run goes on without, after a warning, unless the journal was asked for."""
    foreign = cli.cwd / "om-ingest-runs.db"
    foreign.write_text("somebody else's " * 100)
    before = foreign.read_bytes()
    said = run(cli)
    assert "not kept" in said
    assert "not an om-ingest journal of runs" in said
    beside = f"{foreign.name}/state"
    for words in (["--resume"], ["--state", "."], ["--state", beside]):
        refused = cli("run", "failed", "--sink", "ledger:other", *words)
        refused.refused(2, f"{beside} does not exist" if words[-1] == beside else "journal of runs")
    assert not (cli.cwd / "other").exists()
    cli("runs").refused(2, "not an om-ingest journal of runs")
    assert foreign.read_bytes() == before


def test_a_mistake_leaves_no_journal(cli: Cli, steps: None) -> None:
    """A run that is refused before it begins has never been one."""
    cli("run", "failed", "--set", "stop_at=x", "--sink", "ledger:sent").refused(2, "stop_at")
    cli("run", "failed", "--sink", "catalog:gone/x.db").refused(2, "gone")
    assert list(cli.cwd.iterdir()) == []


@pytest.mark.full
def test_looking_at_runs(cli: Cli, shop: str, connector: Connect) -> None:
    """Runs are listed newest first; one is shown by the beginning of its id, as it was reported."""
    assert "There are no runs" in cli("runs").succeeded().err
    assert list(cli.cwd.iterdir()) == []
    connector("orphan", "def next_record(self): yield stock.table('t', 'gone.db.public')")
    flow = "source: {type: %s}\npipelineRunId: nightly-%d\n"
    cli.write("1.yaml", flow % (shop, 1))
    reported = cli("run", "1.yaml").succeeded().err.partition("\n\n")[2]
    cli.write("2.yaml", flow % ("orphan", 2))
    assert cli("run", "2.yaml", "--report", "report.json").code == 1
    head, *lines = cli("runs").succeeded().out.splitlines()
    assert head.split()[:2] == ["ID", "STARTED"]
    assert [line.split()[0] for line in lines] == ["nightly-2", "nightly-1"]
    assert lines[0].endswith("1 failed")
    assert lines[1].endswith("5 created")
    shown = cli("runs", "show", "nightly-1").succeeded().out
    assert shown.startswith("run nightly-1 of shop-connector 1.0: ")
    assert shown.partition("\n\n")[2] == reported
    failed = cli("runs", "show", "nightly-2", "--json").succeeded().json
    assert failed["report"] == cli.report()
    assert (failed["runId"], failed["state"]) == ("nightly-2", "failed")
    cli("runs", "show", "night").refused(2, "Several runs")
    cli("runs", "show", "daily").refused(2, "no run")
    cli("runs", "show", "nightly-1", "--state", "..").refused(2, "no journal of runs")
    cli("runs", "--state", "gone").refused(2, "gone")
