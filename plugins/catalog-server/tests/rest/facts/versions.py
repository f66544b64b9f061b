"""Which change makes which version (contract §6.2), and what PUT answers (§6.1)."""

from __future__ import annotations

from typing import Any

from rest.case import (
    JANE,
    JOE,
    Ask,
    case,
    change,
    delete,
    get,
    label,
    make,
    patch,
    post,
    put,
    replacing,
)
from rest.expect import ABSENT, Holding, JsonText, Sized
from rest.specimens import specimen


def _column(name: str = "a", data_type: str = "INT", **more: Any) -> dict[str, Any]:
    return {"name": name, "dataType": data_type, **more}


def _put(version: float, **more: Any) -> Ask:
    return put("databases", specimen("database", **more), 200, {"version": version}, by=JANE)


CASES = [
    case(
        "§6.2",
        "versions count in tenths: after 0.9 comes 1.0",
        make("database"),
        *(_put(round(0.1 + step / 10, 1), displayName=f"n{step}") for step in range(1, 11)),
    ),
    case(
        "§6.2",
        "when nothing changes, version, updatedAt, updatedBy and changeDescription stay",
        make("database"),
        put(
            "databases",
            specimen("database", displayName="New"),
            200,
            {"updatedBy": "joe"},
            by=JOE,
            keeps={"at": "updatedAt"},
        ),
        put(
            "databases",
            specimen("database", displayName="New"),
            200,
            {
                "version": 0.2,
                "updatedAt": "{at}",
                "updatedBy": "joe",
                "changeDescription": {"previousVersion": 0.1},
            },
            by=JANE,
            headers=change("entityNoChange"),
        ),
    ),
    case(
        "§6.2",
        "a changeDescription says what was added, updated and deleted, and from which version",
        make("database", displayName="One", description="Said."),
        put(
            "databases",
            specimen("database", displayName="Two", sourceUrl="http://x"),
            200,
            {
                "changeDescription": {
                    "fieldsAdded": [{"name": "sourceUrl", "newValue": "http://x"}],
                    "fieldsUpdated": [
                        {"name": "displayName", "oldValue": "One", "newValue": "Two"}
                    ],
                    "fieldsDeleted": [{"name": "description", "oldValue": "Said."}],
                    "previousVersion": 0.1,
                }
            },
            by=JANE,
        ),
    ),
    case(
        "§6.2",
        "a changed text or tag of a column is named with the names of all columns around it",
        make(
            "table",
            columns=[_column("a.b"), _column("s", "STRUCT", children=[_column("x")])],
        ),
        put(
            "tables",
            specimen(
                "table",
                columns=[
                    _column("a.b", description="One."),
                    _column("s", "STRUCT", children=[_column("x", description="Two.")]),
                ],
            ),
            200,
            {
                "changeDescription": {
                    "fieldsAdded": Holding(
                        {"name": "columns.a.b.description", "newValue": "One."},
                        {"name": "columns.s.x.description", "newValue": "Two."},
                    )
                }
            },
        ),
        since="1.7",
    ),
    case(
        "§6.2",
        "other changes of a column are named with its own quoted name, also in a struct",
        make(
            "table",
            columns=[_column("a.b"), _column("s", "STRUCT", children=[_column("x")])],
        ),
        put(
            "tables",
            specimen(
                "table",
                columns=[
                    _column("a.b", displayName="One", constraint="NOT_NULL"),
                    _column("s", "STRUCT", children=[_column("x", displayName="Two")]),
                ],
            ),
            200,
            {
                "changeDescription": {
                    "fieldsAdded": Holding(
                        {"name": 'columns."a.b".displayName', "newValue": "One"},
                        {"name": 'columns."a.b".constraint', "newValue": "NOT_NULL"},
                        {"name": "columns.x.displayName", "newValue": "Two"},
                    )
                }
            },
        ),
    ),
    case(
        "§6.2",
        "columns that come and go are described with their FQNs and displayed types",
        make("table", columns=[_column("a"), _column("b", "BIGINT")]),
        put(
            "tables",
            specimen("table", columns=[_column("a"), _column("c", "TEXT")]),
            200,
            {
                "changeDescription": {
                    "fieldsAdded": [
                        {
                            "name": "columns",
                            "newValue": JsonText(
                                [{"fullyQualifiedName": "{table}.c", "dataTypeDisplay": "text"}]
                            ),
                        }
                    ],
                    "fieldsDeleted": [
                        {
                            "name": "columns",
                            "oldValue": JsonText(
                                [{"fullyQualifiedName": "{table}.b", "dataTypeDisplay": "bigint"}]
                            ),
                        }
                    ],
                }
            },
        ),
    ),
    case(
        "§6.2",
        "values that are lists are JSON texts in a changeDescription",
        make("tag"),
        make("database"),
        put(
            "databases",
            specimen("database", tags=[label("{tag}")]),
            200,
            {
                "changeDescription": {
                    "fieldsAdded": [{"name": "tags", "newValue": JsonText([{"tagFQN": "{tag}"}])}]
                }
            },
        ),
    ),
    case(
        "§6.2",
        "every version is kept as it was, newest first",
        make("database"),
        _put(0.2, displayName="Two"),
        _put(0.3, displayName="Three"),
        get(
            "databases/{database.id}/versions",
            shows={
                "entityType": "database",
                "versions": [
                    JsonText({"version": 0.3, "displayName": "Three", "id": "{database.id}"}),
                    JsonText({"version": 0.2, "displayName": "Two"}),
                    JsonText({"version": 0.1, "displayName": ABSENT}),
                ],
            },
        ),
        get("databases/{database.id}/versions/0.2", shows={"displayName": "Two", "version": 0.2}),
        get("databases/{database.id}/versions/0.4", 404),
        get("databases/{database.id}/versions/x", (400, 404)),
    ),
    case(
        "§6.2",
        "patches by one user within the session are consolidated into one version",
        make("database"),
        patch("databases/{database.id}", replacing("/displayName", "A"), 200, {"version": 0.2}),
        patch("databases/{database.id}", replacing("/displayName", "B"), 200, {"version": 0.2}),
        patch(
            "databases/{database.id}",
            replacing("/description", "Said."),
            200,
            {"version": 0.2, "displayName": "B", "description": "Said."},
        ),
        get("databases/{database.id}/versions", shows={"versions": Sized(2)}),
    ),
    case(
        "§6.2",
        "patches by different users are not consolidated",
        make("database"),
        patch(
            "databases/{database.id}", replacing("/displayName", "A"), 200, {"version": 0.2}, by=JOE
        ),
        patch(
            "databases/{database.id}",
            replacing("/displayName", "B"),
            200,
            {"version": 0.3, "updatedBy": "jane"},
            by=JANE,
        ),
    ),
    case(
        "§6.2",
        "PUTs are never consolidated",
        make("database"),
        _put(0.2, displayName="A"),
        _put(0.3, displayName="B"),
    ),
    case(
        "§6.2",
        "a patch with If-Match is never consolidated",
        make("database"),
        *(
            patch(
                "databases/{database.id}",
                replacing("/displayName", f"v{at}"),
                200,
                {"version": round(0.1 + at / 10, 1)},
                sends={"If-Match": f'W/"{0.1 + (at - 1) / 10:.1f}"'},
            )
            for at in (1, 2, 3)
        ),
        since="1.9",
    ),
    case(
        "§6.2",
        "sourceHash and lifeCycle make no version",
        make("table", sourceHash="one"),
        put("tables", specimen("table", sourceHash="two"), 200, {"version": 0.1}),
        put(
            "tables",
            specimen("table", lifeCycle={"created": {"timestamp": 1700000000000}}),
            200,
            {"version": 0.1},
        ),
        get("tables/{table.id}?fields=sourceHash", shows={"version": 0.1}),
        since="1.12",
    ),
    case(
        "§6.2",
        "before 1.12 another lifeCycle makes a version",
        make("table"),
        put(
            "tables",
            specimen("table", lifeCycle={"created": {"timestamp": 1700000000000}}),
            200,
            {"version": 0.2},
        ),
        until="1.12",
    ),
    case(
        "§6.2",
        "before 1.7 another sourceHash makes a version",
        make("table", sourceHash="one"),
        put("tables", specimen("table", sourceHash="two"), 200, {"version": 0.2}),
        until="1.7",
    ),
    case(
        "§6.1",
        "PUT names an entity by its FQN: under another parent it is another one",
        make("database"),
        make("databaseService", "other"),
        put(
            "databases",
            specimen("database", service="{other}"),
            201,
            {"fullyQualifiedName": "{other}.database_{me}"},
        ),
        get("databases/{database.id}", shows={"service": {"id": "{databaseService.id}"}}),
    ),
    case(
        "§6.1",
        "PUT of what is deleted restores it with its children, then updates it",
        make("table"),
        delete("databaseSchemas/{databaseSchema.id}?recursive=true"),
        get("tables/{table.id}", 404),
        put(
            "databaseSchemas",
            specimen("databaseSchema", displayName="Back"),
            200,
            {"deleted": False, "displayName": "Back", "id": "{databaseSchema.id}"},
        ),
        get("tables/{table.id}", shows={"deleted": False}),
    ),
    case(
        "§6.1",
        "POST of what exists is 409, deleted or not, and changes nothing",
        make("database", displayName="One"),
        post(
            "databases", specimen("database", displayName="Two"), 409, says="Entity already exists"
        ),
        get("databases/{database.id}", shows={"displayName": "One", "version": 0.1}),
        delete("databases/{database.id}"),
        post("databases", specimen("database", displayName="Two"), 409),
    ),
    case(
        "§6.1",
        "a PUT or POST below an unknown parent is 404 and says which",
        *(
            ask(
                "tables",
                specimen("table", databaseSchema="no.such.{me}"),
                404,
                says="databaseSchema instance for no.such.{me} not found",
            )
            for ask in (put, post)
        ),
    ),
    case(
        "§6.1",
        "a PUT below a deleted parent is taken",
        make("databaseSchema"),
        delete("databaseSchemas/{databaseSchema.id}"),
        put("tables", specimen("table"), 201),
        get("tables/name/{databaseSchema}.table_{me}", shows={"deleted": False}),
    ),
    case(
        "§6.1",
        "POST answers 201 with the Location of the new entity",
        make("databaseService"),
        post("databases", specimen("database"), 201, keeps={"at": "header:location", "id": "id"}),
        get("databases/{id}", shows={"href": "{at}"}),
    ),
]
