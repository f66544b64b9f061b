"""One catalog, from both sides: filled by a run and served, filled over REST and shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
from om_ingest.kinds import KINDS
from om_ingest.model import Table
from om_ingest_catalog import Catalog

from rest.live import LiveServer
from rest.specimens import COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.command import Cli

_SERVER_ONLY = {
    *("href", "followers", "votes"),  # where it is, and what people think of it
    *("children", "childrenCount", "databaseSchemas", "tables", "pipelines", "apiEndpoints"),
    *("dashboards", "parents", "users", "teams", "userCount", "termCount"),
}
"""What only a server says of an entity, besides all that is stored of it."""

_OF_TARGETS = frozenset({"name", "displayName", "description", "deleted", "href", "style"})


def _over_rest(client: httpx.Client, collection: str) -> Iterator[dict[str, Any]]:
    """Every entity of a collection, page by page."""
    after = ""
    while True:
        page = client.get(f"/api/v1/{collection}?fields=*&limit=7{after}").json()
        yield from page["data"]
        if "after" not in page["paging"]:
            return
        after = f"&after={page['paging']['after']}"


def _in_file(path: Path, entity_type: str) -> dict[str, dict[str, Any]]:
    """Every entity of a kind as the catalog's own interface reads it, by FQN."""
    with Catalog(path, read_only=True) as catalog:
        entities = catalog.list_entities(KINDS[entity_type].entity)
        return {
            entity.fullyQualifiedName: json.loads(entity.model_dump_json(exclude_none=True))
            for entity in entities
        }


