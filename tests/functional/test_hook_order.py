"""Order, first results and wrappers of hooks are pluggy's, across distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Connect, Distribute

HEAD = """
from om_ingest.hookspecs import hookimpl
def note(*words):
    with open("witness", "a") as file: print(*words, file=file)
"""

COMPUTES = """
from om_ingest.registry import InstalledSource
def computed(name): return InstalledSource(name, 'database', 'd', '1.0', 'x', 'nowhere:Source')
"""

FINISHED = """
@hookimpl({options})
def om_ingest_workflow_finished(report):
    {body}
"""

COMPUTED = """
@hookimpl({options})
def om_ingest_computed_sources():
    {body}
"""

ADAPTS = """
@hookimpl({options})
def om_ingest_adapt_source(cls, ref):
    class {camel}Source(ConfiguredSource[ConnectorConfig]):
        def next_record(self):
            yield from stock.parents()
            yield stock.table("{name}")
    return {camel}Source
"""

FOREIGN = "class ForeignSource: pass"


def hook(module: str) -> str:
    """The entry point of a hook plugin."""
    return f"[om_ingest]\n{module} = {module}\n"


def witnessed(cli: Cli) -> list[str]:
    """What the plugins wrote down."""
    return (cli.cwd / "witness").read_text().splitlines()


def test_first_and_last(cli: Cli, shop: str, distributed: Distribute) -> None:
    """`tryfirst` comes before, and `trylast` after the plugins of all other distributions."""
    for name, options in {
        "a_last": "trylast=True",
        "b_middle": "",
        "c_first": "tryfirst=True",
        "d_middle": "",
    }.items():
        finished = FINISHED.format(options=options, body=f"note('{name}')")
        distributed(name, HEAD + finished, hook(name))
    cli("run", shop).succeeded()
    order = witnessed(cli)
    assert (order[0], order[-1]) == ("c_first", "a_last")
    assert sorted(order) == ["a_last", "b_middle", "c_first", "d_middle"]


def test_order_decides_who_adapts(cli: Cli, distributed: Distribute, connector: Connect) -> None:
    """Of two plugins that adapt a class, the one with `tryfirst` is taken."""
    connector("foreign", module=FOREIGN)
    for name, options in {"one": "", "two": "tryfirst=True", "three": "trylast=True"}.items():
        adapts = ADAPTS.format(name=name, camel=name.capitalize(), options=options)
        distributed(name, HEAD + adapts, hook(name))
    cli("run", "foreign").succeeded()
    assert cli.tables() == ["two"]


def test_raising_first(cli: Cli, distributed: Distribute, connector: Connect) -> None:
    """A plugin that raises where the first result wins is blamed, and the next one is asked."""
    connector("foreign", module=FOREIGN)
    raises = "@hookimpl(tryfirst=True)\ndef om_ingest_adapt_source(): raise OSError('no disk')\n"
    distributed("raises", HEAD + raises, hook("raises"))
    distributed("one", HEAD + ADAPTS.format(name="one", camel="One", options=""), hook("one"))
    run = cli("run", "foreign").succeeded()
    assert cli.tables() == ["one"]
    blame = "The hook plugin raises 1.0: raises failed in om_ingest_adapt_source: OSError: no disk"
    assert run.err.count(blame) == 1


WRAPPERS = {
    "new": ("wrapper=True", "got = yield; note('after'); return got + [[computed('x')]]"),
    "old": (
        "hookwrapper=True",
        "o = yield; note('after'); o.force_result(o.get_result() + [[computed('x')]])",
    ),
}


@pytest.mark.parametrize("style", WRAPPERS)
def test_wrapper(cli: Cli, shop: str, distributed: Distribute, style: str) -> None:
    """A wrapper of either style runs around the plugins of others, and changes their answers."""
    options, body = WRAPPERS[style]
    wraps = COMPUTED.format(options=options, body=f"note('before'); {body}")
    distributed("wraps", HEAD + COMPUTES + wraps, hook("wraps"))
    answers = COMPUTED.format(options="", body="note('inside'); return [computed('inner')]")
    distributed("inside", HEAD + COMPUTES + answers, hook("inside"))
    listed = cli("list-sources", "--json").succeeded()
    assert [s["name"] for s in listed.json if s["origin"] == "computed"] == ["inner", "x"]
    assert listed.err == ""
    assert witnessed(cli) == ["before", "inside", "after"]


FAILURES = {
    "before": ("wrapper=True", "raise OSError('early')\n    yield", "OSError: early"),
    "after": ("wrapper=True", "yield\n    raise OSError('late')", "OSError: late"),
    "after-old": ("hookwrapper=True", "yield\n    raise OSError('late')", "OSError: late"),
    "exits": ("wrapper=True", "yield\n    raise SystemExit(0)", "SystemExit: 0"),
    "silent": ("wrapper=True", "if False: yield", "RuntimeError: the wrapper did not yield"),
    "twice": ("wrapper=True", "yield; yield", "RuntimeError: the wrapper yielded twice"),
    "forgets": ("wrapper=True", "yield", "TypeError: NoneType is not the list of answers"),
    "nonsense": (
        "hookwrapper=True",
        "outcome = yield\n    outcome.force_result([['a']])",
        "TypeError: str is no InstalledSource",
    ),
}


@pytest.mark.parametrize("failure", few(FAILURES, 2))
def test_wrapper_that_fails(cli: Cli, shop: str, distributed: Distribute, failure: str) -> None:
    """A wrapper that fails is blamed, and what the plugins inside it answer stays."""
    options, body, said = FAILURES[failure]
    wraps = COMPUTED.format(options=options, body=body)
    distributed("wraps", HEAD + wraps, hook("wraps"))
    answers = COMPUTED.format(options="", body="return [computed('inner')]")
    distributed("inside", HEAD + COMPUTES + answers, hook("inside"))
    listed = cli("list-sources", "--json").succeeded()
    assert {"shop", "inner"} <= {source["name"] for source in listed.json}
    blame = f"The hook plugin wraps 1.0: wraps failed in om_ingest_computed_sources: {said}"
    assert listed.err.count(blame) == 1, listed.err
    assert "Traceback" not in listed.err


def test_wrapper_that_is_a_function(cli: Cli, shop: str, distributed: Distribute) -> None:
    """A wrapper that is no generator is refused when its plugin is loaded."""
    wraps = FINISHED.format(options="wrapper=True", body="return None")
    distributed("wraps", HEAD + wraps, hook("wraps"))
    run = cli("run", shop).succeeded()
    assert "wraps 1.0: wraps cannot be loaded: PluginValidationError" in run.err


def test_object_named_twice(cli: Cli, shop: str, distributed: Distribute) -> None:
    """A plugin that two entry points name is called once, and the second is blamed."""
    points = "[om_ingest]\nfirst = plug\nsecond = plug\n"
    distributed("plug", HEAD + FINISHED.format(options="", body="note('called')"), points)
    run = cli("run", shop).succeeded()
    assert witnessed(cli) == ["called"]
    assert run.err.count("cannot be loaded: PluginError: it is loaded already") == 1
