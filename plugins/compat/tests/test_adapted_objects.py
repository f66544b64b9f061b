"""Records of connectors that are no requests: each becomes what it stands for."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from om_ingest.cli.summary import lines
from om_ingest.model import Table, Tag, User
from om_ingest_catalog import Catalog

from catalog_content import content

if TYPE_CHECKING:
    from written_connectors import Connectors

CODE = """
from metadata.generated.schema.api.classification.createClassification import (
    CreateClassificationRequest,
)
from metadata.generated.schema.api.classification.createTag import CreateTagRequest
from metadata.generated.schema.api.data.createDashboard import CreateDashboardRequest
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createPipeline import CreatePipelineRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.api.data.createTableProfile import CreateTableProfileRequest
from metadata.generated.schema.api.data.createTopic import CreateTopicRequest
from metadata.generated.schema.api.lineage.addLineage import AddLineageRequest
from metadata.generated.schema.api.teams.createTeam import CreateTeamRequest
from metadata.generated.schema.api.teams.createUser import CreateUserRequest
from metadata.generated.schema.entity.data.dashboard import Dashboard
from metadata.generated.schema.entity.data.pipeline import PipelineStatus, StatusType, Task
from metadata.generated.schema.entity.data.table import (
    Column, DataType, Table, TableData, TableProfile,
)
from metadata.generated.schema.entity.data.topic import Topic, TopicSampleData
from metadata.generated.schema.type.entityLineage import EntitiesEdge, LineageDetails
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.generated.schema.type.lifeCycle import AccessDetails, LifeCycle
from metadata.generated.schema.type.usageRequest import UsageRequest
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import Source
from metadata.ingestion.models.custom_properties import OMetaCustomProperties
from metadata.ingestion.models.delete_entity import DeleteEntity
from metadata.ingestion.models.life_cycle import OMetaLifeCycleData
from metadata.ingestion.models.ometa_classification import OMetaTagAndClassification
from metadata.ingestion.models.ometa_lineage import OMetaFQNLineageRequest, OMetaLineageRequest
from metadata.ingestion.models.ometa_topic_data import OMetaTopicSampleData
from metadata.ingestion.models.patch_request import PatchRequest
from metadata.ingestion.models.pipeline_status import OMetaPipelineStatus
from metadata.ingestion.models.profile_data import OMetaTableProfileSampleData
from metadata.ingestion.models.user import OMetaUserProfile

class Connector(Source):
    @classmethod
    def create(cls, config_dict, metadata, pipeline_name=None):
        made = cls()
        made.metadata = metadata
        return made

    def _iter(self):
        for record in self.records():
            yield Either(right=record)

    def table(self, name):
        return self.metadata.get_by_name(entity=Table, fqn=f"shop.d.s.{name}")

    def records(self):
        yield CreateDatabaseRequest(name="d", service="shop")
        yield CreateDatabaseSchemaRequest(name="s", database="shop.d")
        for name in "abc":
            yield CreateTableRequest(
                name=name, databaseSchema="shop.d.s",
                columns=[Column(name="c", dataType=DataType.INT)],
            )
