"""A source that breaks: one message, the right exit code, and nothing delivered is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Connect

RAISES = [
    pytest.param("raise RuntimeError('lost the line')", 1, "RuntimeError: lost the line", id="own"),
    pytest.param(
        "raise SourceError('The line is dead', 'Call.')", 1, "The line is dead", id="source"
    ),
    pytest.param("raise ServerError('It is down', 'Start it.')", 4, "It is down", id="server"),
    pytest.param("sys.exit('enough')", 1, "SystemExit: enough", id="exit"),
]


@pytest.mark.parametrize(("statement", "code", "said"), RAISES)
def test_raising_in_the_middle(
    cli: Cli, connector: Connect, statement: str, code: int, said: str
) -> None:
    """What a source yielded before it died is in the catalog, and the run is failed."""
    connector("dies", f"def next_record(self):\n    yield from stock.tables(2)\n    {statement}")
    cli("run", "dies", "--report", "report.json").refused(code, said)
    assert cli.tables() == ["t0", "t1"]
    report = cli.report()
    assert (report["state"], report["exitCode"]) == ("failed", code)
    assert report["records"]["created"] == 5
    assert any(said in error for error in report["errors"])


@pytest.mark.parametrize(("statement", "code", "said"), few(RAISES, 1))
@pytest.mark.parametrize(
    "head",
    [
        "@classmethod\ndef create(cls, config_dict, metadata_config_dict, ctx):",
        "def prepare(self):",
    ],
    ids=["create", "prepare"],
)
def test_raising_before_the_first_record(
    cli: Cli, connector: Connect, head: str, statement: str, code: int, said: str
) -> None:
    """A source that dies while it is created or prepared says why and delivers nothing."""
    connector("dies", f"{head}\n    {statement}\ndef next_record(self): return stock.tables(1)")
    cli("run", "dies", "--sink", "jsonl:out.jsonl").refused(code, said)
    assert not (cli.cwd / "out.jsonl").exists() or cli.records("out.jsonl") == []


def test_raising_at_create_leaves_the_sink_alone(cli: Cli, connector: Connect) -> None:
    """A source that cannot be created is found out before the sink is touched."""
    connector(
        "dies", "def __init__(self, *args): raise KeyError('host')\ndef next_record(self): pass"
    )
    cli.write("out.jsonl", "of an earlier run")
    cli("run", "dies", "--sink", "jsonl:out.jsonl").refused(1, "could not be created", "'host'")
    assert (cli.cwd / "out.jsonl").read_text() == "of an earlier run"


@pytest.mark.parametrize(
    "body",
    few(
        [
            "    raise RuntimeError('lost')\n    yield",
            "    raise RuntimeError('lost')",
            "    yield from ()\n    assert False, 'lost'",
        ],
        2,
    ),
    ids=["generator", "function", "assertion"],
)
def test_raising_at_record_0(cli: Cli, connector: Connect, body: str) -> None:
    """A source that dies instead of yielding fails a run of no records."""
    connector("dies", f"def next_record(self):\n{body}")
    cli("run", "dies").refused(1, "died after 0 records", "lost")
    assert cli.tables() == []


@pytest.mark.parametrize(("statement", "code", "said"), few(RAISES, 1))
def test_raising_at_close(
    cli: Cli, connector: Connect, statement: str, code: int, said: str
) -> None:
    """A source that dies while it is closed fails the run; all it yielded is delivered."""
    connector(
        "dies", f"def next_record(self): return stock.tables(2)\ndef close(self): {statement}"
    )
    cli("run", "dies", "--report", "report.json").refused(code, said)
    assert cli.tables() == ["t0", "t1"]
    assert cli.report()["state"] == "failed"


def test_first_error_decides(cli: Cli, connector: Connect) -> None:
    """After two errors both are told, and the exit code is that of the first."""
    connector(
        "dies",
        """
        def next_record(self):
            yield from stock.tables(1)
            raise ServerError("First", "Remedy.")
        def close(self):
            raise RuntimeError("second")
        """,
    )
    cli("run", "dies").refused(4, "First", "second")


def test_close_comes_once_and_after_everything(cli: Cli, connector: Connect) -> None:
    """`close` runs exactly once, after the generator's own clean-up, however the run ends."""
    connector(
        "tidy",
        """
        def prepare(self):
            if self.config.end == "prepare": raise RuntimeError
        def next_record(self):
            try:
                yield from stock.tables(3)
                if self.config.end == "middle": raise RuntimeError
            finally:
                print("generator ended")
        def get_status(self):
            if self.config.end == "status": raise RuntimeError
            return self.status
        def close(self): print("closed")
        """,
        config="end: str",
    )
    for end, options in (
        ("end", ()),
        ("middle", ()),
        ("status", ()),
        ("limit", ("--limit", "2")),
    ):
        said = cli("run", "tidy", "--set", f"end={end}", *options).err
        assert said.count("closed\n") == 1, (end, said)
        assert said.index("generator ended\n") < said.index("closed\n"), (end, said)
    said = cli("run", "tidy", "--set", "end=prepare").refused(1).err
    assert said.count("closed\n") == 1
    said = cli("run", "tidy", "--set", "end=x", "--sink", "catalog:none/x.db").refused(2).err
    assert said.count("closed\n") == 1


