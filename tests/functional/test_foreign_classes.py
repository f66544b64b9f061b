"""Connectors that are written against another framework: imported and adapted by a plugin."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Connect, Distribute

pytestmark = pytest.mark.usefixtures("without_compat")

FRAMEWORK = """
import importlib.abc, importlib.machinery, json, sys, types
from om_ingest.hookspecs import hookimpl

def note(*words):
    with open("witness", "a") as file: print(*words, file=file)

class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    \"\"\"Provides the framework's modules.\"\"\"
    def find_spec(self, name, path, target=None):
        if name in ("metadata.ingestion.api", "metadata.ingestion.api.steps"):
            return importlib.machinery.ModuleSpec(name, self, is_package=name.endswith("api"))
    def exec_module(self, module):
        module.Step = type("Step", (), {})

@hookimpl(wrapper=True)
def om_ingest_import_source(ref, source):
    finder = Finder()
    sys.meta_path.append(finder)
    note("import", ref.target)
    try:
        return (yield)
    finally:
        sys.meta_path.remove(finder)
        note("undone")

@hookimpl
def om_ingest_adapt_source(cls, ref, source):
    note("adapt", type(cls).__name__)
    found = cls
    if isinstance(cls, types.ModuleType):
        steps = sys.modules["metadata.ingestion.api.steps"]
        own = [c for c in vars(cls).values() if isinstance(c, type) and issubclass(c, steps.Step)]
        found = own[-1]
    with open("block.json", "w") as file: json.dump(source, file)
    source.clear()
    class Adapted(ConfiguredSource[Config]):
        def next_record(self):
            assert not any(isinstance(finder, Finder) for finder in sys.meta_path)
            yield from stock.parents()
            for word in found.words: yield stock.table(word)
    return Adapted

class Config(ConnectorConfig):
    password: SecretStr = SecretStr("")
"""

FOREIGN = """
from metadata.ingestion.api.steps import Step
class Foreign(Step):
    words = ["a", "b"]
