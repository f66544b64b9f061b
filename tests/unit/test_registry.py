"""Names of sources, and the portions they lie in; nothing is imported on the way."""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from om_ingest import namespace
from om_ingest.distributions import normalize
from om_ingest.errors import (
    OmIngestError,
    PluginConflictError,
    PluginError,
    UnknownSourceError,
    WorkflowError,
)
from om_ingest.registry import (
    INCOMPATIBLE,
    MODULE_MISSING,
    InstalledSource,
    find_plugin,
    find_source,
    host_version,
    installed_plugins,
    installed_sources,
    of_service_type,
    unmet,
)
from packaging.requirements import Requirement

FOLDER = "metadata/ingestion/source/database"


def source(name: str, distribution: str = "", status: str = "ok") -> InstalledSource:
    target = f"metadata.ingestion.source.database.{name.replace('-', '_')}"
    return InstalledSource(name, "database", distribution, "1.0", "entry point", target, status)


KNOWN = [
    source("my-shop", "Shop_Connectors"),
    source("twin", "one"),
    source("twin", "two"),
    source("future", "three", INCOMPATIBLE),
    source("gone", "four", MODULE_MISSING),
]


@pytest.mark.parametrize("name", ["Foo-Bar", "foo_bar", "FOO.bar", "foo-_.bar"])
def test_normalize(name: str) -> None:
    """Case, and the sort and number of separators, make no difference (PEP 503)."""
    assert normalize(name) == "foo-bar"


@pytest.mark.parametrize("name", ["my-shop", "My_Shop", "shop-connectors:my-shop"])
def test_source_by_name(name: str) -> None:
    """A source is found by its name, with or without its distribution, in any spelling."""
    assert find_source(name, KNOWN) == KNOWN[0]


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("my-shpo", UnknownSourceError, "did you mean 'my-shop'?"),
        ("my_shop-usage", UnknownSourceError, "queries or profiles of the source 'my-shop'"),
        ("xyz", UnknownSourceError, "no source named 'xyz'\n"),
        ("", UnknownSourceError, "no source named ''"),
        ("one:my-shop", UnknownSourceError, "no source named 'one:my-shop'"),
        ("sqlite", PluginError, 'not installed\n  Install it: pip install "om-ingest-sqlite"'),
        ("twin", PluginConflictError, "one 1.0 and two 1.0"),
        ("twin", PluginConflictError, "one:twin or two:twin"),
        ("future", PluginError, "'future' of three 1.0 cannot run"),
        ("gone", PluginError, "'gone' of four 1.0 cannot run"),
    ],
)
def test_source_that_cannot_be_had(name: str, error: type[OmIngestError], said: str) -> None:
    """Each reason is an error of its own, which says what to write instead."""
    with pytest.raises(error) as caught:
        find_source(name, KNOWN)
    assert type(caught.value) is error
    assert said in str(caught.value)


@pytest.fixture
def nothing_installed(tmp_path: Path) -> Iterator[None]:
    """A path with nothing on it, as far as distributions are looked for."""
    before = sys.path[:]
    sys.path[:] = [str(tmp_path)]
    yield
    sys.path[:] = before


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize("name", ["catalog", "new", "serve", "sample-tables", "sqlite"])
def test_plugin_of_this_project_that_is_not_installed(name: str) -> None:
    """The message names a distribution for an index, and a folder for a checkout, which exists."""
    is_command = name in ("catalog", "new", "serve")
    with pytest.raises(PluginError) as caught:
        _ = find_plugin("om_ingest.command", name) if is_command else find_source(name, KNOWN)
    said = re.search(r"from a checkout of om-ingest, (\S+)\.$", str(caught.value))
    assert said
    assert (Path(__file__).parents[2] / said[1] / "pyproject.toml").is_file()


