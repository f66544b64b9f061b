"""What is taken for gone, and what is not, with connectors on the base classes of families."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from written_connectors import Connectors

TABLES = """
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createStoredProcedure import CreateStoredProcedureRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.table import Table
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.delete import delete_entity_from_source
from metadata.ingestion.api.models import Either, StackTraceError
from metadata.ingestion.source.database.database_service import DatabaseServiceSource


class Connector(DatabaseServiceSource):
    def __init__(self, config, metadata):
        super().__init__()
        self.config, self.metadata = config, metadata
        self.source_config = config.sourceConfig.config
        self.service_connection = config.serviceConnection.root.config
        self.how = self.service_connection.connectionOptions.root.get("how")

    @classmethod
    def create(cls, config_dict, metadata, pipeline_name=None):
        return cls(WorkflowSource.model_validate(config_dict), metadata)

    def get_database_names(self):
        return ["d"]

    def yield_database(self, name):
        yield Either(right=CreateDatabaseRequest(name=name, service="shop"))

    def get_database_schema_names(self):
        return ["a"] if self.how == "one schema" else ["a", "b"]

    def yield_database_schema(self, name):
        self.at = name
        if self.how == "failed schema" and name == "b":
            yield Either(left=StackTraceError(name=name, error="no rights"))
        elif self.how != "no schema" or name == "a":
            yield Either(right=CreateDatabaseSchemaRequest(name=name, database="shop.d"))

    def yield_tag(self, name):
        return []

    def is_b(self, how):
        return self.how == how and self.context.get().database_schema == "b"

    def get_tables_name_and_type(self):
        if self.is_b("no list"):
            print("the connection is lost")
            return None
        return [(self.at + end, "Regular") for end in ("s" if self.how == "short" else "stu")]

    def yield_table(self, name_and_type):
        name, schema = name_and_type[0], f"shop.d.{self.context.get().database_schema}"
        request = CreateTableRequest(name=name, databaseSchema=schema, columns=[])
        if not self.database_source_state:
            self.database_source_state |= {f"{schema}.{name}"}
        self.register_record(request)
        if name == "bt" and self.how == "failed":
            yield Either(left=StackTraceError(name="shop.bt", error="no columns"))
        elif name == "bt" and self.how == "told":
            self.status.failed(StackTraceError(name="shop.bt", error="no columns"))
        elif name != "bt" or self.how != "registered":
            yield Either(right=request)

    def get_stored_procedures(self):
        if self.is_b("no procedures"):
            print("the connection is lost")
            return None
        return ["p"]

    def yield_stored_procedure(self, name):
        code = {"language": "SQL", "code": "select 1"}
        schema = f"shop.d.{self.context.get().database_schema}"
        yield Either(
            right=CreateStoredProcedureRequest(
                name=name, databaseSchema=schema, storedProcedureCode=code
            )
        )


class Older(Connector):
    get_stored_procedures = DatabaseServiceSource.get_stored_procedures
