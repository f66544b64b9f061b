"""Deleting softly, hard, recursively and in the background; restoring (contract §6.5)."""

from __future__ import annotations

from tests.functional.rest.case import JANE, Ask, case, change, delete, get, make, put
from tests.functional.rest.expect import ABSENT, ANYTHING, NOBODY, UUID, Sized
from tests.functional.rest.specimens import specimen

_SCHEMA = "databaseSchemas/{databaseSchema.id}"
_TABLE = "tables/{table.id}"

CASES = [
    case(
        "§6.5",
        "a soft delete is a new version, marks the entity, and keeps everything",
        make("user"),
        make("table", description="Said.", owners=[{"id": "{user.id}", "type": "user"}]),
        delete(
            f"{_TABLE}?recursive=false&hardDelete=false",
            200,
            {"deleted": True, "version": 0.2, "updatedBy": "jane", "description": "Said."},
            by=JANE,
            headers=change("entitySoftDeleted"),
        ),
        get(
            f"{_TABLE}?include=deleted&fields=owners",
            shows={"deleted": True, "owners": [{"id": "{user.id}"}], "columns": Sized(2)},
        ),
    ),
    case(
        "§6.5",
        "what is deleted is hidden by id, by name and in lists, unless it is included",
        make("table"),
        delete(_TABLE),
        get(_TABLE, 404),
        get("tables/name/{table}", 404),
        get("tables?databaseSchema={databaseSchema}", shows={"data": []}),
        get("tables?databaseSchema={databaseSchema}&include=all", shows={"data": Sized(1)}),
        get("tables?databaseSchema={databaseSchema}&include=deleted", shows={"data": Sized(1)}),
        get(f"{_TABLE}?include=non-deleted", 404),
    ),
    case(
        "§6.5",
        "what is not deleted is 404 for include=deleted",
        make("table"),
        get(f"{_TABLE}?include=deleted", 404),
        get("tables?databaseSchema={databaseSchema}&include=deleted", shows={"data": []}),
    ),
    case(
        "§6.5",
        "what has children is not deleted unless it is recursive",
        make("table"),
        delete(_SCHEMA, 400, {"code": 400, "message": "databaseSchema is not empty"}),
        delete(f"{_SCHEMA}?hardDelete=true", 400, {"message": "databaseSchema is not empty"}),
        delete("databases/{database.id}", 400, {"message": "database is not empty"}),
        delete(
            "services/databaseServices/{databaseService.id}?recursive=false",
            400,
            {"message": "databaseService is not empty"},
        ),
        get(_TABLE, shows={"deleted": False}),
    ),
    case(
        "§6.5",
        "children that are deleted already do not keep what is above them",
        make("table"),
        delete(_TABLE),
        delete(_SCHEMA, 200, {"deleted": True}),
    ),
    case(
        "§6.5",
        "a recursive delete takes all that is below, and restore brings it back",
        make("table"),
        delete("services/databaseServices/{databaseService.id}?recursive=true"),
        *(get(path, 404) for path in (_TABLE, _SCHEMA, "databases/{database.id}")),
        put("services/databaseServices/restore", {"id": "{databaseService.id}"}, 200),
        *(
            get(path, shows={"deleted": False})
            for path in (_TABLE, _SCHEMA, "databases/{database.id}")
        ),
    ),
    case(
        "§6.5",
        "restore brings back the children that were deleted with it, not those before",
        make("table", "early"),
        make("table", "late"),
        delete("tables/{early.id}"),
        delete(f"{_SCHEMA}?recursive=true"),
        put("databaseSchemas/restore", {"id": "{databaseSchema.id}"}),
        get("tables/{late.id}"),
        get("tables/{early.id}", 404),
    ),
    case(
        "§6.5",
        "restore answers the entity, live and with a new version",
        make("table"),
        delete(_TABLE),
        put(
            "tables/restore",
            {"id": "{table.id}"},
            200,
            {"id": "{table.id}", "deleted": False, "version": 0.3},
            headers=change("entityRestored"),
        ),
    ),
    case(
        "§6.5",
        "restore needs the id of something",
        put("tables/restore", {}, 400),
        put("tables/restore", {"id": "x"}, 400),
        put("tables/restore", [], 400),
        put("tables/restore", {"id": "11111111-2222-3333-4444-555555555555"}, 404),
    ),
    case(
        "§6.5",
        "restore in the background is 202",
        make("table"),
        delete(_TABLE),
        put("tables/restore?async=true", {"id": "{table.id}"}, 202),
        put("tables", specimen("table", "later"), 201),  # written after what came before it
        get(_TABLE),
    ),
    case(
        "§6.5",
        "a hard delete removes the entity, its versions and everything below",
        make("table"),
        delete(f"{_SCHEMA}?recursive=true&hardDelete=true", 200, headers=change("entityDeleted")),
        get(f"{_SCHEMA}?include=all", 404),
        get(f"{_TABLE}?include=all", 404),
        get(f"{_TABLE}/versions", 404),
        put("tables/restore", {"id": "{table.id}"}, 404),
    ),
    case(
        "§6.5",
        "what was removed for good can be created anew, from version 0.1",
        make("table", description="Said."),
        put("tables", specimen("table", displayName="x"), 200, {"version": 0.2}),
        delete(f"{_TABLE}?hardDelete=true"),
        put("tables", specimen("table"), 201, {"version": 0.1, "description": ABSENT}),
    ),
    case(
        "§6.5",
        "what is deleted already can be removed for good",
        make("table"),
        delete(_TABLE),
        delete(f"{_TABLE}?hardDelete=true"),
        get(f"{_TABLE}?include=all", 404),
    ),
    case(
        "§6.5",
        "a user who is removed no longer owns anything",
        make("user"),
        make("table", owners=[{"id": "{user.id}", "type": "user"}]),
        delete("users/{user.id}?hardDelete=true"),
        get(f"{_TABLE}?fields=owners", shows={"owners": NOBODY}),
    ),
    case(
        "§6.5",
        "a tag that is removed is on nothing any more",
        make("tag"),
        make(
            "table",
            tags=[
                {
                    "tagFQN": "{tag}",
                    "source": "Classification",
                    "labelType": "Manual",
                    "state": "Confirmed",
                }
            ],
        ),
        delete("tags/{tag.id}?hardDelete=true"),
        get(f"{_TABLE}?fields=tags", shows={"tags": []}),
    ),
    case(
        "§6.5",
        "a delete by name is that of the entity",
        make("table"),
        delete("tables/name/{table}?recursive=false&hardDelete=false", 200, {"id": "{table.id}"}),
        get(_TABLE, 404),
    ),
    case(
        "§6.1",
        "a delete in the background is 202 and says what it deletes",
        make("table"),
        delete(
            "tables/async/{table.id}?hardDelete=false&recursive=true",
            202,
            {
                "jobId": UUID,
                "message": ANYTHING,
                "entityName": "{table.name}",
                "hardDelete": False,
                "recursive": True,
            },
        ),
        put("tables", specimen("table", "later"), 201),  # written after what came before it
        get(_TABLE, 404),
    ),
    case(
        "§6.5",
        "a delete in the background of what is not there is 404",
        delete("tables/async/11111111-2222-3333-4444-555555555555", 404),
        delete("tables/async/no-uuid", 404),
    ),
    case(
        "§6.5",
        "a flag that is no boolean is 400, and nothing is deleted",
        make("table"),
        delete(f"{_TABLE}?hardDelete=perhaps", 400),
        delete(f"{_TABLE}?recursive=1", 400),
        get(_TABLE),
    ),
    case(
        "§6.5",
        "what is system-provided cannot be deleted",
        make("classification", provider="system"),
        delete("classifications/{classification.id}?hardDelete=true&recursive=true", 400),
        get("classifications/{classification.id}"),
    ),
    case(
        "§6.5",
        "a second soft delete is 404, as it is hidden",
        make("table"),
        delete(_TABLE),
        delete(_TABLE, 404),
    ),
    case(
        "§6.5",
        "a DELETE may have a body, which does no harm",
        make("table"),
        Ask("DELETE", _TABLE, 200, {"any": "thing"}),
        get(_TABLE, 404),
    ),
]
