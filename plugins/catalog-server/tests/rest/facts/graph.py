"""The graph that edges make around an entity (contract §4)."""

from __future__ import annotations

from rest.case import case, delete, get, make, put
from rest.expect import Holding, Sized
from rest.linking import A_B, CHAIN, COLUMNS, STRANGER, edge, link

CASES = [
    case(
        "§4",
        "the graph is one step in both directions, unless it says more",
        *CHAIN,
        get(
            "lineage/table/{b.id}",
            shows={
                "entity": {"id": "{b.id}", "type": "table", "fullyQualifiedName": "{b}"},
                "nodes": [{"id": "{a.id}"}, {"id": "{c.id}"}],
                "upstreamEdges": [{"fromEntity": "{a.id}", "toEntity": "{b.id}"}],
                "downstreamEdges": [{"fromEntity": "{b.id}", "toEntity": "{c.id}"}],
            },
        ),
    ),
    case(
        "§4",
        "the graph goes as deep as it is asked to, by name too",
        *CHAIN,
        get(
            "lineage/table/name/{a}?upstreamDepth=0&downstreamDepth=3",
            shows={"nodes": Sized(3), "downstreamEdges": Sized(3)},
        ),
        get(
            "lineage/table/{d.id}?upstreamDepth=2&downstreamDepth=0",
            shows={
                "nodes": Holding({"id": "{c.id}"}, {"id": "{b.id}"}),
                "upstreamEdges": Sized(2),
            },
        ),
        get("lineage/table/{b.id}?upstreamDepth=0&downstreamDepth=0", shows={"nodes": Sized(0)}),
    ),
    case(
        "§4",
        "a negative depth is 400",
        make("table"),
        get("lineage/table/{table.id}?upstreamDepth=-1", 400),
    ),
    case(
        "§4",
        "a depth that is no number is 404",
        make("table"),
        *(get(f"lineage/table/{{table.id}}?upstreamDepth={depth}", 404) for depth in ("x", "1.5")),
        since="1.12",
    ),
    case(
        "§4",
        "the graph's edges carry ids, and their details below lineageDetails",
        *A_B,
        link("a", "b", source="ViewLineage", columnsLineage=COLUMNS),
        get(
            "lineage/table/{a.id}",
            shows={
                "downstreamEdges": [
                    {
                        "fromEntity": "{a.id}",
                        "toEntity": "{b.id}",
                        "lineageDetails": {"source": "ViewLineage", "columnsLineage": COLUMNS},
                    }
                ]
            },
        ),
    ),
    case(
        "§4",
        "a circle of edges is shown once, with the entity itself among the nodes",
        *A_B,
        link("a", "b"),
        link("b", "a"),
        get(
            "lineage/table/{a.id}?upstreamDepth=3&downstreamDepth=3",
            shows={"nodes": Holding({"id": "{a.id}"}, {"id": "{b.id}"})},
        ),
    ),
    case(
        "§4",
        "lineage links entities of different kinds",
        make("table", "a"),
        make("dashboard", "b"),
        put("lineage", edge("a", "b", kind="dashboard"), 200),
        get(
            "lineage/dashboard/{b.id}",
            shows={"nodes": [{"id": "{a.id}", "type": "table"}], "upstreamEdges": Sized(1)},
        ),
    ),
    case(
        "§4",
        "the graph of what is not there, or of no kind, is 404",
        get(f"lineage/table/{STRANGER}", 404),
        get("lineage/table/name/nobody{me}", 404),
        get(f"lineage/chair/{STRANGER}", (400, 404)),
    ),
    case(
        "§6.5",
        "the lineage of an entity goes with its hard delete",
        *CHAIN,
        delete("tables/{b.id}?hardDelete=true"),
        get("lineage/table/{a.id}", shows={"nodes": Sized(0)}),
        get("lineage/getLineageEdge/{b.id}/{c.id}", 404),
    ),
]
