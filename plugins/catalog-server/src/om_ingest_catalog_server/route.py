"""Routes: method, path, handler, and where the handler runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from om_ingest.kinds import EntityKind
    from starlette.responses import Response

    from om_ingest_catalog_server.call import ApiCall

REMAINDER = "{rest}"
"""Last segment of a path that matches one or more segments."""

Handler: TypeAlias = "Callable[[ApiCall], Response]"


class Execution(Enum):
    """Where a handler runs; short requests never wait for long ones."""

    INLINE = "inline"
    """In the event loop: for handlers faster than a thread switch."""

    READING = "reading"
    """In a thread that reads the catalog."""

    WRITING = "writing"
    """In the only thread that writes the catalog, one request at a time."""


@dataclass(frozen=True)
class Route:
    """A method and a path, with path parameters as `{name}`."""

    method: str

    path: str
    """Below `/api/v1/`; the path of a plugin's route begins with `/`, and is the whole path."""

    handler: Handler | None
    """Function that takes an `ApiCall` and returns a `starlette.responses.Response`; None for
    routes of OpenMetadata that are not implemented (501)."""

    summary: str
    """One-line description for `/docs`."""

    execution: Execution = Execution.READING

    kind: EntityKind | None = None
    """The kind of entity of the route; None for routes that belong to no single kind."""

    body: str | None = None
    """Required media type of the body; None if a body is ignored."""

    since: tuple[int, int] = (0, 0)
    """First OpenMetadata release with this route; older ones answer as to an unknown path."""

    tells_identity: bool = False
    """Whether it returns the owner of the token, so that it needs a valid one also for GET."""

    deferrable: bool = False
    """Whether `async=true` runs it in the background; then the response is sent immediately."""

    owner: str = ""
    """The plugin that adds the route; empty for the server's own. Set by the server."""

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The segments of the path."""
        return tuple(self.path.split("/"))

    @property
    def url_path(self) -> str:
        """The whole path, as a client sees it."""
        return self.path if self.path.startswith("/") else f"/api/v1/{self.path}"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the path parameters, from left to right."""
        return tuple(part[1:-1] for part in self.segments if part.startswith("{"))

    @property
    def needs_token(self) -> bool:
        """Whether a valid token is required if the server has a token file."""
        return self.method != "GET" or self.tells_identity


JSON = "application/json"
JSON_PATCH = "application/json-patch+json"


def not_implemented(method: str, path: str, summary: str) -> Route:
    """A route of OpenMetadata that this server answers with 501."""
    return Route(method, path, None, summary, Execution.INLINE)
