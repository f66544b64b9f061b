"""Entities that a run does not know, or believes absent, on a server in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from om_ingest import REST, EntityReference
from om_ingest.kinds import KINDS
from om_ingest.model import (
    CreateChartRequest,
    CreateDashboardRequest,
    CreateDashboardServiceRequest,
    CreateDatabaseServiceRequest,
    CreateDomainRequest,
    CreateUserRequest,
    User,
)
from om_ingest.openmetadata.store import OpenMetadata
from om_ingest_catalog_server.application import Application
from om_ingest_catalog_server.settings import ServerSettings
from om_ingest_catalog_server.stores import Stores

from in_process import API, InProcess
from tests.every_kind import build

Around = Callable[[httpx.Request, Callable[[], httpx.Response]], httpx.Response]


class Line(InProcess):
    """The way to a server, on which something may happen to requests and answers."""

    around: Around | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the application does, or as `around` has it."""
        answer = super().handle_request
        if self.around is None:
            return answer(request)
        return self.around(request, lambda: answer(request))


class Place:
    """A server, and a person at it."""

    def __init__(self, application: Application, stack: ExitStack) -> None:
        self._stack = stack
        self.line = Line(application)
        self.person = httpx.Client(transport=InProcess(application), base_url=f"http://server{API}")

    def store(self, **settings: Any) -> OpenMetadata:
        """The client of a new run."""
        config = {"hostPort": "http://server/api", "retryBudget_s": 1, **settings}
        return self._stack.enter_context(REST(config, wire=self.line))

    def put(self, collection: str, **body: Any) -> Any:
        """Write as a person."""
        return self.person.put(collection, json=body).raise_for_status().json()

    def get(self, collection: str, fqn: str, fields: str = "") -> Any:
        """Read an entity."""
        query = {"fields": fields} if fields else {}
        return self.person.get(f"{collection}/name/{fqn}", params=query).raise_for_status().json()

    def edit(self, collection: str, fqn: str, **fields: Any) -> None:
        """Set fields as a person."""
        edits = [{"op": "add", "path": f"/{name}", "value": told} for name, told in fields.items()]
        self.person.patch(
            f"{collection}/{self.get(collection, fqn)['id']}",
            content=json.dumps(edits),
            headers={"Content-Type": "application/json-patch+json"},
        ).raise_for_status()

    def delete(self, collection: str, fqn: str) -> None:
        """Mark as deleted, with what lies below it."""
        path = f"{collection}/{self.get(collection, fqn)['id']}"
        self.person.delete(path, params={"recursive": "true"}).raise_for_status()


