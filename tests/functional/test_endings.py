"""However a run ends, its report, its metrics, its log and its exit code say the same."""

from __future__ import annotations

import http.server
import itertools
import json
import re
import signal
import socket
import stat
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from om_ingest.manual import report_schema
from prometheus_client.parser import text_fd_to_metric_families

from tests.selection import few

if TYPE_CHECKING:
    from om_ingest_testing import CommandResult

    from tests.command import Cli, Connect, Distribute

OUTPUTS = ("--report", "report.json", "--metrics", "shop.prom", "--log-format", "json")

SOURCES = {
    "odd": "def next_record(self): yield from [*stock.tables(1), 'no record']",
    "dies": "def next_record(self):\n    yield stock.table('t')\n    raise RuntimeError('lost')",
    "unread": "def next_record(self):\n    self.status.failure('t', 'locked')\n    return []",
    "leaves": "def next_record(self): sys.exit(0)",
    "leaver": "def next_record(self):\n    yield from stock.tables(1)\n    os._exit(0)",
    "stubborn": "def close(self): raise SystemExit('no')\ndef next_record(self): return []",
    "unmade": "def __init__(self, *args): raise OSError('no disk')\ndef next_record(self): ...",
    "shop": "def next_record(self): return stock.tables(2)",
    "buggy": """
        def next_record(self):
            from om_ingest.run.stages import Run
            def judge(self): raise RuntimeError("a bug")
            Run.judge = judge
            return []
    """,
}

MODULES = {
    "halved": "def broken(:",
    "quits": "import sys; sys.exit(0)",
    "lacking": "import no_such_module",
}

SINKS = """
from om_ingest.sinks.console import ConsoleSink

class Quiet(ConsoleSink):
    def write(self, records): return []

class Brittle(ConsoleSink):
    def close(self): raise SystemExit("no close")
"""

FILES = {
    "wrong.yaml": "source: [",
    "unknown.yaml": "source: {type: nobody}",
    "shop.yaml": "source: {type: shop}",
    "lenient\udcff.yaml": "source: {type: odd}\nworkflowConfig: {raiseOnError: false}",
}

# What is run, and how it ends: exit code and state.
ENDINGS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "success": (("run", "shop.yaml"), 0, "success"),
    "failed-records": (("run", "odd"), 1, "failed"),
    "usage-error": (("run", "shop", "--limit", "none"), 2, "failed"),
    "process-left": (("run", "leaver"), 1, "failed"),
    "broken-plugin": (("run", "halved"), 3, "failed"),
    "no-server": (("run", "shop", "--sink", "openmetadata:{nowhere}"), 4, "failed"),
    "wrong-file": (("run", "wrong.yaml"), 2, "failed"),
    "sink-loses": (("run", "shop", "--sink", "quiet"), 1, "failed"),
    "bug-of-ours": (("run", "buggy"), 1, "failed"),
    "source-died": (("run", "dies"), 1, "failed"),
    "source-unread": (("run", "unread"), 1, "failed"),
    "source-exits": (("run", "leaves"), 1, "failed"),
    "source-dies-in-close": (("run", "stubborn"), 1, "failed"),
    "source-not-made": (("run", "unmade"), 1, "failed"),
    "sink-dies-in-close": (("run", "shop", "--sink", "brittle"), 1, "failed"),
    "lenient": (("run", "lenient\udcff.yaml"), 0, "failed"),
    "missing-file": (("run", "gone.yaml"), 2, "failed"),
    "unknown-source": (("run", "unknown.yaml"), 2, "failed"),
    "unknown-sink": (("run", "shop", "--sink", "nobody"), 2, "failed"),
    "unknown-option": (("run", "shop", "--no-such-option"), 2, "failed"),
    "nothing-to-run": (("run",), 2, "failed"),
    "lacking-module": (("run", "lacking"), 3, "failed"),
    "module-exits": (("run", "quits"), 3, "failed"),
    "refused-token": (("run", "shop", "--sink", "openmetadata:{refusing}"), 4, "failed"),
    "nothing-to-replay": (("replay", "gone.jsonl"), 2, "failed"),
    "dry-run": (("run", "shop", "--dry-run"), 0, "success"),
    "limit": (("run", "shop", "--limit", "1"), 0, "success"),
}


