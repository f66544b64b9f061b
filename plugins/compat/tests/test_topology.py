"""Connectors that derive from the base classes of service families, as each release has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from om_ingest.errors import PluginError

from connector_runs import CONNECTORS, Expected

if TYPE_CHECKING:
    from connector_runs import RunConnector
    from written_connectors import Connectors

TOPOLOGY = CONNECTORS / "topology"
NAMES = ["registry", "warehouse", "lakehouse", "boards", "broker", "buckets"]
LINKING = ["scheduler", "models_hub"]
"""Connectors that link the tables of `lakehouse`."""


@pytest.mark.parametrize("name", [*NAMES, *LINKING])
def test_family(run_connector: RunConnector, name: str) -> None:
    """A connector on the base class of its family leaves what its author means: every entity with
    its fields, lineage, runs and samples; and what it leaves out, or cannot read, is reported.
    """
    path = TOPOLOGY / name / "expected.yaml"
    expected, others = Expected.read(path), {}
    if name in LINKING:
        others = run_connector(TOPOLOGY / "lakehouse").content["entities"]

    done = run_connector(TOPOLOGY / name)

    entities = done.content["entities"]
    own = {key: entities[key] for key in entities if key not in others}
    assert own == expected.content["entities"], done.output
    assert done.content["lineage"] == expected.content["lineage"]
    assert done.code == expected.code, done.output
    assert done.notes("failures") == expected.failures
    assert done.notes("filtered") == yaml.safe_load(path.read_text())["report"].get("filtered", [])


def lake(path: Path, **schemas: Any) -> str:
    """A file for the connector `lakehouse`, with the names of the tables of each schema."""
    tables = {schema: {name: {"id": "int"} for name in names} for schema, names in schemas.items()}
    path.write_text(json.dumps({"lake": tables}), "utf-8")
    return f"catalog={path}"


def tables_of(content: Any) -> list[str]:
    """The names of the live tables below the schemas of `lakehouse`."""
    names = [key.rpartition("lake.")[2] for key in content["entities"] if key.startswith("table ")]
    return sorted(names)


def test_gone_tables(run_connector: RunConnector, tmp_path: Path) -> None:
    """A table that is gone is marked as deleted in the schemas that were read to the end. A schema
    with a table that could not be read loses nothing, and neither does one that is left out.
    """
    source = tmp_path / "lake.json"
    folder, options = TOPOLOGY / "lakehouse", ("--allow-mass-delete", "--set")
    first = lake(source, sales=["orders", "old"], stock=["items", "lost"], hidden=["x"])
    everything = run_connector(folder, None, *options, first)
    assert everything.code == 0
    assert tables_of(everything.content) == [
        "sales.old",
        "sales.orders",
        "stock.items",
        "stock.lost",
    ]

    second = lake(source, sales=["orders"], stock=["items"], hidden=[])
    done = run_connector(folder, None, *options, second, "--set", "failing=orders")

    assert tables_of(done.content) == ["sales.old", "sales.orders", "stock.items"]
    assert done.code == 1
    (failure,) = done.notes("failures")
    assert failure.startswith("lakehouse.lake.sales.orders: RuntimeError: no statistics")


def test_details_that_cannot_be_read(run_connector: RunConnector) -> None:
    """A dashboard whose details cannot be read is a failure; it is not taken for gone."""
    run_connector(TOPOLOGY / "boards")
    done = run_connector(TOPOLOGY / "boards", None, "--set", "gone=yes")

    assert done.code == 1
    (failure,) = done.notes("failures")
    assert failure.startswith("boards.Visits: ConnectionError: 410 Gone, at source.py:")
    assert "dashboard boards.Visits" in done.content["entities"]


CONNECTOR = """
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.models import Either
from metadata.ingestion.source.database.database_service import DatabaseServiceSource


