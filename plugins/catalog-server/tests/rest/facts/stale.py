"""Deleting what a run has not seen (contract §5.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rest.case import Ask, Case, Step, case, change, delete, get, make
from rest.expect import Holding, Sized
from rest.facts.bulk import BULK_KINDS, WITHOUT
from rest.specimens import COLLECTIONS, PARENTS

SINCE = "2.0"

_BOTH = (make("table", "seen"), make("table", "gone"))


def _stale(status: int = 200, shows: Any = None, collection: str = "tables", **body: Any) -> Ask:
    request = {
        "scopeFqn": "{databaseSchema}",
        "scopeEntityType": "databaseSchema",
        "seenFqns": ["{seen}"],
        **body,
    }
    request = {name: value for name, value in request.items() if value is not ...}
    path = f"{collection}/deleteStale"
    json = {"Content-Type": "application/json"}
    return Ask("DELETE", path, status, request, shows or {}, sends=json)


def _is(alias: str, *, deleted: bool) -> Ask:
    return get(f"tables/{{{alias}.id}}?include=all", shows={"deleted": deleted})


def _refused(claim: str, **body: Any) -> Case:
    return case("§5.2", claim, *_BOTH, _stale(400, **body), _is("gone", deleted=False))


def _per_kind() -> Iterator[Case]:
    for kind in BULK_KINDS:
        if kind in {"query", "metric"}:
            continue
        path = COLLECTIONS[kind]
        service = {"apiEndpoint": "apiService", "worksheet": "driveService"}
        scope: Step = make(kind, "gone")
        yield case(
            "§5.2",
            f"{path}/deleteStale deletes what was not seen in a service",
            scope,
            make(kind, "seen"),
            _stale(
                200,
                {"status": "success", "numberOfRowsPassed": 1},
                path,
                scopeFqn=f"{{{service.get(kind) or _service_of(kind)}}}",
                scopeEntityType="service",
            ),
            get(f"{path}/{{gone.id}}", 404),
            get(f"{path}/{{seen.id}}"),
        ).of(kind)
    for kind in (*WITHOUT, "query", "metric"):
        yield case(
            "§5.2",
            f"{COLLECTIONS[kind]} has no deleteStale: 404",
            _stale(404, collection=COLLECTIONS[kind], scopeFqn="x", seenFqns=["y"]),
        ).of(kind)


def _service_of(kind: str) -> str:
    parent = PARENTS[kind]
    return parent if parent.endswith("Service") else _service_of(parent)


CASES = [
    *_per_kind(),
    case(
        "§5.2",
        "what is in the scope and was not seen is marked as deleted, and named",
        *_BOTH,
        _stale(
            200,
            {
                "status": "success",
                "numberOfRowsProcessed": 1,
                "numberOfRowsPassed": 1,
                "numberOfRowsFailed": 0,
                "successRequest": [{"request": "{gone}", "status": 200}],
            },
        ),
        _is("gone", deleted=True),
        _is("seen", deleted=False),
    ),
    case(
        "§5.2",
        "a dry run names what would be deleted, and deletes nothing",
        *_BOTH,
        _stale(200, {"dryRun": True, "successRequest": [{"request": "{gone}"}]}, dryRun=True),
        _is("gone", deleted=False),
    ),
    case(
        "§5.2",
        "hardDelete removes for good",
        *_BOTH,
        _stale(200, {"numberOfRowsPassed": 1}, hardDelete=True),
        get("tables/{gone.id}?include=all", 404),
    ),
    case(
        "§5.2",
        "an empty list of seen names deletes nothing",
        *_BOTH,
        _stale(200, {"status": "success", "numberOfRowsProcessed": 0}, seenFqns=[]),
        _is("gone", deleted=False),
        _is("seen", deleted=False),
    ),
    case(
        "§5.2",
        "quotes that a name does not need do not matter",
        *_BOTH,
        _stale(
            200,
            {"successRequest": [{"request": "{gone}"}]},
            seenFqns=['{databaseSchema}."{seen.name}"'],
        ),
        _is("seen", deleted=False),
    ),
    case(
        "§5.2",
        "an unknown scope is a success of nothing",
        *_BOTH,
        _stale(200, {"status": "success", "numberOfRowsProcessed": 0}, scopeFqn="no.such.{me}"),
        _is("gone", deleted=False),
    ),
    case(
        "§5.2",
        "the scope of a service takes its quoted name",
        make("databaseService", "dotted", name="my.{me}"),
        make("database", "holder", service="{dotted}"),
        make("databaseSchema", "databaseSchema", database="{holder}"),
        *_BOTH,
        _stale(200, {"numberOfRowsPassed": 1}, scopeFqn="{dotted}", scopeEntityType="service"),
        _is("gone", deleted=True),
    ),
    case(
        "§5.2",
        "what lies outside the scope stays",
        *_BOTH,
        make("databaseSchema", "other"),
        make("table", "beyond", databaseSchema="{other}"),
        _stale(200, {"numberOfRowsPassed": 1}),
        _is("beyond", deleted=False),
    ),
    case(
        "§5.2",
        "a scope whose name begins like another's is not that other one",
        *_BOTH,
        make("databaseSchema", "longer", name="{databaseSchema.name}x"),
        make("table", "beyond", databaseSchema="{longer}"),
        _stale(200, {"numberOfRowsPassed": 1}),
        _is("beyond", deleted=False),
    ),
    case(
        "§5.2",
        "a schema that was not seen takes its tables with it",
        make("databaseSchema", "seen"),
        make("databaseSchema", "gone"),
        make("table", "inside", databaseSchema="{gone}"),
        _stale(
            200,
            {"successRequest": Holding({"request": "{gone}"})},
            "databaseSchemas",
            scopeFqn="{database}",
            scopeEntityType="database",
            recursive=True,
        ),
        get("databaseSchemas/{gone.id}", 404),
        _is("inside", deleted=True),
        get("databaseSchemas/{seen.id}"),
    ),
    case(
        "§5.2",
        "a schema that still has tables is a failed row unless it is recursive",
        make("databaseSchema", "seen"),
        make("databaseSchema", "gone"),
        make("table", "inside", databaseSchema="{gone}"),
        _stale(
            200,
            {"status": "failure", "numberOfRowsFailed": 1, "failedRequest": Sized(1)},
            "databaseSchemas",
            scopeFqn="{database}",
            scopeEntityType="database",
            recursive=False,
        ),
        get("databaseSchemas/{gone.id}"),
    ),
    case(
        "§5.2",
        "a second time there is nothing left to delete",
        *_BOTH,
        _stale(200, {"numberOfRowsPassed": 1}),
        _stale(200, {"numberOfRowsProcessed": 0}),
    ),
    case(
        "§5.2",
        "what was deleted as stale comes back with the next PUT",
        *_BOTH,
        _stale(200),
        get("tables/{gone.id}", 404),
        Ask(
            "PUT",
            "tables",
            200,
            {
                "name": "{gone.name}",
                "databaseSchema": "{databaseSchema}",
                "columns": [{"name": "id", "dataType": "BIGINT"}],
            },
            {"deleted": False, "id": "{gone.id}"},
        ),
    ),
    _refused("without a scope it is 400", scopeFqn=...),
    _refused("without a type of scope it is 400", scopeEntityType=...),
    _refused("an unknown type of scope is 400", scopeEntityType="chair"),
    _refused("seen names that are no list are 400", seenFqns="x"),
    _refused("a flag that is no boolean is 400", recursive="perhaps"),
    case(
        "§5.2",
        "without a body it is 400",
        *_BOTH,
        Ask("DELETE", "tables/deleteStale", (400, 415)),
        Ask("DELETE", "tables/deleteStale", 400, []),
        _is("gone", deleted=False),
    ),
    case(
        "§5.2",
        "a server before 2.0 answers 404",
        *_BOTH,
        _stale(404),
        _is("gone", deleted=False),
        since="1.12",
        until="2.0",
    ),
    case(
        "§5.2",
        "what is deleted as stale is deleted like any other",
        *_BOTH,
        _stale(200),
        get("tables/{gone.id}?include=deleted", shows={"version": 0.2}),
        delete("tables/{seen.id}", 200, headers=change("entitySoftDeleted")),
    ),
]