"""
MARKS = {"workflow": {"staleEntities": {"leftOut": "markDeleted"}}, "allow_mass_delete": True}
"""Whatever may be deleted is."""


def block(
    family: str, how: str = "", cls: str = "Connector", by: int = 0, **settings: Any
) -> dict[str, Any]:
    """The `source` block for the class `Connector`."""
    connection = {
        "type": f"Custom{family}",
        "sourcePythonClass": f"connector.{cls}",
        "connectionOptions": {"how": how, "by": by},
    }
    return {
        "type": f"custom{family}",
        "serviceName": "shop",
        "serviceConnection": {"config": connection},
        "sourceConfig": {"config": {"type": f"{family}Metadata", **settings}},
    }


ALL_TABLES = [f"shop.d.{schema}.{schema}{end}" for schema in "ab" for end in "stu"]


@pytest.mark.parametrize(
    ("how", "code", "told"),
    [
        ("registered", 0, ""),
        ("no list", 0, "Connector.get_tables_name_and_type: it returned None: nothing is taken"),
        ("no procedures", 0, "Connector.get_stored_procedures: it returned None"),
        ("failed", 1, "shop.d.b.bt: shop.bt: no columns"),
        ("told", 1, "shop.bt: there is nothing of this name, nor above it: nothing is taken"),
        ("failed schema", 1, "b: no rights"),
        ("one schema", 0, ""),
        ("older", 0, ""),
        ("no schema", 0, "shop.d.b: yield_database_schema yielded nothing: what lies in it is not"),
    ],
)
def test_what_is_not_gone(connectors: Connectors, how: str, code: int, told: str) -> None:
    """A table stays that is registered and not yielded, whose list is None instead of a list, that
    failed under a name that is no FQN, or whose schema is not listed, has failed or yields nothing;
    and the report says why. A connector that knows no stored procedures loses none.
    """
    connectors.run(TABLES, source=block("Database"))
    cls = "Older" if how == "older" else "Connector"
    ran = connectors.run(source=block("Database", how, cls), **MARKS)

    assert ran.fqns("table") == ALL_TABLES
    assert ran.fqns("storedProcedure") == ["shop.d.a.p", "shop.d.b.p"]
    assert (ran.code, ran.report.stale.as_dict()["markedDeleted"]) == (code, {})
    notes = [note for note in ran.failures + ran.warnings if note.startswith(told or "-")]
    assert len(notes) == bool(told)


BY_CALL = """
    def mark_tables_as_deleted(self):
        self.metadata.delete_stale_entities(entity=Table, scope_params=SCOPE, live_fqns=set())
"""
BY_FUNCTION = """
    def mark_tables_as_deleted(self):
        yield from delete_entity_from_source(self.metadata, Table, set(), params=SCOPE)
"""


@pytest.mark.parametrize("method", [BY_CALL, BY_FUNCTION], ids=["by call", "by function"])
def test_scope_of_the_connector(connectors: Connectors, method: str) -> None:
    """Of several parameters the deepest one is the scope; one that names no place is refused."""
    scope = {"databaseSchema": "shop.d.a", "service": "shop", "include": "something that is long"}
    code = TABLES + method.replace("SCOPE", f"{scope} if self.how != 'wrong' else {{'a': 'b'}}")
    connectors.run(code, source=block("Database", "", "Older"))
    ran = connectors.run(source=block("Database", "short", "Older"), **MARKS)
    assert (ran.code, ran.fqns("table")) == (0, ["shop.d.a.as", *ALL_TABLES[3:]])

    ran = connectors.run(source=block("Database", "wrong", "Older"))
    assert ran.code == 1
    assert "A scope of table is missing" in ran.failures[0]


ASSETS = """
from metadata.generated.schema.api.data.create{0} import Create{0}Request
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.models import Either
from metadata.ingestion.source.{1}.{1}_service import {2}ServiceSource


def get_connection(connection):
    return connection


def test_connection(*_): ...


class Connector({2}ServiceSource):
    @classmethod
    def create(cls, config_dict, metadata, pipeline_name=None):
        return cls(WorkflowSource.model_validate(config_dict), metadata)

    def {3}(self):
        how = self.service_connection.connectionOptions.root["how"]
        if how == "None":
            return print("the connection is lost")
        return [(n, n.title()) for n in ("one", "two", "si::x") if n != how]

    def get_{1}_name(self, details):
        return details[self.service_connection.connectionOptions.root.get("by", 0)]

    def request(self, details):
        more = {5}
        yield Either(right=Create{0}Request(name=details[0], service="shop", **more))

    {4} = request

    def nothing(self, *_):
        return None

    yield_pipeline_lineage_details = yield_pipeline_status = nothing
    yield_dashboard_chart = yield_dashboard_lineage_details = nothing
    _get_hyper_params = _get_ml_store = _get_ml_features = _get_algorithm = nothing

    def get_dashboard_details(self, details):
        return details
