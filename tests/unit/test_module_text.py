"""Which modules of the namespace are listed as sources: told from their text, none is imported."""

from __future__ import annotations

import ast
import sys
import zipfile
from pathlib import Path
from types import FrameType

import pytest
from om_ingest.errors import UnknownSourceError
from om_ingest.registry import FRAMEWORK, find_source, installed_sources

PLACE = "metadata/ingestion/source/database"
SOURCES = {
    "derived": {
        "shop.py": "from om_ingest import ConfiguredSource\nclass It(ConfiguredSource): ..."
    },
    "by its package": {"shop.py": "import om_ingest\nclass Shop(om_ingest.Source[C]): ..."},
    "renamed base": {"shop.py": "from om_ingest import Source as Base\nclass Shop(Base): ..."},
    "own base": {"shop.py": "class Base(Source): ...\nclass Shop(Base): ..."},
    "foreign base": {"shop.py": "from lib import Base\nclass It(Base):\n  def next_record(s):"},
    "written for another": {
        "shop.py": "from metadata.ingestion.api.steps import Step\nclass Shop(Step): ..."
    },
    "called so": {"shop.py": "from lib import Base\nclass MyShopSource(Base): ..."},
    "where upstream looks": {
        "shop/__init__.py": "",
        "shop/metadata.py": "from lib import Base\nclass ShopSource(Base): ...",
    },
    "by a service spec": {
        "shop/__init__.py": "",
        "shop/service_spec.py": "from lib import Spec\nServiceSpec = Spec(source='x')",
    },
    "to be adapted": {"shop.py": "class ShopSource: ..."},
    "made": {"shop.py": "from lib import make\nShopSource = make('shop')"},
    "conditional": {"shop.py": "try: import x\nexcept ImportError:\n  class Shop(Source): ..."},
    "again": {"shop/__init__.py": "from .it import Shop", "shop/it.py": "class Shop(Source): ..."},
    "again by path": {
        "shop/__init__.py": "from metadata.ingestion.source.database.shop.a.b import Shop",
        "shop/a/__init__.py": "",
        "shop/a/b.py": "from om_ingest import Source as Base\nclass Shop(Base): ...",
    },
    "again by star": {
        "shop/__init__.py": "from .it import *",
        "shop/it.py": "from . import base\nfrom .base import Base\nclass Shop(Base): ...",
        "shop/base.py": "from . import it\nclass Base(Source): ...",
    },
    "broken inside": {"shop/__init__.py": "from .it import *", "shop/it.py": "def ("},
    "broken twice": {
        "shop/__init__.py": "from .it import quote\nfrom .it import MySource",
        "shop/it.py": "def (",
    },
    "odd encoding": {"shop.py": "# coding: latin-1\nclass Shop(Source): '\xe9'"},
    "warned of": {"shop.py": "class Shop(Source): '\\d'"},
    "compiled": {"shop.pyc": "?"},
}
PLAIN = {
    "by its base": {"shop.py": "from om_ingest import Source\nclass It(Source['T']):\n  x = 1"},
    "by its name": {
        "shop.py": "from lib import Base\nclass It: ...\nclass ShopSource(Base):\n  x = 1"
    },
    "unrelated": {"shop.py": "import enum\nclass Shop(enum.Enum): ...\ndef shop(): ..."},
    "broken below": {"shop.py": "class ShopSource(Source):\n  x = 1\ndef ("},
}
"""Modules, none of them a package, that are judged without a tree of their text."""

