"""One server: transport, version and capabilities (REST contract §1.3, §1.4, §5), cache of ids."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote
from uuid import UUID

from om_ingest.errors import RecordError, ServerError
from om_ingest.kinds import KINDS, Identity, identity_at, kind_of
from om_ingest.model import fqn as names
from om_ingest.model.entity import Entity, EntityReference
from om_ingest.openmetadata import evidence
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.openmetadata.network.answers import Answer, Evidence, refused
from om_ingest.openmetadata.network.retry import RequestFailedError, TransientError
from om_ingest.openmetadata.network.transport import USER_PATH, VERSION_PATH, Transport, path_of

_LOGGER = logging.getLogger("om_ingest.openmetadata")

_API_HINT = "Give the URL of the API as hostPort: it ends in /api, e.g. http://localhost:8585/api."

_REMEMBERED_COUNT = 10_000


class Server:
    """Requests to one server, after its version is known. Thread-safe."""

    def __init__(self, config: MetadataServerConfig, transport: Transport) -> None:
        self.config = config
        self.ids = Ids(self)
        """Ids of entities by FQN, and the other way round."""
        self._transport = transport
        self._lock = threading.Lock()
        self._features: Features | None = None

    @property
    def features(self) -> Features:
        """Capabilities of the server, requested once. Raises `ServerError`."""
        if self._features is None:
            with self._lock:
                if self._features is None:
                    warns = self.config.enableVersionValidation
                    self._features = examine(self._transport, warns=warns)
        return self._features

    @property
    def transport(self) -> Transport:
        """The transport, once the features are known. Raises `ServerError`."""
        _ = self.features
        return self._transport

    @property
    def url(self) -> str:
        """URL of the API, without secrets."""
        return self._transport.url

    def get(self, path: str, check: Evidence, **query: str | int) -> Answer:
        """The answer to a GET; `check` tells whether a 2xx belongs to it.

        Raises `RecordError` where only this request keeps failing: no matter of the whole run.
        """
        try:
            return self.transport.request("GET", path, query=query or None, evidence=check)
        except RequestFailedError as error:
            what = f"{unquote(path)} cannot be read: {error.what}"
            raise RecordError(what, error.remedy) from None

    def by_name(self, entity_type: str, fqn: str, **query: str | int) -> Answer:
        """The answer to a GET of one entity by its FQN; a 2xx is this entity."""
        kind = kind_of(entity_type)
        fqn, is_it = kind.as_stored(fqn), evidence.reading(evidence.naming(kind, fqn))
        answer = self.get(path_of(kind.collection, "name", fqn), is_it, **query)
        is_login = kind.lower_case and "." in fqn and '"' not in fqn
        if is_login and evidence.is_absent(answer, fqn):  # an unquoted one
            answer = self.get(path_of(kind.collection, "name", names.quote(fqn)), is_it, **query)
        return answer

    def by_id(self, entity_type: str, entity_id: str, **query: str | int) -> Answer:
        """The answer to a GET of one entity by its id; a 2xx is this entity."""
        path = path_of(kind_of(entity_type).collection, entity_id)
        return self.get(path, evidence.reading(evidence.naming_id(entity_type, entity_id)), **query)

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()


class Ids:
    """Looks up ids and FQNs of references, and caches the most recently used."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._ids: dict[tuple[str, str], str] = {}
        self._fqns: dict[tuple[str, str], str] = {}

    def id_of(self, entity_type: str, fqn: str) -> str:
        """The id of a live entity; raises `RecordError` when there is none."""
        known = self._remembered(self._ids, (entity_type, fqn))
        if known is None:
            self._check_known(entity_type, fqn)
            answer = self._server.by_name(entity_type, fqn)
            known = str(found(entity_type, answer, fqn)["id"])
            self._remember(self._ids, (entity_type, fqn), known)
        return known

    def fqn_of(self, entity_type: str, entity_id: UUID | str) -> str:
        """The FQN of a live entity; raises `RecordError` when there is none."""
        key = (entity_type, str(entity_id))
        known = self._remembered(self._fqns, key)
        if known is None:
            self._check_known(entity_type, key[1])
            answer = self._server.by_id(entity_type, key[1])
            known = str(found(entity_type, answer, key[1])["fullyQualifiedName"])
            self._remember(self._fqns, key, known)
        return known

    def learn(self, entity: Entity) -> None:
        """Cache id and FQN of an entity that was read: a reference to it is likely."""
        if not entity.deleted:
            entity_id, fqn = str(entity.id), entity.fullyQualifiedName
            self._remember(self._ids, (entity.entity_type, fqn), entity_id)
            self._remember(self._fqns, (entity.entity_type, entity_id), fqn)

    def resolved(self, reference: dict[str, Any]) -> dict[str, Any]:
        """A reference in the form that servers accept: id and type. Raises `RecordError`."""
        entity_id = reference.get("id")
        if entity_id is None:
            fqn = reference.get("fullyQualifiedName")
            if not fqn:
                raise RecordError(
                    f"a reference to a {reference['type']} has neither id nor FQN",
                    "Set id or fullyQualifiedName.",
                )
            entity_id = self.id_of(reference["type"], fqn)
        return {"id": str(entity_id), "type": reference["type"]}

    def forget(self, references: Iterable[EntityReference]) -> bool:
        """Drop these from the cache; returns whether any was in it."""
        with self._lock:
            forgotten = [
                self._ids.pop((reference.type, reference.fullyQualifiedName or ""), None)
                for reference in references
            ]
        return any(forgotten)

    def forget_missing(self, missing: Identity) -> Identity:
        """Drop what the server says is not there; returns it by its FQN, if given by its id."""
        with self._lock:
            stale = [key for key, entity_id in self._ids.items() if entity_id == missing[1]]
            for key in (missing, *stale):
                self._ids.pop(key, None)
        return stale[0] if stale else missing

    def forget_all(self) -> None:
        """Empty the cache: an entity was deleted, maybe with its children."""
        with self._lock:
            self._ids.clear()
            self._fqns.clear()

    def _remembered(self, memory: dict[tuple[str, str], str], key: tuple[str, str]) -> str | None:
        with self._lock:
            found = memory.pop(key, None)
            if found is not None:
                memory[key] = found  # the last one in is the most recently used
            return found

    def _remember(
        self, memory: dict[tuple[str, str], str], key: tuple[str, str], value: str
    ) -> None:
        with self._lock:
            if len(memory) >= _REMEMBERED_COUNT:
                memory.pop(next(iter(memory)))
            memory[key] = value

    @staticmethod
    def _check_known(entity_type: str, name: str) -> None:
        if entity_type not in KINDS:
            raise RecordError(
                f"the {entity_type} {name} cannot be looked up", "Give its id in the reference."
            )


