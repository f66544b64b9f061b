"""Entities over REST: statuses, headers, pages, versions."""

from __future__ import annotations

import json
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import uuid4

import pytest
from om_ingest_catalog_server.stores import MAX_JOBS

if TYPE_CHECKING:
    from om_ingest_catalog_server.stores import Stores

    from in_process import Client

COLUMNS = [{"name": "id", "dataType": "INT"}]


def test_create(client: Client, schema: str) -> None:
    """POST creates once: 201 with a `Location`, then 409."""
    body = {"name": "t", "databaseSchema": schema, "columns": COLUMNS}
    answer = client.post("tables", json=body)
    assert answer.status_code == 201
    entity = answer.json()
    assert answer.headers["location"] == entity["href"]
    assert "x-openmetadata-change" not in answer.headers
    assert client.get(entity["href"]).json()["fullyQualifiedName"] == "svc.db.s.t"
    again = client.post("tables", json=body)
    assert (again.status_code, again.json()) == (
        409,
        {"code": 409, "message": "Entity already exists"},
    )


def test_put(client: Client, schema: str) -> None:
    """PUT is 201 for a new entity, then 200, and the header says whether anything changed."""
    body = {"name": "t", "databaseSchema": schema, "columns": COLUMNS}
    changes = []
    for given in (body, body, {**body, "description": "x"}):
        answer = client.put("tables", json=given)
        changes.append((answer.status_code, answer.headers["x-openmetadata-change"]))
    assert changes == [(201, "entityCreated"), (200, "entityNoChange"), (200, "entityUpdated")]


@pytest.mark.parametrize("name", ["a/b.c", 'é "x" y', "50%", "a+b", "🙂", "..", "?#&", "%2F", " "])
def test_names(client: Client, name: str) -> None:
    """Entities with any characters in the name are found by their encoded FQN."""
    client.put("services/databaseServices", json={"name": "svc", "serviceType": "CustomDatabase"})
    created = client.put("databases", json={"name": name, "service": "svc"})
    assert created.status_code == 201, created.text
    path = f"databases/name/{quote(created.json()['fullyQualifiedName'], safe='')}"
    assert client.get(path).json()["name"] == name
    assert client.delete(path).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "t", "columns": []}, "databaseSchema"),
        ({"name": "t", "databaseSchema": "svc.db.s", "columns": [], "bogus": 1}, "format"),
        ({"name": 3, "databaseSchema": "svc.db.s", "columns": []}, "name"),
        ({"name": "t", "databaseSchema": "svc.db.s", "columns": {}}, "columns"),
        ({"name": "x" * 257, "databaseSchema": "svc.db.s", "columns": []}, "name"),
        (
            {"name": "t", "databaseSchema": "svc.db.s", "columns": [{"name": "a"}]},
            "columns.0.dataType",
        ),
    ],
)
def test_wrong_bodies(client: Client, schema: str, body: object, field: str) -> None:
    """An invalid body is 400 with the name of the field, if it can be read; nothing is stored."""
    for method in ("PUT", "POST"):
        answer = client.request(method, "tables", json=body)
        assert answer.status_code == 400
        assert field in answer.json()["message"]
        assert answer.headers["www-authenticate"] == "om-auth"
    assert client.get("tables").json()["paging"]["total"] == 0


def test_missing_parent(client: Client) -> None:
    """A parent that does not exist is 404; in a bulk request it is one row's 400."""
    body = {"name": "t", "databaseSchema": "no.such.schema", "columns": []}
    answer = client.put("tables", json=body)
    text = "databaseSchema instance for no.such.schema not found"
    assert (answer.status_code, answer.json()["message"]) == (404, text)
    bulk = client.put("tables/bulk", json=[body])
    assert bulk.status_code == 200
    assert bulk.json()["failedRequest"] == [{"request": body, "message": text, "status": 400}]