PACKAGE = {
    "shop/__init__.py": "from .it import Shop as ShopSource",
    "shop/it.py": "import om_ingest\nclass Shop(om_ingest.Source, dict):\n  x = 1",
}
HELPERS = {
    "nothing": {"shop.py": ""},
    "functions": {
        "shop.py": "from om_ingest import Source\ndef shop(source: Source) -> Source: ..."
    },
    "folder": {"shop/__init__.py": "from .it import quote", "shop/it.py": "def quote(): ..."},
    "other classes": {
        "shop.py": "import enum, requests, pydantic\nfrom pydantic import BaseModel\n"
        "class A(Exception): ...\nclass B(enum.Enum): ...\nclass C(requests.Session): ...\n"
        "class DataSource(BaseModel): ...\nclass D(A): ...\nclass ErrorInSource(A): ...\n"
        "AnySource = int | str"
    },
    "syntax error": {"shop.py": "class Shop(Source:"},
    "another language": {"shop.py": "<html>Source</html>"},
    "quoted": {"shop.py": "'''\nclass ShopSource(Source):\n  x = 1\n'''"},
    "base of another kind": {"shop.py": "class Source: ...\nclass Shop(Source): ..."},
    "null bytes": {"shop.py": "class Shop(Source): ...\0"},
    "odd text": {"shop.py": "# coding: nonsense\nclass Shop(Source): ..."},
    "too deep": {"shop.py": f"class Shop(Source): ...\nx = {'(' * 3000}{')' * 3000}"},
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder on `sys.path`."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def write(site: Path, files: dict[str, str]) -> None:
    """Put files, by their names and texts, into the folder of a service type."""
    for name, text in files.items():
        file = site / PLACE / name
        file.parent.mkdir(parents=True, exist_ok=True)
        body = f"{text} ..." if text.endswith(":") else text
        file.write_text(body, "latin-1" if "latin-1" in text else "utf-8")


def listed() -> list[tuple[str, str]]:
    """Name and status of the listed source `shop`."""
    return [(one.name, one.status) for one in installed_sources() if one.name == "shop"]


@pytest.mark.parametrize("files", SOURCES.values(), ids=SOURCES)
def test_source(site: Path, files: dict[str, str]) -> None:
    """A module with a class that looks like a source is listed, wherever the class is defined."""
    write(site, files)
    before = set(sys.modules)
    assert listed() == [("shop", "not checked")]
    assert not [name for name in set(sys.modules) - before if name.startswith("metadata.")]


@pytest.mark.parametrize("files", HELPERS.values(), ids=HELPERS)
def test_helper(site: Path, files: dict[str, str]) -> None:
    """A helper module, or a file that is no Python, is not listed; its name still finds it."""
    write(site, files)
    assert listed() == []
    assert find_source("Shop").target == "metadata.ingestion.source.database.shop"


@pytest.mark.parametrize(
    ("files", "trees"),
    [*((files, 0) for files in PLAIN.values()), (PACKAGE, 1)],
)
def test_few_texts_are_parsed(site: Path, files: dict[str, str], trees: int) -> None:
    """Usual modules are judged without a tree of their text, of packages only `__init__.py`.

    With 500 of them a tree of each would cost twice what `list-sources` may take.
    """
    write(site, files)
    parsed = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code is ast.parse.__code__:
            parsed.append(frame)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        found = listed()
    finally:
        sys.setprofile(before)
    assert len(parsed) == trees
    assert found == ([] if files is PLAIN["unrelated"] else [("shop", "not checked")])


def test_source_in_a_zip_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts in a zip file are read as well."""
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name, text in {**SOURCES["again"], "util.py": ""}.items():
            archive.writestr(f"{PLACE}/{name}", text)
    monkeypatch.syspath_prepend(str(tmp_path / "all.zip"))
    assert [one.name for one in installed_sources() if not one.distribution] == ["shop"]


def test_code_of_the_framework(site: Path) -> None:
    """What openmetadata-ingestion has in the namespace is not listed, and has no short name."""
    write(site, SOURCES["derived"])
    info = site / f"{FRAMEWORK.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: {FRAMEWORK}\nVersion: 1.0\n")
    (info / "RECORD").write_text(f"{PLACE}/shop.py,,\n")
    assert listed() == []
    with pytest.raises(UnknownSourceError):
        find_source("shop")
