"""What is installed is listed without importing it; what cannot run says whose fault it is."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Connect

HOSTILE = {
    "dependency": ("import no_such_library", "needs the module 'no_such_library'"),
    "syntax": ("class Broken(\n", "SyntaxError"),
    "exits": ("import sys; sys.exit(0)", "SystemExit: 0"),
    "raises": ("raise RuntimeError('not today')", "RuntimeError: not today"),
    "empty": ("", "has no 'EmptySource'"),
    "wrong": ("class WrongSource: pass", "is no subclass of om_ingest.Source"),
    "half": (
        "from om_ingest import Source\nclass HalfSource(Source): pass",
        "does not implement create, get_status, next_record, prepare",
    ),
}


@pytest.fixture
def hostile(connector: Connect) -> None:
    """Connectors that cannot be imported or used, and one that prints when imported."""
    for name, (code, _) in HOSTILE.items():
        connector(name, module=code)
    connector("noisy", module="print('hello from the import')\nimport stock\n")


def listed(cli: Cli) -> dict[str, dict[str, Any]]:
    """The listed sources by name."""
    return {source["name"]: source for source in cli("list-sources", "--json").succeeded().json}


def test_listing_imports_no_connector(cli: Cli, hostile: None, shop: str) -> None:
    """Broken and noisy connectors are listed like all others, for none is imported."""
    sources = listed(cli)
    assert {*HOSTILE, "noisy", "shop"} <= set(sources)
    assert sources["shop"] == {
        "name": "shop",
        "serviceType": "database",
        "distribution": "shop-connector",
        "version": "1.0",
        "origin": "entry point",
        "target": "metadata.ingestion.source.database.shop:ShopSource",
        "status": "ok",
        "detail": "",
    }
    text = cli("list-sources").succeeded().out.splitlines()
    assert " ".join(text[0].split()) == "NAME SERVICE TYPE DISTRIBUTION VERSION ORIGIN STATUS"
    rows = {" ".join(line.split()) for line in text}
    assert "shop database shop-connector 1.0 entry point ok" in rows
    assert cli("list-sources", "--service-type", "messaging", "--json").json == []


@pytest.mark.parametrize("name", few(HOSTILE, 4))
def test_source_that_cannot_be_imported(cli: Cli, hostile: None, name: str) -> None:
    """Running one blames its distribution and version, and ends with 3."""
    said = HOSTILE[name][1]
    cli("run", name).refused(3, f"{name!r} of {name}-connector 1.0 cannot be used", said)
    assert list(cli.cwd.iterdir()) == []


WRITTEN_FOR_ANOTHER = {
    "at import": "from metadata.ingestion.api.steps import Source\nclass ShopSource(Source): pass",
    "generated": "import metadata.generated.schema.type.basic\nclass ShopSource: pass",
    "utils": "from metadata.utils import fqn\nclass ShopSource: pass",
    "store": "from metadata.ingestion.ometa.ometa_api import OpenMetadata\nclass ShopSource: pass",
    "beside": "from metadata.ingestion.source.database.common_db_source import X",
    "in create": """
        import stock
        from om_ingest import ConfiguredSource, ConnectorConfig
        class ShopSource(ConfiguredSource[ConnectorConfig]):
            @classmethod
            def create(cls, *args): from metadata.ingestion.models import topology
            def next_record(self): return ()
        """,
}


@pytest.mark.usefixtures("without_compat")
@pytest.mark.parametrize(
    ("command", "module"),
    few([("run", name) for name in WRITTEN_FOR_ANOTHER], 1)
    + few([("check", "at import"), ("show", "utils"), ("init", "store"), ("schema", "beside")], 0),
)
def test_source_of_openmetadata_ingestion(
    cli: Cli, connector: Connect, command: str, module: str
) -> None:
    """A connector that was written for openmetadata-ingestion is told apart, with what to do."""
    connector("shop", module=WRITTEN_FOR_ANOTHER[module])
    written = ("needs the module 'metadata.", "because it was written for openmetadata-ingestion")
    cli(command, "shop").refused(3, *written, "Port it to om_ingest.Source")


@pytest.mark.usefixtures("without_compat")
@pytest.mark.parametrize("points", few(["", None], 1))
def test_class_of_openmetadata_ingestion(cli: Cli, connector: Connect, points: str | None) -> None:
    """The same is said where the framework is installed, and its class is no source here."""
    connector(
        "shop",
        module="from metadata.ingestion.api.steps import Source\nclass ShopSource(Source): pass",
        entry_points=points,
    )
    api = cli.site / "metadata/ingestion/api"
    api.mkdir()
    (api / "steps.py").write_text("class Source: pass")
    said = "written for openmetadata-ingestion: it derives from metadata.ingestion.api.steps.Source"
    cli("run", "shop").refused(3, said, "Port it to om_ingest.Source")


def test_printing_connector_disturbs_no_output(cli: Cli, connector: Connect) -> None:
    """What a connector prints goes to standard error, so that records and JSON stay whole."""
    connector(
        "noisy",
        """
        print("while imported")
        def prepare(self): print("while prepared")
        def next_record(self):
            print("while read")
            yield from stock.tables(1)
        """,
    )
    run = cli("run", "noisy", "--sink", "console").succeeded()
    assert [line[:8] for line in run.out.splitlines()] == ['{"type":'] * 4
    assert all(f"while {what}" in run.err for what in ("imported", "prepared", "read"))
    assert isinstance(cli("show", "noisy", "--json-schema").succeeded().json, dict)


def test_unknown_source(cli: Cli, shop: str) -> None:
    """A name that nobody has comes with the nearest one, and ends with 2."""
    cli("run", "shpo").refused(2, "no source named 'shpo'; did you mean 'shop'?", "list-sources")
    cli("show", "shop-connectr:shop").refused(2, "no source named 'shop-connectr:shop'")
    cli("init", "xyzzy").refused(2, "no source named 'xyzzy'")


def test_names_ignore_case_and_underscores(cli: Cli, connector: Connect) -> None:
    """`My_Shop` means `my-shop`."""
    connector("my-shop")
    cli("check", "My_Shop").succeeded()


def test_two_distributions_claim_one_name(cli: Cli, connector: Connect, shop: str) -> None:
    """Both are listed, the bare name is an error naming both, `distribution:name` decides."""
    connector(
        "shop2",
        "def next_record(self): return stock.tables(1)",
        distribution="other-shop",
        entry_points="""
        [metadata.ingestion.source]
        shop = metadata.ingestion.source.database.shop2:Shop2Source
        fine = metadata.ingestion.source.database.shop2:Shop2Source
        """,
    )
    found = [
        (source["distribution"], source["status"], source["detail"])
        for source in cli("list-sources", "--json").succeeded().json
        if source["name"] == "shop"
    ]
    assert found == [
        ("other-shop", "conflict", "also claimed by shop-connector"),
        ("shop-connector", "conflict", "also claimed by other-shop"),
    ]
    cli("run", "shop").refused(
        3, "other-shop 1.0 and shop-connector 1.0", "other-shop:shop or shop-connector:shop"
    )
    cli("run", "other-shop:shop", "--sink", "catalog:one.db").succeeded()
    cli("run", "Shop_Connector:shop", "--sink", "catalog:two.db").succeeded()
    assert (cli.tables("one.db"), cli.tables("two.db")) == (["t0"], ["t0", "t1"])
    cli("check", "fine").succeeded()


def test_incompatible_connector(cli: Cli, connector: Connect) -> None:
    """A connector that asks for another om-ingest is listed as such, and not imported."""
    connector("future", module="raise SystemExit", requires="om_ingest >=99,<100")
    source = listed(cli)["future"]
    assert source["status"] == "incompatible"
    assert "om_ingest >=99,<100" in source["detail"]
    cli("run", "future").refused(3, "future-connector 1.0 cannot run", "om_ingest >=99,<100")


def test_entry_point_without_module(cli: Cli, connector: Connect) -> None:
    """An entry point that points nowhere is listed as such and cannot run."""
    connector("gone").unlink()
    assert listed(cli)["gone"]["status"] == "module missing"
    cli("run", "gone").refused(3, "there is no module metadata.ingestion.source.database.gone")


def test_module_without_entry_point(cli: Cli, connector: Connect) -> None:
    """A module in the namespace is a source, and is credited to its distribution if any."""
    loose = connector("owned", entry_points="")
    shutil.copy(loose, loose.with_name("loose.py"))
    loose.with_name("_hidden.py").write_text("")
    loose.with_name("helpers.py").write_text("import stock\n")
    connector("lacking", requires="boto3-of-another-name>=1")
    sources = listed(cli)
    assert "helpers" not in sources
    text = {" ".join(line.split()) for line in cli("list-sources").succeeded().out.splitlines()}
    assert "loose database - - namespace not checked" in text
    assert (
        "lacking database lacking-connector 1.0 entry point missing: boto3-of-another-name" in text
    )
    assert sources["owned"]["distribution"] == "owned-connector"
    assert (sources["loose"]["distribution"], sources["loose"]["origin"]) == ("", "namespace")
    assert not any("hidden" in name for name in sources)
    cli("run", "loose").succeeded()
    assert cli.tables() == ["t0", "t1"]


def test_connector_behind_a_regular_package(cli: Cli, shop: str) -> None:
    """A folder earlier on the path that owns `metadata` does not hide a connector."""
    for package in ("metadata", "metadata/ingestion", "metadata/ingestion/source"):
        (cli.cwd / "shadow" / package).mkdir(parents=True)
        (cli.cwd / "shadow" / package / "__init__.py").write_text("")
    shadowed = {"PYTHONPATH": f"shadow:{cli.env['PYTHONPATH']}"}
    cli("run", "shop", env=shadowed).succeeded()
    assert cli.tables() == ["t0", "t1"]


def test_working_directory_is_not_searched(cli: Cli, shop: str) -> None:
    """A connector that lies in the working directory is neither listed nor run."""
    (cli.site / "metadata").rename(cli.cwd / "metadata")
    assert listed(cli)["shop"]["status"] == "module missing"


def test_explicit_class_that_is_not_there(cli: Cli, shop: str) -> None:
    """A class path that leads nowhere is told apart: no module, no class."""
    cli("run", "no_such_module:Thing").refused(2, "there is no module no_such_module")
    shop_module = "metadata.ingestion.source.database.shop"
    cli("run", f"{shop_module}:Nobody").refused(2, f"{shop_module} has no 'Nobody'")


def test_reader_that_goes_away(cli: Cli, connector: Connect) -> None:
    """`om-ingest … | head -1` ends without a complaint."""
    connector("long", "def next_record(self): return stock.tables(5000)")
    for command in (["list-sources"], ["run", "long", "--sink", "console", "--quiet"]):
        with cli.start(*command) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            said = process.stderr.read().decode()
        assert (process.returncode, said) == (0, "")


def test_closed_standard_output(cli: Cli, shop: str) -> None:
    """Nobody listening at all is no reason for a traceback."""
    with cli.start("list-sources", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read().decode()
    assert said == ""
    assert process.returncode == 0
