"""Lineage, runs, samples, profiles, usage and search over REST."""

from __future__ import annotations

import base64
import gzip
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from in_process import Client

NOW = 1_700_000_000_000


@pytest.fixture
def tables(client: Client, schema: str) -> list[str]:
    """The ids of two tables `a` and `b`."""
    columns = [{"name": "x", "dataType": "INT"}]
    return [
        client.put("tables", json={"name": n, "databaseSchema": schema, "columns": columns}).json()[
            "id"
        ]
        for n in "ab"
    ]


def test_lineage(client: Client, tables: list[str]) -> None:
    """An edge is put, looked up, patched, seen in the graph, and deleted."""
    a, b = tables
    ends = {"fromEntity": {"id": a, "type": "table"}, "toEntity": {"id": b, "type": "table"}}
    details = {"source": "QueryLineage", "sqlQuery": "select 1"}
    put = client.put("lineage", json={"edge": {**ends, "lineageDetails": details}})
    assert (put.status_code, put.content) == (200, b"")
    by_id = f"lineage/getLineageEdge/{a}/{b}"
    by_name = "lineage/getLineageEdge/table/name/svc.db.s.a/table/name/svc.db.s.b"
    for path in (by_id, by_name):
        assert client.get(path).json()["edge"]["sqlQuery"] == "select 1"
    change = {"op": "replace", "path": "/sqlQuery", "value": "select 2"}
    assert client.json_patch(f"lineage/table/{a}/table/{b}", change).status_code == 200
    for path in (f"lineage/table/{b}", "lineage/table/name/svc.db.s.b"):
        graph = client.get(f"{path}?upstreamDepth=1&downstreamDepth=0").json()
        assert graph["upstreamEdges"][0]["lineageDetails"]["sqlQuery"] == "select 2"
    assert client.delete(f"lineage/table/{b}/type/ViewLineage").status_code == 200
    assert client.get(by_id).status_code == 200
    stale = "lineage/source/name/table/svc.db.s.b/type/QueryLineage"
    assert client.delete(stale).status_code == 200
    missing = client.get(by_id)
    assert (missing.status_code, missing.json()["code"]) == (404, 404)
    assert (
        client.put("lineage/table/name/svc.db.s.a/table/name/svc.db.s.b", json={}).status_code
        == 200
    )
    for expected in (200, 404):
        assert client.delete(f"lineage/table/{a}/table/{b}").status_code == expected


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("lineage/table/name/svc.db.s.none", 404),
        ("lineage/spaceship/name/x", 404),
        ("lineage/table/name/svc.db.s.a?upstreamDepth=x", 404),
        ("lineage/table/name/svc.db.s.a?upstreamDepth=-1", 400),
        ("lineage/getLineageEdge/x/y", 404),
        ("lineage/getLineage?fqn=x", 501),
    ],
)
def test_no_lineage(client: Client, tables: list[str], path: str, status: int) -> None:
    """Missing edges are 404, invalid ones 400, and routes for the UI 501."""
    assert client.get(path).status_code == status


def test_runs(client: Client, schema: str) -> None:
    """A run is unknown (204), then reported, reported again, listed, and removed."""
    service = client.get("services/databaseServices/name/svc").json()
    body = {
        "name": "nightly",
        "pipelineType": "metadata",
        "sourceConfig": {"config": {"type": "DatabaseMetadata"}},
        "airflowConfig": {},
        "service": {"id": service["id"], "type": "databaseService"},
    }
    pipeline = client.put("services/ingestionPipelines", json=body)
    assert pipeline.status_code == 201, pipeline.text
    assert pipeline.json()["fullyQualifiedName"] == "svc.nightly"
    path, run = "services/ingestionPipelines/svc.nightly/pipelineStatus", str(uuid4())
    unknown = client.get(f"{path}/{run}")
    assert (unknown.status_code, unknown.content) == (204, b"")
    status = {"runId": run, "pipelineState": "running", "startDate": NOW, "timestamp": NOW}
    assert client.put(path, json=status).status_code == 200
    assert client.put(path, json={**status, "pipelineState": "success"}).status_code == 200
    assert client.get(f"{path}/{run}").json()["pipelineState"] == "success"
    assert [one["runId"] for one in client.get(path).json()["data"]] == [run]
    assert client.get(f"{path}?startTs={NOW + 1}&endTs={NOW + 2}").json()["data"] == []
    assert client.put(path, json={**status, "bogus": 1}).status_code == 400
    by_id = f"services/ingestionPipelines/{pipeline.json()['id']}/pipelineStatus"
    assert client.delete(f"{by_id}/{run}").status_code == 200
    assert client.get(f"{path}/{run}").status_code == 204
    assert client.get("services/ingestionPipelines/svc.none/pipelineStatus/x").status_code == 404

    progress = {"runId": run, "timestamp": NOW, "updateType": "DISCOVERY"}
    top = "services/ingestionPipelines"
    assert client.put(f"{top}/progress/svc.nightly/{run}", json=progress).status_code == 200
    for wrong in ({"updateType": "X"}, {"timestamp": "x"}, {"bogus": 1}, {"runId": "other"}):
        answer = client.put(f"{top}/progress/svc.nightly/{run}", json={**progress, **wrong})
        assert answer.status_code == 400
        assert next(iter(wrong)) in answer.json()["message"]
    assert client.put(f"{top}/progress/svc.none/{run}", json=progress).status_code == 404
    metrics = {"runId": run, "stepName": "Source", "metrics": []}
    assert client.post(f"{top}/metrics/svc.nightly/{run}", json=metrics).status_code == 200


