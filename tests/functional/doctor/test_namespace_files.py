"""Files that hide, overwrite, delete or misplace connectors are found, and who owns them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from om_ingest.namespace import SERVICE_TYPES

if TYPE_CHECKING:
    from conftest import Environment, Project, Wheel

DATABASE = "metadata/ingestion/source/database"
LEVELS = [
    "metadata",
    "metadata/ingestion",
    "metadata/ingestion/source",
    *(f"metadata/ingestion/source/{name}" for name in SERVICE_TYPES),
]


def test_init_at_every_shared_level(environment: Environment, wheel: Wheel, tmp_path: Path) -> None:
    """An `__init__.py` that nobody owns is found at each level; deleting it is the cure."""
    environment.unpack(wheel("shop"))
    extra = tmp_path / "extra"
    files = [extra / level / "__init__.py" for level in LEVELS]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    found = environment.findings(path=extra)
    assert [finding["file"] for finding in found] == list(map(str, files))
    for finding, level in zip(found, LEVELS, strict=True):
        assert finding["kind"] == "shadowed namespace"
        assert finding["severity"] == "error"
        assert f"makes {level.replace('/', '.')} a regular package" in finding["what"]
        assert finding["fix"].startswith("Delete the file")
        assert finding["distribution"] == ""
        Path(finding["file"]).unlink()
    environment.healthy(path=extra)


def test_module_in_place_of_the_namespace(
    environment: Environment, wheel: Wheel, tmp_path: Path
) -> None:
    """A module `metadata.py` hides the whole namespace from Python; connectors run all the same."""
    environment.unpack(wheel("shop"))
    extra = tmp_path / "extra"
    extra.mkdir()
    (extra / "metadata.py").write_text("raise SystemExit('nobody needs to import this')")
    finding = environment.one("shadowed namespace", path=extra)
    assert finding["file"] == str(extra / "metadata.py")
    ran = environment("run", "shop", "--sink=console", path=extra)
    assert ran.returncode == 0, ran.stderr
    (extra / "metadata.py").unlink()
    environment.healthy(path=extra)


def test_companion_that_owns_the_namespace(
    environment: Environment, wheel: Wheel, companion: Path
) -> None:
    """A framework in the namespace is a warning with its name and version, and exit code 0."""
    environment.unpack(wheel("shop"), companion)
    found = environment.findings()
    assert [finding["file"] for finding in found] == [
        str(environment.site / level / "__init__.py") for level in LEVELS[:3]
    ] + [str(environment.site / DATABASE / "__init__.py")]
    for finding in found:
        assert (finding["kind"], finding["severity"]) == ("shadowed namespace", "warning")
        assert (finding["distribution"], finding["version"]) == ("companion-connector", "1.0")
    assert environment("run", "shop", "--sink=console").returncode == 0
    told = environment("doctor").stdout
    assert "warning: shadowed namespace (companion-connector 1.0)" in told
    assert told.endswith("\nhealthy\n")


def test_connector_wheel_with_shared_inits(
    environment: Environment, wheel: Wheel, companion: Path
) -> None:
    """A connector that ships shared `__init__.py` is named, and what uninstalling it deletes.

    Following the fixes, one after the other, leaves only the framework's own warning.
    """
    shop = {f"{DATABASE}/shop.py": ""}
    shared = {"metadata/__init__.py": "", f"{DATABASE}/__init__.py": ""}
    environment.unpack(companion)
    environment.pip("install", "--no-deps", wheel("shop", files={**shop, **shared}))
    found = environment.findings()
    kinds = {finding["kind"]: finding for finding in found}
    assert {"shadowed namespace", "init in a shared level", "file owned twice"} == set(kinds)
    for kind in ("init in a shared level", "file owned twice"):
        both = [finding for finding in found if finding["kind"] == kind]
        assert [finding["file"] for finding in both] == [
            str(environment.site / name) for name in shared
        ]
        assert {(f["distribution"], f["version"], f["severity"]) for f in both} == {
            ("shop-connector", "1.0", "error")
        }
        for finding in both:
            assert "Uninstall shop-connector" in finding["fix"]
            assert "--force-reinstall --no-deps companion-connector" in finding["fix"]
    environment.pip("uninstall", "shop-connector")
    lost = [finding for finding in environment.findings() if finding["severity"] == "error"]
    assert [(finding["kind"], finding["file"]) for finding in lost] == [
        ("file missing", str(environment.site / name)) for name in shared
    ]
    assert {finding["distribution"] for finding in lost} == {"companion-connector"}
    assert "--force-reinstall --no-deps companion-connector" in lost[0]["fix"]
    environment.pip("install", "--force-reinstall", "--no-deps", companion)
    environment.unpack(wheel("shop"))
    assert {finding["severity"] for finding in environment.findings()} == {"warning"}


def test_connector_without_entry_point_that_ships_an_init(
    environment: Environment, wheel: Wheel
) -> None:
    """A connector is recognised by where its code lies, even if it declares nothing."""
    files = {"metadata/__init__.py": "", f"{DATABASE}/shop/__init__.py": ""}
    environment.unpack(wheel("shop", files=files, entry_points="", requires=()))
    finding = environment.one("init in a shared level")
    assert finding["distribution"] == "shop-connector"


def test_editable_project_with_an_init(environment: Environment, editable: Project) -> None:
    """An `__init__.py` in a project that is installed as editable is put down to it."""
    file = editable("shop") / "src/metadata/__init__.py"
    environment.healthy()
    file.touch()
    finding = environment.one("shadowed namespace")
    assert (finding["distribution"], finding["version"]) == ("shop-connector", "1.0")
    assert finding["file"] == str(file)
    file.unlink()
    environment.healthy()


def test_one_file_of_two_connectors(environment: Environment, wheel: Wheel) -> None:
    """Two connectors that installed one file are both named; uninstalling one is not enough."""
    one = wheel("shop")
    other = wheel("mall", files={f"{DATABASE}/shop.py": "", f"{DATABASE}/mall.py": ""})
    environment.unpack(one, other)
    finding = environment.one("file owned twice")
    assert finding["file"] == str(environment.site / DATABASE / "shop.py")
    assert "shop-connector 1.0" in finding["what"]
    assert "mall-connector 1.0" in finding["what"]
    culprit = finding["distribution"]
    kept = one if culprit == "mall-connector" else other
    environment.pip("uninstall", culprit)
    assert environment.one("file missing")["file"] == finding["file"]
    environment.pip("install", "--force-reinstall", "--no-deps", kept)
    environment.healthy()


def test_editable_install_whose_pth_is_gone(environment: Environment, editable: Project) -> None:
    """Code that lies where Python does not look is found through the project's address."""
    project = editable("shop")
    pth = environment.site / "__editable__.shop.pth"
    pth.rename(environment.work / "pth")
    finding = environment.one("portion off the path")
    assert finding["distribution"] == "shop-connector"
    assert finding["file"] == str(project / "src/metadata/ingestion/source")
    assert "database.shop" in finding["what"]
    assert f"put {project / 'src'} onto PYTHONPATH" in finding["fix"]
    assert environment.one("module missing")["distribution"] == "shop-connector"
    environment.healthy(path=project / "src")
    (environment.work / "pth").rename(pth)
    environment.healthy()