"""


def run(connectors: Connectors, body: str, *, fails: bool = False) -> list[str]:
    """Run a connector that yields a few tables, and these objects; its failures."""
    ran = connectors.run(CODE + textwrap.indent(textwrap.dedent(body), "        "))
    assert ran.errors == ""
    assert ran.code == int(fails), ran.failures
    return ran.failures


def test_tags_and_people(connectors: Connectors) -> None:
    """A tag comes with its classification, in any release; a user with the teams."""
    run(
        connectors,
        """
        yield OMetaTagAndClassification(
            fqn=None,
            classification_request=CreateClassificationRequest(name="Area", description="x"),
            tag_request=CreateTagRequest(classification="Area", name="North", description="y"),
        )
        from metadata.generated.schema.api.tags.createTag import CreateTagRequest as PrimaryTag
        from metadata.generated.schema.api.tags.createTagCategory import CreateTagCategoryRequest
        from metadata.generated.schema.entity.tags.tagCategory import Tag, TagCategory
        from metadata.ingestion.models.ometa_tag_category import OMetaTagAndCategory
        from metadata.utils import fqn
        pair = OMetaTagAndCategory(
            category_name=CreateTagCategoryRequest(
                name="Team.A", description="x", categoryType="Descriptive"
            ),
            category_details=PrimaryTag(name="South", description="y"),
        )
        assert pair.fqn is None and pair.category_details.name.__root__ == "South"
        yield pair
        name = fqn.build(self.metadata, Tag, tag_category_name="Team.A", tag_name="South")
        assert self.metadata.get_by_name(entity=Tag, fqn=name).description.__root__ == "y"
        assert self.metadata.get_by_name(entity=TagCategory, fqn='"Team.A"')
        assert self.metadata.get_reference_by_email("ann@example.com") is None
        yield OMetaUserProfile(
            user=CreateUserRequest(name="ann", email="ann@example.com"),
            teams=[CreateTeamRequest(name="sales", teamType="Group")],
        )
        assert self.metadata.get_reference_by_email("ann@example.com").root[0].name == "ann"
        """,
    )
    with Catalog("catalog.db", read_only=True) as store:
        assert store.get_by_name(Tag, "Area.North") is not None
        user = store.get_by_name(User, "ann")
        assert user is not None
        assert [team.name for team in user.teams or ()] == ["sales"]


def test_edges(connectors: Connectors) -> None:
    """Edges are given by id or by FQN, wrapped or not."""
    run(
        connectors,
        """
        def end(name):
            return EntityReference(id=self.table(name).id, type="table")
        ab = AddLineageRequest(edge=EntitiesEdge(fromEntity=end("a"), toEntity=end("b")))
        yield OMetaLineageRequest(lineage_request=ab, override_lineage=True)
        yield OMetaFQNLineageRequest(
            from_entity_fqn="shop.d.s.b", from_entity_type="table",
            to_entity_fqn="shop.d.s.c", to_entity_type="table",
            lineage_details=LineageDetails(sqlQuery="select 1"),
        )
        """,
    )
    with Catalog("catalog.db", read_only=True) as store:
        lineage = store.get_lineage(Table, "shop.d.s.b")
        assert lineage is not None
        assert len(lineage.upstreamEdges) == len(lineage.downstreamEdges) == 1
        details = lineage.downstreamEdges[0].lineageDetails
        assert details is not None
        assert details.sqlQuery == "select 1"


def test_attachments(connectors: Connectors) -> None:
    """Samples, profiles, runs and usage are attached to their entities."""
    run(
        connectors,
        """
        from metadata.ingestion.source.dashboard.dashboard_service import DashboardUsage
        yield CreateTopicRequest(name="t", service="shop", partitions=1)
        topic = self.metadata.get_by_name(entity=Topic, fqn="shop.t")
        yield OMetaTopicSampleData(topic=topic, sample_data=TopicSampleData(messages=["hello"]))
        yield CreatePipelineRequest(name="p", service="shop", tasks=[Task(name="load")])
        yield OMetaPipelineStatus(
            pipeline_fqn="shop.p",
            pipeline_status=PipelineStatus(
                timestamp=1700000000, executionStatus=StatusType.Successful
            ),
        )
        yield OMetaTableProfileSampleData(
            table=self.table("a"),
            profile=CreateTableProfileRequest(
                tableProfile=TableProfile(timestamp=1700000000000, rowCount=7)
            ),
        )
        yield CreateDashboardRequest(name="b", service="shop")
        yield DashboardUsage(
            dashboard=self.metadata.get_by_name(entity=Dashboard, fqn="shop.b"),
            usage=UsageRequest(date="2026-01-02", count=3),
        )
        """,
    )
    entities = content(Path("catalog.db"))["entities"]
    assert entities["topic shop.t"]["sampleData"] == {"messages": ["hello"]}
    last = entities["pipeline shop.p"]["pipelineStatus"]
    assert last["executionStatus"] == "Successful"
    assert last["timestamp"] == 1700000000000  # was in seconds, as connectors of 1.1 have it
    assert entities["table shop.d.s.a"]["profile"]["rowCount"] == 7
    assert entities["dashboard shop.b"]["usageSummary"]["dailyStats"] == {"count": 3}


def test_changes(connectors: Connectors) -> None:
    """An entity is changed, gets a life cycle, and is marked as deleted; the report tells it."""
    body = """
        before = self.table("a")
        after = before.model_copy(deep=True)
        after.description = "new"
        yield PatchRequest(original_entity=before, new_entity=after)
        yield OMetaLifeCycleData(
            entity=Table, entity_fqn="shop.d.s.b",
            life_cycle=LifeCycle(created=AccessDetails(timestamp=1700000000000)),
        )
        yield OMetaCustomProperties(entity_type=Table, createCustomPropertyRequest=None)
        yield DeleteEntity(entity=self.table("c"), mark_deleted_entities=True)
        for name in ("b", "c"):
            made = self.metadata.create_or_update(CreateDatabaseRequest(name=name, service="shop"))
        self.metadata.delete(entity=type(made), entity_id=made.id, recursive=True, hard_delete=True)
        """
    code = CODE + textwrap.indent(textwrap.dedent(body), "        ")
    for words in ("; nothing is written in a dry run", ""):
        report = connectors.run(code, dry_run=bool(words)).report
        assert [line for line in lines(report.as_dict()) if "by the source itself" in line] == [
            f"{change} by the source itself, beside its records{words}: {kinds}"
            for change, kinds in (
                ("patched", "2 table"),
                ("marked as deleted", "1 table"),
                ("written", "2 database"),
                ("deleted for good with what lies below", "1 database"),
            )
        ]
        assert report.source_status.failure_count == 0
    with Catalog("catalog.db", read_only=True) as store:
        tables = {table.name: table for table in store.list_entities(Table)}
        assert sorted(tables) == ["a", "b"]
        assert tables["a"].description == "new"
        life_cycle = tables["b"].lifeCycle
        assert life_cycle is not None
        assert life_cycle.created is not None


def test_table_with_parents(connectors: Connectors) -> None:
    """The first releases yield entities, each table with its database and its schema, and the
    tables that are gone.
    """
    run(
        connectors,
        """
        import uuid
        from metadata.generated.schema.entity.data.database import Database
        from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
        from metadata.ingestion.models.ometa_table_db import OMetaDatabaseAndTable
        service = EntityReference(id=uuid.uuid4(), type="databaseService")
        for name in "xyz":
            database = Database(id=uuid.uuid4(), name="old", service=service)
            yield OMetaDatabaseAndTable(
                database=database,
                database_schema=DatabaseSchema(
                    id=uuid.uuid4(), name="s", service=service,
                    database=EntityReference(id=database.id, type="database"),
                ),
                table=Table(
                    id=uuid.uuid4(), name=name, description="text",
                    columns=[Column(name="c", dataType="INT")],
                ),
            )
        from metadata.ingestion.models.table_metadata import DeleteTable
        yield DeleteTable(table=self.table("c"), mark_deleted_tables=True)
        """,
    )
    assert "table shop.d.s.c" not in content(Path("catalog.db"))["entities"]
    entities = content(Path("catalog.db"))["entities"]
    for name in "xyz":
        assert entities[f"table shop.old.s.{name}"]["description"] == "text"


UNDELIVERABLE = {
    "no-such-kind": (
        "import metadata.generated.schema.api.tests.createTestCase as tests\n\
yield tests.CreateTestCaseRequest(name='x', entityLink='y')",
        "CreateTestCaseRequest cannot be delivered: om-ingest has no such record",
    ),
    "gone": (
        "yield OMetaLifeCycleData(entity=Table, entity_fqn='shop.x', life_cycle=LifeCycle())",
        "OMetaLifeCycleData cannot be delivered: there is no table shop.x",
    ),
    "nothing-to-belong-to": (
        "yield OMetaTopicSampleData(topic=None, sample_data=TopicSampleData(messages=[]))",
        "OMetaTopicSampleData cannot be delivered: it says nothing of what it belongs to",
    ),
    "invalid": (
        "yield OMetaPipelineStatus(pipeline_fqn='shop.p', pipeline_status={'timestamp': 'x'})",
        "OMetaPipelineStatus cannot be delivered: ",
    ),
}


@pytest.mark.parametrize("name", UNDELIVERABLE)
def test_undeliverable(connectors: Connectors, name: str) -> None:
    """What cannot be delivered is a failure with class, reason and place; the rest is delivered."""
    body, told = UNDELIVERABLE[name]
    (failure,) = run(connectors, body, fails=True)
    assert told in failure
    assert ", at connector.py:" in failure