@pytest.fixture(params=["1.6.0", "2.0.7"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A server of a release."""
    with ExitStack() as stack:
        settings = ServerSettings(tmp_path / "c.db", request.param)
        application = Application(settings, stack.enter_context(Stores(settings.catalog)))
        yield Place(application, stack)


def users(*names: str) -> list[CreateUserRequest]:
    """Users of whom only names and addresses are said."""
    return [CreateUserRequest(name=name, email=f"{name}@x.org") for name in names]


def outcomes(store: OpenMetadata, *records: Any) -> list[str]:
    """What writing records does."""
    return [result.reason or result.outcome.value for result in store.write(list(records))]


def test_what_a_source_has_patched_is_not_absent(place: Place) -> None:
    """A user whom a connector patches, and yields then, stays an administrator."""
    for name in ("u1", "u2", "u3", "u4"):
        place.put("users", name=name, email=f"{name}@x.org", isAdmin=True)
    store = place.store()
    outcomes(store, *users("u1", "u2", "u3", "u4"))
    store.patch(User, "u1", [{"op": "add", "path": "/description", "value": "x"}])
    assert outcomes(store, *users("u1")) == ["unchanged"]
    assert place.get("users", "u1")["isAdmin"] is True


def test_a_reference_to_somebody_deleted_does_not_make_him_absent(place: Place) -> None:
    """A deleted owner, who comes afterwards as a record, comes back as he was."""
    place.put("users", name="u5", email="u5@x.org", isAdmin=True, description="by ann")
    place.delete("users", "u5")
    store = place.store()
    outcomes(store, *users("u1", "u2", "u3", "u4"))
    owners = [EntityReference(type="user", fullyQualifiedName="u5")]
    made = CreateDomainRequest(name="d", domainType="Aggregate", description="x", owners=owners)
    (reason,) = outcomes(store, made)
    assert "u5 does not exist" in reason
    assert outcomes(store, *users("u5")) == ["updated"]
    assert place.get("users", "u5")["isAdmin"] is True
    assert place.get("users", "u5")["description"] == "by ann"


@pytest.mark.parametrize("overwrites", [False, True])
def test_a_service_comes_back_as_it_was(place: Place, overwrites: bool) -> None:
    """A deleted service keeps what people set in it, and everything below it does."""
    records = [
        CreateDashboardServiceRequest(name="bi", serviceType="Superset"),
        *(CreateChartRequest(name=name, service="bi") for name in ("c1", "c2")),
        CreateDashboardRequest(name="d", service="bi", charts=["bi.c1"]),
    ]
    outcomes(place.store(), *records)
    place.edit("services/dashboardServices", "bi", displayName="BI")
    second = {"id": place.get("charts", "bi.c2")["id"], "type": "chart"}
    shown = place.get("dashboards", "bi.d", "charts")["charts"]
    place.edit("dashboards", "bi.d", charts=[*shown, second], displayName="mine")
    place.delete("services/dashboardServices", "bi")

    first, *below = outcomes(place.store(forceEntityOverwriting=overwrites), *records)
    assert first == "updated"
    assert set(below) <= {"unchanged", "updated"}
    assert place.get("services/dashboardServices", "bi")["displayName"] == "BI"
    dashboard = place.get("dashboards", "bi.d", "charts")
    assert {chart["name"] for chart in dashboard["charts"]} == {"c1", "c2"}
    assert dashboard["displayName"] == "mine"


def test_a_service_comes_back_with_its_connection(place: Place) -> None:
    """The connection of a deleted service is there again, though runs store none."""
    connection = {"config": {"type": "Mysql", "username": "u", "hostPort": "h:1"}}
    place.put("services/databaseServices", name="s", serviceType="Mysql", connection=connection)
    place.delete("services/databaseServices", "s")
    store = place.store(storeServiceConnection=False)
    made = CreateDatabaseServiceRequest(name="s", serviceType="Mysql")
    assert outcomes(store, made) == ["updated"]
    assert place.get("services/databaseServices", "s")["connection"]


LATE = ["user", "team", "classification", "tag", "glossary", "glossaryTerm", "domain"]


@pytest.mark.parametrize("entity_type", LATE)
def test_what_others_make_after_the_listing_is_not_overwritten(
    place: Place, entity_type: str
) -> None:
    """An entity that people create while a run goes on is compared when its record comes."""
    kind = KINDS[entity_type]
    above = [build("user"), *(build(one.entity_type) for one in (kind.parent,) if one)]
    more = {"email": "{}@x.org"} if entity_type == "user" else {}

    def made(name: str) -> Any:
        return build(entity_type, name=name, **{k: v.format(name) for k, v in more.items()})

    store = place.store()
    outcomes(store, *above, *map(made, ("a1", "a2", "a3")))
    late = made("late")
    body = late.model_dump(mode="json", exclude_none=True)
    place.put(kind.collection, **body)
    fqn = store.fqn_of(late)
    said = {"isAdmin": True} if entity_type == "user" else {"displayName": "mine"}
    place.edit(kind.collection, fqn, **said)

    assert outcomes(store, late) == ["unchanged"]
    shown = place.get(kind.collection, fqn)
    assert {name: shown.get(name) for name in said} == said


def test_the_answer_to_a_creation_is_lost(place: Place) -> None:
    """Its repetition meets the entity, which counts as written; nothing is made twice."""
    store, lost = place.store(), iter((True,))

    def lose(request: httpx.Request, answer: Callable[[], httpx.Response]) -> httpx.Response:
        given = answer()
        if request.method == "POST" and next(lost, False):
            raise httpx.ReadError("connection lost", request=request)
        return given

    place.line.around = lose
    domain = CreateDomainRequest(name="d", domainType="Aggregate", description="x")
    assert outcomes(store, domain) == ["written"]
    assert place.get("domains", "d")["version"] == 0.1


def test_a_list_that_cannot_show_everything_proves_no_absence(place: Place) -> None:
    """A page with `errors` (contract §7) leaves out what is there: each name is asked for."""
    place.put("users", name="boss", email="boss@x.org", isAdmin=True)

    def hide(request: httpx.Request, answer: Callable[[], httpx.Response]) -> httpx.Response:
        given = answer()
        if request.method != "GET" or not request.url.path.endswith("/users"):
            return given
        page = given.json()
        if "data" not in page:  # a field that this version does not know
            return given
        page["data"] = [shown for shown in page["data"] if shown["name"] != "boss"]
        page["errors"] = [{"message": "it cannot be read"}]
        return httpx.Response(200, json=page)

    place.line.around = hide
    assert outcomes(place.store(), *users("boss", "b2", "b3"))[0] == "unchanged"
    assert place.get("users", "boss")["isAdmin"] is True