@pytest.fixture
def parts(cli: Cli, connector: Connect, distributed: Distribute) -> None:
    """The sources, sinks and files of the endings."""
    for name, body in SOURCES.items():
        connector(name, body)
    for name, text in MODULES.items():
        connector(name, module=text)
    points = "[om_ingest.sink]\nquiet = odd_sinks:Quiet\nbrittle = odd_sinks:Brittle\n"
    distributed("odd-sinks", SINKS, points)
    for name, text in FILES.items():
        cli.write(name, text)


@pytest.fixture
def refusing() -> Iterator[str]:
    """The address of a server that is busy twice, and then refuses every token."""
    statuses = itertools.chain([503, 503], itertools.repeat(401))

    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(next(statuses))
            self.send_header("content-length", "0")
            self.end_headers()

        do_PUT = do_POST = do_GET

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api"
        server.shutdown()


def metrics(path: Path) -> dict[str, dict[tuple[str, ...], float]]:
    """Values by metric, then by labels but the first, which is the file's; read as Prometheus."""
    assert re.search(r'\\[^n"\\]', path.read_text("utf-8")) is None, "an escape that there is not"
    with path.open(encoding="utf-8") as file:
        families = list(text_fd_to_metric_families(file))
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in families:
        assert (family.type, bool(family.documentation)) == ("gauge", True)
        for sample in family.samples:
            assert sample.timestamp is None, "the collector refuses the file otherwise"
            assert sample.labels.pop("ingestion") == path.stem
            values = found.setdefault(sample.name.removeprefix("om_ingest_run_"), {})
            assert tuple(sample.labels.values()) not in values
            values[tuple(sample.labels.values())] = sample.value
    return found


def strict(schema: Any) -> Any:
    """The schema, which then allows no key that it does not name."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if "properties" in schema else {}
    return closed | {key: strict(value) for key, value in schema.items()}


VALID = jsonschema.Draft202012Validator(strict(report_schema.schema()))


def agreed(cli: Cli, run: CommandResult, code: int, state: str) -> dict[str, Any]:
    """The report of a run, which says the same as all else that it left."""
    assert run.code == code, run.err
    report: dict[str, Any] = json.loads((cli.cwd / "report.json").read_text("utf-8"))
    VALID.validate(report)
    assert (report["state"], report["exitCode"]) == (state, code)
    if state == "failed":
        assert report["errors"] or report["records"]["failed"] or report["sourceStatus"]["failures"]
    began, ended = (datetime.fromisoformat(report[key]) for key in ("startedAt", "endedAt"))
    assert abs((ended - began).total_seconds() - report["durations_s"]["total"]) < 0.1
    said = metrics(cli.cwd / "shop.prom")
    assert said["exit_code"] == {(): code}
    assert [name for (name,), value in said["state"].items() if value] == [state]
    counts = report["records"]
    assert {key: said["records"][key,] for key in counts if key != "yielded"} | {
        "yielded": counts["yielded"]
    } == counts
    assert said["retries"] == {(): report["retries"]["count"]}
    assert said["errors"] == {(): len(report["errors"])}
    began, ended = (said[f"{moment}_timestamp_seconds"][()] for moment in ("start", "end"))
    assert said["duration_seconds"] == {(): round(ended - began, 3)}
    is_counted = state == "success" and not report["dryRun"]
    last = said["last_success_timestamp_seconds"][()]
    assert (last == said["end_timestamp_seconds"][()]) is is_counted
    ends = [line for line in map(logged, run.err.splitlines()) if line.get("event") == "run.ended"]
    assert [(line["state"], line["exitCode"]) for line in ends] == [(state, code)]
    assert ends[0]["runId"] == report["runId"]
    if report["journal"] is not None:
        row, *_ = cli("runs", "--json").succeeded().json
        assert (row["runId"], row["state"], row["exitCode"]) == (report["runId"], state, code)
        kept = cli("runs", "show", report["runId"], "--json").succeeded().json["report"]
        assert kept == report
    return report


def logged(line: str) -> dict[str, Any]:
    """A line of the log."""
    found = json.loads(line)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("ending", few(ENDINGS, 6))
@pytest.mark.usefixtures("parts")
def test_all_say_the_same(cli: Cli, ending: str, refusing: str) -> None:
    """Report, metrics, log, journal and exit code agree; an earlier report is gone.

    Of earlier metrics the last success stays.

    The report is valid by the schema, which has no further key, and the metrics are for Prometheus.
    """
    words, code, state = ENDINGS[ending]
    places = {"nowhere": "http://127.0.0.1:9/api", "refusing": refusing}
    earlier = {"runId": "old", "state": "success"}
    cli.write("report.json", json.dumps(earlier, indent=2))
    cli.write(
        "shop.prom",
        "# HELP om_ingest_run_info old\n"
        'om_ingest_run_last_success_timestamp_seconds{ingestion="shop"} 12.5\n',
    )
    run = cli(
        *(word.format(**places) for word in words),
        *OUTPUTS,
        env={"OM_INGEST_TOKEN": "t"},
    )
    report = agreed(cli, run, code, state)
    assert report["runId"] != "old"
    if ending == "refused-token":
        (server,) = report["retries"]["servers"]
        (reason,) = server["reasons"]
        assert (server["count"], reason["reason"]) == (2, "HTTP 503")
        assert server["server"].startswith(refusing)
        assert 0 < reason["lost_s"] == server["lost_s"] == report["retries"]["lost_s"] < 60
    last = metrics(cli.cwd / "shop.prom")["last_success_timestamp_seconds"][()]
    assert last == 12.5 or (state == "success" and not report["dryRun"])
    assert [path.name for path in cli.cwd.glob(".*partial")] == []


HANGS = """
def next_record(self):
    yield from stock.tables(1)
    pathlib.Path("waiting").touch()
    {hang}
