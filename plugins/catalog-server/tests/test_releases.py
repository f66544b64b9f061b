"""What `--om-version` changes: each release answers as OpenMetadata did then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from om_ingest import kinds

if TYPE_CHECKING:
    import httpx

    from conftest import Serve

OLDEST = ("1.5.0", "1.6.0", "1.11.4")
RELEASES = (*OLDEST, "1.12.4", "1.13.0", "2.0.7")

ROW = {"name": "t", "columns": [], "description": "old", "sourceHash": "h"}


def refusals(answer: httpx.Response) -> tuple[int, str]:
    """Status and message of an error, wherever the release puts them."""
    body = answer.json()
    if "responseMessage" in body:
        assert body["errorType"] == "UNHANDLED_SERVER_EXCEPTION"
        assert set(body) == {"responseMessage", "errorType"}
        return answer.status_code, body["responseMessage"]
    return answer.status_code, body["message"]


@pytest.mark.parametrize("version", RELEASES)
def test_batches_and_stale(serve: Serve, schema: str, version: str) -> None:
    """A release has batches from 1.11 on and `deleteStale` from 2.0 on; others answer an error."""
    client, release = serve(version=version), tuple(map(int, version.split(".")))
    assert client.get("system/version").json()["version"] == version
    stale = {"scopeFqn": "svc", "scopeEntityType": "service", "seenFqns": ["svc.db"]}
    batch = client.put("tables/bulk", json=[{**ROW, "databaseSchema": schema}])
    deletion = client.request("DELETE", "databases/deleteStale", json=stale)
    assert (batch.status_code == 200) is (release >= (1, 11))
    assert (deletion.status_code == 200) is (release >= (2, 0))
    if version == "1.6.0":  # as seen there
        told = "An exception with message [HTTP 405 Method Not Allowed] was thrown while"
        assert batch.json()["responseMessage"] == f"{told} processing request."
        assert refusals(deletion)[0] == 500


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "nope", 404, "HTTP 404 Not Found"),
        ("GET", "tables/not-a-uuid", 404, "HTTP 404 Not Found"),
        ("GET", "tables/name/s.t/nope", 404, "HTTP 404 Not Found"),
        ("POST", "tables/name/s.t", 405, "HTTP 405 Method Not Allowed"),
        ("PUT", "users/bulk", 405, "HTTP 405 Method Not Allowed"),
        ("PUT", "tables", 415, "HTTP 415 Unsupported Media Type"),
    ],
)
def test_what_no_handler_takes(
    serve: Serve, method: str, path: str, status: int, said: str
) -> None:
    """An absent path, method or media type is 500 before 1.12, and names the status it means."""
    for version in RELEASES:
        answer = serve(version=version).request(method, path, content="x")
        if version in OLDEST:
            wrapped = f"An exception with message [{said}] was thrown while processing request."
            assert refusals(answer) == (500, wrapped)
        else:
            assert answer.status_code == answer.json()["code"] == status


def test_what_a_handler_refuses(serve: Serve) -> None:
    """A missing entity is a plain 404 in each release, and a missing page of a plugin too."""
    for version in RELEASES:
        client = serve(version=version)
        assert client.get("tables/name/a.b.c.d").json()["code"] == 404
        assert client.get("http://server/pages/none").json()["code"] == 404


KINDS = [
    ("metric", "1.6.0", "1.5.15"),
    ("driveService", "1.9.0", "1.8.12"),
    ("worksheet", "1.9.0", "1.8.12"),
    ("securityService", "1.8.9", "1.8.8"),
    ("llmService", "1.12.0", "1.11.9"),
    ("mcpService", "1.13.0", "1.12.9"),
]
"""Kinds with the first version that has them, and one before."""


@pytest.mark.parametrize(("entity_type", "first", "before"), KINDS)
def test_kinds_of_later_releases(serve: Serve, entity_type: str, first: str, before: str) -> None:
    """A kind is absent before its first version: its collection, and references to it."""
    path = kinds.KINDS[entity_type].collection
    assert serve(version=first).get(path).status_code == 200
    older = serve(version=before)
    assert refusals(older.get(path))[1].count("HTTP 404 Not Found") == 1
    assert "HTTP 40" in refusals(older.put(f"{path}/bulk", json=[]))[1]
    ends = [
        {"type": entity_type, "id": str(UUID(int=1))},
        {"type": "table", "id": str(UUID(int=2))},
    ]
    edge = {"edge": {"fromEntity": ends[0], "toEntity": ends[1]}}
    assert refusals(older.put("lineage", json=edge)) == (
        404,
        f"Entity type {entity_type} not found",
    )
    assert older.get(f"lineage/{entity_type}/name/x").status_code == 404


def test_etags(serve: Serve, schema: str) -> None:
    """Entity tags are given and heeded from 1.9 on; before, a condition is ignored."""
    serve().put("tables", json={**ROW, "databaseSchema": schema})
    path, other = f"tables/name/{schema}.t", {"If-Match": 'W/"9.9"'}
    for version, has_tags in (("1.6.0", False), ("1.8.9", False), ("1.9.0", True)):
        client = serve(version=version)
        found = client.get(path, headers={"If-None-Match": "*"})
        assert (found.status_code, "etag" in found.headers) == (
            (304, True) if has_tags else (200, False)
        )
        change = {"op": "add", "path": "/displayName", "value": version}
        patched = client.json_patch(path, change, **other)
        assert patched.status_code == (412 if has_tags else 200)
        assert "etag" not in patched.headers


def test_created(serve: Serve, schema: str) -> None:
    """A POST tells the new URL and no kind of change, a PUT the kind of change and no URL."""
    for position, version in enumerate(RELEASES):
        client = serve(version=version)
        body: dict[str, Any] = {**ROW, "databaseSchema": schema}
        posted = client.post("tables", json={**body, "name": f"a{position}"})
        assert posted.status_code == 201
        assert posted.headers["location"] == posted.json()["href"]
        assert "x-openmetadata-change" not in posted.headers
        put = client.put("tables", json={**body, "name": f"b{position}"})
        assert (put.status_code, put.headers["x-openmetadata-change"]) == (201, "entityCreated")
        assert "location" not in put.headers


def test_override(serve: Serve, schema: str) -> None:
    """`overrideMetadata` lets a bot overwrite a description from 2.0 on, and is ignored before."""
    serve().put("tables", json={**ROW, "databaseSchema": schema})
    seen = []
    for version in ("1.11.0", "1.13.0", "2.0.7"):
        client = serve(version=version)
        rows = [{**ROW, "databaseSchema": schema, "description": "new"}]
        assert client.put("tables/bulk?overrideMetadata=true", json=rows).status_code == 200
        seen.append(client.get(f"tables/name/{schema}.t").json()["description"])
    assert seen == ["old", "old", "new"]


def test_equal_hashes(serve: Serve, schema: str) -> None:
    """A batch leaves out rows with the stored `sourceHash` from 2.0 on, and writes them before."""
    serve().put("tables", json={**ROW, "databaseSchema": schema})
    seen = []
    for version in ("2.0.7", "1.13.0"):
        client = serve(version=version)
        rows = [{**ROW, "databaseSchema": schema, "displayName": version}]
        assert client.put("tables/bulk", json=rows).json()["status"] == "success"
        seen.append(client.get(f"tables/name/{schema}.t").json().get("displayName"))
    assert seen == [None, "1.13.0"]


def test_what_a_put_takes(serve: Serve) -> None:
    """A PUT takes away what a server of its release does not protect: a style before 1.7."""
    tag = {"name": "t", "classification": "c", "description": "x"}
    serve().put("classifications", json={"name": "c", "description": "x"})
    serve().put("tags", json={**tag, "style": {"color": "#ff0000"}})
    seen = []
    for version in ("2.0.7", "1.11.0", "1.6.0"):
        answer = serve(version=version).put("tags", json=tag)
        seen.append((answer.headers["X-OpenMetadata-Change"], "style" in answer.json()))
    assert seen == [("entityNoChange", True), ("entityNoChange", True), ("entityUpdated", False)]


def test_one_domain(serve: Serve, schema: str) -> None:
    """Before 1.9 an entity shows one `domain`, asked for and patched by that name."""
    new, old = serve(), serve(version="1.6.0")
    for name in ("d1", "d2"):
        domain = {"name": name, "domainType": "Aggregate", "description": "x"}
        assert new.put("domains", json=domain).status_code == 201
    body = {**ROW, "databaseSchema": schema, "domains": ["d1"]}
    assert new.put("tables", json=body).status_code == 201
    path, d2 = f"tables/name/{schema}.t", new.get("domains/name/d2").json()
    shown = old.get(f"{path}?fields=domain").json()
    assert (shown["domain"]["name"], "domains" in shown) == ("d1", False)
    assert old.get("tables?fields=domain").json()["data"][0]["domain"]["name"] == "d1"
    assert refusals(old.get(f"{path}?fields=domains")) == (400, "Invalid field name domains")
    assert refusals(new.get(f"{path}?fields=domain")) == (400, "Invalid field name domain")
    other = {"op": "replace", "path": "/domain", "value": {"id": d2["id"], "type": "domain"}}
    assert old.json_patch(path, other).json()["domain"]["name"] == "d2"
    assert [one["name"] for one in new.get(f"{path}?fields=domains").json()["domains"]] == ["d2"]
    assert old.json_patch(path, {"op": "remove", "path": "/domains"}).status_code == 400
    assert "domain" not in old.json_patch(path, {"op": "remove", "path": "/domain"}).json()
    assert old.get("users?fields=domains").status_code == 200


def test_needless_quotes(serve: Serve, schema: str) -> None:
    """1.6 finds nothing under an FQN with quotes that are not needed."""
    for collection, fqn in (
        ("databaseSchemas", '"svc".db.s'),
        ("services/databaseServices", '"svc"'),
        ("lineage/databaseSchema", 'svc."db".s'),
    ):
        assert serve().get(f"{collection}/name/{fqn}").status_code == 200
        older = serve(version="1.6.0")
        assert older.get(f"{collection}/name/{fqn}").status_code == 404
        spelled = fqn.replace('"', "")
        assert older.get(f"{collection}/name/{spelled}").status_code == 200


def test_needless_quotes_in_bodies(serve: Serve, schema: str) -> None:
    """1.6 finds no parent, link or tag under an FQN with quotes that are not needed."""
    table = {**ROW, "databaseSchema": 'svc."db".s'}
    assert serve().put("tables", json=table).status_code == 201
    answer = serve(version="1.6.0").put("tables", json=table)
    assert refusals(answer) == (404, 'databaseSchema instance for svc."db".s not found')
    assert serve(version="1.6.0").put("tables", json={**table, "databaseSchema": schema}).is_success
    for name in "ab":
        serve().put("metrics", json={"name": name})
    related = {"name": "a", "relatedMetrics": ['"b"']}
    assert serve().put("metrics", json=related).is_success
    assert serve(version="1.6.0").put("metrics", json=related).status_code == 404
    serve().put("classifications", json={"name": "c", "description": "d"})
    serve().put("tags", json={"name": "t", "classification": "c", "description": "d"})
    label = {"tagFQN": '"c".t', "labelType": "Manual", "state": "Confirmed"}
    column = {"name": "x", "dataType": "INT", "tags": [{**label, "source": "Classification"}]}
    tagged = {"name": "t", "databaseSchema": schema, "columns": [column]}
    assert serve().put("tables", json=tagged).is_success
    answer = serve(version="1.6.0").put("tables", json=tagged)
    assert refusals(answer) == (404, 'tag instance for "c".t not found')


def test_lengths(serve: Serve, schema: str) -> None:
    """1.6 refuses texts without `dataLength`, and fails at a column that loses its own."""

    def table(name: str, **column: Any) -> dict[str, Any]:
        return {"name": name, "databaseSchema": schema, "columns": [{"name": "c", **column}]}

    new, old = serve(), serve(version="1.6.0")
    refused = old.put("tables", json=table("a", dataType="VARCHAR"))
    assert refused.status_code == 400
    assert "dataLength must not be null" in refused.json()["message"]
    assert new.put("tables", json=table("a", dataType="VARCHAR")).status_code == 201
    with_length = table("b", dataType="STRING", dataLength=40)
    assert old.put("tables", json=with_length).status_code == 201
    shorter = table("b", dataType="STRING")
    for _ in range(2):
        status, told = refusals(old.put("tables", json=shorter))
        assert (status, "was thrown" in told) == (500, True)
    assert old.put("tables", json=table("b", dataType="INT")).status_code == 200
    assert old.put("tables", json=with_length).status_code == 200
    assert new.put("tables", json=shorter).status_code == 200


@pytest.mark.parametrize("version", RELEASES)
def test_runs_without_tasks(serve: Serve, version: str) -> None:
    """A run of a pipeline without `taskStatus` is refused, with 500 before 1.12; `[]` is taken."""
    client = serve(version=version)
    service = {"name": "ps", "serviceType": "CustomPipeline"}
    client.put("services/pipelineServices", json=service)
    client.put("pipelines", json={"name": "p", "service": "ps"})
    run: dict[str, Any] = {"timestamp": 1_750_000_000_000, "executionStatus": "Successful"}
    status, told = refusals(client.put("pipelines/ps.p/status", json=run))
    assert (status, "askStatus" in told) == (500 if version in OLDEST else 400, True)
    answer = client.put("pipelines/ps.p/status", json={**run, "taskStatus": []})
    assert (answer.status_code, answer.headers["x-openmetadata-change"]) == (200, "entityUpdated")


def test_references_by_name(serve: Serve, schema: str) -> None:
    """A body that names owners or the ends of an edge without their ids is 400 in 1.6."""
    serve().put("users", json={"name": "ann", "email": "ann@example.com"})
    owner = {"type": "user", "name": "ann", "fullyQualifiedName": "ann"}
    for name in "ab":
        body = {**ROW, "name": name, "databaseSchema": schema, "owners": [owner]}
        assert serve().put("tables", json=body).status_code == 201
        refused = serve(version="1.6.0").put("tables", json=body)
        assert refusals(refused) == (400, "[id must not be null]")
    ends = [{"type": "table", "fullyQualifiedName": f"{schema}.{name}"} for name in "ab"]
    edge = {"edge": {"fromEntity": ends[0], "toEntity": ends[1]}}
    assert serve(version="1.13.0").put("lineage", json=edge).status_code == 200
    answer = serve(version="1.6.0").put("lineage", json=edge)
    assert refusals(answer) == (400, "[id must not be null, id must not be null]")


@pytest.mark.parametrize("version", ["1.6.0", "2.0.7"])
def test_dates_and_times(serve: Serve, version: str) -> None:
    """A pipeline shows in milliseconds when it starts, however that was written."""
    client = serve(version=version)
    client.put("services/pipelineServices", json={"name": "p", "serviceType": "CustomPipeline"})
    body = {"name": "a", "service": "p", "startDate": "2026-03-01T01:00:00.250+01:00"}
    assert client.put("pipelines", json=body).json()["startDate"] == 1772323200250
    client.put("pipelines", json={**body, "name": "b", "startDate": 1772323200000})
    client.put("pipelines", json={**body, "name": "c", "startDate": "2026-03-01"})
    client.put("pipelines", json={**body, "name": "d", "startDate": "soon"})
    listed = client.get("pipelines").json()["data"]
    assert [one["startDate"] for one in listed] == [1772323200250, *[1772323200000] * 2, "soon"]
    operation = {"op": "replace", "path": "/startDate", "value": 1772323200001}
    path, kind = "pipelines/name/p.d", {"Content-Type": "application/json-patch+json"}
    patched = client.patch(path, json=[operation], headers=kind)
    assert patched.json()["startDate"] == 1772323200001, patched.text
    assert client.get(path).json()["startDate"] == 1772323200001