def found(entity_type: str, answer: Answer, name: str) -> dict[str, Any]:
    """The entity in the answer to a look-up; raises `RecordError` if it is not there."""
    if evidence.is_absent(answer, name):
        raise evidence.MissingError(
            f"the {entity_type} {name} does not exist; yield it first",
            "Yield it before what points at it.",
            identity_at(entity_type, name),
        )
    if not answer.is_done:
        raise RecordError(
            f"the {entity_type} {name} cannot be looked up: {answer.reason}", "Correct the FQN."
        )
    return dict(answer.body)


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
    """Capabilities of the server, by its version."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.has_override = version >= (2, 0, 0)
        """Whether a batch can overwrite what people have edited (`overrideMetadata`, 2.0)."""
        self.has_bulk = version >= (1, 11, 0)
        """Whether some collections take many rows in one request (`/bulk`)."""


def examine(transport: Transport, *, warns: bool = True) -> Features:
    """Ask for the server's version and the token's user; log warnings about both.

    Raises `ServerError` for an unusable server or config.
    """
    version = _version(_first_answer(transport, VERSION_PATH), transport.url)
    if warns and (complaint := verdict(version)):
        _LOGGER.warning("%s", complaint)
    user = _first_answer(transport, USER_PATH)
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
    match = re.match(r"(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?", str(text))
    return Version(int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def _first_answer(transport: Transport, path: str) -> Answer:
    try:
        answer = transport.first_request(path)
    except TransientError as error:
        if error.status == 0:
            raise ServerError(_sentence(error.what), error.remedy) from None
        remedy = _API_HINT if error.status in (200, 404) else "Look into the server's log."
        remedy = f"{remedy} {error.remedy}".strip()
        raise ServerError(f"{transport.url}/{path}: {error.what}", remedy) from None
    if answer.status == 403:
        raise refused(answer)
    return answer


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
