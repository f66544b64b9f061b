"""Version and capabilities of a server (REST contract §1.3, §1.4, §5)."""

from __future__ import annotations

import logging
import re
from typing import NamedTuple

from om_ingest.errors import ServerError
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.retry import TransientError
from om_ingest.openmetadata.network.transport import VERSION_PATH, Transport

_LOGGER = logging.getLogger("om_ingest.openmetadata")

_API_HINT = "Give the URL of the API as hostPort: it ends in /api, e.g. http://localhost:8585/api."


class Version(NamedTuple):
    """The version of a server; ordered by its numbers."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return ".".join(map(str, self))


OLDEST = Version(1, 5, 0)
"""The oldest supported server."""

NEXT_MAJOR = Version(3, 0, 0)
"""The first version that this client does not know."""


class Features:
    """Capabilities of the server, by its version and by its answers. Thread-safe."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self._without_bulk: set[str] = set()
        self._has_delete_stale = version >= (2, 0, 0)

    @property
    def has_override(self) -> bool:
        """Whether a batch can overwrite what people have edited (`overrideMetadata`, 2.0)."""
        return self.version >= (2, 0, 0)

    @property
    def has_delete_stale(self) -> bool:
        """Whether the server has `deleteStale` (2.0)."""
        return self._has_delete_stale

    def lacks_delete_stale(self) -> None:
        """Record that the server does not have `deleteStale`."""
        self._has_delete_stale = False

    def has_bulk(self, collection: str) -> bool:
        """Whether a collection takes many rows in one request, as far as is known."""
        return collection not in self._without_bulk

    def lacks_bulk(self, collection: str) -> None:
        """Record that a collection has no bulk request."""
        self._without_bulk.add(collection)


def examine(transport: Transport, *, warns: bool = True) -> Features:
    """Ask for the server's version and the token's user; log warnings about both.

    Raises `ServerError` for an unusable server or config.
    """
    version = _version(_first_answer(transport, VERSION_PATH), transport.url)
    if warns and (complaint := verdict(version)):
        _LOGGER.warning("%s", complaint)
    user = _first_answer(transport, "users/loggedInUser")
    if warns and user.is_done and isinstance(user.body, dict) and not user.body.get("isBot"):
        _LOGGER.warning(
            "The token belongs to %s, who is not a bot: a person's token lets every run replace "
            "the descriptions that people have written. Use the token of a bot.",
            user.body.get("name", "a person"),
        )
    return Features(version)


def verdict(version: Version) -> str | None:
    """A warning about a server of this version; None if it is supported."""
    if version < OLDEST:
        return (
            f"The server is OpenMetadata {version}, and this client is made for {OLDEST} and "
            "later: some records may be refused."
        )
    if version >= NEXT_MAJOR:
        return (
            f"The server is OpenMetadata {version}, newer than this client knows (1.5 to 2.x): "
            "look for a newer om-ingest."
        )
    return None


def parsed_version(text: object) -> Version | None:
    """The version in a text such as `2.0.7-SNAPSHOT`; None without one."""
    match = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", str(text))
    return Version(int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def _first_answer(transport: Transport, path: str) -> Answer:
    try:
        return transport.first_request(path)
    except TransientError as error:
        if error.status == 0:
            raise ServerError(_sentence(error.what), error.remedy) from None
        remedy = _API_HINT if error.status in (200, 404) else "Look into the server's log."
        raise ServerError(f"{transport.url}/{path}: {error.what}", remedy) from None


def _version(answer: Answer, url: str) -> Version:
    if answer.status == 404:
        raise ServerError(f"There is no OpenMetadata at {url} (404)", _API_HINT)
    if not answer.is_done:
        raise ServerError(f"{url} does not report its version: {answer.reason}", _API_HINT)
    text = answer.body.get("version") if isinstance(answer.body, dict) else None
    version = parsed_version(text)
    if version is None:
        raise ServerError(f"{url} answers, but not with the version of OpenMetadata", _API_HINT)
    return version


def _sentence(text: str) -> str:
    return text if text.startswith("http") else text[:1].upper() + text[1:]
