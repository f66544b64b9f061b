"""Hook plugins: told what happens, asked for adapters and for sources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.command import Cli, Connect, Distribute

WITNESS = """
from om_ingest.hookspecs import hookimpl

def note(*words):
    with open("witness", "a") as file: print(*words, file=file)

@hookimpl
def om_ingest_workflow_started(context):
    note("started", context.service_name, bool(context.run_id))

@hookimpl
def om_ingest_workflow_finished(report):
    note("finished", report.source, report.state, report.exit_code, report.counts()["created"])
"""

LOUD = """
class LoudSource(ConfiguredSource[ConnectorConfig]):
    def prepare(self): note("prepared")
    def next_record(self): return stock.tables(1)
    def close(self): note("closed")
"""

ADAPTER = """
from om_ingest.hookspecs import hookimpl

@hookimpl
def om_ingest_adapt_source(cls, ref):
    if not hasattr(cls, "words"): return None
    class Config(ConnectorConfig):
        most: int = 9
    class Adapted(ConfiguredSource[Config]):
        def next_record(self):
            yield from stock.parents()
            for word in cls.words()[:self.config.most]:
                yield stock.table(word + "_{by}")
    return Adapted
"""

COMPUTED = """
from om_ingest.hookspecs import hookimpl
from om_ingest.registry import InstalledSource

class {name}Source(ConfiguredSource[ConnectorConfig]):
    def next_record(self): return stock.tables(1)

@hookimpl
def om_ingest_computed_sources():
    {body}
"""

ONE = "InstalledSource('My_{0}', 'database', 'one', '1.0', 'x', '{1}:OneSource')"


def hook(module: str) -> str:
    """The entry point of a hook plugin."""
    return f"[om_ingest]\n{module} = {module}\n"


def witnessed(cli: Cli) -> list[str]:
    """What the witness wrote down."""
    return (cli.cwd / "witness").read_text().splitlines()


def test_started_and_finished(cli: Cli, distributed: Distribute) -> None:
    """Hooks frame the run: started before the source connects, finished after it is closed."""
    points = hook("witness") + "[metadata.ingestion.source]\nloud = witness:LoudSource\n"
    distributed("witness", WITNESS + LOUD, points)
    cli("run", "loud", "--service-name", "shop").succeeded()
    assert witnessed(cli) == [
        "started shop True",
        "prepared",
        "closed",
        "finished loud success 0 4",
    ]


def test_finished_after_a_failure(cli: Cli, distributed: Distribute, connector: Connect) -> None:
    """A failed run is told with its state and exit code; `check` is no run."""
    distributed("witness", WITNESS, hook("witness"))
    connector("dies", "def next_record(self): raise ServerError('It is down', 'Start it.')")
    cli("check", "dies").succeeded()
    assert not (cli.cwd / "witness").exists()
    cli("run", "dies").refused(4, "It is down")
    assert witnessed(cli)[1:] == ["finished dies failed 4 0"]


def test_plugin_for_another_host(cli: Cli, shop: str, distributed: Distribute) -> None:
    """A hook plugin whose requirement excludes the running version is not imported."""
    distributed("witness", WITNESS, hook("witness"))
    (metadata,) = cli.site.glob("witness-*/METADATA")
    metadata.write_text(metadata.read_text().replace("om-ingest\n", "om-ingest>=99\n"))
    run = cli("run", shop).succeeded()
    assert "witness 1.0: witness cannot be loaded: PluginError: it needs om-ingest>=99" in run.err
    assert not (cli.cwd / "witness").exists()


def foreign(connector: Connect) -> None:
    """A connector whose class knows nothing of om-ingest."""
    module = """
    class ForeignSource:
        @staticmethod
        def words(): return ["a", "b"]
    """
    connector("foreign", module=module)


def test_adapter(cli: Cli, distributed: Distribute, connector: Connect) -> None:
    """A class that is no source becomes one, with config and help, when a hook adapts it."""
    foreign(connector)
    cli("run", "foreign").refused(3, "is no subclass of om_ingest.Source")
    distributed("adapter", ADAPTER.replace("{by}", "adapted"), hook("adapter"))
    cli("run", "foreign", "--set", "most=1").succeeded()
    assert cli.tables() == ["a_adapted"]
    assert "most" in cli("show", "foreign").succeeded().out
    cli("init", "foreign").succeeded()
    cli("check", "foreign.yaml").succeeded()


def test_first_adapter_wins(cli: Cli, distributed: Distribute, connector: Connect) -> None:
    """Of several adapters one is taken; those that do not answer, or badly, are passed over."""
    foreign(connector)
    adapt = "@hookimpl\ndef om_ingest_adapt_source(cls, ref): {}\n"
    imports = "from om_ingest.hookspecs import hookimpl\n"
    distributed("silent", imports + adapt.format("return None"), hook("silent"))
    distributed("wrong", imports + adapt.format("return cls"), hook("wrong"))
    for by in ("one", "two"):
        distributed(by, ADAPTER.replace("{by}", by), hook(by))
    run = cli("run", "foreign").succeeded()
    assert cli.tables() in (["a_one", "b_one"], ["a_two", "b_two"])
    if "wrong" in run.err:  # it was asked before those that answer
        assert "wrong 1.0: wrong failed in om_ingest_adapt_source: TypeError" in run.err


def test_computed_sources(cli: Cli, distributed: Distribute) -> None:
    """Computed sources are listed with their origin, and run by name like all others."""
    body = "return [{}]".format(ONE.format("One", "one"))
    distributed("one", COMPUTED.format(name="One", body=body), hook("one"))
    listed = {source["name"]: source for source in cli("list-sources", "--json").succeeded().json}
    source = listed["my-one"]
    assert (source["origin"], source["distribution"], source["status"]) == ("computed", "one", "ok")
    assert "computed" in cli("show", "my_one").succeeded().out
    cli("run", "my-one").succeeded()
    cli("run", "one:my-one").succeeded()
    assert cli.tables() == ["t0"]


def test_computed_source_in_conflict(cli: Cli, distributed: Distribute, connector: Connect) -> None:
    """A computed source that takes another's name is a conflict, which a qualified name solves."""
    connector("my-one")
    body = "return [{}]".format(ONE.format("One", "one"))
    distributed("one", COMPUTED.format(name="One", body=body), hook("one"))
    cli("run", "my-one").refused(3, "Two distributions claim the source 'my-one'")
    cli("run", "one:my-one").succeeded()
    assert cli.tables() == ["t0"]