"""
SWALLOWS = """while True:
        try: time.sleep(60)
        except BaseException: pass"""


@pytest.mark.full
@pytest.mark.parametrize(
    ("hang", "signals", "options", "code"),
    [
        ("time.sleep(60)", [signal.SIGTERM], (), 143),
        ("time.sleep(60)", [signal.SIGINT], (), 130),
        (SWALLOWS.replace("BaseException", "Exception"), [signal.SIGTERM] * 2, (), 143),
        (SWALLOWS, [signal.SIGTERM] * 3, (), 143),
        (SWALLOWS, [signal.SIGTERM], ("--grace", "2"), 143),
    ],
    ids=["sigterm", "ctrl-c", "second", "third", "deadline"],
)
def test_signals(
    cli: Cli,
    connector: Connect,
    hang: str,
    signals: list[int],
    options: tuple[str, ...],
    code: int,
) -> None:
    """A run that signals or its deadline end says so everywhere, also one that hangs."""
    connector("slow", HANGS.format(hang=hang))
    process = cli.start("run", "slow", *OUTPUTS, *options)
    cli.wait_for("waiting")
    for number in signals:
        process.send_signal(number)
        time.sleep(1.2)
    report = agreed(cli, cli.ended(process), code, "interrupted")
    assert report["records"]["yielded"] == 4


@pytest.mark.full
@pytest.mark.parametrize("held", ["import", "observer", "server"])
def test_signal_before_the_beginning(cli: Cli, connector: Connect, held: str) -> None:
    """A run that is stopped before it begins says so everywhere, within its grace."""
    waits = "pathlib.Path('waiting').touch(); time.sleep(60)"
    words: tuple[str, ...] = ("run", "slow", *OUTPUTS, "--grace", "2")
    held_up: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"http://127.0.0.1:{silent.getsockname()[1]}/api"
        if held == "server":
            connector("slow")
            words += ("--sink", f"openmetadata:{place}")
        else:
            connector("slow", module=f"import pathlib, time\n{waits}")
            words += ("--openlineage", place) if held == "observer" else ()
        process = cli.start(*words, env={"OM_INGEST_TOKEN": "t"})
        if held == "server":
            held_up.append(silent.accept()[0])
        else:
            cli.wait_for("waiting")
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        agreed(cli, cli.ended(process), 143, "interrupted")
    for held_open in held_up:
        held_open.close()
    assert time.monotonic() - began < 6


@pytest.mark.full
def test_replayed(cli: Cli, connector: Connect) -> None:
    """A replay that delivers everything says so everywhere."""
    connector("orphan", "def next_record(self): yield stock.table('t')")
    cli("run", "orphan", "--sink", "catalog:shop.db")
    connector("shop", "def next_record(self): return stock.parents()")
    cli("run", "shop", "--sink", "catalog:shop.db").succeeded()
    (letters,) = cli.dead_letters()
    agreed(cli, cli("replay", letters, *OUTPUTS), 0, "success")


@pytest.mark.full
def test_killed(cli: Cli, connector: Connect) -> None:
    """What `kill -9` leaves says `running`, with all that was known; the metrics stay."""
    connector("slow", HANGS.format(hang="time.sleep(60)"))
    process = cli.start("run", "slow", *OUTPUTS)
    cli.wait_for("waiting")
    process.kill()
    cli.ended(process)
    report = json.loads((cli.cwd / "report.json").read_text("utf-8"))
    VALID.validate(report)
    assert stat.S_IMODE((cli.cwd / "report.json").stat().st_mode) == 0o600
    assert (report["state"], report["endedAt"], report["source"]) == ("running", None, "slow")
    assert not (cli.cwd / "shop.prom").exists()


def test_outputs_that_cannot_be_written(cli: Cli, shop: str) -> None:
    """A wrong place is told before anything runs, in the other output, too; what else keeps one
    from being written is one warning each, and no failure.
    """
    cli.write("notes", "mine")
    for option, other in (("--report", "--metrics"), ("--metrics", "--report")):
        wrong = cli("run", shop, option, "gone/file", other, "other")
        wrong.refused(2, "gone/file", "in a folder that exists")
        told = (cli.cwd / "other").read_text("utf-8")
        assert '"exitCode": 2' in told or 'exit_code{ingestion="other"} 2' in told
        (cli.cwd / "other").unlink()
        cli("run", shop, option, "notes").refused(2, "notes holds something else")
    cli("run", shop, "--report", "one", "--metrics", "one").refused(2, "name one file")
    assert json.loads((cli.cwd / "one").read_text("utf-8"))["exitCode"] == 2
    assert sorted(path.name for path in cli.cwd.iterdir()) == ["notes", "one"]
    odd = "x" * 300
    run = cli("run", shop, "--report", odd, "--metrics", "/dev/full", "--dry-run").succeeded()
    assert run.err.count(f"warning: Cannot write {cli.cwd / odd}: File name too long") == 1
    assert run.err.count("warning: Cannot write /dev/full: the disk is full") == 1


def test_a_process_that_a_plugin_leaves(cli: Cli, connector: Connect) -> None:
    """A command that only looks at a plugin fails, too, if that ends the process with 0."""
    connector("quits", "def __init__(self, *args): os._exit(0)\ndef next_record(self): ...")
    cli("check", "quits").refused(1, "Code of a plugin has ended the process: os._exit(0)")


def test_help_is_no_run(cli: Cli) -> None:
    """Help leaves the outputs of an earlier run as they are."""
    env = {"OM_INGEST_LOG_FORMAT": "json"}
    shown = cli("run", "--help", "--report", "report.json", "--metrics", "m.prom", env=env)
    assert (shown.succeeded().err, list(cli.cwd.iterdir())) == ("", [])


def test_streams_get_one_report(cli: Cli, shop: str) -> None:
    """Standard output gets the report once, when the run has ended."""
    run = cli("run", shop, "--quiet", "--report", "/dev/stdout").succeeded()
    assert json.loads(run.out)["state"] == "success"


def test_report_that_is_lost(cli: Cli, shop: str) -> None:
    """A report that standard output has no room for is a warning: the run is a success."""
    with Path("/dev/full").open("wb") as full:
        process = cli.start("run", shop, *OUTPUTS, "--report=/dev/stdout", stdout=full)
        _, err = process.communicate(timeout=60)
    *_, end = map(logged, err.decode().splitlines())
    assert (process.returncode, end["exitCode"]) == (0, 0)
    assert metrics(cli.cwd / "shop.prom")["exit_code"] == {(): 0}
    assert "Cannot write to standard output: No space left on device" in err.decode()
    assert cli("runs", "--json").succeeded().json[0]["state"] == "success"


def test_schema_is_published(cli: Cli) -> None:
    """The command prints the schema that the site has, and it is one."""
    printed = cli("schema", "--report").succeeded().out
    page = Path(__file__).parents[2] / "docs/reference/report.schema.json"
    assert printed == page.read_text("utf-8")
    jsonschema.Draft202012Validator.check_schema(json.loads(printed))
