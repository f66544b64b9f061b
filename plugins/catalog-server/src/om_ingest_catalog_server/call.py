"""One request on its way to the handler of its route."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from om_ingest import NotFoundError, kinds
from starlette.exceptions import HTTPException

from om_ingest_catalog_server.identity import bearer_token
from om_ingest_catalog_server.route import Execution

if TYPE_CHECKING:
    from om_ingest.kinds import EntityKind
    from om_ingest_catalog import Actor, Collection
    from starlette.datastructures import Headers

    from om_ingest_catalog_server.query import QueryParameters
    from om_ingest_catalog_server.route import Route
    from om_ingest_catalog_server.settings import ServerSettings
    from om_ingest_catalog_server.stores import Connection, Stores


@dataclass
class ApiCall:
    """What a handler gets."""

    route: Route
    execution: Execution
    """Where the handler runs this time."""

    values: dict[str, str]
    """The varying segments of the path, decoded."""

    query: QueryParameters
    headers: Headers
    body: Any
    """The JSON of the request, if its route needs one."""

    actor: Actor
    base_url: str
    """Scheme and host as the client sees them, e.g. `http://127.0.0.1:8585`."""

    stores: Stores
    settings: ServerSettings

    @property
    def kind(self) -> EntityKind:
        """The kind of entity that the route is about."""
        assert self.route.kind is not None, "a handler of entities stands in a route of a kind"
        return self.route.kind

    @property
    def readable(self) -> Collection:
        """The entities of that kind, to look at."""
        return self.connection.collection(self.kind)

    @property
    def connection(self) -> Connection:
        """The connection to read by, from where the handler runs."""
        return self.stores.inline if self.execution is Execution.INLINE else self.stores.reading

    @property
    def writable(self) -> Collection:
        """The entities of that kind, to change."""
        return self.stores.writing.collection(self.kind)

    @cached_property
    def sees_secrets(self) -> bool:
        """Whether the caller is a bot, or an administrator by what the catalog says of users.

        Where tokens count, nobody is without a good one.
        """
        tokens = self.settings.tokens
        given = bearer_token(self.headers.get("authorization"))
        if tokens is not None and not (given and tokens.holds(given)):
            return False
        if self.actor.is_bot and self.actor.impersonated_by is None:
            return True
        users = self.connection.collection(kinds.KINDS["user"])
        try:
            return users.get(self.actor.name, fields=frozenset()).entity.get("isAdmin") is True
        except NotFoundError:
            return False

    @property
    def key(self) -> UUID | str:
        """What names the entity in the path: `{id}`, or else `{fqn}`."""
        return self.identifier("id") if "id" in self.values else self.values["fqn"]

    def identifier(self, name: str) -> UUID:
        """A segment that has to be a UUID; as OpenMetadata, answers 404 for another."""
        try:
            return UUID(self.values[name])
        except ValueError:
            raise HTTPException(404, "HTTP 404 Not Found") from None

    def entity_type(self, name: str = "entityType") -> str:
        """A segment that has to be an entity type; as OpenMetadata, answers 404 for another."""
        given = self.values[name]
        if given not in kinds.KINDS:
            raise HTTPException(404, f"Entity type {given} not found")
        return given

    def milliseconds(self, name: str) -> int:
        """A segment that has to be a time."""
        given = self.values[name]
        if not (given.isascii() and given.isdigit() and len(given) < 19):
            raise HTTPException(404, "HTTP 404 Not Found")
        return int(given)

    def object(self) -> dict[str, Any]:
        """The body, which has to be a JSON object."""
        if not isinstance(self.body, dict):
            raise HTTPException(400, "Invalid request format: a JSON object is needed")
        return self.body

    def array(self) -> list[Any]:
        """The body, which has to be a JSON array."""
        if not isinstance(self.body, list):
            raise HTTPException(400, "Invalid request format: a JSON array is needed")
        return self.body
