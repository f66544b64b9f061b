"""Where the runs of these tests write: the embedded catalog, or a server of some release."""

from __future__ import annotations

import base64
import contextlib
import copy
import json
import os
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import httpx
import uvicorn
from om_ingest.kinds import KINDS, EntityKind
from om_ingest.masking import Redactor
from om_ingest.model import CreateRequest
from om_ingest.releases import Dialect, holds, known
from om_ingest.run import launch, request
from om_ingest.run.job import Job
from om_ingest_catalog import Catalog
from om_ingest_catalog_server import releases
from om_ingest_catalog_server.application import Application
from om_ingest_catalog_server.settings import ServerSettings
from om_ingest_catalog_server.stores import Stores

from tests.functional.preserving.values import Body

Snapshot = dict[tuple[str, str], Body]
"""Entities by type and FQN."""


class Target(ABC):
    """A catalog with a person in it; context manager."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    @abstractmethod
    def sink(self) -> Body:
        """The sink of a workflow file, and what belongs to it."""

    @abstractmethod
    def put(self, requests: Sequence[CreateRequest]) -> None:
        """Create entities as a person."""

    @abstractmethod
    def patch(self, kind: EntityKind, fqn: str, operations: list[Body]) -> None:
        """Change an entity as a person."""

    @abstractmethod
    def delete(self, entity_type: str, fqn: str, *, hard: bool = False) -> None:
        """Delete an entity, with what lies below it, as a person; for good if `hard`."""

    @abstractmethod
    def like(self, kind: EntityKind, fqn: str) -> None:
        """Follow an entity, and vote for it, as a person, where that can be done."""

    @abstractmethod
    def listed(self, kind: EntityKind) -> list[Body]:
        """All entities of a kind, with all fields."""

    def all_of(self, entity_type: str) -> list[Body]:
        """All entities of a kind, with all fields."""
        return self.listed(KINDS[entity_type])

    def entity(self, entity_type: str, fqn: str) -> Body:
        """One entity, with all fields."""
        listed = self.all_of(entity_type)
        return next(body for body in listed if body["fullyQualifiedName"] == fqn)

    def edit(self, entity_type: str, fqn: str, **fields: Any) -> Body:
        """Set fields of an entity as a person; the entity afterwards."""
        edits = [
            {"op": "add", "path": f"/{name}", "value": value} for name, value in fields.items()
        ]
        self.patch(KINDS[entity_type], fqn, edits)
        return self.entity(entity_type, fqn)

    def held(self, kind: EntityKind, body: Body) -> Body:
        """What the target knows of an entity: not all of it, if it is an older server."""
        return body

    def has(self, kind: EntityKind) -> bool:
        """Whether there are entities of this kind."""
        return True

    def snapshot(self) -> Snapshot:
        """Everything that there is."""
        return {
            (kind.entity_type, body["fullyQualifiedName"]): body
            for kind in KINDS.values()
            if self.has(kind)
            for body in self.listed(kind)
        }

    def run(
        self, records: Sequence[tuple[str, Body]], *, resume: bool = False, override: bool = False
    ) -> Body:
        """`om-ingest run` in this process, by a connector that yields these; its report."""
        with self.job(records, resume=resume, config={"overrideMetadata": override}) as job:
            return launch.launch(job).as_dict()

    @contextlib.contextmanager
    def job(
        self,
        records: Sequence[tuple[str, Body]],
        *,
        config: Mapping[str, Any] = MappingProxyType({}),
        workflow: Mapping[str, Any] = MappingProxyType({}),
        **options: bool,
    ) -> Iterator[Job]:
        """A job with a connector that yields these, in its folder.

        `config` is that of `sourceConfig`; `workflow` has further keys of the file, and `options`
        are those of the command line.
        """
        lines = [json.dumps({"type": kind, "record": body}) for kind, body in records]
        (self.folder / "records.jsonl").write_text("\n".join(lines), encoding="utf-8")
        source = {
            "type": "tests.functional.preserving.listed:ListedSource",
            "serviceName": "people",
            "config": {"records": "records.jsonl"},
            "sourceConfig": {"config": dict(config)},
        }
        flow = {"source": source, **self.sink, **workflow}
        (self.folder / "flow.json").write_text(json.dumps(flow), encoding="utf-8")
        with _inside(self.folder):
            yield request.job("flow.json", redact=Redactor(), **options)


class Embedded(Target):
    """The embedded catalog, through its sink."""

    def __enter__(self) -> Embedded:
        self._catalog = Catalog(self.folder / "c.db", actor="ann", is_bot=False)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._catalog.close()

    @property
    def sink(self) -> Body:
        return {"sink": {"type": "catalog", "config": {"path": "c.db"}}}

    def put(self, requests: Sequence[CreateRequest]) -> None:
        for result in self._catalog.write(requests):
            assert not result.reason, result.reason

    def patch(self, kind: EntityKind, fqn: str, operations: list[Body]) -> None:
        assert self._catalog.patch(kind.entity, fqn, operations) is not None, fqn

    def delete(self, entity_type: str, fqn: str, *, hard: bool = False) -> None:
        assert self._catalog.delete(KINDS[entity_type].entity, fqn, recursive=True, hard=hard), fqn

    def like(self, kind: EntityKind, fqn: str) -> None:
        """Only servers have followers and votes."""

    def listed(self, kind: EntityKind) -> list[Body]:
        return [
            entity.model_dump(mode="json", exclude_none=True)
            for entity in self._catalog.list_entities(kind.entity)
        ]


class Served(Target):
    """`om-ingest serve` as a release of OpenMetadata, in a thread of this process."""

    def __init__(self, folder: Path, version: str, *, is_bot: bool = True) -> None:
        super().__init__(folder)
        self.version = version
        self.is_bot = is_bot
        """Whether runs have the token of a bot, and not that of another person."""
        self.settings: Body = {"forceEntityOverwriting": True}
        """Further settings of the client."""
        self.port = 0
        """The TCP port; any free one if 0."""
        self.asked: list[tuple[str, str]] = []
        """Method and path of each request."""

    def __enter__(self) -> Served:
        with contextlib.ExitStack() as stack:
            stores = stack.enter_context(Stores(self.folder / "c.db"))
            settings = ServerSettings(self.folder / "c.db", self.version)
            # The explicit protocol makes asyncio set TCP_NODELAY: no answer waits for 40 ms.
            bound = stack.enter_context(
                socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            )
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(("127.0.0.1", self.port))
            self.port = bound.getsockname()[1]
            self.url = f"http://127.0.0.1:{self.port}/api"
            server = uvicorn.Server(
                uvicorn.Config(
                    self._noting(Application(settings, stores)),
                    ws="none",
                    lifespan="off",
                    log_level="error",
                )
            )
            thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
            thread.start()
            stack.callback(thread.join)
            stack.callback(setattr, server, "should_exit", True)
            self.client = stack.enter_context(
                httpx.Client(
                    base_url=f"{self.url}/v1/",
                    headers={"Authorization": f"Bearer {_token('ann', is_bot=False)}"},
                    timeout=60,
                    trust_env=False,
                )
            )
            self._open = stack.pop_all()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._open.close()

    def _noting(self, application: Application) -> Any:
        async def answer(scope: Any, receive: Any, send: Any) -> None:
            self.asked.append((scope["method"], scope["path"]))
            await application(scope, receive, send)

        return answer

    @property
    def sink(self) -> Body:
        server = {
            "hostPort": self.url,
            "securityConfig": {"jwtToken": _token("runner", is_bot=self.is_bot)},
            "retryBudget_s": 5,
            **self.settings,
        }
        return {
            "sink": {"type": "metadata-rest", "config": {}},
            "workflowConfig": {"openMetadataServerConfig": server},
        }

    @property
    def release(self) -> tuple[int, int]:
        """Major and minor version."""
        return ServerSettings(self.folder / "c.db", self.version).release

    def held(self, kind: EntityKind, body: Body) -> Body:
        settings = ServerSettings(self.folder / "c.db", self.version)
        kept = copy.deepcopy(body)
        Dialect(settings.number).fit(kind.request.__name__, kept)
        return {name: kept[name] for name in kept if settings.entity_fields.has(kind, name)}

    def has(self, kind: EntityKind) -> bool:
        number = ServerSettings(self.folder / "c.db", self.version).number
        return holds(known().kinds.get(kind.entity_type), number)

    def put(self, requests: Sequence[CreateRequest]) -> None:
        for made in requests:
            kind = KINDS[made.entity_type]
            body = made.model_dump(mode="json", exclude_none=True)
            if releases.has_one_domain(kind, self.release) and "domains" in body:
                body["domain"] = body.pop("domains")[0]
            _check(self.client.put(kind.collection, json=body))

    def patch(self, kind: EntityKind, fqn: str, operations: list[Body]) -> None:
        if releases.has_one_domain(kind, self.release):
            operations = [_of_one_domain(operation) for operation in operations]
        _check(
            self.client.patch(
                f"{kind.collection}/name/{quote(fqn, safe='')}",
                content=json.dumps(operations),
                headers={"Content-Type": "application/json-patch+json"},
            )
        )

    def delete(self, entity_type: str, fqn: str, *, hard: bool = False) -> None:
        path = f"{KINDS[entity_type].collection}/name/{quote(fqn, safe='')}"
        _check(self.client.delete(path, params={"recursive": True, "hardDelete": hard}))

    def like(self, kind: EntityKind, fqn: str) -> None:
        known = kind.entity.model_fields
        above = f"{kind.collection}/{self._id(kind, fqn)}"
        if "followers" in known:
            _check(self.client.put(f"{above}/followers", json=self._id(KINDS["user"], "ann")))
        if "votes" in known:
            _check(self.client.put(f"{above}/vote", json={"updatedVoteType": "votedUp"}))

    def _id(self, kind: EntityKind, fqn: str) -> str:
        entity = _check(self.client.get(f"{kind.collection}/name/{quote(fqn, safe='')}"))
        return str(entity["id"])

    def listed(self, kind: EntityKind) -> list[Body]:
        found: list[Body] = []
        query: dict[str, Any] = {"fields": "*", "limit": 1000}
        while "after" not in query or query["after"]:
            page = _check(self.client.get(kind.collection, params=query))
            found += page["data"]
            query["after"] = page["paging"].get("after")
        for body in found:
            if "domain" in body and releases.has_one_domain(kind, self.release):
                body["domains"] = [body.pop("domain")]
        return found


def _of_one_domain(operation: Body) -> Body:
    """Servers before 1.9 have one domain in place of a list."""
    if operation["path"] != "/domains":
        return operation
    value = {"value": operation["value"][0]} if "value" in operation else {}
    return {**operation, "path": "/domain", **value}


def _check(answer: httpx.Response) -> Any:
    request = answer.request
    assert answer.is_success, f"{request.method} {request.url}: {answer.status_code} {answer.text}"
    return answer.json()


def _token(name: str, *, is_bot: bool) -> str:
    """A JWT with this name in it; `serve` reads claims, and checks no signature."""
    claims = json.dumps({"sub": name, "isBot": is_bot}).encode()
    return f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.e30"


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
