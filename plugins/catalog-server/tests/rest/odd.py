"""What hostile requests are made of: texts, numbers, parameters, headers, bodies."""

from __future__ import annotations

from typing import Any

from rest.case import label

ODD_TEXTS = (
    *("", " ", ".", "..", '"', '""', "a..b", "a.", ".a", '"a', "::", "%", "%25", "_", "*", "-"),
    *("\u0000", "\n", "\u2028", "é", "🙂", "\ud800", "a" * 300, "a." * 2000, "a" * 5000, "null"),
    *("'; drop table entity; --", "NEAR(a b)", "a OR", '"a" AND', "../../etc", "{id}", "name"),
    *("1", "-1", "1e400", "NaN", "true", "0" * 40, "11111111-2222-3333-4444-555555555555"),
    *("2026-02-30", "9999-12-31", "\x7f", "a\u0000b", "ß", "İ", "K", "a" * 3073),
)
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64),
    *(10**30, 1e308, 0.1, -0.0, 1_700_000_000_000, 10**11, [], {}, [[]], [None], [{}]),
    label("No.Such"),
    [label("No.Such"), label("No.Such")],
    {"id": "11111111-2222-3333-4444-555555555555", "type": "user"},
    [{"type": "user", "fullyQualifiedName": "x"}],
    {"type": "table", "fullyQualifiedName": '"'},
    [{"name": "a", "dataType": "INT"}, {"name": "A", "dataType": "STRUCT", "children": []}],
    {"created": {"timestamp": 2**63}},
)
FIELDS = (
    *("description", "displayName", "tags", "owners", "columns", "extension", "domains", "name"),
    *("lifeCycle", "dataProducts", "sourceHash", "children", "precision", "scale", "dataLength"),
    *("tableConstraints", "tablePartition", "parent", "service", "fullyQualifiedName", "id"),
    *("timestamp", "columnsLineage", "pipeline", "source", "status", "type", "followers", "style"),
)
PARAMETERS = (
    *("fields", "limit", "offset", "after", "before", "include", "recursive", "hardDelete"),
    *("async", "overrideMetadata", "service", "database", "databaseSchema", "domain", "parent"),
    *("startTs", "endTs", "upstreamDepth", "downstreamDepth", "q", "index", "from", "size"),
    *("fieldName", "fieldValue", "query_filter", "sort_field", "search_after", "isBot", "root"),
    *("glossary", "directChildrenOf", "entityId", "team", "apiCollection", "changeSource"),
    *("disabled", "isAdmin", "parentTeam", "isJoinable", "deleted", "columnName"),
)
VALUES = (
    *("true", "false", "10", "0", "3", "tags", "*", "tags,owners", "all", "deleted", "name", "a*"),
    *("1700000000000", "table_search_index", '{"query":{"bool":{"must":[]}}}', "{}", "[]"),
    *('{"query":5}', '{"query":{"bool":{"must":{"term":{"a":{}}}}}}', "fullyQualifiedName"),
    *ODD_TEXTS,
)
_TAGS = (b"*", b'W/"0.1"', b'"x"', b"", b",", b'W/"', b"\xff", b'W/"1e9"')
HEADERS: dict[bytes, tuple[bytes, ...]] = {
    b"if-match": _TAGS,
    b"if-none-match": _TAGS,
    b"authorization": (b"Bearer", b"Bearer ", b"Bearer a.b.c", b"Bearer \xff", b"Bearer e30.MQ.x"),
    b"host": (b"", b"\xff", b"a b", b"[::1]:1", b"x" * 9000),
    b"content-length": (b"-1", b"x", b"99999999999999999999", "²".encode()),
    b"content-encoding": (b"gzip", b"identity", b"\xff"),
    b"accept": (b"", b"text/html", b"\xff"),
    b"x-impersonate-user": (b"", b"somebody", b"\xff"),
}
RAW_BODIES = (
    *(b"", b"{", b"null", b"[]", b"{}", b"[[]]", b"\xff", b'"\\ud800"', b"[" * 5000, b"1e999"),
    *(b"{}{}", b'{"a":1,"a":2}', b"[null]", b"0", b'""', b"[{}]", b'[{"op":"add"}]', b"\x00"),
    *(b'{"name":"\\u0000"}', b"9" * 5000, b"-", b'{"id":[]}', b'{"":{"":{"":[]}}}'),
)
OPERATIONS = ("add", "replace", "remove", "move", "copy", "test", "add", "replace", "x", "")
PATHS = (
    *("/description", "/displayName", "/tags/-", "/tags/0", "/tags", "/owners/0", "/owners"),
    *("/columns/0/description", "/columns/0", "/columns", "/extension/a", "/id", "/version"),
    *("", "/", "/a/b", "//", "/columns/00", "/columns/-1", "/~2", "/service", "/name", "/sqlQuery"),
    *("/fullyQualifiedName", "/deleted", "/domains", "/lifeCycle", "/tasks/0", "/charts/-"),
    *("/columns/0/tags/-", "/columns/0/dataType", "/columns/-", "/messageSchema/schemaFields"),
    *("/columnsLineage/-", "/pipeline", "/source", "/href", "/changeDescription", "/updatedAt"),
    *("/columns/99999999999999999999", "/tags/9" * 50, "/\ud800", "/extension", "/votes"),
)
_NOON = 1_700_000_000_000
_USAGE = {"date": "2026-01-31", "count": 3}
BESIDE: dict[str, Any] = {
    "restore": {"id": "{id}"},
    "followers": "{user}",
    "vote": {"updatedVoteType": "votedUp"},
    "deleteStale": {
        "scopeFqn": "{fqn}",
        "scopeEntityType": "service",
        "seenFqns": ["{fqn}"],
        "recursive": True,
        "dryRun": True,
    },
    "sampleData": {"columns": ["id", "note"], "rows": [[1, "a"]], "messages": ["a"]},
    "testConnectionResult": {"status": "Successful", "lastUpdatedAt": _NOON, "steps": []},
    "tableProfile": {
        "tableProfile": {"timestamp": _NOON, "rowCount": 7},
        "columnProfile": [{"name": "id", "timestamp": _NOON}],
    },
    "joins": {
        "startDate": "2026-01-31",
        "dayCount": 1,
        "columnJoins": [
            {"columnName": "id", "joinedWith": [{"fullyQualifiedName": "a.b", "joinCount": 1}]}
        ],
    },
    "dataModel": {"modelType": "DBT", "sql": "select 1", "columns": []},
    "tableProfilerConfig": {"profileSample": 50.0, "profileSampleType": "PERCENTAGE"},
    "customMetric": {"name": "m", "expression": "select 1"},
    "status": {"timestamp": _NOON, "executionStatus": "Successful", "taskStatus": []},
    "bulk": [{"timestamp": _NOON, "executionStatus": "Successful", "taskStatus": []}],
    "pipelineStatus": {"runId": "r", "pipelineState": "running", "timestamp": _NOON},
    "progress": {"runId": "r", "timestamp": _NOON, "updateType": "PROCESSING"},
    "metrics": {"runId": "r", "stepName": "s", "metrics": []},
    "logs": {"logs": "x", "timestamp": _NOON, "connectorId": "c", "lineCount": 1},
    "usage": _USAGE,
    "lineage": {
        "edge": {
            "fromEntity": {"id": "{table}", "type": "table"},
            "toEntity": {"id": "{table}", "type": "table"},
            "lineageDetails": {"source": "Manual", "columnsLineage": []},
        }
    },
}
"""What is sent to the routes beside those of entities, by a name in their path."""