@pytest.mark.parametrize("name", ["om-ingest", "Om_Ingest ", " om.ingest[catalog,testing] "])
@pytest.mark.parametrize(
    "bounds",
    [
        *("", ">=0", ">=0.1", ">=0.1.0.0", ">=00.1", ">=0.1.1", ">=1", "<0.1", "<0.1.0.1", "<2"),
        *(">=0.1,<1", "<1, >=0.1", ">= 0.1 , < 0.1", ">=10", ">=0.1.0rc1", "<0.2.dev0"),
        *("==0.1.*", "~=0.1", "!=0.1.0", ">0.0", "<=0.1", "===0.1.0", "(>=0.1)", ">=0.0,!=0.1"),
    ],
)
def test_requirement_on_the_host(name: str, bounds: str) -> None:
    """Every form of version bounds is judged as `packaging` judges it (PEP 440)."""
    text = f"{name}{bounds}"
    meets = Requirement(text).specifier.contains(host_version(), prereleases=True)
    assert unmet((text,)) == ("" if meets else text)


@pytest.mark.parametrize("text", ["om-ingest-catalog>=99", "om-ingestor>=99", "other<0"])
def test_requirement_on_another_distribution(text: str) -> None:
    """What a plugin needs of others says nothing about the host."""
    assert not unmet((text,))