def test_pages(client: Client, schema: str) -> None:
    """A list is paged in both directions; invalid fields, filters and numbers are refused."""
    bodies = [{"name": f"t{n}", "databaseSchema": schema, "columns": COLUMNS} for n in range(5)]
    assert client.put("tables/bulk", json=bodies).json()["status"] == "success"
    seen, after = [], ""
    while True:
        page = client.get(f"tables?limit=2&fields=tags,owners&database=svc.db{after}").json()
        seen += [entity["name"] for entity in page["data"]]
        if "after" not in page["paging"]:
            break
        after = f"&after={page['paging']['after']}"
    assert seen == ["t0", "t1", "t2", "t3", "t4"]
    back = client.get(f"tables?limit=2&before={page['paging']['before']}").json()
    assert [entity["name"] for entity in back["data"]] == ["t2", "t3"]
    assert client.get("tables?limit=0").json() == {"data": [], "paging": {"total": 5}}
    assert client.get("tables?database=other.db").json()["paging"]["total"] == 0
    for query in (
        "limit=-1",
        "limit=1000001",
        "include=some",
        "fields=bogus",
        "after=x",
        f"after={page['paging']['before']}&before={page['paging']['before']}",
        "fields=%FF",
    ):
        assert client.get(f"tables?{query}").status_code == 400, query
    for found in (page, back):
        assert all(entity["href"].endswith(entity["id"]) for entity in found["data"])


def test_etags(client: Client, schema: str) -> None:
    """A GET with a matching tag is 304; a patch with another tag is 412."""
    client.put("tables", json={"name": "t", "databaseSchema": schema, "columns": COLUMNS})
    path = f"tables/name/{schema}.t"
    first = client.get(path)
    for tag in (first.headers["etag"], 'W/"0.1"', '"other", W/"0.1"', "*"):
        known = client.get(path, headers={"If-None-Match": tag})
        assert (known.status_code, known.content) == (304, b"")
    change = {"op": "add", "path": "/description", "value": "x"}
    assert client.json_patch(path, change, If_Match='W/"0.2"').status_code == 412
    patched = client.json_patch(path, change, If_Match='W/"0.1"')
    assert patched.status_code == 200
    assert patched.json()["description"] == "x"
    assert patched.headers["etag"] != first.headers["etag"]
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 200


def test_patch(client: Client, schema: str) -> None:
    """PATCH requires its media type and applicable operations; otherwise nothing changes."""
    client.put("tables", json={"name": "t", "databaseSchema": schema, "columns": COLUMNS})
    path = f"tables/name/{schema}.t"
    assert client.patch(path, json=[]).status_code == 415
    for operations in ([{"op": "fly"}], [{"op": "remove", "path": "/nothing"}]):
        assert client.json_patch(path, *operations).status_code == 400
    assert client.get(path).json()["version"] == 0.1
    assert client.json_patch("tables/name/none").status_code == 404


def test_delete_and_restore(client: Client, schema: str) -> None:
    """A deleted entity is 404 unless requested, takes its children along, and can be restored."""
    client.put("tables", json={"name": "t", "databaseSchema": schema, "columns": COLUMNS})
    refused = client.delete("databases/name/svc.db")
    assert (refused.status_code, refused.json()["message"]) == (400, "database is not empty")
    gone = client.delete("databases/name/svc.db?recursive=true&hardDelete=false")
    assert gone.headers["x-openmetadata-change"] == "entitySoftDeleted"
    assert client.get(f"tables/name/{schema}.t").status_code == 404
    assert client.get(f"tables/name/{schema}.t?include=deleted").json()["deleted"] is True
    assert client.get("tables?include=all").json()["paging"]["total"] == 1
    back = client.put("databases/restore", json={"id": gone.json()["id"]})
    assert back.headers["x-openmetadata-change"] == "entityRestored"
    assert client.get(f"tables/name/{schema}.t").status_code == 200
    removed = client.delete(
        f"tables/{client.get(f'tables/name/{schema}.t').json()['id']}?hardDelete=true"
    )
    assert removed.headers["x-openmetadata-change"] == "entityDeleted"
    assert client.get(f"tables/name/{schema}.t?include=all").status_code == 404
    assert client.put("databases/restore", json={"id": str(uuid4())}).status_code == 404
    assert client.put("databases/restore", json={"id": "x"}).status_code == 400


def test_later(client: Client, schema: str) -> None:
    """Background jobs are 202 immediately, and done before later writes."""
    body = {"name": "t", "databaseSchema": schema, "columns": COLUMNS}
    accepted = client.put("tables/bulk?async=true", json=[body])
    assert accepted.status_code == 202
    assert accepted.json()["numberOfRowsProcessed"] == 1
    entity = client.put("tables", json=body)
    assert entity.status_code == 200
    job = client.delete(f"tables/async/{entity.json()['id']}?hardDelete=true")
    assert job.status_code == 202
    assert job.json()["entityName"] == "t"
    assert client.put("tables", json=body).status_code == 201
    assert client.delete(f"tables/async/{uuid4()}").status_code == 404


