"""Edges between entities: added, merged, read as a graph, and deleted, by id and by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metadata.generated.schema.api.lineage.addLineage import AddLineageRequest
from metadata.generated.schema.entity.data.dashboard import Dashboard
from metadata.generated.schema.entity.data.mlmodel import MlModel
from metadata.generated.schema.entity.data.pipeline import Pipeline
from metadata.generated.schema.entity.data.table import Table
from metadata.generated.schema.type.entityLineage import EntitiesEdge, LineageDetails
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.ingestion.ometa.utils import get_entity_type

from driver.kinds import fqn_of, make, request_for
from driver.scene import Scene


def plays(scene: Scene) -> dict[str, Callable[[], Lineage]]:
    """Three tables, a dashboard and a model, and what flows between them."""
    return {"lineage": lambda: Lineage(scene)}


def ref(entity: Any) -> EntityReference:
    """An end of an edge."""
    return EntityReference(id=entity.id, type=get_entity_type(type(entity)))


def edge(start: Any, end: Any, **details: Any) -> AddLineageRequest:
    """The request for an edge."""
    return AddLineageRequest(
        edge=EntitiesEdge(
            fromEntity=ref(start),
            toEntity=ref(end),
            lineageDetails=LineageDetails.model_validate(details),
        )
    )


class Lineage:
    """The calls of the client that are about lineage."""

    def __init__(self, scene: Scene) -> None:
        self.client = scene.client
        self.raw, self.clean, self.mart = map(self._table, ("raw", "clean", "mart"))
        self.pipeline: Pipeline = make(self.client, Pipeline, "lineage")
        self.dashboard: Dashboard = make(self.client, Dashboard, "lineage")

    def _table(self, name: str) -> Any:
        request = request_for(self.client, Table, "lineage")
        body = request.model_dump(exclude_unset=True, mode="json")
        return self.client.create_or_update(type(request).model_validate({**body, "name": name}))

    def _names(self, graph: Any) -> dict[str, Any]:
        """A graph of ids as one of names."""
        nodes = {node["id"]: node for node in (graph["entity"], *graph.get("nodes", []))}
        return {
            "entity": graph["entity"]["name"],
            "nodes": sorted(node["name"] for node in graph.get("nodes", [])),
            **{
                way: sorted(
                    [nodes[one["fromEntity"]]["name"], nodes[one["toEntity"]]["name"]]
                    for one in graph.get(way, [])
                )
                for way in ("upstreamEdges", "downstreamEdges")
            },
        }

    def _column(self, table: Any, name: str) -> str:
        return f"{fqn_of(table)}.{name}"

    def _edge(self, start: Any, end: Any) -> Any:
        path = f"/lineage/getLineageEdge/{start.id.root}/{end.id.root}"
        return self.client.client.get(path)["edge"]  # past the client's cache

    def added(self) -> dict[str, Any]:
        columns = [
            {
                "fromColumns": [self._column(self.raw, "id")],
                "toColumn": self._column(self.clean, "id"),
            }
        ]
        request = edge(
            self.raw,
            self.clean,
            sqlQuery="insert into clean select id from raw",
            source="QueryLineage",
            columnsLineage=columns,
        )
        return self._names(self.client.add_lineage(request))

    def edge_read(self) -> dict[str, Any]:
        found = self.client.get_lineage_edge(str(self.raw.id.root), str(self.clean.id.root))["edge"]
        return {name: found[name] for name in ("sqlQuery", "source", "columnsLineage")}

    def edge_unknown(self) -> Any:
        return self.client.get_lineage_edge(str(self.mart.id.root), str(self.raw.id.root))

    def merged(self) -> dict[str, Any]:
        """The same edge, with another column and a pipeline: as the sink sends it."""
        columns = [
            {
                "fromColumns": [self._column(self.raw, "address")],
                "toColumn": self._column(self.clean, "address"),
            }
        ]
        request = edge(
            self.raw,
            self.clean,
            sqlQuery="insert into clean select address from raw",
            source="QueryLineage",
            columnsLineage=columns,
            pipeline=ref(self.pipeline),
        )
        self.client.add_lineage(request, check_patch=True, return_lineage=False)
        found = self._edge(self.raw, self.clean)
        return {
            "to": sorted(each["toColumn"] for each in found["columnsLineage"]),
            "sqlQuery": found["sqlQuery"],
            "pipeline": found["pipeline"]["id"] == str(self.pipeline.id.root),
            "source": found["source"],
        }

    def added_by_name(self) -> dict[str, Any]:
        return self._names(
            self.client.add_lineage_by_name(
                fqn_of(self.clean), "table", "lineage.lineage", "dashboard"
            )
        )

    def edge_read_by_name(self) -> Any:
        found = self.client.get_lineage_edge_by_name(
            "table", fqn_of(self.clean), "dashboard", "lineage.lineage"
        )
        return found["edge"]["source"]

    def merged_by_name(self) -> Any:
        self.client.add_lineage_by_name(
            fqn_of(self.clean),
            "table",
            "lineage.lineage",
            "dashboard",
            lineage_details=LineageDetails(sqlQuery="select 1"),
            check_patch=True,
        )
        return self._edge(self.clean, self.dashboard)["sqlQuery"]

    def graph_by_id(self) -> dict[str, Any]:
        self.client.add_lineage(edge(self.clean, self.mart, source="ViewLineage"))
        found = self.client.get_lineage_by_id(Table, self.raw.id, up_depth=1, down_depth=1)
        return self._names(found)

    def graph_by_name(self) -> dict[str, Any]:
        found = self.client.get_lineage_by_name(Table, fqn_of(self.raw), up_depth=0, down_depth=3)
        return self._names(found)

    def unknown_entity(self) -> Any:
        return self.client.get_lineage_by_name(Table, "nobody.knows.this.one")

    def unknown_end(self) -> Any:
        nobody = self.raw.model_copy(update={"id": "00000000-0000-4000-8000-000000000000"})
        return list(self.client.add_lineage(edge(self.raw, nobody)))

    def of_a_model(self) -> dict[str, Any]:
        """A model is fed by the sources of its features."""
        request = request_for(self.client, MlModel, "lineage")
        body = request.model_dump(exclude_unset=True, mode="json")
        source = {
            "name": "id",
            "dataSource": {"id": str(self.mart.id.root), "type": "table"},
        }
        features = [{"name": "age", "dataType": "numerical", "featureSources": [source]}]
        made = self.client.create_or_update(
            type(request).model_validate({**body, "mlFeatures": features})
        )
        return self._names(self.client.add_mlmodel_lineage(made))

    def deleted_by_source(self) -> dict[str, Any]:
        """What a view was derived from; the query's edge stays."""
        self.client.delete_lineage_by_source("table", str(self.mart.id.root), "ViewLineage")
        return self._names(self.client.get_lineage_by_id(Table, self.clean.id))

    def deleted_by_source_by_name(self) -> dict[str, Any]:
        self.client.add_lineage(edge(self.clean, self.mart, source="DbtLineage"))
        self.client.delete_lineage_by_source_by_name("table", fqn_of(self.mart), "DbtLineage")
        return self._names(self.client.get_lineage_by_id(Table, self.clean.id))

    def deleted(self) -> dict[str, Any]:
        self.client.delete_lineage_edge(edge(self.raw, self.clean).edge)
        return self._names(self.client.get_lineage_by_id(Table, self.clean.id))

    def deleted_by_name(self) -> dict[str, Any]:
        self.client.delete_lineage_by_name(
            fqn_of(self.clean), "table", "lineage.lineage", "dashboard"
        )
        return self._names(self.client.get_lineage_by_id(Table, self.clean.id))