"""

MODULE = "metadata.ingestion.source.database.foreign"
POINT = f"[metadata.ingestion.source]\nforeign = {MODULE}:Foreign\n"


@pytest.fixture
def framework(distributed: Distribute) -> None:
    """The plugin that knows the framework."""
    distributed("framework", FRAMEWORK, "[om_ingest]\nframework = framework\n")


def witnessed(cli: Cli) -> list[str]:
    """What the plugin wrote down."""
    return (cli.cwd / "witness").read_text().splitlines()


def test_without_the_plugin(cli: Cli, connector: Connect) -> None:
    """Without a plugin the connector is refused, with the module that is missing."""
    connector("foreign", module=FOREIGN, entry_points=POINT)
    cli("run", "foreign").refused(3, "it needs the module 'metadata.ingestion.api'")


@pytest.mark.parametrize(
    ("points", "source", "adapted"),
    few(
        [
            (POINT, {"type": "foreign"}, "type"),
            (
                "",
                {
                    "type": "customDatabase",
                    "serviceName": "shop",
                    "serviceConnection": {
                        "config": {
                            "type": "CustomDatabase",
                            "sourcePythonClass": f"{MODULE}.Foreign",
                            "connectionOptions": {"password": "swordfish"},
                        }
                    },
                    "sourceConfig": {"config": {"type": "DatabaseMetadata", "includeTags": False}},
                },
                "type",
            ),
            ("", {"type": "foreign"}, "module"),
            ("", {"type": f"{MODULE}:Foreign", "serviceName": "shop"}, "type"),
        ],
        2,
    ),
    ids=["entry-point", "python-class", "namespace", "class-path"],
)
@pytest.mark.usefixtures("framework")
def test_found_anyhow(
    cli: Cli, connector: Connect, points: str, source: dict[str, object], adapted: str
) -> None:
    """However a class is found, a plugin provides what it imports, and adapts it.

    The plugin gets the whole `source` block, secrets in clear; the run goes by its own.
    """
    connector("foreign", module=FOREIGN, entry_points=points)
    file = cli.write("flow.json", json.dumps({"source": source}))
    run = cli("run", file).succeeded()
    assert cli.tables() == ["a", "b"]
    target = f"{MODULE}:Foreign" if adapted == "type" else MODULE
    assert witnessed(cli) == [f"import {target}", "undone", f"adapt {adapted}"]
    assert json.loads((cli.cwd / "block.json").read_text()) == source
    assert "swordfish" not in run.out + run.err


@pytest.mark.usefixtures("framework")
def test_every_command_that_imports(cli: Cli, connector: Connect) -> None:
    """Commands that import a connector without a workflow give plugins an empty block."""
    connector("foreign", module=FOREIGN, entry_points=POINT)
    for command in ("show", "init", "schema", "check"):
        cli(command, "foreign").succeeded()
        (cli.cwd / "witness").unlink()
        block = json.loads((cli.cwd / "block.json").read_text())
        assert block == ({"type": "foreign"} if command == "check" else {})


@pytest.mark.usefixtures("framework")
def test_undone_after_a_failure(cli: Cli, connector: Connect) -> None:
    """A wrapper is told when the import fails, and the message is that of the host."""
    connector("foreign", module="raise OSError('no disk')", entry_points=POINT)
    cli("run", "foreign").refused(3, f"importing {MODULE} failed: OSError: no disk")
    assert witnessed(cli) == [f"import {MODULE}:Foreign", "undone"]


IMPORTS = """
from om_ingest.hookspecs import hookimpl
@hookimpl({options})
def om_ingest_import_source(ref, source): {body}
"""


def test_before_the_import(cli: Cli, shop: str, distributed: Distribute) -> None:
    """A plain function runs before the import, even with `trylast`, and may answer a module."""
    for options in ("", "trylast=True"):
        name = "last" if options else "early"
        body = f"open('{name}-' + str(ref.module in sys.modules), 'w').close()"
        distributed(name, IMPORTS.format(options=options, body=body), f"[om_ingest]\nx = {name}\n")
    cli("run", shop).succeeded()
    assert (cli.cwd / "early-False").exists()
    assert (cli.cwd / "last-False").exists()


@pytest.mark.parametrize(
    ("options", "body", "said"),
    [
        ("", "raise SystemExit(0)", "SystemExit: 0"),
        ("", "return 'shop'", "TypeError: str is no module"),
        ("wrapper=True", "yield", "TypeError: NoneType is no module"),
    ],
)
def test_import_hook_that_fails(
    cli: Cli, shop: str, distributed: Distribute, options: str, body: str, said: str
) -> None:
    """A plugin that fails around the import is blamed, and the connector runs."""
    distributed("fails", IMPORTS.format(options=options, body=body), "[om_ingest]\nx = fails\n")
    run = cli("run", shop).succeeded()
    assert cli.tables() == ["t0", "t1"]
    assert f"The hook plugin fails 1.0: x failed in om_ingest_import_source: {said}" in run.err


def test_wrapper_words_the_failure(cli: Cli, connector: Connect, distributed: Distribute) -> None:
    """A wrapper may answer a failed import with an om-ingest error of its own."""
    connector("foreign", module=FOREIGN, entry_points=POINT)
    body = """
    try: return (yield)
    except PluginError: raise PluginError("It is written for another framework", "Get that.")
"""
    wraps = IMPORTS.format(options="wrapper=True", body=body)
    distributed("words", wraps, "[om_ingest]\nx = words\n")
    cli("run", "foreign").refused(3, "It is written for another framework", "Get that.")


def test_source_classes_are_not_adapted(cli: Cli, shop: str, distributed: Distribute) -> None:
    """A class that is a source already, and a module with two of them, are nobody's to adapt."""
    code = "from om_ingest.hookspecs import hookimpl\n@hookimpl\n"
    code += "def om_ingest_adapt_source(cls, ref): open('asked', 'w').close()\n"
    distributed("adapter", code, "[om_ingest]\nx = adapter\n")
    cli("run", shop).succeeded()
    two = """
    from om_ingest import ConfiguredSource, ConnectorConfig
    class A(ConfiguredSource[ConnectorConfig]):
        def next_record(self): return iter(())
    class B(A): pass
    """
    folder = cli.site / "metadata/ingestion/source/database/two"
    folder.mkdir()
    (folder / "__init__.py").write_text(textwrap.dedent(two))
    cli("run", "two").refused(3, "Found: A, B")
    assert not (cli.cwd / "asked").exists()
