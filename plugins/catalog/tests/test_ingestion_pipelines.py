"""Ingestion pipelines of services of any family, and their runs (REST contract §9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from om_ingest.errors import NotFoundError, RecordError
from om_ingest.kinds import KINDS, SERVICE_KINDS
from om_ingest.model import DashboardService, DatabaseService, EntityReference, IngestionPipeline
from om_ingest.model.entity import CreateRequest
from om_ingest_catalog import Actor, Attachments, Catalog, Collection

Make = Callable[..., CreateRequest]

NOW = 1_700_000_000_000


@pytest.fixture
def twins(make: Make) -> Iterator[Catalog]:
    """A database service and a dashboard service, both called `x`, each with a pipeline."""
    with Catalog.temporary() as catalog:
        catalog.write([make("databaseService", name="x"), make("dashboardService", name="x")])
        results = catalog.write(
            [
                pipeline(make, "tables", type="databaseService", fullyQualifiedName="x"),
                pipeline(make, "charts", type="dashboardService", fullyQualifiedName='"x"'),
            ]
        )
        assert [result.reason for result in results] == ["", ""]
        yield catalog


def pipeline(make: Make, name: str, /, **service: Any) -> CreateRequest:
    return make("ingestionPipeline", name=name, service=service)


def names(catalog: Catalog) -> list[str]:
    return [found.name for found in catalog.list_entities(IngestionPipeline)]


def test_it_lies_below_its_service(twins: Catalog) -> None:
    """The FQN is that of the service and the name; the answer refers to the right service."""
    found = twins.get_by_name(IngestionPipeline, "x.charts")
    service = twins.get_by_name(DashboardService, "x")
    assert found is not None
    assert found.service is not None
    assert service is not None
    assert (found.service.id, found.service.type) == (service.id, "dashboardService")
    document = Collection(twins, KINDS["databaseService"]).get("x", fields={"pipelines"}).entity
    assert [one["name"] for one in document["pipelines"]] == ["tables"]


@pytest.mark.parametrize("segment", SERVICE_KINDS)
def test_a_service_of_any_family_has_pipelines(segment: str, make: Make) -> None:
    """Each of the 13 kinds of service can have ingestion pipelines, named by FQN or by id."""
    kind = SERVICE_KINDS[segment]
    with Catalog.temporary() as catalog:
        service = catalog.create_or_update(make(kind.entity_type, name="my.s"))
        by_id = EntityReference(type=kind.entity_type, id=service.id).model_dump()
        for name, reference in (("one", service.reference().model_dump()), ("two", by_id)):
            made = catalog.create_or_update(pipeline(make, name, **reference))
            assert made.fullyQualifiedName == f'"my.s".{name}'
            assert made.service.id == service.id


@pytest.mark.parametrize("hard", [False, True])
def test_services_of_one_name_keep_their_own(twins: Catalog, *, hard: bool) -> None:
    """A service is deleted and restored with its own pipelines, not those of its namesake."""
    with pytest.raises(RecordError, match="databaseService is not empty"):
        twins.delete(DatabaseService, "x")
    twins.delete(DatabaseService, "x", recursive=True, hard=hard)
    assert names(twins) == ["charts"]
    if hard:
        return
    twins.delete(DashboardService, "x", recursive=True)
    twins.restore(DatabaseService, "x")
    assert names(twins) == ["tables"]


def test_a_pipeline_stays_with_its_service(twins: Catalog, make: Make) -> None:
    """A request that refers to the namesake of its service is refused."""
    moved = pipeline(make, "tables", type="dashboardService", fullyQualifiedName="x")
    (result,) = twins.write([moved])
    assert result.reason.startswith("x.tables belongs to a databaseService, not to a dashboard")
    found = twins.get_by_name(IngestionPipeline, "x.tables")
    assert found is not None
    assert (found.version, found.service and found.service.type) == (0.1, "databaseService")


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ({"type": "storageService", "fullyQualifiedName": "x"}, "the storageService x does not"),
        ({"type": "table", "fullyQualifiedName": "x"}, "cannot lie in a table"),
        ({"type": "databaseService"}, "service is missing"),
    ],
)
def test_a_service_that_is_none(
    twins: Catalog, make: Make, service: dict[str, str], said: str
) -> None:
    """A pipeline of a missing service, or of something else than a service, is refused."""
    (result,) = twins.write([pipeline(make, "p", **service)])
    assert said in result.reason


def test_putting_it_again(twins: Catalog) -> None:
    """The official client's body is taken as it is; the same again changes nothing (§9)."""
    collection = Collection(twins, KINDS["ingestionPipeline"])
    service = Collection(twins, KINDS["databaseService"]).get("x").entity
    body = {
        "name": "my_pipe",
        "pipelineType": "metadata",
        "sourceConfig": {"config": {"type": "DatabaseMetadata"}},
        "airflowConfig": {},
        "service": {"id": service["id"], "type": "databaseService"},
        "enableStreamableLogs": False,
    }
    made = collection.put(body, Actor())
    assert made.change == "entityCreated"
    entity = made.document.entity
    assert entity["fullyQualifiedName"] == "x.my_pipe"
    assert entity["sourceConfig"] == body["sourceConfig"]
    assert entity["airflowConfig"].items() >= {"concurrency": 1, "retryDelay": 300}.items()
    assert IngestionPipeline.model_validate(entity).service is not None
    assert collection.put(body, Actor()).change == "entityNoChange"
    changed = collection.put({**body, "displayName": "Mine"}, Actor())
    assert changed.document.entity["version"] == 0.2
    assert changed.document.entity["service"] == entity["service"]


