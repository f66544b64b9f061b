"""Connectors that claim one name, or misbehave, are no trouble for anybody else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command import Cli, Connect, Distribute

PLACE = "metadata.ingestion.source.database"
HOSTILE = {
    "slow": "import time; time.sleep(600)",
    "loud": "print('{not json'); import os; os.write(1, b'{')",
    "quits": "import os; os._exit(0)",
    "exits": "raise SystemExit(0)",
    "syntax": "def (",
    "chdir": "import os, sys; os.chdir('/'); sys.path.clear(); sys.modules.clear()",
}


def listed(cli: Cli, **options: Any) -> list[tuple[str, str, str]]:
    """Name, distribution and status of every source that is not one of this repository."""
    return [
        (source["name"], source["distribution"], source["status"])
        for source in cli("list-sources", "--json", **options).succeeded().json
        if not source["distribution"].startswith("om-ingest-")
    ]


def test_hostile_neighbours(cli: Cli, connector: Connect, shop: str) -> None:
    """Listing is valid JSON and another connector runs, whatever a neighbour does at import."""
    for name, code in HOSTILE.items():
        connector(name, module=code)
    began = time.monotonic()
    assert listed(cli) == sorted((name, f"{name}-connector", "ok") for name in (*HOSTILE, shop))
    cli("run", shop).succeeded()
    assert cli.tables() == ["t0", "t1"]
    assert isinstance(cli("list-plugins", "--json").succeeded().json, list)
    assert isinstance(cli("show", shop, "--json-schema").succeeded().json, dict)
    assert time.monotonic() - began < 300  # the slow one was never waited for


def test_hostile_hook_plugin(cli: Cli, distributed: Distribute, shop: str) -> None:
    """A hook plugin that prints, and then fails, leaves the list whole."""
    distributed("noise", "print('{'); raise SystemExit(0)", "[om_ingest]\nnoise = noise\n")
    assert listed(cli) == [("shop", "shop-connector", "ok")]
    cli("run", shop).succeeded()


def test_one_target_declared_by_two_distributions(cli: Cli, connector: Connect) -> None:
    """Two distributions that point one name at one class still both claim the name."""
    for distribution in ("one", "two"):
        connector("shop", distribution=distribution)
    assert listed(cli) == [("shop", "one", "conflict"), ("shop", "two", "conflict")]
    cli("run", "shop").refused(3, "one 1.0 and two 1.0", "one:shop or two:shop")
    cli("run", "one:shop").succeeded()
    cli("run", "two:shop").succeeded()


def test_file_that_takes_the_name_of_a_connector(cli: Cli, connector: Connect, shop: str) -> None:
    """A module that nobody owns is selected by its class, for it has no distribution."""
    other = cli.site / "metadata/ingestion/source/pipeline/shop.py"
    other.parent.mkdir()
    shutil.copy(cli.site / "metadata/ingestion/source/database/shop.py", other)
    assert listed(cli) == [("shop", "", "conflict"), ("shop", "shop-connector", "conflict")]
    remedy = "metadata.ingestion.source.pipeline.shop:CLASS or shop-connector:shop"
    cli("run", "shop").refused(3, "metadata.ingestion.source.pipeline.shop", remedy)
    cli("run", "metadata.ingestion.source.pipeline.shop:ShopSource").succeeded()
    cli("run", "shop-connector:shop").succeeded()


def test_same_object_found_twice(
    cli: Cli, connector: Connect, distributed: Distribute, tmp_path: Path
) -> None:
    """Found by entry point, in the namespace, by a hook and in two folders, it is one source."""
    connector("shop")
    # A part of the same distribution that has the name of the entry point.
    connector(
        "mall",
        entry_points=f"[metadata.ingestion.source]\nmall={PLACE}.mall_code:MallSource\n",
    ).with_name("mall_code.py").write_text("raise SystemExit('not imported')")
    distributed(
        "hook",
        f"""
        from om_ingest.hookspecs import hookimpl
        from om_ingest.registry import InstalledSource
        @hookimpl
        def om_ingest_computed_sources():
            return [InstalledSource("shop", "database", "hook", "1.0", "computed",
                                    "{PLACE}.shop:ShopSource")]
        """,
        "[om_ingest]\nhook = hook\n",
    )
    info = cli.site / "mall_connector-1.0.dist-info/RECORD"
    info.write_text(info.read_text() + info.read_text().replace("mall.py", "mall_code.py"))
    copy = tmp_path / "copy"
    shutil.copytree(cli.site, copy)
    path = {"PYTHONPATH": f"{cli.env['PYTHONPATH']}:{copy}"}
    expected = [("mall", "mall-connector", "ok"), ("shop", "shop-connector", "ok")]
    assert listed(cli, env=path) == expected
    cli("run", "shop", env=path).succeeded()


def test_odd_direct_url(cli: Cli, connector: Connect) -> None:
    """Whatever stands in `direct_url.json`, sources are listed and the doctor answers."""
    texts = ["not json", "[]", '{"dir_info": 5}', '{"dir_info": {"editable": 1}}']
    for number, text in enumerate(texts):
        connector(f"shop{number}")
        (cli.site / f"shop{number}_connector-1.0.dist-info/direct_url.json").write_text(text)
    loose = cli.site / "metadata/ingestion/source/database/loose.py"
    loose.write_text("class LooseSource: pass")
    shops = [(f"shop{number}", f"shop{number}-connector", "ok") for number in range(len(texts))]
    assert listed(cli) == [("loose", "", "not checked"), *shops]
    assert "findings" in json.loads(cli("doctor", "--json", "--no-import").out)


COUNT = """
import sys
from om_ingest.cli import build
try:
    build(sys.argv[1:])(sys.argv[1:], standalone_mode=False)
finally:
    print(*sorted(name for name in sys.modules if name.split(".")[0] == "metadata"),
          file=sys.stderr)
"""


def test_500_connectors(cli: Cli, connector: Connect) -> None:
    """500 distributions, 20 of them broken and 2 in conflict: all are listed, none is imported."""
    expected = {}
    for number in range(500):
        name = f"c{number:03}"
        options: dict[str, Any] = {"module": "raise SystemExit('imported')"}
        status = "ok"
        if number < 5:
            options["requires"], status = "om-ingest>=99", "incompatible"
        elif number < 10:
            status = "module missing"
            options["entry_points"] = f"[metadata.ingestion.source]\n{name} = {PLACE}.no_{name}:X\n"
        elif number < 15:
            options["module"] = "syntax error("
        elif number < 20:
            options["requires"], status = "om-ingest >> 1", "incompatible"
        elif number < 22:
            options["entry_points"] = f"[metadata.ingestion.source]\ntwin = {PLACE}.{name}:X\n"
            status = "conflict"
        path = connector(name, **options)
        if status == "module missing":
            path.unlink()
        expected[f"{name}-connector"] = ("twin" if status == "conflict" else name, status)
    ran = subprocess.run(
        [sys.executable, "-c", COUNT, "list-sources", "--json"],
        cwd=cli.cwd,
        env=cli.env,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    found = {
        source["distribution"]: (source["name"], source["status"])
        for source in json.loads(ran.stdout)
        if source["distribution"] in expected
    }
    assert found == expected
    assert ran.stderr.split() == []
    cli("run", "twin").refused(3, "c020-connector 1.0 and c021-connector 1.0")