def test_broken_computed_sources(cli: Cli, distributed: Distribute, shop: str) -> None:
    """What is no source, or raises while it is computed, costs only its own plugin's sources."""
    good = COMPUTED.format(name="One", body="yield " + ONE.format("One", "one"))
    distributed("one", good, hook("one"))
    for name, body in {
        "text": "return 'abc'",
        "number": "return 5",
        "nameless": "return [InstalledSource(None, '', '', '', '', 'x:y')]",
        "raises": "yield {}; raise OSError('gone')".format(ONE.format("Two", "one")),
    }.items():
        distributed(name, COMPUTED.format(name="One", body=body), hook(name))
    run = cli("list-sources", "--json").succeeded()
    assert {"my-one", "shop"} <= {source["name"] for source in run.json}
    assert "my-two" not in {source["name"] for source in run.json}
    for name in ("text", "number", "nameless", "raises"):
        assert f"{name} 1.0: {name} failed in om_ingest_computed_sources" in run.err, name
    assert "Traceback" not in run.err


def test_wrong_argument(cli: Cli, distributed: Distribute, shop: str) -> None:
    """A hook with an argument that does not exist is refused whole, and named."""
    code = """
    from om_ingest.hookspecs import hookimpl
    @hookimpl
    def om_ingest_computed_sources(): raise AssertionError("called")
    @hookimpl
    def om_ingest_workflow_started(ctx): raise AssertionError("called")
    """
    distributed("odd", code, hook("odd"))
    run = cli("run", shop).succeeded()
    assert "odd 1.0: odd cannot be loaded: PluginValidationError" in run.err
    assert "called" not in run.err


def test_list_plugins(cli: Cli, distributed: Distribute) -> None:
    """`list-plugins` shows each kind with its distribution and status, and imports none."""
    points = """
    [om_ingest]
    h = plug
    [om_ingest.sink]
    jsonl = plug:Sink
    [om_ingest.processor]
    p = plug.gone:P
    [om_ingest.command]
    c = plug:c
    """
    distributed("plug", "raise SystemExit('imported')", points)
    listed = cli("list-plugins", "--json").succeeded().json
    mine = {(p["kind"], p["name"]): p["status"] for p in listed if p["distribution"] == "plug"}
    assert mine == {
        ("command", "c"): "ok",
        ("hook", "h"): "ok",
        ("processor", "p"): "module missing",
        ("sink", "jsonl"): "conflict",
    }
    built_in = {(p["kind"], p["name"]) for p in listed if p["distribution"] == "om-ingest"}
    assert {
        ("processor", "add-tags"),
        ("processor", "fqn-filter"),
        ("sink", "openmetadata"),
    } <= built_in
    env = {"OM_INGEST_ALLOW": "other"}
    blocked = cli("list-plugins", "--json", env=env).succeeded().json
    assert {p["status"] for p in blocked if p["distribution"] == "plug"} == {"blocked"}
    table = cli("list-plugins").succeeded().out.splitlines()
    assert table[0].split() == ["KIND", "NAME", "DISTRIBUTION", "VERSION", "TARGET", "STATUS"]
    assert len(table) == 1 + len(json.loads(cli("list-plugins", "--json").out))