def test_logs(client: Client, schema: str) -> None:
    """A log is appended to, plain or compressed, and read in chunks."""
    service = client.get("services/databaseServices/name/svc").json()
    body = {
        "name": "p",
        "pipelineType": "metadata",
        "sourceConfig": {"config": {"type": "DatabaseMetadata"}},
        "airflowConfig": {},
        "service": {"id": service["id"], "type": "databaseService"},
    }
    client.put("services/ingestionPipelines", json=body)
    top = "services/ingestionPipelines/logs/svc.p"
    packed = base64.b64encode(gzip.compress(b"second\n")).decode()
    assert client.post(f"{top}/r1", json={"logs": "first\n"}).status_code == 200
    assert client.post(f"{top}/r1", json={"logs": packed, "compressed": True}).status_code == 200
    assert client.post(f"{top}/r1", json={"logs": "?", "compressed": True}).status_code == 400
    assert client.post(f"{top}/r1/close").status_code == 200
    assert client.get(top).json() == {"logs": "first\nsecond\n", "total": "13"}
    part = client.get(f"{top}/r1?limit=6").json()
    assert part == {"logs": "first\n", "total": "13", "after": "6"}
    assert client.get(f"{top}/r1?after=6").json()["logs"] == "second\n"
    assert client.get(f"{top}/none").json() == {"logs": "", "total": "0"}


def test_tables(client: Client, tables: list[str]) -> None:
    """Samples, profiles, joins, models, configs, metrics and columns of a table."""
    path = f"tables/{tables[0]}"
    sample = {"columns": ["x"], "rows": [[1], [2]]}
    assert client.put(f"{path}/sampleData", json=sample).json()["sampleData"] == sample
    assert client.get(f"{path}/sampleData").json()["sampleData"] == sample
    assert "sampleData" not in client.get(f"{path}?fields=sampleData").json()
    assert "sampleData" not in client.delete(f"{path}/sampleData").json()
    assert client.put(f"{path}/sampleData", json={"columns": ["y"]}).status_code == 400

    profile = {
        "tableProfile": {"timestamp": NOW, "rowCount": 2},
        "columnProfile": [{"name": "x", "timestamp": NOW, "nullCount": 0}],
    }
    assert client.put(f"{path}/tableProfile", json=profile).status_code == 200
    by_name = "tables/svc.db.s.a"
    assert client.get(f"{by_name}/tableProfile/latest").json()["profile"]["rowCount"] == 2
    times = f"startTs={NOW - 1}&endTs={NOW + 1}"
    assert client.get(f"{by_name}/tableProfile?{times}").json()["paging"]["total"] == 1
    columns = client.get(f"{by_name}.x/columnProfile?{times}").json()["data"]
    assert [one["nullCount"] for one in columns] == [0]
    for expected in (200, 404):
        gone = client.delete(f"{by_name}/table/{NOW}/profile")
        assert gone.status_code == expected
    assert client.delete(f"{by_name}/moon/{NOW}/profile").status_code == 400

    joins = {"startDate": "2024-01-01", "dayCount": 1, "directTableJoins": []}
    assert client.put(f"{path}/joins", json=joins).status_code == 200
    model = {"modelType": "DBT", "sql": "select 1"}
    assert client.put(f"{path}/dataModel", json=model).json()["dataModel"]["sql"] == "select 1"
    assert client.put(f"{path}/tableProfilerConfig", json={"profileSample": 5}).status_code == 200
    assert client.delete(f"{path}/tableProfilerConfig").status_code == 200
    metric = {"name": "m", "expression": "select 1"}
    assert client.put(f"{path}/customMetric", json=metric).status_code == 200
    for expected in (200, 404):
        assert client.delete(f"{path}/customMetric/m").status_code == expected
    page = client.get("tables/name/svc.db.s.a/columns?offset=0&limit=1").json()
    assert page["paging"] == {"offset": 0, "limit": 1, "total": 1}