@pytest.mark.parametrize(
    ("body", "said"),
    few(
        [
            ("pass", "next_record returned None"),  # a forgotten yield
            ("return 5", "next_record returned int"),
            ("list(stock.tables(2))", "next_record returned None"),
            ("return object()", "next_record returned object"),
        ],
        2,
    ),
)
def test_next_record_that_cannot_be_iterated(
    cli: Cli, connector: Connect, body: str, said: str
) -> None:
    """A `next_record` that returns no iterable breaks the contract: exit code 3.

    So does one in which a `yield` was forgotten: the run is no success without records.
    """
    connector("odd", f"def next_record(self): {body}")
    cli("run", "odd").refused(3, said, "generator")


@pytest.mark.parametrize(
    ("body", "yielded"), [("return list(stock.tables(2))", 5), ("return ()", 0)]
)
def test_next_record_that_returns_a_list(
    cli: Cli, connector: Connect, body: str, yielded: int
) -> None:
    """Lists are as good as generators, and an empty one is a source without records."""
    connector("list", f"def next_record(self): {body}")
    cli("run", "list", "--report", "report.json").succeeded()
    assert cli.report()["records"]["yielded"] == yielded


def test_source_that_swallows_the_end(cli: Cli, connector: Connect) -> None:
    """A generator that refuses to be closed fails the run, and says who it was."""
    connector(
        "stubborn",
        """
        def next_record(self):
            yield from stock.parents()
            while True:
                try:
                    yield stock.table("t")
                except GeneratorExit:
                    pass
        """,
    )
    cli("run", "stubborn", "--limit", "4").refused(1, "stubborn", "ignored GeneratorExit")
    assert cli.tables() == ["t"]


def test_create_that_returns_something_else(cli: Cli, connector: Connect) -> None:
    """A `create` that forgets to return the source is the plugin's fault: exit code 3."""
    connector("odd", "@classmethod\ndef create(cls, *args): pass\ndef next_record(self): pass")
    cli("run", "odd").refused(3, "create returned NoneType", "odd-connector")


def test_store_used_before_the_run(cli: Cli, connector: Connect) -> None:
    """A source that reads from the store while it is created is told to wait."""
    connector(
        "eager",
        """
        def __init__(self, config, ctx):
            ctx.metadata.get_by_name(Table, "x")
        def next_record(self): pass
        """,
    )
    cli("run", "eager").refused(3, "ctx.metadata before the run began", "prepare")


def test_debug_log_shows_where(cli: Cli, connector: Connect) -> None:
    """`--log-level debug` shows the traceback that the message leaves out."""
    connector("dies", "def next_record(self): raise RuntimeError('lost')")
    said = cli("run", "dies", "--log-level", "debug").err
    assert "Traceback" in said
    assert "dies.py" in said


def test_failures_and_warnings_of_the_source(cli: Cli, connector: Connect) -> None:
    """What a source could not read fails the run and is listed, 20 of each sort at most."""
    connector(
        "picky",
        """
        def next_record(self):
            yield from stock.tables(1)
            for number in range(1000):
                self.status.failure(f"table-{number}", "no permission")
                self.status.warning(f"column-{number}", "odd type")
                self.status.filter(f"schema-{number}", "excluded")
        """,
    )
    run = cli("run", "picky", "--report", "report.json")
    assert run.code == 1
    assert "failures in the source: 1000, the first 20" in run.err
    assert "  no permission:\n    table-0\n" in run.err, "a reason they share is said once"
    assert "    table-19\n" in run.err
    assert "table-20" not in run.err
    status = cli.report()["sourceStatus"]
    for sort in ("failures", "warnings", "filtered"):
        assert (status[sort]["total"], len(status[sort]["samples"])) == (1000, 20)