def _stored_part(shown: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    """What a server shows of an entity, without what it knows from elsewhere."""
    derived = _SERVER_ONLY - stored.keys() | {"href"}
    return {
        name: _without_targets(value, stored.get(name))
        for name, value in shown.items()
        if name not in derived
    }


def _without_targets(shown: Any, stored: Any) -> Any:
    """A value without what references and labels show of their targets."""
    if isinstance(shown, list) and isinstance(stored, list) and len(shown) == len(stored):
        return [_without_targets(*pair) for pair in zip(shown, stored, strict=True)]
    if not (isinstance(shown, dict) and isinstance(stored, dict)):
        return shown
    extra = _OF_TARGETS if {"id", "type"} <= shown.keys() or "tagFQN" in shown else frozenset()
    return {
        name: _without_targets(value, stored.get(name))
        for name, value in shown.items()
        if name in stored or name not in extra
    }


def test_what_a_run_wrote_is_shown_over_rest(cli: Cli, tmp_path: Path) -> None:
    """After `om-ingest run --sink catalog:x.db`, `serve --catalog x.db` shows each entity of
    each kind as the catalog itself reads it: in lists, by id and by name; and the lineage.
    """
    cli("run", "sample-tables", "--sink", "catalog:x.db").succeeded()
    path = cli.cwd / "x.db"
    with LiveServer(path) as server, server.client() as client:
        compared = 0
        for entity_type, collection in COLLECTIONS.items():
            stored = _in_file(path, entity_type)
            shown = {e["fullyQualifiedName"]: e for e in _over_rest(client, collection)}
            assert shown.keys() == stored.keys(), entity_type
            for fqn, entity in stored.items():
                assert _stored_part(shown[fqn], entity) == entity
                for key in (entity["id"], f"name/{quote(fqn, safe='')}"):
                    answer = client.get(f"/api/v1/{collection}/{key}?fields=*")
                    assert _stored_part(answer.json(), entity) == entity
                compared += 1
        assert compared >= 25, "the sample data has 21 tables alone"
        assert _edges_over_rest(client) == _edges_in_file(path) != set()


def _edges_over_rest(client: httpx.Client) -> set[tuple[str, str]]:
    edges = set()
    for table in _over_rest(client, "tables"):
        graph = client.get(f"/api/v1/lineage/table/{table['id']}").json()
        edges |= {
            (edge["fromEntity"], edge["toEntity"])
            for edge in graph["upstreamEdges"] + graph["downstreamEdges"]
        }
    return edges


def _edges_in_file(path: Path) -> set[tuple[str, str]]:
    with Catalog(path, read_only=True) as catalog:
        graphs = [
            catalog.get_lineage(Table, table.fullyQualifiedName)
            for table in catalog.list_entities(Table)
        ]
    return {
        (str(edge.fromEntity), str(edge.toEntity))
        for graph in graphs
        if graph is not None
        for edge in [*(graph.upstreamEdges or ()), *(graph.downstreamEdges or ())]
    }


def test_what_was_written_over_rest_is_in_the_catalog(cli: Cli) -> None:
    """What clients write to a server, singly and in bulk, `om-ingest catalog` shows of its
    file, while the server runs and afterwards; and so does the catalog's own interface.
    """
    path = cli.cwd / "x.db"
    tables = [
        {
            "name": f"t {number}/é.x",
            "databaseSchema": "shop.trade.sales",
            "description": f"Number {number}.",
            "columns": [{"name": "id", "dataType": "INT"}],
        }
        for number in range(12)
    ]
    with LiveServer(path) as server, server.client() as client:
        for collection, body in (
            ("services/databaseServices", {"name": "shop", "serviceType": "Mysql"}),
            ("databases", {"name": "trade", "service": "shop"}),
            ("databaseSchemas", {"name": "sales", "database": "shop.trade"}),
            ("tables", tables[0]),
        ):
            assert client.put(f"/api/v1/{collection}", json=body).status_code == 201
        bulk = client.put("/api/v1/tables/bulk", json=tables)
        assert bulk.json()["numberOfRowsPassed"] == 12
        removed = client.delete(f"/api/v1/tables/name/{quote(_fqn(tables[11]), safe='')}")
        assert removed.status_code == 200
        shown = {e["fullyQualifiedName"]: e for e in _over_rest(client, "tables")}
        assert _seen_by_command(cli) == set(shown)

    assert _seen_by_command(cli) == set(shown) == {_fqn(table) for table in tables[:11]}
    stored = _in_file(path, "table")
    assert {fqn: _stored_part(shown[fqn], entity) for fqn, entity in stored.items()} == stored
    one = cli("catalog", "show", "--catalog", "x.db", _fqn(tables[3]), "--json").json
    assert one["description"] == "Number 3."


def test_a_run_beside_a_running_server(cli: Cli) -> None:
    """A run that writes to the file of a running server is seen over REST at once; what a
    client then changes over REST the next run finds, and brings back what was removed.
    """
    with LiveServer(cli.cwd / "x.db") as server, server.client() as client:

        def run() -> dict[str, dict[str, Any]]:
            cli("run", "sample-tables", "--sink", "catalog:x.db").succeeded()
            total = client.get("/api/v1/tables?limit=0").json()["paging"]["total"]
            shown = {e["fullyQualifiedName"]: e for e in _over_rest(client, "tables")}
            assert total == len(shown) == 21
            assert _seen_by_command(cli) == set(shown)
            return shown

        first = run()
        one, other = sorted(first)[:2]
        kept = client.patch(
            f"/api/v1/tables/name/{one}",
            json=[{"op": "add", "path": "/description", "value": "Said by people."}],
            headers={"Content-Type": "application/json-patch+json"},
        )
        assert kept.status_code == 200
        assert client.delete(f"/api/v1/tables/name/{other}?hardDelete=true").status_code == 200
        second = run()
        assert second[one]["description"] == "Said by people."
        assert second[other]["version"] == 0.1
        service = "/api/v1/services/databaseServices/name/sample-tables"
        assert client.delete(f"{service}?recursive=true").status_code == 200
        assert client.get("/api/v1/tables?limit=0").json()["paging"]["total"] == 0
        assert set(run()) == set(first)


def _fqn(table: dict[str, Any]) -> str:
    return f'shop.trade.sales."{table["name"]}"'


def _seen_by_command(cli: Cli) -> set[str]:
    listed = cli("catalog", "tables", "--catalog", "x.db", "--json").json
    return {table["fullyQualifiedName"] for table in listed}
