"""What may be gone, and may not: kind by kind, nothing goes before it is certain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test_topology_gone import FAMILIES, MARKS, SIX, TABLES, TYPES, block
from tests.selection import few

if TYPE_CHECKING:
    from written_connectors import Connectors

TREE = (
    TABLES
    + """
from metadata.utils.filters import filter_by_stored_procedure, filter_by_table


class Tree(Connector):
    def get_database_names(self):
        return ["d"] if self.how == "no database" else ["d", "e"]

    def get_database_schema_names(self):
        if self.context.get().database == "e":
            return []
        return ["a"] if self.how == "no schema" else ["a", "b"]

    def yield_database_schema(self, name):
        yield Either(right=CreateDatabaseSchemaRequest(name=name, database="shop.d"))

    def listed(self, is_left_out, pattern, names):
        for name in names:
            is_last = name == names[-1] and self.context.get().database_schema == "b"
            if is_last and self.how == "raises":
                raise ConnectionError("lost")
            if is_last and self.how == "reported":
                self.status.failed(StackTraceError(name="shop.d.a", error="no rights"))
            title = f"Title of {name}" if self.how == "titles" else name
            if is_left_out(getattr(self.source_config, pattern), title):
                self.status.filter(title, "left out")
            elif not is_last or self.how not in ("gone", "titles", "reported"):
                yield name

    def get_tables_name_and_type(self):
        for name in self.listed(filter_by_table, "tableFilterPattern", ["s", "t"]):
            yield name, "Regular"

    def get_stored_procedures(self):
        names = ["p", "q"]
        yield from self.listed(filter_by_stored_procedure, "storedProcedureFilterPattern", names)

    def made(self, cls, name, **fields):
        if self.context.get().database_schema == "b" and name in "tq":
            if self.how == "silent":
                return
            if self.how == "left":
                yield Either(left=StackTraceError(name="shop.d.a", error="no columns"))
                return
            if self.how == "failed":
                self.status.failed(StackTraceError(name="shop.d.a", error="no columns"))
                return
        schema = f"shop.d.{self.context.get().database_schema}"
        yield Either(right=cls(name=name, databaseSchema=schema, **fields))

    def yield_table(self, name_and_type):
        yield from self.made(CreateTableRequest, name_and_type[0], columns=[])

    def yield_stored_procedure(self, name):
        code = {"language": "SQL", "code": "select 1"}
        yield from self.made(CreateStoredProcedureRequest, name, storedProcedureCode=code)
"""
)
OFF = {"markDeletedTables": False, "markDeletedStoredProcedures": False}
PATTERNS = ("tableFilterPattern", "storedProcedureFilterPattern")


def leaving_out(*names: str) -> dict[str, Any]:
    """The patterns for tables and stored procedures."""
    return {pattern: {"excludes": list(names)} for pattern in PATTERNS}


DOUBTS: dict[str, tuple[str, dict[str, Any]]] = {
    "reported": ("reported", {}),
    "left": ("left", {}),
    "silent": ("silent", {}),
    "titles": ("titles", leaving_out("Title of t", "Title of q")),
    "off": ("gone", OFF),
    "failed": ("failed", {}),
    "raises": ("raises", {}),
    "left out": ("all", leaving_out("t$", "q$")),
    "no schema": ("no schema", {}),
    "no database": ("no database", {}),
}
OFTEN = ["reported", "left", "silent", "titles", "off"]


@pytest.mark.parametrize("doubts", few([OFTEN, list(DOUBTS)], 1), ids=["often", "all"])
def test_databases(connectors: Connectors, doubts: list[str]) -> None:
    """Tables, stored procedures, schemas and databases stay while their listing or one of them
    fails under any name, is told by another name, or is left out, and while a flag is off. Then
    what is gone goes, kind by kind.
    """
    connectors.run(TREE, source=block("Database", "all", "Tree"))

    def run(how: str, **settings: Any) -> list[list[str]]:
        source = block("Database", how, "Tree", **settings)
        options = {"allow_mass_delete": True} if "Filter" in str(settings) else MARKS
        ran = connectors.run(source=source, **options)
        kinds = ("table", "storedProcedure", "databaseSchema", "database")
        return [[fqn.removeprefix("shop.") for fqn in ran.fqns(kind)] for kind in kinds]

    every = [
        ["d.a.s", "d.a.t", "d.b.s", "d.b.t"],
        ["d.a.p", "d.a.q", "d.b.p", "d.b.q"],
        ["d.a", "d.b"],
        ["d", "e"],
    ]
    for doubt in doubts:
        how, settings = DOUBTS[doubt]
        assert run(how, **settings) == every, doubt

    assert run("gone")[:2] == [every[0][:3], every[1][:3]]
    assert run("no database", markDeletedDatabases=True)[2:] == [every[2], ["d"]]
    assert run("no schema", markDeletedSchemas=True)[2] == ["d.a"]


UNSURE = """


class Unsure(Connector):
    def request(self, details):
        how = self.service_connection.connectionOptions.root["how"]
        if details[0] != "two" or how == "all":
            yield from super().request(details)
        elif how == "left":
            yield Either(left=StackTraceError(name="shop.one", error="no rights"))
        elif how == "failed":
            self.status.failed(StackTraceError(name="shop.one", error="no rights"))
        elif how == "raises":
            raise RuntimeError("no rights")

    yield_topic = yield_pipeline = yield_dashboard = yield_mlmodel = request
    yield_create_container_requests = request
"""


@pytest.mark.parametrize("family", few(sorted(FAMILIES, reverse=True), 1))
def test_assets(connectors: Connectors, family: str) -> None:
    """An asset stays that fails, under any name, or of which nothing is yielded, and while the flag
    is off. It goes once it is not listed.
    """
    kind, flag = TYPES.get(family, family.lower()), {"MlModel": "MlModels"}.get(family)
    code = FAMILIES[family].replace("import Either", "import Either, StackTraceError") + UNSURE
    connectors.write("connector.py", code)
    flag = f"markDeleted{flag or f'{kind.title()}s'}"

    def run(how: str, **settings: Any) -> list[str]:
        ran = connectors.run(source=block(family, how, "Unsure", **settings), **MARKS)
        return ran.fqns(kind)

    every = run("all")
    assert every == ["shop.one", SIX, "shop.two"]
    for how in ("left", "failed", "raises", "silent"):
        assert run(how) == every, how
    assert run("two", **{flag: False}) == every
    assert run("two") == ["shop.one", SIX]