def test_too_many_jobs(client: Client, stores: Stores) -> None:
    """More than a hundred queued jobs are 429; later jobs are accepted again."""
    blocked, release = Event(), Event()
    stores.writer.submit(lambda: (blocked.set(), release.wait()))
    assert blocked.wait(60)
    try:
        answers = [client.put("tables/bulk?async=true", json=[]) for _ in range(MAX_JOBS + 2)]
    finally:
        release.set()
    assert [answer.status_code for answer in answers] == [202] * MAX_JOBS + [429] * 2
    assert client.put("tables/bulk", json=[]).status_code == 200
    assert client.put("tables/bulk?async=true", json=[]).status_code == 202


def test_versions(client: Client, schema: str) -> None:
    """Versions are JSON texts, newest first; each can be had alone."""
    body = {"name": "t", "databaseSchema": schema, "columns": COLUMNS}
    entity_id = client.put("tables", json=body).json()["id"]
    client.put("tables", json={**body, "description": "x"})
    answer = client.get(f"tables/{entity_id}/versions").json()
    assert answer["entityType"] == "table"
    assert [json.loads(text)["version"] for text in answer["versions"]] == [0.2, 0.1]
    assert "description" not in client.get(f"tables/{entity_id}/versions/0.1").json()
    assert client.get(f"tables/{entity_id}/versions/7.7").status_code == 404
    assert client.get("tables/no-id/versions").status_code == 404


def test_followers_and_votes(client: Client, schema: str) -> None:
    """Users follow and vote; the entity shows it if the field is requested."""
    user = client.put("users", json={"name": "ann", "email": "ann@example.com"}).json()["id"]
    client.put("users", json={"name": "ingestion-bot", "email": "bot@example.com"})
    table = client.put("tables", json={"name": "t", "databaseSchema": schema, "columns": []})
    path = f"tables/{table.json()['id']}"
    event = client.put(f"{path}/followers", json=user)
    assert event.status_code == 200
    assert event.json()["eventType"] == "entityUpdated"
    assert event.headers["x-openmetadata-change"] == "entityFieldsChanged"
    assert client.put(f"{path}/vote", json={"updatedVoteType": "votedUp"}).status_code == 200
    shown = client.get(f"{path}?fields=followers,votes").json()
    assert [follower["id"] for follower in shown["followers"]] == [user]
    assert shown["votes"]["upVotes"] == 1
    assert client.delete(f"{path}/followers/{user}").status_code == 200
    assert client.get(f"{path}?fields=followers").json().get("followers", []) == []
    assert client.put(f"{path}/vote", json={"updatedVoteType": "loved"}).status_code == 400
    assert client.put(f"{path}/followers", json=str(uuid4())).status_code == 404
    assert client.put(f"{path}/followers", json={"id": user}).status_code == 400


def _label(fqn: str) -> dict[str, str]:
    said = {"labelType": "Manual", "state": "Confirmed"}
    return {"tagFQN": fqn, "source": "Classification", **said}


def test_references_show_their_targets(client: Client, schema: str) -> None:
    """References and labels show what their targets are called now, as the strong tag does."""
    ann = client.put("users", json={"name": "ann", "email": "ann@x.org"}).json()
    client.put("classifications", json={"name": "C", "description": "c"})
    client.put("tags", json={"name": "hot", "classification": "C", "description": "Read often."})
    body = {
        "name": "t",
        "databaseSchema": schema,
        "columns": [],
        "owners": [{"id": ann["id"], "type": "user"}],
        "tags": [_label("C.hot")],
    }
    assert client.put("tables", json=body).status_code == 201
    path = f"tables/name/{schema}.t"
    first = client.get(f"{path}?fields=owners,tags")
    (owner,), (label,) = first.json()["owners"], first.json()["tags"]
    assert owner.items() >= {"displayName": "ann", "deleted": False, "href": ann["href"]}.items()
    assert label.items() >= {"name": "hot", "description": "Read often."}.items()

    client.json_patch("users/name/ann", {"op": "add", "path": "/displayName", "value": "Ann"})
    known = {"If-None-Match": first.headers["etag"]}
    second = client.get(f"{path}?fields=owners,tags", headers=known)
    assert second.json()["owners"][0]["displayName"] == "Ann"
    assert second.json()["version"] == first.json()["version"]
    again = client.get(
        f"{path}?fields=owners,tags", headers={"If-None-Match": second.headers["etag"]}
    )
    assert again.status_code == 304
    change = {"op": "add", "path": "/displayName", "value": "T"}
    assert client.json_patch(path, change, If_Match=first.headers["etag"]).status_code == 200
