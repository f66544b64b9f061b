"""The models that a connector defines for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from om_ingest.errors import PluginImportError

if TYPE_CHECKING:
    from written_connectors import Connectors

MODELS = """
from __future__ import annotations
from typing import Any, List, Optional, Union
from pydantic import BaseModel

class Board(BaseModel):
    id: int
    charts: Optional[List[Chart]]
    limit: Optional[int] = 10

class Page(BaseModel):
    class Link(BaseModel):
        to: Optional[str]
    next: Optional[Link]
    body: Any

class Chart(BaseModel):
    title: Optional[str]
    board: Optional[Board]

class Series(Board):
    season: Optional[int]

class Folder(BaseModel):
    name: str
    parent: Optional[str]

class Leaf(BaseModel):
    name: str

class Entry(BaseModel):
    item: Union[Folder, Leaf]
"""

SOURCE = """
from pydantic import ValidationError
from metadata.ingestion.api.steps import Source
from .models import Board, Entry, Page, Series

def answer(cls, **values):
    try:
        return repr(cls(**values))
    except ValidationError as error:
        return f"{error.error_count()} refused"

class Connector(Source):
    @classmethod
    def create(cls, config, metadata, pipeline_name=None):
        return cls()
    def _iter(self):
        answers = [
            answer(Board, id=1, charts=[{"title": 4, "board": {"id": 2}}]),
            answer(Page, next={}),
            answer(Series, id="1"),
            answer(Board),
            answer(Entry, item={"name": "x"}),
        ]
        for given in answers:
            self.status.warning("answer", given)
        return
        yield
"""

LENIENT = [
    "Board(id=1, charts=[Chart(title='4', board=Board(id=2, charts=None, limit=10))], limit=10)",
    "Page(next=Link(to=None), body=None)",
    "Series(id=1, charts=None, limit=10, season=None)",
    "1 refused",
    "Entry(item=Folder(name='x', parent=None))",
]
STRICT = ["2 refused", "2 refused", "2 refused", "2 refused", "Entry(item=Leaf(name='x'))"]

NATIVE = """
from om_ingest import Source, SourceStatus
class Host(Source):
    def __init__(self, ctx):
        super().__init__(ctx)
        self.status = SourceStatus()
    @classmethod
    def create(cls, config_dict, metadata_config_dict, ctx):
        return cls(ctx)
    def next_record(self):
        yield from Connector._iter(self)
    def prepare(self): pass
    def close(self): pass
    def get_status(self): return self.status
"""


@pytest.mark.parametrize(
    ("sign", "expected"),
    [
        ("table.name.__root__", LENIENT),
        ("table.name.root", STRICT),
        ("no sign", STRICT),
        ("old.__root__, new.model_dump()", STRICT),
    ],
)
def test_models(connectors: Connectors, sign: str, expected: list[str]) -> None:
    """In the models of a connector that was written for pydantic 1 a field that may be None need
    not be given, and a text may be given as a number, wherever in its modules they are defined;
    those of a later connector mean what they mean in pydantic 2.
    """
    connectors.write("shop/models.py", MODELS)
    code = f"# {sign}\n{SOURCE}"
    connectors.write("shop/source.py", code)
    source = {"type": "shop.source:Connector", "serviceName": "shop"}
    for _ in range(2):
        ran = connectors.run(source=source)
        assert ran.errors == ""
        assert [one.removeprefix("answer: ") for one in ran.warnings] == expected


def test_models_of_the_next_connector(connectors: Connectors) -> None:
    """A native connector that runs behind one that was written for pydantic 1, in a package of the
    same name, is not touched by it.
    """
    early = "# __root__\n" + SOURCE
    native = early + NATIVE
    for folder, code, name in (("a", early, "Connector"), ("b", native, "Host")):
        connectors.write(f"{folder}/shop/models.py", MODELS)
        connectors.write(f"{folder}/shop/source.py", code)
        source = {"type": f"shop.source:{name}", "serviceName": "shop"}
        ran = connectors.run(source=source, path=[connectors.folder / folder])
        assert ran.errors == ""
        answers = [one.removeprefix("answer: ") for one in ran.warnings]
        assert answers[:1] == (LENIENT if folder == "a" else STRICT)[:1]


@pytest.mark.parametrize(
    "code",
    [
        "class Page(BaseModel):\n    to: str = Field(regex='a')",
        "class Page(BaseModel):\n    @root_validator\n    def all(cls, values): return values",
        "class Page(BaseModel):\n    __root__: str",
        "from pydantic import constr\nclass Page(BaseModel):\n    to: constr(regex='a')",
        "from pydantic import BaseSettings",
        "from pydantic.fields import ModelField",
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_only_pydantic_one(connectors: Connectors, code: str) -> None:
    """Code that pydantic 2 cannot run is told to be of pydantic 1, with its line and the page that
    says what works.
    """
    with pytest.raises(PluginImportError) as raised:
        connectors.run(f"from pydantic import BaseModel, Field, root_validator\n{code}")
    assert "it was written for pydantic 1, and om-ingest has pydantic 2: " in raised.value.what
    assert ", at connector.py:" in raised.value.what
    assert "errors.pydantic.dev" not in raised.value.what
    assert "docs/reference/compat.md" in raised.value.remedy
