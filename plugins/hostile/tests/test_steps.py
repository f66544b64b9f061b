"""Sinks, processors, commands and hooks that break the contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli

OWNER = "om-ingest-hostile 0.1.0"

MISCOUNTS = {
    "hostile-loses": ("5 records were yielded, 1 of them have no result",),
    "hostile-reports-twice": ("gave 1 results too many",),
    "hostile-mixes-up": ("5 records were yielded, 4 of them have no result", "gave 4 results too"),
}


@pytest.mark.parametrize(("sink", "said"), few(MISCOUNTS.items(), 1))
def test_sink_that_miscounts(cli: Cli, shop: str, sink: str, said: tuple[str, ...]) -> None:
    """A sink whose results do not match the records one by one fails the run."""
    cli("run", shop, "--sink", sink, "--quiet").refused(1, *said, "nowhere")


@pytest.mark.parametrize(
    ("sink", "said"),
    few(
        [
            ("hostile-store-loses", "_Miscounts.write does not return one result per record"),
            ("hostile-settles-nothing", "no result for any of 1 records (databaseService)"),
            ("hostile-store-reports-twice", "_Miscounts.write does not return one result per"),
        ],
        2,
    ),
)
def test_sink_whose_workers_miscount(cli: Cli, shop: str, sink: str, said: str) -> None:
    """Records without a result are not sent again for ever, also where each is sent alone."""
    cli("run", shop, "--sink", sink).refused(3, said)


@pytest.mark.parametrize(
    ("sink", "said", "failed"),
    few(
        [
            ("hostile-raises", "RuntimeError: the pipe is broken", 3),
            ("hostile-answers-nonsense", "ValueError", 5),
        ],
        1,
    ),
)
def test_sink_that_breaks(cli: Cli, shop: str, sink: str, said: str, failed: int) -> None:
    """What a dying sink has not taken is set aside, and `replay` delivers it elsewhere."""
    run = cli("run", shop, "--sink", sink, "--report", "report.json")
    run.refused(1, "The sink nowhere died", said, f"the maintainer of {OWNER}")
    assert cli.report()["records"]["failed"] == failed
    (letters,) = cli.dead_letters()
    assert len(letters.read_text().splitlines()) == 1 + failed
    cli("replay", letters, "--sink", "jsonl:out.jsonl").succeeded()
    assert len(cli.records("out.jsonl")) == failed


@pytest.mark.parametrize(
    ("sink", "said"),
    few(
        [
            ("hostile-creates-none", "create returned NoneType"),
            ("hostile-has-no-target", "failed: AttributeError: path"),
            ("hostile-import-raises", "this module cannot be imported"),
        ],
        1,
    ),
)
def test_sink_that_cannot_begin(cli: Cli, shop: str, sink: str, said: str) -> None:
    """A sink that is none blames its distribution."""
    cli("run", shop, "--sink", sink).refused(3, f"The sink {sink!r}", said, OWNER)


def flow(cli: Cli, processor: str) -> str:
    """A workflow file with one processor."""
    text = {"source": {"type": "shop"}, "processor": {"type": processor}}
    return cli.write("flow.json", json.dumps(text))


@pytest.mark.parametrize(
    ("processor", "said"),
    few(
        [
            ("hostile-raises", "Raises: ZeroDivisionError: t0"),
            ("hostile-returns-no-record", "ReturnsNoRecord made str of it"),
        ],
        1,
    ),
)
def test_processor_that_spoils_records(cli: Cli, shop: str, processor: str, said: str) -> None:
    """What a processor breaks on is set aside as it was; the rest is delivered."""
    run = cli("run", flow(cli, processor), "--report", "report.json")
    assert run.code == 1
    assert said in run.err
    assert "Traceback" not in run.err
    counts = cli.report()["records"]
    assert (counts["created"], counts["failed"]) == (3, 2)
    cli("replay", cli.dead_letters()[0]).succeeded()
    assert cli.tables() == ["t0", "t1"]


def test_processor_that_filters_all(cli: Cli, shop: str) -> None:
    """Filtered records are counted, and nothing is delivered."""
    cli("run", flow(cli, "hostile-filters-all"), "--report", "report.json").succeeded()
    assert cli.report()["records"] == {
        "yielded": 5,
        "created": 0,
        "updated": 0,
        "unchanged": 0,
        "written": 0,
        "leftOut": 0,
        "failed": 0,
        "filtered": 5,
    }
    assert cli.tables() == []


@pytest.mark.parametrize(
    ("processor", "said", "counts"),
    [
        (
            "hostile-raises-at-the-end",
            "The processor RaisesAtTheEnd failed in finish: ZeroDivisionError: nothing was seen",
            (6, 0),
        ),
        ("hostile-yields-no-record", "not a record but str", (5, 1)),
    ],
)
def test_processor_that_spoils_the_end(
    cli: Cli, shop: str, processor: str, said: str, counts: tuple[int, int]
) -> None:
    """What a processor does wrong behind all records costs none of them."""
    run = cli("run", flow(cli, processor), "--report", "report.json")
    assert run.code == 1
    assert said in run.err
    assert "Traceback" not in run.err
    report = cli.report()
    assert (report["records"]["created"], report["records"]["failed"]) == counts
    assert (report["records"]["yielded"], report["derived"]) == (6, 1)
    assert cli.tables() == ["t0", "t1"]


def test_processor_whose_status_is_none(cli: Cli, shop: str) -> None:
    """A processor whose status is no ProcessorStatus is blamed; its records are delivered."""
    run = cli("run", flow(cli, "hostile-counts-in-a-dict"), "--report", "report.json")
    assert run.code == 3
    assert "The processor hostile-counts-in-a-dict is broken: get_status returned dict" in run.err
    assert (cli.tables(), cli.report()["processors"]) == (["t0", "t1"], [])


def test_processor_that_asks_too_soon(cli: Cli, shop: str) -> None:
    """A processor that reads the store before the run begins is refused, and nothing is opened."""
    run = cli("run", flow(cli, "hostile-asks-too-soon"))
    run.refused(3, "A processor used ctx.metadata before the run began")
    assert list(cli.cwd.iterdir()) == [cli.cwd / "flow.json"]


@pytest.mark.parametrize(
    ("processor", "said"),
    [
        ("hostile-creates-none", "create returned NoneType"),
        ("hostile-no-processor", "is no subclass of om_ingest.Processor"),
    ],
)
def test_processor_that_is_none(cli: Cli, shop: str, processor: str, said: str) -> None:
    """A processor that is none blames its distribution."""
    cli("run", flow(cli, processor)).refused(3, f"The processor {processor!r}", said, OWNER)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("hostile-import-raises", "this module cannot be imported"),
        ("hostile-no-command", "neither a function nor a typer.Typer"),
    ],
)
def test_broken_command(cli: Cli, command: str, said: str) -> None:
    """Calling a command that cannot be used blames its distribution."""
    cli(command).refused(3, f"The command {command!r} of {OWNER}", said)


def test_help_lists_broken_commands(cli: Cli) -> None:
    """`--help` shows commands that cannot be used, and the built-in `run` keeps its name."""
    lines = [line.split(maxsplit=1) for line in cli("--help").succeeded().out.splitlines()]
    summaries = dict(line for line in lines if len(line) == 2)
    for command in ("hostile-import-raises", "hostile-no-command"):
        assert summaries[command] == f"From {OWNER}."
    assert OWNER not in summaries["run"]


def test_hooks_that_raise(cli: Cli, shop: str) -> None:
    """Broken hook plugins end neither list nor run, keep off standard output, and are named."""
    run = cli("run", shop, "--sink", "console").succeeded()
    assert len(run.out.splitlines()) == 5
    plugin = f"The hook plugin {OWNER}"
    for said in (
        f"{plugin}: hostile-raises failed in om_ingest_workflow_started: RuntimeError: no start",
        f"{plugin}: hostile-raises failed in om_ingest_workflow_finished: RuntimeError: no end",
        f"{plugin}: hostile-raises failed in om_ingest_computed_sources: TypeError: str is no",
        f"{plugin}: hostile-raises failed in om_ingest_import_source: RuntimeError: no import",
        f"{plugin}: hostile-wraps failed in om_ingest_workflow_started: RuntimeError: the wrapper",
        f"{plugin}: hostile-wraps failed in om_ingest_workflow_finished: RuntimeError: no end to",
        f"{plugin}: hostile-wraps failed in om_ingest_import_source: TypeError: str is no module",
        f"{plugin}: hostile-wraps failed in om_ingest_computed_sources: TypeError: NoneType is",
        f"{plugin}: hostile-unknown-hook cannot be loaded: PluginValidationError: unknown hook",
        f"{plugin}: hostile-import-raises cannot be loaded: RuntimeError",
    ):
        assert said in run.err, f"{said}\n{run.err}"
    assert "Traceback" not in run.err
    listed = cli("list-sources", "--json").succeeded()
    assert "shop" in {source["name"] for source in listed.json}
    assert plugin in listed.err


def test_hook_that_raises_instead_of_adapting(cli: Cli) -> None:
    """An adapter that ends the process is only one that does not answer."""
    run = cli("run", "hostile-no-source").refused(3, "is no subclass of om_ingest.Source")
    assert "hostile-raises failed in om_ingest_adapt_source: SystemExit: 0" in run.err


def test_framework_that_is_wrong_about_its_modules(cli: Cli) -> None:
    """A plugin that raises, or answers nonsense, has no such module, and is named."""
    run = cli("run", "hostile-asks-framework", "--sink", "console").succeeded()
    assert len(run.out.splitlines()) == 5, "what a hook prints is no record"
    failed = f"The hook plugin {OWNER}: hostile_framework failed in om_ingest_find_module"
    for said in (
        f"{failed}: SystemExit: 0",
        f"{failed}: TypeError: str is no ModuleSpec",
        f"{failed}: TypeError: the spec of hostile_framework.nobody has no loader",
        "Asked for the module hostile_framework.another",
    ):
        assert said in run.err, f"{said}\n{run.err}"
    run = cli("run", "hostile-needs-broken-framework")
    run.refused(3, f"The framework 'hostile_broken_framework' of {OWNER} cannot be imported")


def test_allow_list_keeps_them_out(cli: Cli, shop: str) -> None:
    """A list of allowed distributions leaves hostile hooks unloaded, and their sources blocked."""
    env = {"OM_INGEST_ALLOW": "shop-connector om-ingest-catalog"}
    assert "hook" not in cli("run", shop, env=env).succeeded().err
    cli("run", "hostile-hangs", env=env).refused(3, OWNER, "may not be loaded")


def test_observers_that_break(cli: Cli, shop: str) -> None:
    """What an observer raises is one warning, and changes nothing; one that is none is refused."""
    asked = {"OM_INGEST_OBSERVERS": "hostile-raises hostile-creates-none"}
    run = cli("run", shop, "--sink", "console", env=asked).succeeded()
    assert run.err.count("The observer hostile-raises failed in started: SystemExit: 0") == 1
    assert run.err.count("The observer hostile-raises") == 1
    assert "The observer hostile-creates-none failed in create" in run.err
    for name, said in {
        "hostile-import-raises": f"The observer 'hostile-import-raises' of {OWNER} cannot be",
        "hostile-no-observer": "is no subclass of om_ingest.observer.RunObserver",
    }.items():
        cli("run", shop, env={"OM_INGEST_OBSERVERS": name}).refused(3, said)


@pytest.mark.full
def test_observer_that_hangs(cli: Cli, shop: str) -> None:
    """A run does not wait for ever for an observer."""
    run = cli("run", shop, env={"OM_INGEST_OBSERVERS": "hostile-hangs"}).succeeded()
    assert "The observer hostile-hangs does not keep up with the run" in run.err
