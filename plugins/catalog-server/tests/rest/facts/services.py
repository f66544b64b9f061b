"""Services (contract §2): what the standard routes of every collection do not say."""

from __future__ import annotations

from collections.abc import Iterator

from rest.case import Case, case, change, delete, get, make, put
from rest.expect import ABSENT, ANYTHING, Holding
from rest.specimens import COLLECTIONS, SERVICE_TYPES, specimen

_DATABASES = "services/databaseServices"

_CUSTOM_TYPES = {
    "databaseService": "CustomDatabase",
    "dashboardService": "CustomDashboard",
    "messagingService": "CustomMessaging",
    "pipelineService": "CustomPipeline",
    "mlmodelService": "CustomMlModel",
    "storageService": "CustomStorage",
    "searchService": "CustomSearch",
    "driveService": "CustomDrive",
}
"""The families with a type for connectors of one's own."""


def _no_bulk(kind: str) -> Case:
    path = COLLECTIONS[kind]
    return case(
        "§2",
        f"{path} has neither bulk nor deleteStale",
        put(f"{path}/bulk", [], (404, 405)),
        delete(f"{path}/deleteStale", 404),
        since="1.12",
    )


def _tested(kind: str) -> Case:
    path = COLLECTIONS[kind]
    result = {"status": "Successful", "lastUpdatedAt": 1700000000000, "steps": []}
    return case(
        "§2",
        f"{path} keeps the result of a connection test",
        make(kind),
        put(
            f"{path}/{{{kind}.id}}/testConnectionResult",
            result,
            200,
            {"testConnectionResult": {"status": "Successful"}},
        ),
    )


def _wrong_type(kind: str) -> Case:
    path = COLLECTIONS[kind]
    return case(
        "§2",
        f"{path} refuses a serviceType of no product",
        put(path, specimen(kind, serviceType="NoSuchProduct"), 400),
        get(f"{path}/name/{specimen(kind)['name']}", 404),
    )


def _custom(kind: str, custom: str) -> Case:
    path = COLLECTIONS[kind]
    config: dict[str, object] = {
        "type": custom,
        "connectionOptions": {"a": "b"},
        "supportsMetadataExtraction": True,
    }
    if kind != "driveService":  # the one custom connection without this field
        config["sourcePythonClass"] = "my_source.MySource"
    return case(
        "§2",
        f"{path} takes the connection of a connector of one's own, unknown keys too",
        put(
            path,
            specimen(kind, connection={"config": {**config, "keyOfOurs": 1}}),
            201,
            {"connection": {"config": config}, "serviceType": custom},
        ),
        get(f"{path}/name/{specimen(kind)['name']}", shows={"connection": {"config": config}}),
    )


def _cases() -> Iterator[Case]:
    for kind in SERVICE_TYPES:
        yield _no_bulk(kind).of(kind)
        yield _tested(kind).of(kind)
        yield _wrong_type(kind).of(kind)
    for kind, custom in _CUSTOM_TYPES.items():
        yield _custom(kind, custom).of(kind)


CASES = [
    *_cases(),
    case(
        "§2",
        "a service without a connection is legal, and its connection null is no value",
        put(_DATABASES, specimen("databaseService"), 201, {"connection": ABSENT}),
        put(
            _DATABASES,
            specimen("databaseService", connection=None),
            200,
            {"connection": ABSENT},
            headers=change("entityNoChange"),
        ),
    ),
    case(
        "§2",
        "a service whose name has a dot is found by its quoted name",
        put(
            _DATABASES,
            specimen("databaseService") | {"name": "my.svc.{me}"},
            201,
            {"name": "my.svc.{me}", "fullyQualifiedName": '"my.svc.{me}"'},
            keeps={"fqn": "fullyQualifiedName"},
        ),
        get(f"{_DATABASES}/name/{{fqn}}", shows={"name": "my.svc.{me}"}),
    ),
    case(
        "§2",
        "services are listed without any paging parameter",
        make("llmService"),
        get("services/llmServices", shows={"data": ANYTHING, "paging": {"total": ANYTHING}}),
    ),
    case(
        "§2",
        "services are listed by domain",
        make("domain"),
        make("databaseService", "inside", domains=["{domain}"]),
        make("databaseService", "outside"),
        get(
            f"{_DATABASES}?domain={{domain}}&limit=1000",
            shows={"data": [{"id": "{inside.id}"}], "paging": {"total": 1}},
        ),
    ),
    case(
        "§2",
        "what the official workflow sends for a custom connector is taken",
        put(
            _DATABASES,
            {
                "name": "svc{me}",
                "serviceType": "CustomDatabase",
                "connection": {
                    "config": {
                        "type": "CustomDatabase",
                        "sourcePythonClass": "my_src.MySource",
                        "connectionOptions": {"a": "b"},
                        "supportsMetadataExtraction": True,
                    }
                },
            },
            201,
        ),
    ),
    case(
        "§2",
        "the reference to a service has the type of its family",
        make("dashboard"),
        make("topic"),
        make("mlmodel"),
        get("dashboards/{dashboard.id}", shows={"service": {"type": "dashboardService"}}),
        get("topics/{topic.id}", shows={"service": {"type": "messagingService"}}),
        get(
            "mlmodels/{mlmodel.id}",
            shows={
                "service": {
                    "type": "mlmodelService",
                    "id": "{mlmodelService.id}",
                    "fullyQualifiedName": "{mlmodelService}",
                }
            },
        ),
        get(f"{_DATABASES}?limit=1000", shows={"data": Holding()}),
    ),
]
