"""Edges between entities: put, shown, patched, deleted (contract §4)."""

from __future__ import annotations

from typing import Any

from rest.case import JANE, case, delete, get, make, patch, put
from rest.expect import ABSENT, MILLISECONDS, Sized
from rest.linking import A_B, BY_NAME, COLUMNS, STRANGER, edge, link, shown

_BAD_EDGES: list[Any] = [
    {},
    [],
    {"edge": {}},
    {"edge": {"fromEntity": {"id": "{a.id}", "type": "table"}}},
    {**edge("a", "b"), "bogus": 1},
    {"edge": {**edge("a", "b")["edge"], "bogus": 1}},
    edge("a", "b", {"source": "NoSource"}),
    edge("a", "b", {"columnsLineage": [{"fromColumns": "x", "toColumn": "y"}]}),
    {"edge": {"fromEntity": {"id": "no", "type": "table"}, "toEntity": {"id": "no"}}},
]

CASES = [
    case(
        "§4",
        "PUT lineage answers 200 with an empty body, and the edge is Manual unless it says",
        *A_B,
        put("lineage", edge("a", "b"), 200, headers={"content-length": "0"}),
        shown(source="Manual", createdBy="ingestion-bot", createdAt=MILLISECONDS),
    ),
    case(
        "§4",
        "PUT lineage keeps SQL, source, pipeline, description and columns",
        *A_B,
        make("pipeline"),
        link(
            "a",
            "b",
            sqlQuery="insert into b select 1",
            source="QueryLineage",
            pipeline={"id": "{pipeline.id}", "type": "pipeline"},
            description="Said.",
            columnsLineage=COLUMNS,
        ),
        shown(
            sqlQuery="insert into b select 1",
            source="QueryLineage",
            pipeline={"id": "{pipeline.id}", "type": "pipeline"},
            description="Said.",
            columnsLineage=COLUMNS,
        ),
    ),
    case(
        "§4",
        "PUT lineage a second time replaces the edge",
        *A_B,
        link("a", "b", sqlQuery="one", source="QueryLineage", columnsLineage=COLUMNS),
        link("a", "b", source="ViewLineage"),
        shown(source="ViewLineage", sqlQuery=ABSENT),
        get("lineage/table/{b.id}", shows={"upstreamEdges": Sized(1)}),
    ),
    case(
        "§4",
        "what the server keeps of an edge cannot be sent",
        *A_B,
        link("a", "b", createdBy="mallory", createdAt=1, updatedBy="mallory"),
        shown(createdBy="ingestion-bot", updatedBy="ingestion-bot", createdAt=MILLISECONDS),
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
                    "toEntity": {"id": STRANGER, "type": "table"},
                }
            },
            404,
            says=f"table instance for {STRANGER} not found",
        ),
        put("lineage/table/name/{a}/table/name/nobody{me}", {}, 404),
        put("lineage/table/name/nobody{me}/table/name/{a}", {}, 404),
    ),
    case(
        "§4",
        "an edge to what is deleted is put by ids, not by names",
        *A_B,
        delete("tables/{b.id}"),
        put("lineage", edge("a", "b"), 200),
        put(BY_NAME, {}, 404),
    ),
    case(
        "§4",
        "a bad edge is 400 and changes nothing",
        *A_B,
        *(put("lineage", body, 400) for body in _BAD_EDGES),
        shown(404),
    ),
    case(
        "§4",
        "a column that its table has not is refused",
        *A_B,
        put(
            "lineage",
            edge("a", "b", {"columnsLineage": [{"fromColumns": ["{a}.x"], "toColumn": "{b}.id"}]}),
            400,
        ),
        shown(404),
    ),
    case(
        "§4",
        "unknown fields of the details are tolerated",
        *A_B,
        put("lineage", edge("a", "b", {"source": "Manual", "somethingNew": 1}), 200),
    ),
    case(
        "§4",
        "an edge is put by name, with details or without",
        *A_B,
        put(BY_NAME, {}, 200),
        shown(source="Manual"),
        put(BY_NAME, {"source": "DbtLineage", "sqlQuery": "select 1"}, 200),
        shown(source="DbtLineage", sqlQuery="select 1"),
    ),
    case(
        "§4",
        "an edge is shown by ids and by names",
        *A_B,
        link("a", "b", source="ViewLineage"),
        shown(source="ViewLineage"),
        get(
            "lineage/getLineageEdge/table/name/{a}/table/name/{b}",
            shows={"edge": {"source": "ViewLineage"}},
        ),
    ),
    case(
        "§4",
        "an edge that there is not is 404 in JSON, in its direction too",
        *A_B,
        link("a", "b"),
        get("lineage/getLineageEdge/{b.id}/{a.id}", 404),
        get("lineage/getLineageEdge/table/name/{b}/table/name/{a}", 404),
        get(f"lineage/getLineageEdge/{{a.id}}/{STRANGER}", 404),
    ),
    case(
        "§4",
        "the details of an edge are patched, by ids and by names",
        *A_B,
        link("a", "b", source="QueryLineage", sqlQuery="one"),
        patch(
            "lineage/table/{a.id}/table/{b.id}",
            [{"op": "replace", "path": "/sqlQuery", "value": "two"}],
            200,
            by=JANE,
        ),
        shown(source="QueryLineage", sqlQuery="two", updatedBy="jane", createdBy="ingestion-bot"),
        patch(BY_NAME, [{"op": "add", "path": "/description", "value": "Said."}], 200),
        shown(sqlQuery="two", description="Said."),
    ),
    case(
        "§4",
        "a patch of an edge that there is not is 404, and a bad patch 400",
        *A_B,
        patch("lineage/table/{a.id}/table/{b.id}", [], 404),
        patch(BY_NAME, [], 404),
        link("a", "b", sqlQuery="one"),
        patch(BY_NAME, [{"op": "replace", "path": "/nothing/at", "value": 1}], 400),
        patch(BY_NAME, [{"op": "replace", "path": "/source", "value": "NoSource"}], 400),
        patch(BY_NAME, {"not": "a list"}, 400),
        shown(sqlQuery="one"),
    ),
    case(
        "§4",
        "an edge is deleted by ids and by names, once",
        *A_B,
        link("a", "b"),
        delete("lineage/table/{a.id}/table/{b.id}"),
        delete("lineage/table/{a.id}/table/{b.id}", 404, {"message": "Lineage edge not found"}),
        link("a", "b"),
        delete(BY_NAME),
        delete(BY_NAME, 404, {"message": "Lineage edge not found"}),
        shown(404),
    ),
    case(
        "§4",
        "edges of a source that end at an entity are dropped, and no others",
        *A_B,
        make("table", "c"),
        make("table", "d"),
        link("a", "c", source="QueryLineage"),
        link("b", "c", source="Manual"),
        link("c", "d", source="QueryLineage"),
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
        *A_B,
        link("a", "b", source="ViewLineage"),
        delete("lineage/source/name/table/{b}/type/ViewLineage"),
        shown(404),
        since="2.0",
    ),
    case(
        "§4",
        "dropping by name came with 2.0",
        make("table", "b"),
        delete("lineage/source/name/table/{b}/type/ViewLineage", 404),
        since="1.12",
        until="2.0",
    ),
    case(
        "§4",
        "dropping PipelineLineage of a pipeline drops the edges that name it",
        *A_B,
        make("pipeline"),
        make("table", "c"),
        link(
            "a", "b", source="PipelineLineage", pipeline={"id": "{pipeline.id}", "type": "pipeline"}
        ),
        link("a", "c", source="PipelineLineage"),
        delete("lineage/pipeline/{pipeline.id}/type/PipelineLineage"),
        shown(404),
        get("lineage/getLineageEdge/{a.id}/{c.id}", 200),
    ),
    case(
        "§4",
        "dropping a source that is none is 400",
        make("table"),
        delete("lineage/table/{table.id}/type/NoSource", 400),
    ),
]
