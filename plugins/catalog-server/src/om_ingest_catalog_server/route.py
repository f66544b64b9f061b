"""One route of the interface: what is asked, who answers, and where that runs."""

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
"""The last segment of a path that stands for all that may follow, one segment or more."""

Handler: TypeAlias = "Callable[[ApiCall], Response]"


class Execution(Enum):
    """Where a handler runs, so that no request waits for another one longer than it must."""

    INLINE = "inline"
    """In the event loop: what takes less time than to change threads."""

    READING = "reading"
    """In a thread that reads the catalog."""

    WRITING = "writing"
    """In the thread that writes the catalog; requests there are answered one by one."""


@dataclass(frozen=True)
class Route:
    """A method and a path below `/api/v1/`, with `{…}` for segments that vary."""

    method: str
    path: str
    handler: Handler | None
    """What answers; None where OpenMetadata has something and this server has not: 501."""

    summary: str
    """What the caller gets, in one line of `/docs`."""

    execution: Execution = Execution.READING

    kind: EntityKind | None = None
    """The kind of entity that the route is about; None for routes about none or any."""

    body: str | None = None
    """Media type of the body that it needs; None if a body is not looked at."""

    since: tuple[int, int] = (0, 0)
    """The OpenMetadata release that brought it; older ones do not know the path."""

    tells_identity: bool = False
    """Whether it tells whose the token is: it needs a good one although it changes nothing."""

    deferrable: bool = False
    """Whether `async=true` has it done in the background; then the answer comes at once."""

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The path in its parts."""
        return tuple(self.path.split("/"))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the varying segments are called, from left to right."""
        return tuple(part[1:-1] for part in self.segments if part.startswith("{"))

    @property
    def needs_token(self) -> bool:
        """Whether a token is asked for where tokens count: it may change something, or say who."""
        return self.method != "GET" or self.tells_identity


JSON = "application/json"
JSON_PATCH = "application/json-patch+json"


def not_implemented(method: str, path: str, summary: str) -> Route:
    """A route that OpenMetadata has and this server has not."""
    return Route(method, path, None, summary, Execution.INLINE)