"""


def assets(entity: str, family: str, listing: str, fields: str = "{}") -> str:
    """The code of a connector for a family."""
    yields = {"Container": "yield_create_container_requests"}.get(entity, f"yield_{entity.lower()}")
    base = "MlModel" if entity == "MlModel" else family.title()
    return ASSETS.format(entity, family, base, listing, yields, fields)


FAMILIES = {
    "Dashboard": assets("Dashboard", "dashboard", "get_dashboards_list"),
    "Pipeline": assets("Pipeline", "pipeline", "get_pipelines_list"),
    "Messaging": assets("Topic", "messaging", "get_topic_list", "{'partitions': 1}").replace(
        "get_messaging_name", "get_topic_name"
    ),
    "MlModel": assets("MlModel", "mlmodel", "get_mlmodels", "{'algorithm': 'x'}"),
    "Storage": assets("Container", "storage", "get_containers"),
}
SIX = "shop.si__reserved__colon__x"
"""The FQN of an asset whose name is rewritten, since it cannot be stored."""
TYPES = {"Messaging": "topic", "MlModel": "mlmodel", "Storage": "container"}


@pytest.mark.parametrize("family", few(FAMILIES, 3))
def test_gone_asset(connectors: Connectors, family: str) -> None:
    """An asset that is not listed any more is marked as deleted; none is if None is listed.

    The short form of the block, without a type of connection, is that of the family.
    """
    kind = TYPES.get(family, family.lower())
    short = {"type": "connector:Connector", "serviceName": "shop", "config": {"how": ""}}
    ran = connectors.run(FAMILIES[family], source=short)
    assert ran.fqns(kind) == ["shop.one", SIX, "shop.two"]

    ran = connectors.run(source=block(family, "two"), **MARKS)
    assert (ran.code, ran.fqns(kind)) == (0, ["shop.one", SIX])

    ran = connectors.run(source=block(family, "None"), **MARKS)
    assert (ran.code, ran.fqns(kind)) == (0, ["shop.one", SIX])
    assert "it returned None" in ran.warnings[0]


PARTS = """
from metadata.generated.schema.api.data.createChart import CreateChartRequest
from metadata.generated.schema.api.data.createDashboardDataModel import (
    CreateDashboardDataModelRequest,
)


class Full(Connector):
    def yield_dashboard_chart(self, details):
        request = CreateChartRequest(name=details[0], service="shop")
        self.register_record_chart(request)
        yield Either(right=request)

    def yield_datamodel(self, details):
        yield Either(
            right=CreateDashboardDataModelRequest(
                name=details[0], service="shop", dataModelType="MetabaseDataModel", columns=[]
            )
        )
"""


def test_parts_of_dashboards(connectors: Connectors) -> None:
    """Charts and data models stay where a dashboard is left out, of which they may be, and where
    the connector yields none; else they are gone with the dashboard that had them.
    """

    def run(how: str, cls: str, **settings: Any) -> list[str]:
        source = block("Dashboard", how, cls, **settings)
        ran = connectors.run(source=source, allow_mass_delete=True)
        assert ran.code == 0
        return [*ran.fqns("chart"), *ran.fqns("dashboardDataModel")]

    connectors.write("connector.py", FAMILIES["Dashboard"] + PARTS)
    every = run("", "Full")
    assert len(every) == 6
    assert run("", "Connector") == every
    assert run("two", "Full", dashboardFilterPattern={"excludes": ["one"]}) == every
    assert run("two", "Full") == [fqn for fqn in every if not fqn.endswith("two")]


@pytest.mark.parametrize("family", few(["Dashboard", "Pipeline"], 1))
def test_filter_by_title(connectors: Connectors, family: str) -> None:
    """An asset that is left out by its title, and has another name, is not taken for gone; nor is
    any other one then. Where title and name are one, what is gone goes, also where it is rewritten.
    """
    kind, pattern = family.lower(), f"{family.lower()}FilterPattern"
    connectors.run(FAMILIES[family], source=block(family))
    source = block(family, "two", by=1, **{pattern: {"excludes": ["One"]}})
    ran = connectors.run(source=source, allow_mass_delete=True)
    assert (ran.code, ran.fqns(kind)) == (0, ["shop.one", SIX, "shop.two"])
    assert ran.warnings[0].startswith(
        f"shop: no {kind} is taken for gone: a filter leaves some out"
    )

    source = block(family, "two", **{pattern: {"excludes": ["^si::x$"]}})
    ran = connectors.run(source=source, allow_mass_delete=True)
    assert (ran.code, ran.fqns(kind)) == (0, ["shop.one", SIX])
