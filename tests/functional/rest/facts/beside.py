"""What is kept beside an entity: samples, profiles, joins, usage, runs (contract §3.0, §3.1)."""

from __future__ import annotations

from tests.functional.rest.case import case, delete, get, make, post, put
from tests.functional.rest.expect import ABSENT, Holding

_SAMPLE = {"columns": ["id", "note"], "rows": [[1, "a"], [2, None]]}
_NOON = 1_700_000_000_000
_HOUR = 3_600_000
_TABLE_PROFILE = {"timestamp": _NOON, "rowCount": 7, "columnCount": 2}
_COLUMN_PROFILE = {"name": "id", "timestamp": _NOON, "nullCount": 0}


def _run(at: int, state: str = "Successful") -> dict[str, object]:
    return {"timestamp": at, "executionStatus": state, "taskStatus": []}


CASES = [
    case(
        "§3.0",
        "sample data of a table is stored, shown and deleted, without a new version",
        make("table"),
        put("tables/{table.id}/sampleData", _SAMPLE, 200),
        get("tables/{table.id}/sampleData", shows={"sampleData": _SAMPLE, "version": 0.1}),
        get("tables/{table.id}?fields=sampleData", shows={"sampleData": _SAMPLE}),
        get("tables/{table.id}", shows={"sampleData": ABSENT}),
        delete("tables/{table.id}/sampleData", 200),
        get("tables/{table.id}?fields=sampleData", shows={"sampleData": ABSENT}),
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
        get("tables/{table.id}?fields=sampleData", shows={"sampleData": ABSENT}),
    ),
    case(
        "§3.0",
        "sample data of an unknown table is 404",
        put("tables/11111111-2222-3333-4444-555555555555/sampleData", _SAMPLE, 404),
        put("tables/no-uuid/sampleData", _SAMPLE, 404),
    ),
    case(
        "§3.0",
        "profiles of a table and its columns are stored, and found in a span of time",
        make("table"),
        put(
            "tables/{table.id}/tableProfile",
            {"tableProfile": _TABLE_PROFILE, "columnProfile": [_COLUMN_PROFILE]},
            200,
        ),
        get(
            f"tables/{{table}}/tableProfile?startTs={_NOON}&endTs={_NOON}",
            shows={"data": [{"rowCount": 7}]},
        ),
        get(f"tables/{{table}}/tableProfile?startTs=0&endTs={_NOON - 1}", shows={"data": []}),
        get(
            f"tables/{{table}}.id/columnProfile?startTs={_NOON}&endTs={_NOON + _HOUR}",
            shows={"data": [{"nullCount": 0}]},
        ),
    ),
    case(
        "§3.0",
        "the latest profile is the one with the latest timestamp, in whatever order they came",
        make("table"),
        *(
            put(
                "tables/{table.id}/tableProfile",
                {"tableProfile": {"timestamp": at, "rowCount": rows}},
                200,
            )
            for at, rows in ((_NOON + _HOUR, 2), (_NOON, 1))
        ),
        get("tables/{table}/tableProfile/latest", shows={"profile": {"rowCount": 2}}),
    ),
    case(
        "§3.0",
        "a profile whose timestamp has fewer than 12 digits is 400",
        make("table"),
        put(
            "tables/{table.id}/tableProfile",
            {"tableProfile": {"timestamp": 1_700_000_000, "rowCount": 1}},
            400,
        ),
    ),
    case(
        "§3.0",
        "a profile without a timestamp is 400 and names it",
        make("table"),
        put(
            "tables/{table.id}/tableProfile",
            {"tableProfile": {"rowCount": 1}},
            400,
            says="timestamp",
        ),
    ),
    case(
        "§3.0",
        "a table's usage is overwritten by POST and added to by PUT",
        make("table"),
        post("usage/table/{table.id}", {"date": "2026-01-31", "count": 5}, (200, 201)),
        post("usage/table/{table.id}", {"date": "2026-01-31", "count": 3}, (200, 201)),
        get(
            "tables/{table.id}?fields=usageSummary",
            shows={"usageSummary": {"dailyStats": {"count": 3}, "date": "2026-01-31"}},
        ),
        put("usage/table/name/{table}", {"date": "2026-01-31", "count": 4}, (200, 201)),
        get(
            "tables/{table.id}?fields=usageSummary",
            shows={"usageSummary": {"dailyStats": {"count": 7}}, "version": 0.1},
        ),
    ),
    case(
        "§3.0",
        "a day of usage is written YYYY-MM-DD, or refused",
        make("table"),
        *(
            post("usage/table/{table.id}", {"date": day, "count": 5}, 400)
            for day in ("31.01.2026", "2026-02-30", "2026-1-3", "")
        ),
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
        "the data model of a table is kept, and no PUT touches it",
        make("table"),
        put("tables/{table.id}/dataModel", {"modelType": "DBT", "sql": "select 1"}, 200),
        put(
            "tables",
            {
                "name": "{table.name}",
                "databaseSchema": "{databaseSchema}",
                "columns": [{"name": "id", "dataType": "BIGINT"}],
            },
            200,
        ),
        get(
            "tables/{table.id}?fields=dataModel",
            shows={"dataModel": {"modelType": "DBT", "sql": "select 1"}},
        ),
    ),
    case(
        "§6.5",
        "what is beside an entity goes with its hard delete",
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
        get("tables/name/{table}?fields=sampleData", shows={"sampleData": ABSENT}),
    ),
]
