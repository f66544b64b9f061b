"""What earlier installations left behind is found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from conftest import Environment, Project, Wheel

DATABASE = "metadata/ingestion/source/database"


def test_metadata_without_record(environment: Environment, wheel: Wheel) -> None:
    """A `.dist-info` without RECORD is the rest of an installation, unless rpm or dpkg made it."""
    environment.unpack(wheel("shop"))
    info = environment.site / "shop_connector-1.0.dist-info"
    (info / "RECORD").unlink()
    (info / "INSTALLER").write_text("dpkg\n")
    orphan = environment.site / DATABASE / "shop.py"
    assert [finding["file"] for finding in environment.findings()] == [str(orphan)]
    orphan.unlink()
    (info / "INSTALLER").write_text("pip\n")
    finding = environment.one("leftover")
    assert (finding["distribution"], finding["version"]) == ("shop-connector", "1.0")
    assert finding["file"] == str(info)
    assert finding["fix"].startswith("Delete the folder")
    shutil.rmtree(info)
    environment.healthy()


@pytest.mark.parametrize("package", few([False, True], 1))
def test_module_that_nobody_owns(environment: Environment, wheel: Wheel, package: bool) -> None:
    """A connector among installed packages without an owner is found, and deleting it helps."""
    name = f"{DATABASE}/shop/__init__.py" if package else f"{DATABASE}/shop.py"
    environment.unpack(wheel("mall"), wheel("shop", files={name: ""}))
    environment.healthy()
    shutil.rmtree(environment.site / "shop_connector-1.0.dist-info")
    finding = environment.one("leftover")
    file = environment.site / DATABASE / ("shop" if package else "shop.py")
    assert finding["file"] == str(file)
    assert finding["distribution"] == ""
    shutil.rmtree(file) if package else file.unlink()
    environment.healthy()


def test_uninstalling_that_was_interrupted(environment: Environment, wheel: Wheel) -> None:
    """What pip renamed to `~…` is no installed source, and is found wherever it lies."""
    environment.unpack(wheel("mall"), wheel("shop"))
    site = environment.site
    folders = [
        (site / "shop_connector-1.0.dist-info", site / "~hop_connector-1.0.dist-info"),
        (site / DATABASE / "__pycache__", site / DATABASE / "~_pycache__"),
        (site / "copy", site / "~etadata"),
    ]
    (site / DATABASE / "__pycache__").mkdir(exist_ok=True)
    shutil.copytree(site / "metadata", site / "copy")
    (site / DATABASE / "shop.py").unlink()
    for before, after in folders:
        before.rename(after)
    listed = [source["name"] for source in json.loads(environment("list-sources", "--json").stdout)]
    assert listed == ["mall"]
    found = environment.findings()
    assert {finding["kind"] for finding in found} == {"leftover"}
    assert {finding["file"] for finding in found} == {str(after) for _, after in folders}
    assert found[0]["distribution"] == "shop-connector"
    for finding in found:
        assert finding["fix"] == "Delete it."
        shutil.rmtree(finding["file"])
    environment.healthy()


def test_two_versions_in_one_folder(environment: Environment, wheel: Wheel) -> None:
    """Two versions side by side are found; pip can put that right as the fix says."""
    wheels = [wheel("shop", "1.0"), wheel("shop", "2.0")]
    environment.unpack(*wheels)
    finding = environment.one("two versions")
    assert finding["distribution"] == "shop-connector"
    assert "1.0" in finding["what"]
    assert "2.0" in finding["what"]
    assert "until none is left" in finding["fix"]
    environment.pip("uninstall", "shop-connector")
    environment.pip("uninstall", "shop-connector")
    environment.unpack(wheels[1])
    environment.healthy()


def test_two_versions_in_two_folders(
    environment: Environment, wheel: Wheel, tmp_path: Path
) -> None:
    """Two versions in two folders are an error; twice the same version is a warning."""
    extra = tmp_path / "extra"
    environment.unpack(wheel("shop", "1.0"))
    environment.unpack(wheel("shop", "2.0"), into=extra)
    finding = environment.one("two versions", path=extra)
    assert (finding["distribution"], finding["version"]) == ("shop-connector", "1.0")
    assert finding["file"] == str(environment.site / "shop_connector-1.0.dist-info")
    assert "hides 1.0" in finding["what"]
    environment.healthy()
    shutil.rmtree(extra)
    environment.unpack(wheel("shop", "1.0"), into=extra)
    (again,) = environment.findings(path=extra)
    assert (again["kind"], again["severity"]) == ("installed twice", "warning")


@pytest.mark.parametrize("again", few(["link", "dots", "same"], 1))
def test_folder_that_is_on_the_path_twice(
    environment: Environment, wheel: Wheel, again: str
) -> None:
    """A second way to the same folder (`lib64` → `lib`) is no second installation of anything."""
    environment.unpack(wheel("shop"))
    site = environment.site
    orphan, init = site / DATABASE / "mall.py", site / "metadata/__init__.py"
    orphan.touch()
    init.touch()
    link = environment.root / "link"
    link.symlink_to(site.parent)
    twin = {"link": link / site.name, "dots": site / ".." / site.name, "same": site}[again]
    found = environment.findings(path=twin)
    assert sorted(finding["kind"] for finding in found) == ["leftover", "shadowed namespace"]
    assert Path(found[0]["file"]).samefile(init)
    assert Path(found[1]["file"]).samefile(orphan)


def test_orphan_beside_an_editable_project(environment: Environment, editable: Project) -> None:
    """A module that somebody copied into site-packages is not put down to anybody."""
    editable("mall")
    file = environment.site / DATABASE / "shop.py"
    file.parent.mkdir(parents=True)
    file.touch()
    assert environment.one("leftover")["file"] == str(file)
