"""One request, as handlers get it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from om_ingest import NotFoundError, kinds
from om_ingest.model import fqn
from starlette.exceptions import HTTPException

from om_ingest_catalog_server import releases, showing
from om_ingest_catalog_server.failures import NoBodyError, RoutingError
from om_ingest_catalog_server.identity import bearer_token
from om_ingest_catalog_server.route import Execution

if TYPE_CHECKING:
    from om_ingest.kinds import EntityKind
    from om_ingest_catalog import Actor, Collection
    from pydantic import BaseModel
    from starlette.datastructures import Headers

    from om_ingest_catalog_server.query import QueryParameters
    from om_ingest_catalog_server.route import Route
    from om_ingest_catalog_server.settings import ServerSettings
    from om_ingest_catalog_server.stores import CatalogConnection, Stores


BodyT = TypeVar("BodyT", dict[str, Any], list[Any])


@dataclass
class ApiCall:
    """The argument of handlers: request, caller, catalog and settings."""

    route: Route
    execution: Execution
    """Where the handler runs."""

    values: dict[str, str]
    """The path parameters, decoded."""

    query: QueryParameters
    headers: Headers
    body: Any
    """The JSON of the request; None if its route takes no body."""

    actor: Actor
    base_url: str
    """Scheme and host of the request, e.g. `http://127.0.0.1:8585`."""

    stores: Stores
    settings: ServerSettings

    @property
    def kind(self) -> EntityKind:
        """The kind of entity of the route."""
        assert self.route.kind is not None, "the route of this handler has a kind"
        return self.route.kind

    @property
    def readable(self) -> Collection:
        """The collection of the route's kind, for reading."""
        return self.connection.collection(self.kind, self.settings.release)

    @property
    def connection(self) -> CatalogConnection:
        """The connection for reading from the thread of the handler."""
        return self.stores.inline if self.execution is Execution.INLINE else self.stores.reading

    @property
    def writable(self) -> Collection:
        """The collection of the route's kind, for writing."""
        return self.stores.writing.collection(self.kind, self.settings.release)

    @cached_property
    def sees_secrets(self) -> bool:
        """Whether the caller is a bot, or a user with `isAdmin` in the catalog.

        With a token file, a caller without a valid token never sees secrets.
        """
        tokens = self.settings.tokens
        given = bearer_token(self.headers.get("authorization"))
        if tokens is not None and not (given and tokens.holds(given)):
            return False
        return (self.actor.is_bot and self.actor.impersonated_by is None) or self._is_admin is True

    @property
    def _is_admin(self) -> bool | None:
        """Whether the caller is a user with `isAdmin` in the catalog; None for an unknown one."""
        users = self.connection.collection(kinds.KINDS["user"])
        try:
            return users.get(self.actor.name, fields=frozenset()).entity.get("isAdmin") is True
        except NotFoundError:
            return None

    @property
    def key(self) -> UUID | str:
        """The key of the entity in the path: `{id}`, or else `{fqn}`."""
        if "id" in self.values:
            return self.identifier("id")
        kind = self.route.kind
        return self.name("fqn", kind.entity_type if kind else self.entity_type())

    def name(self, parameter: str, entity_type: str) -> str:
        """A path parameter that is the FQN of an entity of this type.

        Raises `NotFoundError` for quotes that are not needed, in releases that take none.
        """
        given = self.values[parameter]
        is_exact = self.settings.release < releases.NORMALISED_NAMES
        if is_exact and given != fqn.spelled(given):
            raise NotFoundError.of(entity_type, given)
        return given

    @property
    def fields(self) -> frozenset[str]:
        """The requested fields of entities of the route's kind, as the catalog calls them."""
        fields, release = self.query.fields, self.settings.release
        for field in sorted(fields):
            if not self.settings.entity_fields.has(self.kind, field):
                raise HTTPException(400, f"Invalid field name {field}")
        if release < releases.SHOWN:
            fields = showing.shown_fields(self.kind.entity_type, fields)
        if releases.has_one_domain(self.kind, release):
            return releases.of_all_domains(fields)
        return fields

    def identifier(self, name: str) -> UUID:
        """A path parameter that is a UUID; raises 404 for other values, like OpenMetadata."""
        try:
            return UUID(self.values[name])
        except ValueError:
            raise RoutingError(404) from None

    def entity_type(self, name: str = "entityType") -> str:
        """A path parameter that is an entity type; raises 404 for unknown ones."""
        given = self.values[name]
        releases.check_kind(self.settings.number, given)
        return given

    def milliseconds(self, name: str) -> int:
        """A path parameter that is a time in ms since 1970; raises 404 for other values."""
        given = self.values[name]
        if not (given.isascii() and given.isdigit() and len(given) < 19):
            raise RoutingError(404)
        return int(given)

    def object(self) -> dict[str, Any]:
        """The body as a JSON object; raises 400 if it is not one."""
        if self.body is None:
            raise NoBodyError("Invalid request format: a JSON object is needed")
        if not isinstance(self.body, dict):
            raise HTTPException(400, "Invalid request format: a JSON object is needed")
        return self.body

    def request(self) -> dict[str, Any]:
        """The body as a create request of the route's kind, as far as the release checks it."""
        body, release = self.mapped(self.kind.request, self.object()), self.settings.release
        if release < releases.REFERENCES_BY_NAME:
            releases.check_references(body)
        if release < releases.NORMALISED_NAMES:
            releases.check_spelling(self.kind, body)
        if self.kind.entity_type == "user" and body.get("isAdmin") is True:
            self.check_admin()
        return body

    def mapped(self, model: type[BaseModel], body: BodyT) -> BodyT:
        """A body, or a list of them, as the newest release spells it.

        Raises 400 for a field or value that the release does not know, and 404 for a reference to
        an entity of a type that it does not have.
        """
        self.settings.mapping.read(model, body)
        releases.check_kinds(self.settings.number, body)
        return body

    def check_admin(self) -> None:
        """Raise 403 for a token of a known user, such as a bot, who is no administrator."""
        given = bearer_token(self.headers.get("authorization"))
        if given is not None and self._is_admin is False:
            raise HTTPException(
                403, f"Principal: CatalogPrincipal{{name='{self.actor.name}'}} is not admin"
            )

    def array(self) -> list[Any]:
        """The body as a JSON array; raises 400 if it is not one."""
        if not isinstance(self.body, list):
            raise HTTPException(400, "Invalid request format: a JSON array is needed")
        return self.body
