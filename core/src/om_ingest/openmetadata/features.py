"""Version, token and capabilities of a server, asked for once (REST contract §1.3, §1.4, §5)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import overload

from om_ingest.errors import ServerError
from om_ingest.openmetadata.network.answers import Answer, refused
from om_ingest.openmetadata.network.retry import TransientError
from om_ingest.openmetadata.network.transport import USER_PATH, VERSION_PATH, Transport
from om_ingest.releases import Dialect, Version, parsed_version

_LOGGER = logging.getLogger("om_ingest.openmetadata")

_API_HINT = "Give the URL of the API as hostPort: it ends in /api, e.g. http://localhost:8585/api."

OLDEST = Version(1, 5, 0)
"""The oldest supported server."""

NEXT_MAJOR = Version(3, 0, 0)
"""The first version that this client does not know."""


_VERSION_CHARS = 40


class Since:
    """An attribute of `Features` that is true from a version on."""

    def __init__(self, major: int, minor: int) -> None:
        self.version = Version(major, minor, 0)

    @overload
    def __get__(self, features: None, owner: type[Features]) -> Since: ...

    @overload
    def __get__(self, features: Features, owner: type[Features]) -> bool: ...

    def __get__(self, features: Features | None, owner: type[Features]) -> Since | bool:
        """Whether the server has it; of the class, this declaration."""
        return self if features is None else features.version >= self.version


class Features:
    """Capabilities of the server, by its version."""

    has_etag = Since(1, 9)
    """Whether a write can ask for a version of the entity (`If-Match`)."""

    has_bulk = Since(1, 11)
    """Whether some collections take many rows in one request (`/bulk`)."""

    keeps_certification = Since(1, 12)
    """Whether a PUT leaves the certification of an entity."""

    has_override = Since(2, 0)
    """Whether a batch can overwrite what people have edited (`overrideMetadata`)."""

    has_relation_types = Since(2, 0)
    """Whether related terms have the type of their relation beside them."""

    def __init__(
        self,
        version: Version,
        *,
        text: str = "",
        is_bot: bool = True,
        warnings: Mapping[str, str] | None = None,
    ) -> None:
        """`text` is the version as the server tells it."""
        self.version = version
        self.dialect = Dialect(version, text)
        """What the server knows of what records say."""
        self.is_bot = is_bot
        """Whether the token is that of a bot: a server obeys `overrideMetadata` of bots only."""
        self.warnings = warnings or {}
        """What its user should know, by what it is about: `version`, `token`."""


def examine(transport: Transport, *, warns: bool = True) -> Features:
    """Ask for the server's version and the token's user; log warnings about both.

    Raises `ServerError` for an unusable server or config.
    """
    version, text = _version(_first_answer(transport, VERSION_PATH), transport.url)
    warnings = {}
    if warns and (complaint := verdict(version, text)):
        warnings["version"] = complaint
    user = _first_answer(transport, USER_PATH)
    is_person = user.is_done and isinstance(user.body, dict) and not user.body.get("isBot")
    if warns and is_person:
        warnings["token"] = (
            f"The token belongs to {user.body.get('name', 'a person')}, who is not a bot: the"
            " server does not protect from it what people write while a run reads and writes. Use"
            " the token of a bot."
        )
    for told in warnings.values():
        _LOGGER.warning("%s", told)
    return Features(version, text=text, is_bot=not is_person, warnings=warnings)


def verdict(version: Version, text: str) -> str | None:
    """A warning about a server of this version, told as `text`; None if it is supported."""
    if version < OLDEST:
        return (
            f"The server is OpenMetadata {text}, and this client is made for {OLDEST} and "
            "later: some records may be refused."
        )
    if version >= NEXT_MAJOR:
        return (
            f"The server is OpenMetadata {text}, newer than this client knows (1.5 to 2.x): "
            "look for a newer om-ingest."
        )
    return None


def _first_answer(transport: Transport, path: str) -> Answer:
    try:
        answer = transport.first_request(path)
    except TransientError as error:
        if error.status == 0:
            what = _sentence(error.what)
            told = (
                what if transport.url.partition("/api")[0] in what else f"{transport.url}: {what}"
            )
            raise ServerError(told, error.remedy or _API_HINT) from None
        remedy = _API_HINT if error.status in (200, 404) else "Look into the server's log."
        remedy = f"{remedy} {error.remedy}".strip()
        raise ServerError(f"{transport.url}/{path}: {error.what}", remedy) from None
    if answer.status == 403:
        raise refused(answer)
    return answer


def _version(answer: Answer, url: str) -> tuple[Version, str]:
    """The version in an answer, and as the server tells it."""
    if answer.status == 404:
        raise ServerError(f"There is no OpenMetadata at {url} (404)", _API_HINT)
    if not answer.is_done:
        raise ServerError(f"{url} does not report its version: {answer.reason}", _API_HINT)
    text = answer.body.get("version") if isinstance(answer.body, dict) else None
    version = parsed_version(text)
    if version is None:
        raise ServerError(f"{url} answers, but not with the version of OpenMetadata", _API_HINT)
    return version, str(text).strip()[:_VERSION_CHARS]


def _sentence(text: str) -> str:
    return text if text.startswith("http") else text[:1].upper() + text[1:]
