"""Edges between entities and the graph that they make (contract §4)."""

from __future__ import annotations

from typing import Any

from tests.functional.rest.case import JANE, Ask, case, delete, get, make, patch, put
from tests.functional.rest.expect import ABSENT, MILLISECONDS, Holding, Sized

_STRANGER = "11111111-2222-3333-4444-555555555555"


def _edge(source: str, target: str, details: Any = None, kind: str = "table") -> dict[str, Any]:
    edge: dict[str, Any] = {
        "fromEntity": {"id": f"{{{source}.id}}", "type": "table"},
        "toEntity": {"id": f"{{{target}.id}}", "type": kind},
    }
    if details is not None:
        edge["lineageDetails"] = details
    return {"edge": edge}


def _link(source: str, target: str, **details: Any) -> Ask:
    return put("lineage", _edge(source, target, details or None), 200)


def _shown(status: int = 200, **details: Any) -> Ask:
    shows = {"edge": details} if status == 200 else {"code": status}
    return get("lineage/getLineageEdge/{a.id}/{b.id}", status, shows)


_A_B = (make("table", "a"), make("table", "b"))
_CHAIN = (
    *_A_B,
    make("table", "c"),
    make("table", "d"),
    _link("a", "b"),
    _link("b", "c"),
    _link("c", "d"),
)
_BY_NAME = "lineage/table/name/{a}/table/name/{b}"
_COLUMNS = [{"fromColumns": ["{a}.id", "{a}.note"], "toColumn": "{b}.id", "function": "upper"}]

