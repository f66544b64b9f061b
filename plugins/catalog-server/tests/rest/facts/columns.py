"""Which changes of columns, fields and tasks are major ones (contract §6.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rest.case import Case, case, get, label, make, patch, put, replacing
from rest.expect import ABSENT, NOBODY, JsonText
from rest.specimens import specimen


def _column(name: str = "a", data_type: str = "INT", **more: Any) -> dict[str, Any]:
    return {"name": name, "dataType": data_type, **more}


def _columns(claim: str, before: list[Any], after: list[Any], version: float) -> Case:
    """A change of columns that leads from 0.1 to a version."""
    return case(
        "§6.2",
        claim,
        make("table", columns=before),
        put("tables", specimen("table", columns=after), 200, {"version": version}),
    )


_MAJOR = 1.1
_MINOR = 0.2
_SAME = 0.1

CASES = [
    _columns("a removed column is a major change", [_column(), _column("b")], [_column()], _MAJOR),
    _columns("an added column is a minor change", [_column()], [_column(), _column("b")], _MINOR),
    _columns("another data type is a major change", [_column()], [_column("a", "TEXT")], _MAJOR),
    _columns(
        "another arrayDataType is a major change",
        [_column("a", "ARRAY", arrayDataType="INT")],
        [_column("a", "ARRAY", arrayDataType="TEXT")],
        _MAJOR,
    ),
    _columns(
        "a shorter dataLength is a major change",
        [_column("a", "VARCHAR", dataLength=10)],
        [_column("a", "VARCHAR", dataLength=9)],
        _MAJOR,
    ),
    _columns(
        "a longer dataLength is a minor change",
        [_column("a", "VARCHAR", dataLength=10)],
        [_column("a", "VARCHAR", dataLength=11)],
        _MINOR,
    ),
    _columns(
        "a dataLength that is new is a major change",
        [_column("a", "TEXT")],
        [_column("a", "TEXT", dataLength=11)],
        _MAJOR,
    ),
    replace(
        _columns(
            "a dataLength that is gone is a minor change",
            [_column("a", "TEXT", dataLength=11)],
            [_column("a", "TEXT")],
            _MINOR,
        ),
        since="1.7",
    ),
    case(
        "§6.2",
        "before 1.7 a dataLength that is gone was a failure of the server",
        make("table", columns=[_column("a", "TEXT", dataLength=11)]),
        put("tables", specimen("table", columns=[_column("a", "TEXT")]), 500),
        get("tables/{table.id}", shows={"columns": [{"dataLength": 11}], "version": _SAME}),
        until="1.7",
    ),
    _columns(
        "a lower precision is a major change",
        [_column("a", "DECIMAL", precision=9, scale=2)],
        [_column("a", "DECIMAL", precision=8, scale=2)],
        _MAJOR,
    ),
    _columns(
        "a lower scale is a major change",
        [_column("a", "DECIMAL", precision=9, scale=2)],
        [_column("a", "DECIMAL", precision=9, scale=1)],
        _MAJOR,
    ),
    _columns(
        "a scale that is gone is a major change",
        [_column("a", "DECIMAL", precision=9, scale=2)],
        [_column("a", "DECIMAL", precision=9)],
        _MAJOR,
    ),
    _columns(
        "a higher precision and scale is a minor change",
        [_column("a", "DECIMAL", precision=9, scale=2)],
        [_column("a", "DECIMAL", precision=10, scale=3)],
        _MINOR,
    ),
    _columns(
        "a removed member of a struct is a major change",
        [_column("s", "STRUCT", children=[_column("x"), _column("y")])],
        [_column("s", "STRUCT", children=[_column("x")])],
        _MAJOR,
    ),
    _columns(
        "a column whose name changes its case alone is unchanged",
        [_column("Amount", description="Said.")],
        [_column("amount", description="Said.")],
        _SAME,
    ),
    _columns(
        "columns in another order, and another display of their types, are unchanged",
        [_column(ordinalPosition=1, dataTypeDisplay="int"), _column("b")],
        [_column("b"), _column(ordinalPosition=2, dataTypeDisplay="int(4)")],
        _SAME,
    ),
    case(
        "§6.2",
        "a type change carries the description of a column over, not its name and tags",
        make("tag"),
        make(
            "table",
            columns=[_column(description="Said.", displayName="A", tags=[label("{tag}")])],
        ),
        put(
            "tables",
            specimen("table", columns=[_column("a", "TEXT")]),
            200,
            {"columns": [{"description": "Said.", "displayName": ABSENT, "tags": NOBODY}]},
        ),
    ),
    case(
        "§6.2",
        "a field of a search index that is called columns is no column",
        make(
            "searchIndex",
            fields=[_column("columns", "OBJECT", children=[_column("k", "TEXT")])],
        ),
        patch(
            "searchIndexes/{searchIndex.id}",
            replacing("/fields/0/children/0/displayName", "K"),
            200,
            {"changeDescription": {"fieldsAdded": [{"name": "fields.columns.k.displayName"}]}},
        ),
        put(
            "searchIndexes",
            specimen("searchIndex", fields=[_column("columns", "OBJECT", children=[])]),
            200,
            {
                "changeDescription": {
                    "fieldsDeleted": [
                        {
                            "name": "fields.columns",
                            "oldValue": JsonText([{"name": "k", "dataTypeDisplay": ABSENT}]),
                        }
                    ]
                }
            },
        ),
    ),
    case(
        "§6.2",
        "a removed topic field is a major change",
        make(
            "topic",
            messageSchema={
                "schemaType": "JSON",
                "schemaFields": [
                    {"name": "a", "dataType": "STRING"},
                    {"name": "b", "dataType": "STRING"},
                ],
            },
        ),
        put(
            "topics",
            specimen(
                "topic",
                messageSchema={
                    "schemaType": "JSON",
                    "schemaFields": [{"name": "a", "dataType": "STRING"}],
                },
            ),
            200,
            {"version": _MAJOR},
        ),
    ),
    case(
        "§6.2",
        "a removed task of a pipeline is a minor change",
        make("pipeline", tasks=[{"name": "a"}, {"name": "b"}]),
        put("pipelines", specimen("pipeline", tasks=[{"name": "a"}]), 200, {"version": _MINOR}),
    ),
]
