"""Modules in the namespace that are no Python, or lie where no connector is looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Environment, Wheel

ROOT = "metadata/ingestion/source"
SHOP = "from om_ingest import Source\nclass Shop(Source): ..."
MISPLACED = {
    f"{ROOT}/databse": ("databse/shop.py", SHOP, "holds shop", "Rename the folder to database."),
    f"{ROOT}/Pipelines": ("Pipelines/a/b.py", "", "holds a", "Rename the folder to pipeline."),
    "metadata/ingestion/sources": ("../sources/x/y.py", "", "holds x", "folder to source."),
    "metadata/ingest": ("../../ingest/source/x/y.py", "", "holds source", "folder to ingestion."),
    f"{ROOT}/warehouse": ("warehouse/shop.py", SHOP, "holds shop", "database, drive"),
    f"{ROOT}/loose.py": ("loose.py", SHOP, "holds loose", "database, drive"),
    f"{ROOT}/mall": ("mall/__init__.py", SHOP, "holds mall", "database, drive"),
}
FINE = {
    "util/quote.py": "def quote(): ...",
    "_databse/shop.py": SHOP,
    "connections.py": "def connect(): ...",
    "database/helpers.py": "",
    "../api/steps.py": SHOP,
}


def write(site: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = site / ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_misspelt_folders(environment: Environment, wheel: Wheel, tmp_path: Path) -> None:
    """Code in a folder with a wrong name is found, at each level, with the right name.

    Helper modules, and code of a distribution that is no plugin, are nobody's mistake.
    """
    environment.unpack(
        wheel("other", files={"metadata/sources/x.py": ""}, entry_points="", requires=())
    )
    write(tmp_path / "extra", FINE)
    environment.healthy(path=tmp_path / "extra")
    write(tmp_path / "extra", {file: text for file, text, *_ in MISPLACED.values()})
    found = {finding["file"]: finding for finding in environment.findings(tmp_path / "extra")}
    assert set(found) == {str(tmp_path / "extra" / place) for place in MISPLACED}
    for place, (_, _, held, fix) in MISPLACED.items():
        finding = found[str(tmp_path / "extra" / place)]
        assert finding["severity"] == "error"
        kind = "misspelt folder" if "folder to" in finding["fix"] else "unknown service type"
        assert finding["kind"] == kind
        assert held in finding["what"]
        assert fix in finding["fix"]


def test_declared_in_a_misspelt_folder(environment: Environment, wheel: Wheel) -> None:
    """A source that an entry point names runs from any folder: a warning, about its owner."""
    target = f"{ROOT.replace('/', '.')}.databse.shop:Shop"
    points = f"[metadata.ingestion.source]\nshop = {target}\n"
    environment.unpack(wheel("shop", files={f"{ROOT}/databse/shop.py": SHOP}, entry_points=points))
    (finding,) = environment.findings()
    assert (finding["severity"], finding["distribution"]) == ("warning", "shop-connector")


def test_unreadable_module(environment: Environment, wheel: Wheel, tmp_path: Path) -> None:
    """A file that is no Python is no source, and named with its line; so is one in a wheel."""
    broken = f"{SHOP}\n  def x(:"
    environment.unpack(wheel("mall", files={f"{ROOT}/database/mall.py": broken}))
    write(tmp_path / "extra", {"database/shop.py": broken})
    shop, mall = environment.findings(tmp_path / "extra")
    assert {shop["kind"], mall["kind"]} == {"unreadable module"}
    assert shop["file"] == str(tmp_path / "extra" / ROOT / "database/shop.py")
    assert ": line 3: " in shop["what"]
    assert "move it out of this folder" in shop["fix"]
    assert (mall["distribution"], mall["version"]) == ("mall-connector", "1.0")
    assert "Reinstall mall-connector" in mall["fix"]
    assert "shop" not in environment("list-sources", path=tmp_path / "extra").stdout
