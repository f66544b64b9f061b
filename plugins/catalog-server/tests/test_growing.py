"""Lists that are pages or parts of an entity: children of a container, uses of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from in_process import Client


@pytest.fixture
def bucket(client: Client) -> str:
    """The id of a container with three others in it, and one in the first of those."""
    service = {"name": "s3", "serviceType": "CustomStorage"}
    assert client.put("services/storageServices", json=service).status_code == 201
    outer = client.put("containers", json={"name": "b.c", "service": "s3"}).json()["id"]
    for name in ("x", "y", "z"):
        _container(client, name, outer)
    inner = client.get('containers/name/s3."b.c".x').json()["id"]
    _container(client, "deep", inner)
    return str(outer)


def _container(client: Client, name: str, parent: str) -> None:
    reference = {"id": parent, "type": "container"}
    body = {"name": name, "service": "s3", "parent": reference}
    answer = client.put("containers", json=body)
    assert answer.status_code == 201, answer.text


@pytest.fixture
def query(client: Client) -> str:
    """The path of a query."""
    service = {"name": "svc", "serviceType": "CustomDatabase"}
    client.put("services/databaseServices", json=service)
    body = {"name": "q", "service": "svc", "query": "select 1"}
    return f"queries/{client.put('queries', json=body).json()['id']}"


def names(answer: Any) -> list[str]:
    """The names on a page."""
    return [entity["name"] for entity in answer.json()["data"]]


def test_children(client: Client, bucket: str) -> None:
    """The children of a container are paged by an offset; what is deeper is not among them."""
    for path in (f"containers/{bucket}/children", "containers/name/s3.%22b.c%22/children"):
        assert names(client.get(path)) == ["x", "y", "z"]
        page = client.get(f"{path}?limit=1&offset=1")
        assert names(page) == ["y"]
        assert page.json()["paging"] == {"offset": 1, "limit": 1, "total": 3}
        assert names(client.get(f"{path}?offset=3")) == []
        assert names(client.get(f"{path}?offset=1000000")) == []
        assert names(client.get(f"{path}?limit=0")) == []
        assert client.get(f"{path}?limit=x").status_code == 404
    assert client.get("containers/name/s3.none/children").status_code == 404


def test_uses_of_a_query(client: Client, query: str) -> None:
    """Where a query is used and by whom is added once, and never taken away."""
    service = client.get("services/databaseServices/name/svc").json()["id"]
    user = client.put("users", json={"name": "ada", "email": "ada@example.org"}).json()["id"]
    use = {"id": service, "type": "databaseService"}
    for part, body in (("usage", [use]), ("users", ["ada"]), ("usedBy", ["bob", "bob"])):
        for _ in range(2):
            answer = client.put(f"{query}/{part}", json=body)
            assert answer.status_code == 200, answer.text
    client.put(f"{query}/usedBy", json=["eve"])
    found = client.get(f"{query}?fields=queryUsedIn,users,usedBy").json()
    assert [ref["id"] for ref in found["queryUsedIn"]] == [service]
    assert [ref["id"] for ref in found["users"]] == [user]
    assert found["usedBy"] == ["bob", "eve"]


@pytest.mark.parametrize(
    ("part", "body", "status"),
    [
        ("usage", {}, 400),
        ("usage", ["x"], 400),
        ("usage", [{"id": "x", "type": "table"}], 400),
        ("users", ["nobody"], 404),
        ("users", [3], 400),
        ("usedBy", [None], 400),
    ],
)
def test_uses_that_cannot_be(
    client: Client, query: str, part: str, body: object, status: int
) -> None:
    """An invalid request changes nothing."""
    before = client.get(query).json()
    assert client.put(f"{query}/{part}", json=body).status_code == status
    assert client.get(query).json() == before