def test_usage(client: Client, tables: list[str]) -> None:
    """POST sets the uses of a day, PUT adds to them; a day's entities are ranked."""
    body = {"date": "2024-01-01", "count": 3}
    by_name = "usage/table/name/svc.db.s.a"
    assert client.post(by_name, json=body).status_code == 201
    answer = client.put(f"usage/table/{tables[0]}", json=body)
    assert answer.status_code == 200
    assert answer.json()["usageSummary"]["dailyStats"]["count"] == 6
    assert client.post("usage/compute.percentile/table/2024-01-01").json() == {"ranked": 1}
    assert client.post("usage/moon/name/x", json=body).status_code == 404
    shown = client.get(f"{by_name}?date=2024-01-02&days=2").json()
    assert shown["entity"]["id"] == tables[0]
    assert [(day["date"], day["dailyStats"]["count"]) for day in shown["usage"]] == [
        ("2024-01-01", 6)
    ]
    assert client.get(f"usage/table/{tables[0]}?date=2024-01-02").json()["usage"] == []
    assert client.post(by_name, json={**body, "date": "yesterday"}).status_code == 400


def test_pipeline_status(client: Client) -> None:
    """Runs of a pipeline are stored one by one or many at once, listed, and removed."""
    client.put("services/pipelineServices", json={"name": "air", "serviceType": "CustomPipeline"})
    body = {"name": "etl", "service": "air", "tasks": [{"name": "load"}]}
    assert client.put("pipelines", json=body).status_code == 201
    path = "pipelines/air.etl/status"
    run = {"timestamp": NOW, "executionStatus": "Successful", "taskStatus": []}
    put = client.put(path, json=run)
    assert put.json()["pipelineStatus"]["timestamp"] == NOW, put.text
    later = [{**run, "timestamp": NOW + 1}, {**run, "timestamp": NOW + 2}]
    assert client.put(f"{path}/bulk", json=later).json()["pipelineStatus"]["timestamp"] == NOW + 2
    assert client.put(f"{path}/bulk", json=[3]).status_code == 400
    listed = client.get(f"{path}?startTs={NOW}&endTs={NOW + 1}").json()["data"]
    assert [one["timestamp"] for one in listed] == [NOW + 1, NOW]
    for expected in (200, 404):
        assert client.delete(f"{path}/{NOW}").status_code == expected


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("query?q=a&index=table_search_index", ["a"]),
        ("query?q=*&index=table_search_index&sort_field=fullyQualifiedName", ["a", "b"]),
        ("query?q=&index=table&sort_field=_score&search_after=svc.db.s.a", ["b"]),
        ("query?q=&index=table&size=1&from=1", ["b"]),
        ("query?q=name:b&index=all", ["b"]),
        ("query?q=nothing&index=table", []),
        ("query?q=*&index=web_analytic_user_activity_report_data_index", []),
        ("fieldQuery?fieldName=fullyQualifiedName&fieldValue=svc.db.s.b&index=table", ["b"]),
        ("fieldQuery?fieldName=fullyQualifiedName&fieldValue=*.*.S.B&index=table", ["b"]),
        ("fieldQuery?fieldName=fullyQualifiedName&fieldValue=svc.*&index=table", ["a", "b"]),
        ("fieldQuery?fieldName=name&fieldValue=a&index=all&deleted=true", []),
    ],
)
def test_search(client: Client, tables: list[str], query: str, names: list[str]) -> None:
    """Entities are found by words, by fields and by patterns of their FQN."""
    found = client.get(f"search/{query}").json()["hits"]
    assert [hit["_source"]["name"] for hit in found["hits"]] == names
    assert all(hit["_index"] == "table_search_index" for hit in found["hits"])
    assert found["total"]["value"] >= len(names)


def test_search_by_id(client: Client, tables: list[str]) -> None:
    """A filter by ids finds them, whatever they are called."""
    query = quote(f'{{"query": {{"ids": {{"values": ["{tables[1]}"]}}}}}}')
    hits = client.get(f"search/query?q=&index=table&query_filter={query}").json()["hits"]["hits"]
    assert [hit["_id"] for hit in hits] == [tables[1]]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("query?q=a OR b", 501),
        ("query?query_filter=%7B%22query%22%3A%7B%22bool%22%3A%7B%7D%7D%7D", 501),
        ("query?size=10001", 400),
        ("query?from=9999&size=2", 400),
        ("fieldQuery?fieldName=name", 400),
        ("suggest?q=x", 501),
    ],
)
def test_no_search(client: Client, query: str, status: int) -> None:
    """An unsupported search is 501, an invalid one 400."""
    assert client.get(f"search/{query}").status_code == status