def test_editable_install_whose_project_is_gone(
    environment: Environment, editable: Project
) -> None:
    """An editable install that points at a deleted folder says which folder."""
    project = editable("shop")
    shutil.rmtree(project)
    finding = environment.one("portion off the path")
    assert finding["file"] == str(project)
    environment.pip("uninstall", "shop-connector")
    environment.healthy()


def test_record_outside_of_the_path(environment: Environment, wheel: Wheel) -> None:
    """A RECORD that lists connectors in a folder beside the path gives them away."""
    environment.unpack(wheel("shop"))
    record = environment.site / "shop_connector-1.0.dist-info/RECORD"
    outside = environment.site.parent / "elsewhere"
    outside.mkdir()
    (environment.site / "metadata").rename(outside / "metadata")
    record.write_text(record.read_text().replace("metadata/", "../elsewhere/metadata/", 1))
    finding = environment.one("portion off the path")
    assert finding["file"] == str(outside / "metadata/ingestion/source")
    environment.healthy(path=outside)


@pytest.mark.parametrize("layout", ["links", "src"])
def test_editable_layouts_are_healthy(
    environment: Environment, editable: Project, layout: str
) -> None:
    """Neither a folder of links (setuptools, strict) nor a plain `src` is off the path."""
    project = editable("shop", pth="build/links" if layout == "links" else "src")
    if layout == "links":
        folder = project / "build/links" / DATABASE
        folder.mkdir(parents=True)
        (folder / "shop.py").symlink_to(project / "src" / DATABASE / "shop.py")
    egg_info = project / "src/shop_connector.egg-info"  # what a build leaves in the project
    egg_info.mkdir()
    (egg_info / "PKG-INFO").write_text("Name: shop-connector\nVersion: 0.9\n")
    environment.healthy()


def test_unrelated_distributions_are_left_alone(
    environment: Environment, wheel: Wheel, tmp_path: Path
) -> None:
    """What is wrong with distributions that are no plugins is none of the doctor's business."""
    for name, version in (("one", "1.0"), ("two", "1.0"), ("two", "2.0")):
        environment.unpack(
            wheel(
                name,
                version,
                files={"tests/__init__.py": "", "tests/metadata/__init__.py": ""},
                entry_points="[console_scripts]\nx = nowhere:main\n",
                requires=["nowhere>=1", "om-ingest; extra == 'x'", "om-ingestor"],
            )
        )
    (environment.site / "one_connector-1.0.dist-info/RECORD").unlink()
    (environment.site / "~wo_connector-1.0.dist-info").mkdir()
    (environment.site / "~ests").mkdir()
    environment.healthy()