def run(run_id: str, at: int, **more: Any) -> dict[str, Any]:
    return {"runId": run_id, "timestamp": at, "pipelineState": "running", **more}


def test_runs_by_id(twins: Catalog) -> None:
    """A run is stored, replaced and read by its id, with every count; an unknown one is None."""
    runs = Attachments(twins)
    runs.put_run_status("x.tables", run("r1", NOW))
    step = {"name": "Source", "records": 4, "failures": [{"name": "bad", "error": "boom"}]}
    done = run("r1", NOW + 5, pipelineState="failed", endDate=NOW + 5, status=[step], config={})
    shown = runs.put_run_status("x.tables", done)
    counts = dict.fromkeys(("updated_records", "warnings", "errors", "filtered"), 0)
    done["status"] = [{**counts, **step}]
    assert shown["pipelineStatuses"] == [done]
    assert shown["version"] == 0.1
    assert runs.run_status("x.tables", "r1") == done
    assert runs.run_status("x.tables", "r2") is None
    assert runs.run_status("x.charts", "r1") is None
    with pytest.raises(NotFoundError, match=r"ingestionPipeline instance for x\.none not found"):
        runs.run_status("x.none", "r1")


def test_runs_by_time(twins: Catalog) -> None:
    """Runs are listed latest first, from a range with its ends; without a range five of them."""
    runs = Attachments(twins)
    for number in (3, 1, 7, 2, 6, 4, 5):
        runs.put_run_status("x.tables", run(f"r{number}", NOW + number))

    def listed(*arguments: int | None) -> str:
        return " ".join(found["runId"] for found in runs.run_statuses("x.tables", *arguments))

    assert listed() == "r7 r6 r5 r4 r3"
    assert listed(NOW + 2, NOW + 4) == "r4 r3 r2"
    assert listed(NOW + 2) == "r7 r6 r5 r4 r3 r2"
    assert listed(None, NOW + 9, 2) == "r7 r6"
    collection = Collection(twins, KINDS["ingestionPipeline"])
    entity = collection.get("x.tables", fields={"pipelineStatuses"}).entity
    assert [found["runId"] for found in entity["pipelineStatuses"]] == [
        "r7",
        "r6",
        "r5",
        "r4",
        "r3",
    ]
    runs.delete_run_status("x.tables", "r7")
    assert listed(None, None, 1) == "r6"
    assert "pipelineStatuses" not in runs.delete_run_status("x.tables")
    assert listed() == ""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (run("r", 1_700_000_000), "in milliseconds"),
        ({"timestamp": NOW}, "runId is missing"),
        ({"runId": "r"}, "timestamp is missing"),
        (run("r", NOW, pipelineState="gone"), "pipelineState"),
        (run("r", NOW, more=1), "more is no field"),
    ],
)
def test_runs_that_are_wrong(twins: Catalog, body: dict[str, Any], said: str) -> None:
    """A run without id or time, or in seconds, or with unknown fields, is refused."""
    with pytest.raises(RecordError, match=said):
        Attachments(twins).put_run_status("x.tables", body)


def test_runs_of_pipelines(make: Make) -> None:
    """A run of a pipeline is identified by its timestamp; the latest is shown (§3.1)."""
    with Catalog.temporary() as catalog:
        catalog.write([make("pipelineService"), make("pipeline", tasks=None)])
        runs, fqn = Attachments(catalog), "pipelineService.pipeline"

        def status(at: int, state: str) -> dict[str, Any]:
            return {"timestamp": at, "executionStatus": state}

        runs.put_pipeline_status(fqn, status(NOW + 1, "Failed"), status(NOW, "Successful"))
        shown = runs.put_pipeline_status(fqn, status(NOW + 1, "Successful"))
        assert shown["pipelineStatus"] == status(NOW + 1, "Successful")
        states = [found["executionStatus"] for found in runs.pipeline_statuses(fqn)]
        assert states == ["Successful", "Successful"]
        assert len(runs.pipeline_statuses(fqn, NOW + 1, None)) == 1
        assert runs.delete_pipeline_status(fqn, NOW + 1)["pipelineStatus"]["timestamp"] == NOW
        with pytest.raises(NotFoundError):
            runs.delete_pipeline_status(fqn, NOW + 1)
        with pytest.raises(RecordError, match="in milliseconds"):
            runs.put_pipeline_status(fqn, status(NOW + 2, "Failed"), status(5, "Failed"))
        assert len(runs.pipeline_statuses(fqn)) == 1