@pytest.mark.parametrize(
    ("requirement", "lacking"),
    [
        ("Nobody_s.thing", "Nobody_s.thing"),
        ("nobody[fast]>=1,<2 ; python_version >= '3.9'", "nobody"),
        ("nobody @ https://example.org/nobody.whl", "nobody"),
        ("nobody; sys_platform == 'none'", ""),
        ("nobody; python_version < '3'", ""),
        ("nobody; extra == 'x'", ""),
        ("nobody>=1; python_version >= '3.9' and extra == 'x'", ""),
        ("nobody; extra == 'x' or os_name != 'none'", "nobody"),
        ("nobody >> 1", ""),
        ("??", ""),
        *((f"Lib.one{bounds}", "") for bounds in ("", ">=1.2", "~=1.2", "<2,!=1.2", "==1.*")),
        ("lib-one>=2", "lib-one>=2 (1.2.3 is installed)"),
        ("lib_one[fast] (~=1.3)", "lib_one~=1.3 (1.2.3 is installed)"),
        ("lib-one==1.2", "lib-one==1.2 (1.2.3 is installed)"),
        *((f"lib-two{bounds}", "") for bounds in ("", ">=1.0rc1", "<2", "==1.0rc1")),
        ("lib-two>=1", "lib-two>=1 (1.0rc1 is installed)"),
        ("om-ingest", ""),
    ],
)
def test_dependency(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, requirement: str, lacking: str
) -> None:
    """A source without what its distribution asks for is `missing` it, by name; else `ok`."""
    write(tmp_path, "shop.py")
    for name, version, more in (
        ("lib_one", "1.2.3", ""),
        ("lib-two", "1.0rc1", ""),
        ("shop", "1.0", f"Requires-Dist: lib-one\nRequires-Dist: {requirement}\n"),
    ):
        info = tmp_path / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n{more}")
    target = f"{FOLDER.replace('/', '.')}.shop:ShopSource"
    points = f"[metadata.ingestion.source]\nshop={target}\n[om_ingest.sink]\nshop={target}\n"
    (info / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(str(tmp_path))
    (found,) = (source for source in installed_sources() if source.distribution == "shop")
    assert (found.status, found.detail) == ("missing" if lacking else "ok", lacking)
    (sink,) = (plugin for plugin in installed_plugins() if plugin.distribution == "shop")
    assert (sink.status, sink.detail) == (found.status, found.detail), "so do other plugins"
    assert find_source("shop") == found, "it may run: not every module needs everything"


def test_twin_by_its_distribution() -> None:
    """`distribution:name` decides between two claimants."""
    assert find_source("two:twin", KNOWN) == KNOWN[2]


def test_explicit_class() -> None:
    """`module:Class` means a class that nobody has registered."""
    found = find_source("my.module:MyThing", KNOWN)
    assert (found.target, found.origin) == ("my.module:MyThing", "explicit")


def test_unknown_plugin() -> None:
    """A sink that nobody has comes with the nearest name, and all there are."""
    with pytest.raises(WorkflowError, match=r"'jsnl'; did you mean 'jsonl'\?\n.*catalog, console"):
        find_plugin("om_ingest.sink", "jsnl")


CODE = "raise SystemExit('imported')\nclass ShopSource(om_ingest.Source): ...\n"


def write(root: Path, name: str, code: str = CODE) -> None:
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    (root / FOLDER / name).write_text(code, "utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three entries of `sys.path`: a regular package, a folder and a zip file."""
    for package in ("metadata", "metadata/ingestion", "metadata/ingestion/source", FOLDER):
        write(tmp_path / "regular", "owned.py")
        (tmp_path / "regular" / package / "__init__.py").write_text("raise SystemExit('init')\n")
    write(tmp_path / "folder", "plain_shop.py")
    write(tmp_path / "folder", "owned.py")
    write(tmp_path / "folder", "_private.py")
    with zipfile.ZipFile(tmp_path / "zipped.zip", "w") as archive:
        archive.writestr(f"{FOLDER}/zipped_shop/__init__.py", CODE)
    for entry in ("zipped.zip", "folder", "regular"):
        monkeypatch.syspath_prepend(str(tmp_path / entry))
    return tmp_path


def test_portions_in_the_order_of_the_path(site: Path) -> None:
    """Every portion is found, although a regular package comes first."""
    folder = f"metadata{'/ingestion/source'}"
    portions = [Path(place) for place in namespace.portions(namespace.ROOT)]
    ours = [place.relative_to(site) for place in portions if place.is_relative_to(site)]
    assert ours == [Path(f"{entry}/{folder}") for entry in ("regular", "folder", "zipped.zip")]


def test_modules_of_all_portions(site: Path) -> None:
    """Each module is found once, in the first portion that has it; private ones are not."""
    found = {
        module.name: Path(module.location).relative_to(site).parts[0]
        for module in namespace.modules()
        if Path(module.location).is_relative_to(site)
    }
    assert found == {"owned": "regular", "plain_shop": "folder", "zipped_shop": "zipped.zip"}
    listed = {source.name for source in installed_sources()}
    assert {"owned", "plain-shop", "zipped-shop"} <= listed


@pytest.mark.parametrize(
    ("module", "exists"),
    [
        ("metadata.ingestion.source.database.plain_shop", True),
        ("metadata.ingestion.source.database.zipped_shop", True),
        ("metadata.ingestion.source.database.nobody", False),
        ("metadata.ingestion.source.database", True),
        ("metadata.ingestion.source.database.plain_shop.deeper", False),
        ("json.decoder", True),
        ("no_such_package.module", False),
    ],
)
def test_spec_without_importing(site: Path, module: str, exists: bool) -> None:
    """Whether a module exists is told without importing it or what is above it."""
    assert (namespace.find_spec(module) is not None) is exists
    assert not {"metadata.ingestion.source.database.plain_shop", "no_such_package"} & set(
        sys.modules
    )


def test_sources_of_one_service_type() -> None:
    """A service type without sources has none; one that does not exist is a mistake."""
    assert of_service_type("Database", KNOWN) == KNOWN
    assert of_service_type("pipeline", KNOWN) == []
    with pytest.raises(
        WorkflowError, match=r"'databse'; did you mean 'database'\?\n  Known: api, "
    ):
        of_service_type("databse", KNOWN)


@pytest.mark.parametrize(
    ("name", "shared"),
    [
        ("metadata", True),
        ("metadata.ingestion", True),
        ("metadata.ingestion.source", True),
        ("metadata.ingestion.source.database", True),
        ("metadata.ingestion.source.database.mine", False),
        ("metadata.ingestion.source.nonsense", False),
        ("meta", False),
        ("om_ingest", False),
    ],
)
def test_shared_packages(name: str, shared: bool) -> None:
    """Everything above a connector is shared, and nothing else."""
    assert namespace.is_shared(name) is shared
