"""What every collection has in common (contract §3.0), said of each one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rest.case import (
    JANE,
    Case,
    Step,
    case,
    change,
    delete,
    get,
    make,
    patch,
    post,
    put,
    replacing,
)
from rest.expect import (
    ABSENT,
    MILLISECONDS,
    NOBODY,
    UUID,
    Holding,
    JsonText,
    Matching,
)
from rest.specimens import (
    COLLECTIONS,
    FQNS,
    HARD_ONLY,
    PARENTS,
    REQUIRED,
    SERVICE_TYPES,
    specimen,
)

_FOLLOWED_SINCE = {
    **dict.fromkeys(("database", "databaseSchema", "domain", "dataProduct"), "1.8"),
    **dict.fromkeys(("classification", "tag", "glossary", "glossaryTerm", "apiCollection"), "2.0"),
}
"""First release whose published models show followers of a kind; services have them since 1.8."""


def _parents(kind: str) -> tuple[Step, ...]:
    return (make(PARENTS[kind]),) if kind in PARENTS else ()


def _created(kind: str) -> Case:
    path = COLLECTIONS[kind]
    body = specimen(kind)
    if kind == "query":
        del body["name"]
    fqn: Any = FQNS.get(kind, "{name}").replace("{name}", str(specimen(kind)["name"]))
    if kind == "query":  # named for its SQL
        fqn = Matching("^{databaseService}[.][0-9a-f]{32}$")
    entity = {
        "id": UUID,
        "fullyQualifiedName": fqn,
        "version": 0.1,
        "updatedAt": MILLISECONDS,
        "updatedBy": "ingestion-bot",
        "href": Matching(f"^http://.*/api/v1/{path}/[0-9a-f-]+$"),
        "deleted": ABSENT if kind in HARD_ONLY else False,
        "changeDescription": ABSENT,
    }
    return case(
        "§3.0",
        f"POST {path} creates a {kind} with its FQN and the standard fields",
        *_parents(kind),
        post(
            path,
            body,
            201,
            entity,
            headers={"Location": Matching(f"/api/v1/{path}/"), "X-OpenMetadata-Change": ABSENT},
            keeps={"id": "id", "fqn": "fullyQualifiedName"},
        ),
        get(f"{path}/{{id}}", shows={"id": "{id}", "fullyQualifiedName": "{fqn}"}),
        get(f"{path}/name/{{fqn}}", shows={"id": "{id}"}),
        post(path, body, 409, says="already exists"),
    )


def _unknown_property(kind: str) -> Case:
    path = COLLECTIONS[kind]
    return case(
        "§3.0",
        f"{path} refuses an unknown property and writes nothing",
        *_parents(kind),
        put(path, specimen(kind, nobodyKnowsThis=1), 400),
        post(path, specimen(kind, nobodyKnowsThis=1), 400),
        get(f"{path}/name/" + _fqn_of_specimen(kind), 404),
    )


def _fqn_of_specimen(kind: str) -> str:
    """The FQN in a path: each placeholder becomes a part of one segment."""
    name = str(specimen(kind)["name"])
    if kind == "query":
        name = name.lower()
        return "{databaseService}." + name
    return FQNS.get(kind, "{name}").replace("{name}", name)


def _missing(kind: str) -> Case:
    path = COLLECTIONS[kind]
    needed = ["serviceType"] if kind in SERVICE_TYPES else [*REQUIRED[kind]]
    if kind != "query":  # which is named for its SQL
        needed.append("name")
    steps = []
    for field in needed:
        body = {name: value for name, value in specimen(kind).items() if name != field}
        steps.append(put(path, body, 400, says=field))
        steps.append(put(path, {**body, field: [[]]}, 400, says=field))
    return case(
        "§3.0",
        f"{path} refuses a request without, or with a wrong, {', '.join(needed)}",
        *_parents(kind),
        *steps,
    )


def _unchanged(kind: str) -> Case:
    path = COLLECTIONS[kind]
    return case(
        "§6.1",
        f"PUT {path} creates, then changes nothing when it is repeated",
        *_parents(kind),
        put(path, specimen(kind), 201, {"version": 0.1}, headers=change("entityCreated")),
        put(
            path,
            specimen(kind),
            200,
            {"version": 0.1},
            headers=change("entityNoChange"),
        ),
    )


def _updated(kind: str) -> Case:
    path = COLLECTIONS[kind]
    return case(
        "§6.2",
        f"PUT {path} with a new display name is a new version, and the old one is kept",
        make(kind),
        put(
            path,
            specimen(kind, displayName="Shown"),
            200,
            {
                "version": 0.2,
                "displayName": "Shown",
                "changeDescription": {
                    "fieldsAdded": [{"name": "displayName", "newValue": "Shown"}],
                    "previousVersion": 0.1,
                },
            },
            headers=change("entityUpdated"),
        ),
        get(
            f"{path}/{{{kind}.id}}/versions",
            shows={
                "entityType": kind,
                "versions": [
                    JsonText({"version": 0.2, "displayName": "Shown"}),
                    JsonText({"version": 0.1, "displayName": ABSENT}),
                ],
            },
        ),
        get(f"{path}/{{{kind}.id}}/versions/0.1", shows={"version": 0.1, "displayName": ABSENT}),
        get(f"{path}/{{{kind}.id}}/versions/7.7", 404),
    )


def _patched(kind: str) -> Case:
    path = COLLECTIONS[kind]
    return case(
        "§6.4",
        f"PATCH {path} changes one field, by id and by name",
        make(kind),
        patch(
            f"{path}/{{{kind}.id}}",
            replacing("/displayName", "By id"),
            200,
            {"displayName": "By id", "version": 0.2},
            by=JANE,
            headers=change("entityUpdated"),
        ),
        patch(
            f"{path}/name/{{{kind}}}",
            replacing("/displayName", "By name"),
            200,
            {"displayName": "By name", "id": f"{{{kind}.id}}", "updatedBy": "jane"},
            by=JANE,
        ),
        get(f"{path}/{{{kind}.id}}", shows={"displayName": "By name"}),
    )


def _deleted(kind: str) -> Case:
    path = COLLECTIONS[kind]
    one = f"{path}/{{{kind}.id}}"
    if kind in HARD_ONLY:
        return case(
            "§6.5",
            f"DELETE {path} with hardDelete removes a {kind} for good",
            make(kind),
            delete(
                f"{one}?recursive=false&hardDelete=true",
                200,
                {"id": f"{{{kind}.id}}"},
                headers=change("entityDeleted"),
            ),
            get(f"{one}?include=all", 404),
            delete(one, 404),
        )
    return case(
        "§6.5",
        f"DELETE {path} hides a {kind}, and restore shows it again",
        make(kind),
        delete(one, 200, {"deleted": True, "version": 0.2}, headers=change("entitySoftDeleted")),
        get(one, 404),
        get(f"{path}/name/{{{kind}}}", 404),
        get(f"{one}?include=deleted", shows={"deleted": True}),
        get(f"{path}/name/{{{kind}}}?include=all", shows={"deleted": True}),
        put(
            f"{path}/restore",
            {"id": f"{{{kind}.id}}"},
            200,
            {"deleted": False, "id": f"{{{kind}.id}}"},
            headers=change("entityRestored"),
        ),
        get(one, shows={"deleted": False}),
        delete(f"{path}/name/{{{kind}}}?recursive=true&hardDelete=true", 200),
        get(f"{one}?include=all", 404),
        put(f"{path}/restore", {"id": f"{{{kind}.id}}"}, 404),
    )


def _followed(kind: str) -> Case:
    path = COLLECTIONS[kind]
    one = f"{path}/{{{kind}.id}}"
    return case(
        "§3.0",
        f"{path} can be followed by a user, and left again",
        make(kind),
        make("user", "fan"),
        put(
            f"{one}/followers",
            "{fan.id}",
            200,
            {
                "eventType": "entityUpdated",
                "changeDescription": {
                    "fieldsAdded": [{"name": "followers", "newValue": [{"id": "{fan.id}"}]}]
                },
            },
        ),
        get(f"{one}?fields=followers", shows={"followers": [{"id": "{fan.id}", "type": "user"}]}),
        delete(f"{one}/followers/{{fan.id}}", 200),
        get(f"{one}?fields=followers", shows={"followers": NOBODY, "version": 0.1}),
        since=_FOLLOWED_SINCE.get(kind, "1.8" if kind.endswith("Service") else ""),
    )


def _listed(kind: str) -> Case:
    path = COLLECTIONS[kind]
    return case(
        "§7",
        f"GET {path} lists every {kind} once",
        make(kind),
        get(
            f"{path}?limit=1000000",
            shows={"data": Holding({"id": f"{{{kind}.id}}"}), "paging": {"after": ABSENT}},
        ),
        get(f"{path}?limit=0", shows={"data": []}),
    )


def _not_found(kind: str) -> Case:
    path = COLLECTIONS[kind]
    stranger = "11111111-2222-3333-4444-555555555555"
    return case(
        "§10.1",
        f"{path} answers 404 in JSON for what is not there",
        get(f"{path}/name/nobody-{{me}}", 404, says=f"{kind} instance for nobody-{{me}} not found"),
        get(f"{path}/{stranger}", 404, says=f"{kind} instance for {stranger} not found"),
        delete(f"{path}/{stranger}", 404),
        delete(f"{path}/name/nobody-{{me}}", 404),
        patch(f"{path}/{stranger}", replacing("/displayName", "x"), 404),
        put(f"{path}/restore", {"id": stranger}, 404),
    )


def _cases() -> Iterator[Case]:
    for kind in COLLECTIONS:
        yield _created(kind).of(kind)
        yield _unknown_property(kind).of(kind)
        yield _missing(kind).of(kind)
        yield _unchanged(kind).of(kind)
        yield _updated(kind).of(kind)
        yield _patched(kind).of(kind)
        yield _deleted(kind).of(kind)
        yield _listed(kind).of(kind)
        yield _not_found(kind).of(kind)
    for kind in ("table", "topic", "dashboard", "glossaryTerm", "databaseService", "domain"):
        yield _followed(kind)


CASES = list(_cases())
