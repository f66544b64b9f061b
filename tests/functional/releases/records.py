"""Records of every kind, with every field of their models and the values of newer versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from om_ingest import Record
from om_ingest.config import fields_of
from om_ingest.kinds import KINDS
from om_ingest.kinds.lines import from_document
from om_ingest.model import (
    CreateTableProfileRequest,
    LineageDetails,
    PipelineStatus,
)
from pydantic import BaseModel

from tests.functional.preserving.cases import cases
from tests.functional.preserving.values import Body, Reference, Values, neighbours
from tests.functional.releases import facts

Said = list[tuple[str, Body]]
"""Records as a file has them: type and body."""

DAY_MS = 1_700_000_000_000
TABLE = "full-databaseService.full-database.full-databaseSchema.full-table"
SCHEMA = TABLE.rpartition(".")[0]
TOPIC = "full-messagingService.full-topic"
WORKSHEET = "full-driveService.full-spreadsheet.full-worksheet"
PIPELINE = "full-pipelineService.full-pipeline"

_PLACEHOLDER = {"of-source": "source"}
"""What stands for an object that our models do not describe."""

_UNTYPED: Body = {
    "topicConfig": {"retention.ms": "1"},
    "searchIndexSettings": {"number_of_shards": 1},
    "tableProfilerConfig": {"sampleDataCount": 5},
    "autoClassificationConfig": {"enabled": True},
    "recognizers": {
        "name": "r",
        "recognizerConfig": {"type": "exact_term", "exactTerms": ["x"]},
        "target": "content",
    },
    "conceptMappings": {
        "conceptIri": "https://example.com/c",
        "mappingType": "exactMatch",
    },
    "dimensions": {"name": "day"},
    "measures": {"name": "sum"},
    "filters": {"where": "a > 1"},
    "parameters": {"a": "b"},
    "inputs": {"datasetFQN": TABLE},
    "outputs": {"datasetFQN": TABLE},
    "metrics": {},
    "error": {"errorMessage": "e"},
    "customMetrics": {"name": "m", "value": 1.0},
    "histogram": {"boundaries": ["1"], "frequencies": [1]},
    "cardinalityDistribution": {"categories": ["a"], "counts": [1], "percentages": [100.0]},
}
_TEXTS = {
    "provider": "user",
    "dataProductType": "DATASET",
    "visibility": "PRIVATE",
    "portfolioPriority": "HIGH",
    "transformationType": "filter",
    "profileSampleType": "ROWS",
}


def before() -> Said:
    """What the others refer to."""
    return [
        (made.entity_type, made.model_dump(mode="json", exclude_none=True)) for made in neighbours()
    ]


def everything(reference: Reference) -> Said:
    """All records, in an order in which they can be written."""
    values = Values(reference)
    entities = [
        (case.kind.entity_type, _whole(case.said, values))
        for case in cases(values, by_field=False)
        if case.variant in ("minimal", "full")
    ]
    return [*entities, *nested(), *newer_values(), *attachments(values)]


def nested() -> Iterator[tuple[str, Body]]:
    """Entities below others of their kind, and what refers to more than one place."""
    yield "tag", {"name": "b", "classification": "full-classification", "description": "d"}
    tag = {"classification": "full-classification", "parent": "full-classification.b"}
    yield "tag", {"name": "c", "description": "d", **tag}
    domain = {"description": "d", "domainType": "Aggregate"}
    yield "domain", {"name": "c", "parent": "full-domain", **domain}
    term = {"glossary": "full-glossary", "parent": "full-glossary.full-glossaryTerm"}
    yield "glossaryTerm", {"name": "c", "description": "d", **term}
    container = {"type": "container", "fullyQualifiedName": "full-storageService.full-container"}
    yield "container", {"name": "c", "service": "full-storageService", "parent": container}
    folder = "full-driveService.full-directory"
    parent = {"type": "directory", "fullyQualifiedName": folder}
    yield "directory", {"name": "c", "service": "full-driveService", "parent": folder}
    yield "file", {"name": "c", "service": "full-driveService", "directory": folder}
    yield "spreadsheet", {"name": "c", "service": "full-driveService", "parent": parent}
    sheet = {"service": "full-driveService", "spreadsheet": f"{folder}.c"}
    column = {"name": "a", "dataType": "ARRAY", "arrayDataType": "INT"}
    yield "worksheet", {"name": "c", "columns": [column], **sheet}
    key = {
        "constraintType": "FOREIGN_KEY",
        "columns": ["a"],
        "referredColumns": [f"{TABLE}.b"],
        "relationshipType": "MANY_TO_ONE",
    }
    table = {"databaseSchema": SCHEMA, "columns": [column], "tableConstraints": [key]}
    yield "table", {"name": "keyed", **table}
    fields = {"name": "r", "dataType": "RECORD", "children": [{"name": "f", "dataType": "INT"}]}
    schema = {"messageSchema": {"schemaType": "Avro", "schemaFields": [fields]}}
    topic = {"service": "full-messagingService", "partitions": 1}
    yield "topic", {"name": "deep", **topic, **schema}
    field = {**fields, "dataType": "NESTED", "children": [{"name": "f", "dataType": "TEXT"}]}
    yield "searchIndex", {"name": "deep", "service": "full-searchService", "fields": [field]}
    tasks = [{"name": "a", "downstreamTasks": ["b"]}, {"name": "b"}]
    yield "pipeline", {"name": "chain", "service": "full-pipelineService", "tasks": tasks}


def of(said: Said) -> list[Record]:
    """The records."""
    return [from_document({"type": kind, "record": body}) for kind, body in said]


def newer_values() -> Iterator[tuple[str, Body]]:
    """A record for each value of the facts."""
    services = {
        "ApiServiceType": "apiService",
        "DashboardServiceType": "dashboardService",
        "DatabaseServiceType": "databaseService",
        "DriveServiceType": "driveService",
        "MessagingServiceType": "messagingService",
        "MlModelServiceType": "mlmodelService",
        "PipelineServiceType": "pipelineService",
    }
    for name, kind in services.items():
        for value in facts.VALUES[name]:
            yield kind, {"name": f"of-{value}", "serviceType": value}
    dashboards, schema = "full-dashboardService", SCHEMA
    yield (
        "databaseService",
        {
            "name": "configured",
            "serviceType": "QuestDB",
            "connection": {"config": {"type": "QuestDB"}},
        },
    )
    for value in facts.VALUES["ChartType"]:
        yield "chart", {"name": f"of-{value}", "service": dashboards, "chartType": value}
    for value in facts.VALUES["DataModelType"]:
        more = {"dataModelType": value, "columns": [{"name": "a", "dataType": "INT"}]}
        yield "dashboardDataModel", {"name": f"of-{value}", "service": dashboards, **more}
    columns = [
        {"name": value, "dataType": value, "description": "d"} for value in facts.VALUES["DataType"]
    ]
    yield "table", {"name": "types", "databaseSchema": schema, "columns": columns}
    for field, enum in (("tableType", "TableType"), ("fileFormat", "FileFormat")):
        for value in facts.VALUES[enum]:
            one = {"columns": columns[-1:], field: value}
            yield "table", {"name": f"of-{value}", "databaseSchema": schema, **one}
    constraint = {"constraintType": "CLUSTER_KEY", "columns": ["KPI"]}
    many = {"columns": columns, "tableConstraints": [constraint]}
    yield "table", {"name": "clustered", "databaseSchema": schema, **many}
    for value in facts.VALUES["StoredProcedureType"]:
        yield (
            "storedProcedure",
            {
                "name": f"of-{value}",
                "databaseSchema": schema,
                "storedProcedureType": value,
                "storedProcedureCode": {"language": "SQL", "code": "select 1"},
            },
        )
    formats = {"fileFormats": ["csv", *facts.VALUES["ContainerFileFormat"]]}
    yield "container", {"name": "formats", "service": "full-storageService", **formats}
    yield "metric", {"name": "unit", "unitOfMeasurement": "OTHER"}
    assets = [
        {"type": "metric", "fullyQualifiedName": "unit"},
        {"type": "table", "fullyQualifiedName": TABLE},
        {"type": "worksheet", "fullyQualifiedName": WORKSHEET},
    ]
    product = {"description": "d", "domains": ["source-domain"], "assets": assets}
    yield "dataProduct", {"name": "of-kinds", **product}


def attachments(values: Values) -> Iterator[tuple[str, Body]]:
    """Samples, profiles, runs, usage, and edges."""
    table = {"type": "table", "fullyQualifiedName": TABLE}
    topic = {"type": "topic", "fullyQualifiedName": TOPIC}
    yield "sampleData", {"entity": table, "sampleData": {"columns": ["a"], "rows": [["1"]]}}
    yield "sampleData", {"entity": topic, "sampleData": {"messages": ["{}"]}}
    status = {**_each_field(PipelineStatus, values), "timestamp": DAY_MS}
    for task in status["taskStatus"]:
        task["name"] = "a"
    yield "pipelineStatus", {"pipeline": PIPELINE, "pipelineStatus": status}
    profile = _each_field(CreateTableProfileRequest, values)
    measured = {"timestamp": DAY_MS, "customMetrics": [{"name": "m", "value": 1.0}]}
    profile["tableProfile"] |= measured
    for column in profile["columnProfile"]:
        column |= {"name": "a", **measured}
    profile["systemProfile"] = [
        {"timestamp": DAY_MS, "operation": operation, "rowsAffected": 1}
        for operation in ("UPDATE", "WRITE")
    ]
    yield "tableProfile", {"table": TABLE, "profile": profile}
    yield "usage", {"entity": table, "usage": {"date": "2026-11-01", "count": 7}}
    metric = {"type": "metric", "fullyQualifiedName": "unit"}
    told = {"lineageDetails": {"source": "Manual"}}
    sheet = {"type": "worksheet", "fullyQualifiedName": WORKSHEET}
    yield "lineage", {"edge": {"fromEntity": table, "toEntity": sheet, **told}}
    yield "lineage", {"edge": {"fromEntity": metric, "toEntity": table, **told}}
    details = _each_field(LineageDetails, values)
    details["pipeline"] = {"type": "pipeline", "fullyQualifiedName": PIPELINE}
    sources = [details["source"], *facts.VALUES["LineageSource"]]
    for source, target in zip(sources, ("types", "clustered", "of-pq"), strict=True):
        to = {"type": "table", "fullyQualifiedName": f"{SCHEMA}.{target}"}
        lineage = {**details, "source": source}
        lineage["columnsLineage"] = [
            {
                "fromColumns": [f"{TABLE}.a"],
                "toColumn": f"{to['fullyQualifiedName']}.HIERARCHYID",
                "function": "max",
            }
        ]
        edge = {"fromEntity": table, "toEntity": to, "description": "d", "lineageDetails": lineage}
        yield "lineage", {"edge": edge}


def _each_field(model: type[BaseModel], values: Values) -> Body:
    made = {
        field: values.of(model, field, "source", KINDS["pipeline"]) for field in fields_of(model)
    }
    return _whole({field: value for field, value in made.items() if value is not None}, values)


def _whole(body: Body, values: Values) -> Body:
    """A body with all fields of labels and columns, and with objects as upstream describes them."""
    made: Body = {}
    for field, value in body.items():
        if field == "domains":
            value = [*value, value[0].replace("source", "other")]
        elif field == "tags" and value:
            value = [_label(value[0]), {**values.label("other"), "labelType": "Generated"}]
        elif field == "columns" and "dataType" in value[-1]:
            value = [*value[:-1], _column(value[-1])]
        made[field] = _typed(field, value, values)
    return made


def _typed(field: str, value: Any, values: Values) -> Any:
    if field == "style":
        return {"color": "#000001", "coverImage": {"url": "https://example.com/c"}}
    if field in _TEXTS:
        return _TEXTS[field]
    if value == _PLACEHOLDER:
        return _UNTYPED.get(field, value)
    if isinstance(value, list):
        return [_typed(field, item, values) for item in value]
    return _whole(value, values) if isinstance(value, dict) else value


def _label(label: Body) -> Body:
    said = {"reason": "of the source", "appliedAt": "2026-11-01T00:00:00Z", "appliedBy": "ann"}
    return {**label, **said, "metadata": {"expiryDate": DAY_MS}}


def _column(column: Body) -> Body:
    more = {"ordinalPosition": 2, "dataTypeDisplay": "text", "precision": 3, "scale": 1}
    return {**column, **more, "extension": {"a": 1}}