class Connector(DatabaseServiceSource):
    def __init__(self, config, metadata):
        super().__init__()
        self.config, self.metadata = config, metadata
        self.source_config = config.sourceConfig.config
        self.service_connection = config.serviceConnection.root.config
        self.options = self.service_connection.connectionOptions.root

    @classmethod
    def create(cls, config_dict, metadata, pipeline_name=None):
        return cls(WorkflowSource.model_validate(config_dict), metadata)

    def get_database_names(self):
        return ["one", "two"]

    def yield_database(self, database_name):
        if database_name == self.options.get("broken"):
            raise RuntimeError("no such database")
        service = self.context.get().database_service
        yield Either(right=CreateDatabaseRequest(name=database_name, service=service))

    def get_database_schema_names(self):
        yield "main"
        if self.context.get().database == self.options.get("cut"):
            raise RuntimeError("the connection is lost")

    def yield_database_schema(self, schema_name):
        context = self.context.get()
        database = f"{context.database_service}.{context.database}"
        yield Either(right=CreateDatabaseSchemaRequest(name=schema_name, database=database))

    def yield_tag(self, schema_name):
        raise RuntimeError("tags are not supported")

    def get_tables_name_and_type(self):
        return [(name, "Regular") for name in self.options.get("tables", "t").split(",")]

    def yield_table(self, table_name_and_type):
        context = self.context.get()
        schema = f"{context.database_service}.{context.database}.{context.database_schema}"
        request = CreateTableRequest(
            name=table_name_and_type[0], databaseSchema=schema, columns=[]
        )
        self.register_record(request)
        if table_name_and_type[0] != self.options.get("same"):
            yield Either(right=request)
"""


def block(settings: dict[str, Any] | None = None, **options: str) -> dict[str, Any]:
    """The `source` block for the class `Connector`."""
    connection = {
        "type": "CustomDatabase",
        "sourcePythonClass": "connector.Connector",
        "connectionOptions": options,
    }
    return {
        "type": "customDatabase",
        "serviceName": "shop",
        "serviceConnection": {"config": connection},
        "sourceConfig": {"config": {"type": "DatabaseMetadata", **(settings or {})}},
    }


def test_method_that_raises(connectors: Connectors) -> None:
    """A method that raises is a failure of what it was called for, with its name and place, and of
    what lies in it; everything else is read.
    """
    ran = connectors.run(CONNECTOR, source=block(broken="one", cut="two"))

    assert ran.code == 1
    assert ran.fqns("table") == ["shop.two.main.t"]
    database, tags, schemas = ran.failures
    assert database.startswith("shop.one: RuntimeError: no such database, at conn")
    assert tags.startswith("shop.two.main: RuntimeError: tags are not supported")
    assert schemas.startswith("shop.two: RuntimeError: the connection")


def test_flags(connectors: Connectors) -> None:
    """Tags are not asked for without `includeTags`, and nothing is marked as deleted without
    `markDeletedTables`; with it, what was registered and not yielded is not gone.
    """
    settings = {"includeTags": False, "markDeletedTables": False}
    connectors.run(CONNECTOR, source=block(settings, tables="t,u,v"))
    kept = connectors.run(source=block(settings))
    assert (kept.code, kept.fqns("table")[:3]) == (0, [f"shop.one.main.{name}" for name in "tuv"])

    settings["markDeletedTables"] = True
    options = {"tables": "t,u", "same": "u"}
    ran = connectors.run(source=block(settings, **options), allow_mass_delete=True)

    assert (ran.code, ran.failures) == (0, [])
    assert ran.fqns("table") == [f"shop.{at}.main.{name}" for at in ("one", "two") for name in "tu"]


BY_HAND = """
    def mark_tables_as_deleted(self):
        schema = f"{self.context.get().database_service}.{self.context.get().database}.main"
        yield from delete_entity_from_source(
            metadata=self.metadata,
            entity_type=Table,
            entity_source_state=self.database_source_state,
            params={"database": schema},
        )
"""
ON_THE_SERVER = """
    def mark_tables_as_deleted(self):
        schema = f"{self.context.get().database_service}.{self.context.get().database}.main"
        self.metadata.delete_stale_entities(
            entity=Table, scope_params={"databaseSchema": schema}, live_fqns={f"{schema}.u"}
        )
"""


@pytest.mark.parametrize("method", [BY_HAND, ON_THE_SERVER], ids=["by hand", "on the server"])
def test_deletion_by_the_connector(connectors: Connectors, method: str) -> None:
    """A connector that says by itself what is there has the rest marked as deleted, by the rules
    of the run: nothing that was yielded, and not too much at once.
    """
    code = (
        "from metadata.generated.schema.entity.data.table import Table\n"
        "from metadata.ingestion.api.delete import delete_entity_from_source\n"
        f"{CONNECTOR}{method}"
    )
    plain = {"includeTags": False}
    connectors.run(code, source=block(plain, tables="t,u,v"))
    options = {"tables": "t,u", "same": "u"}
    ran = connectors.run(source=block(plain, **options), allow_mass_delete=True)

    assert (ran.code, ran.failures) == (0, [])
    assert ran.fqns("table") == [f"shop.{at}.main.{name}" for at in ("one", "two") for name in "tu"]


OWN_TOPOLOGY = """
from typing import Annotated

