"""What distributions declare and need is checked against what is there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from conftest import Environment, Wheel

DATABASE = "metadata/ingestion/source/database"
POINTS = """
[om_ingest.sink]
lake = nowhere.lake:Lake
[om_ingest.processor]
mask = nowhere:Mask
[om_ingest.command]
brew = nowhere:brew
[om_ingest]
hook = nowhere
"""


def test_healthy(environment: Environment, wheel: Wheel) -> None:
    """Nothing is found in an environment that is as it should be: exit code 0."""
    environment.healthy()
    environment.unpack(wheel("shop"), wheel("mall"))
    told = environment("doctor", "--no-import")
    healthy = "healthy, as far as files and metadata tell: no source was imported\n"
    assert (told.returncode, told.stdout, told.stderr) == (0, healthy, "")


PLUGINS = Path(__file__).parents[3] / "plugins"


# test_namespace_files.py shows editable ones as well.
@pytest.mark.parametrize("kind", few(["wheel", "editable"], 1))
def test_first_party_plugins_are_healthy(environment: Environment, wheel: Wheel, kind: str) -> None:
    """Nothing is found about the plugins of this repository, as wheels or from their folders."""
    for name, module in (("sqlite", "sqlite_file"), ("sample-tables", "sample_tables")):
        source = PLUGINS / name / "src"
        stem = name.replace("-", "_")
        target = f"{DATABASE.replace('/', '.')}.{module}"
        points = f"[metadata.ingestion.source]\n{name} = {target}:Source\n"
        files = {
            file.relative_to(source).as_posix(): file.read_text("utf-8")
            for file in source.rglob("*.py")
        }
        if kind == "editable":
            (environment.site / f"__editable__.{stem}.pth").write_text(f"{source}\n")
            files = {}
        environment.unpack(wheel(stem, files=files, entry_points=points))
        if kind == "editable":
            info = environment.site / f"{stem}_connector-1.0.dist-info"
            address = {"dir_info": {"editable": True}, "url": (PLUGINS / name).as_uri()}
            (info / "direct_url.json").write_text(json.dumps(address))
    environment.healthy()
    assert environment("list-sources").stdout.count("entry point  ok") == 2


def test_text_tells_the_same(environment: Environment, wheel: Wheel) -> None:
    """For people each finding is one line with its kind, and two with what and fix."""
    environment.unpack(wheel("shop", requires=["om-ingest>=99"]))
    finding = environment.one("incompatible")
    told = environment("doctor")
    assert told.returncode == 3
    assert told.stdout == (
        "error: incompatible (shop-connector 1.0)\n"
        f"  {finding['what']}\n"
        f"  Fix: {finding['fix']}\n"
        "not healthy\n"
    )


def test_entry_point_without_module(environment: Environment, wheel: Wheel) -> None:
    """A source whose module does not exist is a finding about the file that declares it."""
    environment.unpack(wheel("shop", files={}))
    finding = environment.one("module missing")
    assert (finding["distribution"], finding["version"]) == ("shop-connector", "1.0")
    assert finding["file"] == str(
        environment.site / "shop_connector-1.0.dist-info/entry_points.txt"
    )
    assert f"{DATABASE.replace('/', '.')}.shop" in finding["what"]
    assert "uninstall" in finding["fix"]
    environment.pip("uninstall", "shop-connector")
    environment.healthy()


def test_other_plugins_without_module(environment: Environment, wheel: Wheel) -> None:
    """Sinks, processors, commands and hooks without a module are found as well."""
    environment.unpack(wheel("lake", files={}, entry_points=POINTS))
    found = environment.findings()
    assert {finding["kind"] for finding in found} == {"module missing"}
    assert {finding["distribution"] for finding in found} == {"lake-connector"}
    said = [finding["what"].partition(" of ")[0] for finding in found]
    assert said == [
        "The command 'brew'",
        "The hook 'hook'",
        "The processor 'mask'",
        "The sink 'lake'",
    ]


def test_name_with_two_claimants(environment: Environment, wheel: Wheel) -> None:
    """Both claimants of a name are found; without one of them all is well."""
    code = f"{DATABASE}/mall.py"
    points = "[metadata.ingestion.source]\nshop = {}:ShopSource\n[om_ingest.sink]\nshop = {}:X\n"
    module = code[:-3].replace("/", ".")
    sink = f"[om_ingest.sink]\nshop = {DATABASE.replace('/', '.')}.shop:X\n"
    source = f"[metadata.ingestion.source]\nshop={DATABASE.replace('/', '.')}.shop:ShopSource\n"
    environment.unpack(
        wheel("shop", entry_points=source + sink),
        wheel("mall", files={code: ""}, entry_points=points.format(module, module)),
    )
    found = environment.findings()
    assert {finding["kind"] for finding in found} == {"conflict"}
    assert [finding["distribution"] for finding in found] == [
        "mall-connector",
        "shop-connector",
    ] * 2
    assert found[0]["file"] == str(environment.site / code)
    assert "also claimed by shop-connector" in found[0]["what"]
    assert "Run it as mall-connector:shop" in found[0]["fix"]
    assert environment("run", "shop-connector:shop", "--sink=console").returncode == 0
    environment.pip("uninstall", "mall-connector")
    environment.healthy()


# The finding is about the distribution: test_text_tells_the_same has one of a source, too.
@pytest.mark.parametrize("kind", few(["sink", "source"], 1))
def test_incompatible_plugin(environment: Environment, wheel: Wheel, kind: str) -> None:
    """A plugin whose `Requires-Dist` excludes this om-ingest is found once, whatever it is."""
    points = "[om_ingest.sink]\nshop = metadata.ingestion.source.database.shop:X\n"
    wheels = [
        wheel(
            "shop",
            version,
            requires=[f"om_ingest{host} ; python_version>'3'"],
            entry_points=points if kind == "sink" else None,
        )
        for version, host in (("1.0", ">=99,<100"), ("2.0", ">=0.0.1,<99"))
    ]
    environment.unpack(wheels[0], wheel("mall"))
    finding = environment.one("incompatible")
    assert (finding["distribution"], finding["version"]) == ("shop-connector", "1.0")
    assert finding["file"] == str(environment.site / "shop_connector-1.0.dist-info/METADATA")
    assert ">=99" in finding["what"]
    assert "Install a version of shop-connector that fits" in finding["fix"]
    listed = environment(f"list-{'plugins' if kind == 'sink' else 'sources'}").stdout
    assert "incompatible" in listed
    ran = (
        environment("run", "shop", "--sink=console")
        if kind == "source"
        else environment("run", "mall", "--sink=shop")
    )
    assert ran.returncode == 3
    assert "shop-connector 1.0 cannot" in ran.stderr
    shutil.rmtree(environment.site / "shop_connector-1.0.dist-info")
    environment.unpack(wheels[1])
    environment.healthy()


def test_dependencies(environment: Environment, wheel: Wheel) -> None:
    """What is missing or too old is found, also one level below, and for an extra in use.

    Requirements for another Python, or for extras that nobody asked for, are left alone;
    `pip install` of the connector mends the rest.
    """
    plain = {"files": {}, "entry_points": "", "requires": ()}
    wheel("absent", **plain)
    wheel("deep", **plain)
    wheel("speed", **plain)
    wheel("old", "2.0", **plain)
    shop = wheel(
        "shop",
        requires=[
            "om-ingest",
            "absent_connector>=1",
            "old-connector>=2",
            "driver-connector[fast,other]",
            "never; python_version < '3'",
            "never; extra == 'x'",
            "om-ingest>=99; python_version < '3'",
        ],
        extras=["x"],
    )
    driver = wheel(
        "driver",
        files={},
        entry_points="",
        requires=["deep-connector", "speed-connector; extra == 'fast'", "never; extra == 'slow'"],
        extras=["fast", "slow"],
    )
    environment.unpack(shop, driver, wheel("old", "1.0", **plain))
    found = {finding["what"]: finding for finding in environment.findings()}
    assert sorted(found) == [
        "driver-connector needs deep-connector, but it is not installed",
        "driver-connector needs speed-connector, but it is not installed",
        "shop-connector needs absent_connector>=1, but it is not installed",
        "shop-connector needs old-connector>=2, but 1.0 is installed",
    ]
    for what, finding in found.items():
        assert finding["kind"] == "missing dependency"
        assert finding["severity"] == "error"
        assert what.startswith(finding["distribution"])
        assert finding["file"].endswith("METADATA")
    assert found[next(iter(sorted(found)))]["fix"].endswith("pip install driver-connector")
    environment.pip("install", "shop-connector")
    environment.healthy()


def test_requirement_that_is_none(environment: Environment, wheel: Wheel) -> None:
    """A malformed `Requires-Dist` is told, and disturbs neither the list nor another connector."""
    environment.unpack(wheel("shop", requires=["om-ingest @@ 1", "??"]), wheel("mall"))
    found = environment.findings()
    assert {finding["kind"] for finding in found} == {"unreadable requirement"}
    assert {finding["distribution"] for finding in found} == {"shop-connector"}
    assert "mall" in environment("list-sources").stdout
    assert environment("run", "mall", "--sink=console").returncode == 0
    assert environment("run", "shop", "--sink=console").returncode == 3


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("entry_points.txt", b"[metadata.ingestion.source]\nno equals sign\n"),
        ("METADATA", b"Name: \xff\xfe\n"),
        ("METADATA", None),
    ],
)
def test_unreadable_metadata(
    environment: Environment, wheel: Wheel, file: str, content: bytes | None
) -> None:
    """Metadata that cannot be read is a finding, and everybody else is listed."""
    environment.unpack(wheel("shop"), wheel("mall"))
    path: Path = environment.site / "shop_connector-1.0.dist-info" / file
    path.unlink() if content is None else path.write_bytes(content)
    finding = environment.one("unreadable metadata")
    assert finding["file"] == str(path.parent)
    assert finding["distribution"].replace("_", "-") == "shop-connector"
    assert "mall" in environment("list-sources").stdout
    environment.unpack(wheel("shop"))
    environment.healthy()


FOREIGN = "from metadata.ingestion.api.steps import Source\nclass ShopSource(Source): pass\n"


@pytest.mark.parametrize("requires", few(["", "openmetadata-ingestion~=1.5"], 1))
def test_connector_of_a_framework_that_is_absent(
    environment: Environment, wheel: Wheel, requires: str
) -> None:
    """A connector for openmetadata-ingestion needs that, or a plugin that stands in for it.

    Its imports tell, or its requirements, also where it is no plugin of om-ingest.
    """
    files = {f"{DATABASE}/shop.py": FOREIGN} if not requires else {"connector/shop.py": FOREIGN}
    points = "" if requires else None
    needs = [requires] if requires else []
    environment.unpack(wheel("shop", files=files, requires=needs, entry_points=points))
    finding = environment.one("missing framework")
    said = "needs it" if requires else "imports metadata.ingestion.api.steps"
    assert f"shop-connector was written for openmetadata-ingestion: {said}" in finding["what"]
    assert finding["fix"] == "pip install om-ingest-compat, which stands in for it."
    points = "[om_ingest.framework]\nmetadata = stands_in\n"
    files = {"stands_in.py": ""}
    environment.unpack(wheel("stands_in", files=files, entry_points=points))
    environment.healthy()