CASES = [
    case(
        "§4",
        "PUT lineage answers 200 with an empty body, and the edge is Manual unless it says",
        *_A_B,
        put("lineage", _edge("a", "b"), 200, headers={"content-length": "0"}),
        _shown(source="Manual", createdBy="ingestion-bot", createdAt=MILLISECONDS),
    ),
    case(
        "§4",
        "PUT lineage keeps SQL, source, pipeline, description and columns",
        *_A_B,
        make("pipeline"),
        _link(
            "a",
            "b",
            sqlQuery="insert into b select 1",
            source="QueryLineage",
            pipeline={"id": "{pipeline.id}", "type": "pipeline"},
            description="Said.",
            columnsLineage=_COLUMNS,
        ),
        _shown(
            sqlQuery="insert into b select 1",
            source="QueryLineage",
            pipeline={"id": "{pipeline.id}", "type": "pipeline"},
            description="Said.",
            columnsLineage=_COLUMNS,
        ),
    ),
    case(
        "§4",
        "PUT lineage a second time replaces the edge",
        *_A_B,
        _link("a", "b", sqlQuery="one", source="QueryLineage", columnsLineage=_COLUMNS),
        _link("a", "b", source="ViewLineage"),
        _shown(source="ViewLineage", sqlQuery=ABSENT),
        get("lineage/table/{b.id}", shows={"upstreamEdges": Sized(1)}),
    ),
    case(
        "§4",
        "what the server keeps of an edge cannot be sent",
        *_A_B,
        _link("a", "b", createdBy="mallory", createdAt=1, updatedBy="mallory"),
        _shown(createdBy="ingestion-bot", updatedBy="ingestion-bot", createdAt=MILLISECONDS),
    ),
    case(
        "§4",
        "an edge from or to what does not exist is 404",
        make("table", "a"),
        put(
            "lineage",
            {
                "edge": {
                    "fromEntity": {"id": "{a.id}", "type": "table"},
                    "toEntity": {"id": _STRANGER, "type": "table"},
                }
            },
            404,
            says=f"table instance for {_STRANGER} not found",
        ),
        put("lineage/table/name/{a}/table/name/nobody{me}", {}, 404),
        put("lineage/table/name/nobody{me}/table/name/{a}", {}, 404),
    ),
    case(
        "§4",
        "an edge to what is deleted is 404",
        *_A_B,
        delete("tables/{b.id}"),
        put("lineage", _edge("a", "b"), 404),
        put(_BY_NAME, {}, 404),
    ),
    case(
        "§4",
        "a bad edge is 400 and changes nothing",
        *_A_B,
        *(
            put("lineage", body, 400)
            for body in (
                {},
                [],
                {"edge": {}},
                {"edge": {"fromEntity": {"id": "{a.id}", "type": "table"}}},
                {**_edge("a", "b"), "bogus": 1},
                {"edge": {**_edge("a", "b")["edge"], "bogus": 1}},
                _edge("a", "b", {"source": "NoSource"}),
                _edge("a", "b", {"columnsLineage": [{"fromColumns": "x", "toColumn": "y"}]}),
                {"edge": {"fromEntity": {"id": "no", "type": "table"}, "toEntity": {"id": "no"}}},
            )
        ),
        _shown(404),
    ),
    case(
        "§4",
        "a column that its table has not is refused",
        *_A_B,
        put(
            "lineage",
            _edge("a", "b", {"columnsLineage": [{"fromColumns": ["{a}.x"], "toColumn": "{b}.id"}]}),
            400,
        ),
        _shown(404),
    ),
    case(
        "§4",
        "unknown fields of the details are tolerated",
        *_A_B,
        put("lineage", _edge("a", "b", {"source": "Manual", "somethingNew": 1}), 200),
    ),
    case(
        "§4",
        "an edge is put by name, with details or without",
        *_A_B,
        put(_BY_NAME, {}, 200),
        _shown(source="Manual"),
        put(_BY_NAME, {"source": "DbtLineage", "sqlQuery": "select 1"}, 200),
        _shown(source="DbtLineage", sqlQuery="select 1"),
    ),
    case(
        "§4",
        "an edge is shown by ids and by names",
        *_A_B,
        _link("a", "b", source="ViewLineage"),
        _shown(source="ViewLineage"),
        get(
            "lineage/getLineageEdge/table/name/{a}/table/name/{b}",
            shows={"edge": {"source": "ViewLineage"}},
        ),
    ),
    case(
        "§4",
        "an edge that there is not is 404 in JSON, in its direction too",
        *_A_B,
        _link("a", "b"),
        get("lineage/getLineageEdge/{b.id}/{a.id}", 404),
        get("lineage/getLineageEdge/table/name/{b}/table/name/{a}", 404),
        get(f"lineage/getLineageEdge/{{a.id}}/{_STRANGER}", 404),
    ),
    case(
        "§4",
        "the details of an edge are patched, by ids and by names",
        *_A_B,
        _link("a", "b", source="QueryLineage", sqlQuery="one"),
        patch(
            "lineage/table/{a.id}/table/{b.id}",
            [{"op": "replace", "path": "/sqlQuery", "value": "two"}],
            200,
            by=JANE,
        ),
        _shown(source="QueryLineage", sqlQuery="two", updatedBy="jane", createdBy="ingestion-bot"),
        patch(_BY_NAME, [{"op": "add", "path": "/description", "value": "Said."}], 200),
        _shown(sqlQuery="two", description="Said."),
    ),
    case(
        "§4",
        "a patch of an edge that there is not is 404, and a bad patch 400",
        *_A_B,
        patch("lineage/table/{a.id}/table/{b.id}", [], 404),
        patch(_BY_NAME, [], 404),
        _link("a", "b", sqlQuery="one"),
        patch(_BY_NAME, [{"op": "replace", "path": "/nothing/at", "value": 1}], 400),
        patch(_BY_NAME, [{"op": "replace", "path": "/source", "value": "NoSource"}], 400),
        patch(_BY_NAME, {"not": "a list"}, 400),
        _shown(sqlQuery="one"),
    ),
    case(
        "§4",
        "an edge is deleted by ids and by names, once",
        *_A_B,
        _link("a", "b"),
        delete("lineage/table/{a.id}/table/{b.id}"),
        delete("lineage/table/{a.id}/table/{b.id}", 404, {"message": "Lineage edge not found"}),
        _link("a", "b"),
        delete(_BY_NAME),
        delete(_BY_NAME, 404, {"message": "Lineage edge not found"}),
        _shown(404),
    ),
    case(
        "§4",
        "edges of a source that end at an entity are dropped, and no others",
        *_A_B,
        make("table", "c"),
        make("table", "d"),
        _link("a", "c", source="QueryLineage"),
        _link("b", "c", source="Manual"),
        _link("c", "d", source="QueryLineage"),
        delete("lineage/table/{c.id}/type/QueryLineage"),
        get(
            "lineage/table/{c.id}",
            shows={
                "upstreamEdges": [{"fromEntity": "{b.id}"}],
                "downstreamEdges": [{"toEntity": "{d.id}"}],
            },
        ),
    ),
    case(
        "§4",
        "edges of a source are dropped by name, too",
        *_A_B,
        _link("a", "b", source="ViewLineage"),
        delete("lineage/source/name/table/{b}/type/ViewLineage"),
        _shown(404),
    ),
    case(
        "§4",
        "dropping by name came with 2.0",
        make("table", "b"),
        delete("lineage/source/name/table/{b}/type/ViewLineage", 404),
        server="older",
    ),
    case(
        "§4",
        "dropping PipelineLineage of a pipeline drops the edges that name it",
        *_A_B,
        make("pipeline"),
        make("table", "c"),
        _link(
            "a", "b", source="PipelineLineage", pipeline={"id": "{pipeline.id}", "type": "pipeline"}
        ),
        _link("a", "c", source="PipelineLineage"),
        delete("lineage/pipeline/{pipeline.id}/type/PipelineLineage"),
        _shown(404),
        get("lineage/getLineageEdge/{a.id}/{c.id}", 200),
    ),
    case(
        "§4",
        "dropping a source that is none is 400",
        make("table"),
        delete("lineage/table/{table.id}/type/NoSource", 400),
    ),
    case(
        "§4",
        "the graph is one step in both directions, unless it says more",
        *_CHAIN,
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
        *_CHAIN,
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
        "a depth that is no small number is 400",
        make("table"),
        *(
            get(f"lineage/table/{{table.id}}?upstreamDepth={depth}", 400)
            for depth in ("-1", "x", "1.5")
        ),
    ),
    case(
        "§4",
        "the graph's edges carry ids, and their details below lineageDetails",
        *_A_B,
        _link("a", "b", source="ViewLineage", columnsLineage=_COLUMNS),
        get(
            "lineage/table/{a.id}",
            shows={
                "downstreamEdges": [
                    {
                        "fromEntity": "{a.id}",
                        "toEntity": "{b.id}",
                        "lineageDetails": {"source": "ViewLineage", "columnsLineage": _COLUMNS},
                    }
                ]
            },
        ),
    ),
    case(
        "§4",
        "a circle of edges is shown once",
        *_A_B,
        _link("a", "b"),
        _link("b", "a"),
        get("lineage/table/{a.id}?upstreamDepth=3&downstreamDepth=3", shows={"nodes": Sized(1)}),
    ),
    case(
        "§4",
        "lineage links entities of different kinds",
        make("table", "a"),
        make("dashboard", "b"),
        put("lineage", _edge("a", "b", kind="dashboard"), 200),
        get(
            "lineage/dashboard/{b.id}",
            shows={"nodes": [{"id": "{a.id}", "type": "table"}], "upstreamEdges": Sized(1)},
        ),
    ),
    case(
        "§4",
        "the graph of what is not there, or of no kind, is 404",
        get(f"lineage/table/{_STRANGER}", 404),
        get("lineage/table/name/nobody{me}", 404),
        get(f"lineage/chair/{_STRANGER}", (400, 404)),
    ),
    case(
        "§6.5",
        "the lineage of an entity goes with its hard delete",
        *_CHAIN,
        delete("tables/{b.id}?hardDelete=true"),
        get("lineage/table/{a.id}", shows={"nodes": Sized(0)}),
        get("lineage/getLineageEdge/{b.id}/{c.id}", 404),
    ),
]
