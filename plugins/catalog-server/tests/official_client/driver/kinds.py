"""The kinds of entities that the client has routes for: parent, and what a request says."""

from __future__ import annotations

from typing import Any, NamedTuple

from metadata.generated.schema.entity.classification.classification import Classification
from metadata.generated.schema.entity.classification.tag import Tag
from metadata.generated.schema.entity.data.apiCollection import APICollection
from metadata.generated.schema.entity.data.apiEndpoint import APIEndpoint
from metadata.generated.schema.entity.data.chart import Chart
from metadata.generated.schema.entity.data.container import Container
from metadata.generated.schema.entity.data.dashboard import Dashboard
from metadata.generated.schema.entity.data.dashboardDataModel import DashboardDataModel
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.directory import Directory
from metadata.generated.schema.entity.data.file import File
from metadata.generated.schema.entity.data.glossary import Glossary
from metadata.generated.schema.entity.data.glossaryTerm import GlossaryTerm
from metadata.generated.schema.entity.data.metric import Metric
from metadata.generated.schema.entity.data.mlmodel import MlModel
from metadata.generated.schema.entity.data.pipeline import Pipeline
from metadata.generated.schema.entity.data.query import Query
from metadata.generated.schema.entity.data.searchIndex import SearchIndex
from metadata.generated.schema.entity.data.spreadsheet import Spreadsheet
from metadata.generated.schema.entity.data.storedProcedure import StoredProcedure
from metadata.generated.schema.entity.data.table import Table
from metadata.generated.schema.entity.data.topic import Topic
from metadata.generated.schema.entity.data.worksheet import Worksheet
from metadata.generated.schema.entity.domains.dataProduct import DataProduct
from metadata.generated.schema.entity.domains.domain import Domain
from metadata.generated.schema.entity.services.apiService import ApiService
from metadata.generated.schema.entity.services.dashboardService import DashboardService
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.entity.services.driveService import DriveService
from metadata.generated.schema.entity.services.messagingService import MessagingService
from metadata.generated.schema.entity.services.mlmodelService import MlModelService
from metadata.generated.schema.entity.services.pipelineService import PipelineService
from metadata.generated.schema.entity.services.searchService import SearchService
from metadata.generated.schema.entity.services.storageService import StorageService
from metadata.generated.schema.entity.teams.team import Team
from metadata.generated.schema.entity.teams.user import User
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.ingestion.ometa.utils import model_str

from driver.services import CONNECTIONS, workflow_source

COLUMNS: list[dict[str, Any]] = [
    {"name": "id", "dataType": "BIGINT", "constraint": "PRIMARY_KEY"},
    {
        "name": "address",
        "dataType": "STRUCT",
        "children": [{"name": "zip.code", "dataType": "VARCHAR", "dataLength": 10}],
    },
]
SQL = "select id from customers"


class Kind(NamedTuple):
    """How a request refers to the parent, and what else it has to say."""

    parent: type[Any] | None = None
    parent_field: str = ""
    rest: dict[str, Any] = {}


def _in(parent: type[Any], field: str, **rest: Any) -> Kind:
    """An entity below another, which a field of the request names."""
    return Kind(parent, field, rest)


def _of(service: type[Any], **rest: Any) -> Kind:
    """An entity directly below its service."""
    return Kind(service, "service", rest)


def _alone(**rest: Any) -> Kind:
    """An entity without a parent."""
    return Kind(rest=rest)


KINDS: dict[type[Any], Kind] = {
    Database: _of(DatabaseService),
    DatabaseSchema: _in(Database, "database"),
    Table: _in(DatabaseSchema, "databaseSchema", columns=COLUMNS),
    StoredProcedure: _in(
        DatabaseSchema, "databaseSchema", storedProcedureCode={"language": "SQL", "code": SQL}
    ),
    Query: _of(DatabaseService, query=f"{SQL} where id > 1"),  # SQL is unique
    Chart: _of(DashboardService, chartType="Bar"),
    DashboardDataModel: _of(
        DashboardService, dataModelType="TableauDataModel", columns=COLUMNS[:1]
    ),
    Dashboard: _of(DashboardService),
    Topic: _of(MessagingService, partitions=3),
    Pipeline: _of(PipelineService, tasks=[{"name": "extract"}]),
    MlModel: _of(MlModelService, algorithm="forest"),
    Container: _of(StorageService, fullPath="s3://bucket/x"),
    SearchIndex: _of(SearchService, fields=[{"name": "title", "dataType": "TEXT"}]),
    APICollection: _of(ApiService, endpointURL="http://localhost/pets"),
    APIEndpoint: _in(
        APICollection, "apiCollection", endpointURL="http://localhost/pets/1", requestMethod="GET"
    ),
    Directory: _of(DriveService),
    File: _of(DriveService, fileType="CSV"),
    Spreadsheet: _of(DriveService),
    Worksheet: _in(Spreadsheet, "spreadsheet"),
    Classification: _alone(description="As it was"),
    Tag: _in(Classification, "classification", description="As it was"),
    Glossary: _alone(description="As it was"),
    GlossaryTerm: _in(Glossary, "glossary", description="As it was"),
    Domain: _alone(description="As it was", domainType="Aggregate"),
    DataProduct: _in(Domain, "domains", description="As it was"),
    Metric: _alone(metricType="COUNT"),
    User: _alone(email="life@example.org"),
    Team: _alone(teamType="Group"),
}
"""The kinds below services, and those that stand alone."""
LISTS_OF_PARENTS = {"domains"}
"""Fields of requests that name several parents."""


def fqn_of(entity: Any) -> str:
    """The FQN of an entity; some of the client's models wrap it, some do not."""
    return model_str(entity.fullyQualifiedName)


def request_for(client: OpenMetadata, entity: type[Any], name: str) -> Any:
    """The request for an entity; what it is in has the same name, and is created."""
    if entity in CONNECTIONS:
        return client.get_create_service_from_source(entity, workflow_source(entity, name))
    kind = KINDS[entity]
    fields: dict[str, Any] = {"name": name, **kind.rest}
    if kind.parent:
        parent = fqn_of(make(client, kind.parent, name))
        fields[kind.parent_field] = [parent] if kind.parent_field in LISTS_OF_PARENTS else parent
    return client.get_create_entity_type(entity).model_validate(fields)


def make(client: OpenMetadata, entity: type[Any], name: str) -> Any:
    """Create an entity and, with the same name, all that it is in."""
    return client.create_or_update(request_for(client, entity, name))