from metadata.generated.schema.api.data.createGlossary import CreateGlossaryRequest
from metadata.generated.schema.api.data.createGlossaryTerm import CreateGlossaryTermRequest
from metadata.generated.schema.entity.data.glossary import Glossary
from metadata.generated.schema.entity.data.glossaryTerm import GlossaryTerm
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import Source
from metadata.ingestion.api.topology_runner import TopologyRunnerMixin
from metadata.ingestion.models.topology import (
    NodeStage, ServiceTopology, TopologyContextManager, TopologyNode,
)
from pydantic import Field


class WordsTopology(ServiceTopology):
    root: Annotated[TopologyNode, Field(description="Glossaries")] = TopologyNode(
        producer="get_books",
        stages=[NodeStage(type_=Glossary, context="book", processor="yield_book")],
        children=["word"],
        post_process=["say_goodbye"],
    )
    word: Annotated[TopologyNode, Field(description="Words")] = TopologyNode(
        producer="get_words",
        stages=[
            NodeStage(
                type_=GlossaryTerm,
                context="words",
                processor="yield_word",
                consumer=["book"],
                store_all_in_context=True,
                use_cache=True,
            ),
        ],
    )


class Connector(TopologyRunnerMixin, Source):
    topology = WordsTopology()
    context = TopologyContextManager(topology)

    def __init__(self, metadata):
        super().__init__()
        self.metadata = metadata

    @classmethod
    def create(cls, config_dict, metadata, pipeline_name=None):
        return cls(metadata)

    def prepare(self): ...
    def test_connection(self): ...
    def close(self): ...

    def get_books(self):
        return ["birds", "trees"]

    def yield_book(self, name):
        yield Either(right=CreateGlossaryRequest(name=name, description=f"Words for {name}"))

    def get_words(self):
        yield {"birds": "owl", "trees": "oak"}[self.context.get().book]

    def yield_word(self, word):
        context = self.context.get()
        yield Either(
            right=CreateGlossaryTermRequest(
                name=word,
                glossary=self.context.get().book,
                description=f"{word}, number {len(context.words) + 1}",
            )
        )

    def say_goodbye(self):
        assert self.context.get_global().words == ["owl", "oak"]
"""


def test_topology_of_the_connector(connectors: Connectors) -> None:
    """A connector with a topology of its own has its methods called in that order, and finds in
    the context what they have yielded.
    """
    ran = connectors.run(OWN_TOPOLOGY, source=block())
    assert (ran.code, ran.failures) == (0, [])
    assert ran.fqns("glossaryTerm") == ["birds.owl", "trees.oak"]
    assert ran.get("glossaryTerm", "trees.oak").description == "oak, number 2"


def test_missing_methods(connectors: Connectors) -> None:
    """What a class does not implement is told by name, with its file, before anything runs."""
    code = CONNECTOR.replace("def yield_tag(", "def yield_tags(").replace("yield_table(", "tables(")
    with pytest.raises(PluginError) as caught:
        connectors.run(code, source=block())
    assert caught.value.what.endswith("in connector.py does not implement yield_table, yield_tag")


@pytest.mark.parametrize(
    ("code", "what", "remedy"),
    [
        pytest.param(
            """
            from metadata.ingestion.source.database.common_db_source import CommonDbSourceService

            class Connector(CommonDbSourceService): ...
            """,
            "CommonDbSourceService is subclassed, and om-ingest-compat does not have it, at conn",
            "derive from DatabaseServiceSource",
            marks=pytest.mark.full,  # test_check shows it, too
        ),
        (
            CONNECTOR.replace(
                "super().__init__()", "LineageParser('insert into a select * from b')"
            ).replace(
                "\nfrom", "\nfrom metadata.ingestion.lineage.parser import LineageParser\nfrom", 1
            ),
            "LineageParser is called, and om-ingest-compat does not have it, at connector.py",
            "yield AddLineageRequest",
        ),
    ],
)
def test_too_much_to_imitate(connectors: Connectors, code: str, what: str, remedy: str) -> None:
    """CommonDbSourceService and LineageParser are told once they are used, with what to do."""
    try:
        ran = connectors.run(code, source=block())
    except PluginError as error:
        code_, told = error.exit_code, str(error)
    else:
        code_, told = ran.code, ran.errors
    assert code_ == 3
    assert what in told
    assert f"Install openmetadata-ingestion beside om-ingest, or {remedy}" in told
