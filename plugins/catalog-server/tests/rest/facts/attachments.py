"""Attachments of entities: samples, joins, models, runs (contract §3.0, §3.1)."""

from __future__ import annotations

from rest.case import case, change, delete, get, make, put
from rest.expect import ABSENT, Holding
from rest.specimens import COLUMNS, specimen

_SAMPLE = {"columns": ["id", "note"], "rows": [[1, "a"], [2, None]]}
_NOON = 1_700_000_000_000
_HOUR = 3_600_000


def _run(at: int, state: str = "Successful") -> dict[str, object]:
    return {"timestamp": at, "executionStatus": state, "taskStatus": []}


CASES = [
    case(
        "§3.0",
        "sample data of a table is stored, shown and deleted, without a new version",
        make("table"),
        put("tables/{table.id}/sampleData", _SAMPLE, 200),
        get("tables/{table.id}/sampleData", shows={"sampleData": _SAMPLE, "version": 0.1}),
        delete("tables/{table.id}/sampleData", 200),
        get("tables/{table.id}/sampleData", shows={"sampleData": ABSENT}),
    ),
    case(
        "§3.0",
        "sample data is shown by its own path alone, whatever fields are asked for",
        make("table"),
        put("tables/{table.id}/sampleData", _SAMPLE, 200),
        *(
            get(f"tables/{{table.id}}{query}", shows={"sampleData": ABSENT})
            for query in ("", "?fields=sampleData", "?fields=*")
        ),
        get(
            "tables?databaseSchema={databaseSchema}&fields=sampleData",
            shows={"data": [{"sampleData": ABSENT}]},
        ),
    ),
    case(
        "§3.0",
        "sample data of a topic is a list of messages",
        make("topic"),
        put("topics/{topic.id}/sampleData", {"messages": ["a", "b"]}, 200),
        get("topics/{topic.id}/sampleData", shows={"sampleData": {"messages": ["a", "b"]}}),
    ),
    case(
        "§3.0",
        "sample data of the wrong form is 400",
        make("table"),
        put("tables/{table.id}/sampleData", {"columns": "id", "rows": []}, 400),
        put("tables/{table.id}/sampleData", {**_SAMPLE, "bogus": 1}, 400),
        put("tables/{table.id}/sampleData", [], 400),
        get("tables/{table.id}/sampleData", shows={"sampleData": ABSENT}),
    ),
    case(
        "§3.0",
        "sample data of an unknown table is 404",
        put("tables/11111111-2222-3333-4444-555555555555/sampleData", _SAMPLE, 404),
    ),
    case(
        "§3.0",
        "the joins of a table are shown when they are asked for",
        make("table", "left"),
        make("table", "right"),
        put(
            "tables/{left.id}/joins",
            {
                "startDate": "2026-01-31",
                "dayCount": 1,
                "columnJoins": [
                    {
                        "columnName": "id",
                        "joinedWith": [{"fullyQualifiedName": "{right}.id", "joinCount": 3}],
                    }
                ],
            },
            200,
        ),
        get(
            "tables/{left.id}?fields=joins",
            shows={"joins": {"columnJoins": [{"columnName": "id"}]}},
        ),
    ),
    case(
        "§3.0",
        "the status of a pipeline is answered with the pipeline, whose latest run it is",
        make("pipeline"),
        put(
            "pipelines/{pipeline}/status",
            _run(_NOON),
            200,
            {"id": "{pipeline.id}", "pipelineStatus": {"timestamp": _NOON}},
        ),
        put(
            "pipelines/{pipeline}/status",
            _run(_NOON - _HOUR, "Failed"),
            200,
            {"pipelineStatus": {"timestamp": _NOON, "executionStatus": "Successful"}},
        ),
        get(
            f"pipelines/{{pipeline}}/status?startTs={_NOON - _HOUR}&endTs={_NOON}",
            shows={"data": Holding({"timestamp": _NOON}, {"timestamp": _NOON - _HOUR})},
        ),
        get("pipelines/{pipeline.id}?fields=pipelineStatus", shows={"version": 0.1}),
        delete(f"pipelines/{{pipeline}}/status/{_NOON}", 200),
        get(
            f"pipelines/{{pipeline}}/status?startTs={_NOON - _HOUR}&endTs={_NOON}",
            shows={"data": [{"executionStatus": "Failed"}]},
        ),
    ),
    case(
        "§3.0",
        "several statuses of a pipeline come in one request",
        make("pipeline"),
        put("pipelines/{pipeline}/status/bulk", [_run(_NOON), _run(_NOON + _HOUR)], 200),
        get(
            f"pipelines/{{pipeline}}/status?startTs={_NOON}&endTs={_NOON + _HOUR}",
            shows={"data": Holding({"timestamp": _NOON}, {"timestamp": _NOON + _HOUR})},
        ),
    ),
    case(
        "§3.0",
        "a pipeline status with a timestamp in seconds, or of an unknown pipeline, is refused",
        make("pipeline"),
        put("pipelines/{pipeline}/status", _run(1_700_000_000), 400),
        put("pipelines/nobody{me}/status", _run(_NOON), 404),
    ),
    case(
        "§3.0",
        "the data model of a table outlives an unchanged PUT, and no other one",
        make("table", dataModel={"modelType": "DBT", "sql": "select 0"}),
        get("tables/{table.id}?fields=dataModel", shows={"dataModel": ABSENT}),
        put("tables/{table.id}/dataModel", {"modelType": "DBT", "sql": "select 1"}, 200),
        put("tables", specimen("table"), 200, headers=change("entityNoChange")),
        get(
            "tables/{table.id}?fields=dataModel",
            shows={"dataModel": {"modelType": "DBT", "sql": "select 1"}},
        ),
        put(
            "tables",
            specimen("table", displayName="x"),
            200,
            {"changeDescription": {"fieldsAdded": [{"name": "displayName"}], "fieldsDeleted": []}},
        ),
        get("tables/{table.id}?fields=dataModel", shows={"dataModel": ABSENT}),
    ),
    case(
        "§6.5",
        "attachments are deleted with a hard delete of their entity",
        make("table"),
        put("tables/{table.id}/sampleData", _SAMPLE, 200),
        delete("tables/{table.id}?hardDelete=true"),
        put(
            "tables",
            {
                "name": "{table.name}",
                "databaseSchema": "{databaseSchema}",
                "columns": [{"name": "id", "dataType": "BIGINT"}],
            },
            201,
        ),
        get("tables/{table.id}/sampleData", shows={"sampleData": ABSENT}),
    ),
    case(
        "§3.0",
        "sample data of a container is stored, shown and deleted",
        make("container", dataModel={"columns": COLUMNS}),
        put("containers/{container.id}/sampleData", _SAMPLE, 200),
        get("containers/{container.id}/sampleData", shows={"sampleData": _SAMPLE}),
        delete("containers/{container.id}/sampleData"),
        get("containers/{container.id}/sampleData", shows={"sampleData": ABSENT}),
        since="1.13",
    ),
]
