"""One server: transport, version and capabilities (REST contract §1.3, §1.4, §5)."""

from __future__ import annotations

import logging
import threading
from typing import overload
from urllib.parse import unquote

from om_ingest.errors import RecordError, ServerError
from om_ingest.kinds import EntityKind, kind_of
from om_ingest.model import fqn as names
from om_ingest.openmetadata import evidence
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.openmetadata.ids import Ids
from om_ingest.openmetadata.network.answers import Answer, Evidence, refused
from om_ingest.openmetadata.network.retry import RequestFailedError, TransientError
from om_ingest.openmetadata.network.transport import USER_PATH, VERSION_PATH, Transport, path_of
from om_ingest.openmetadata.refusals import Trials
from om_ingest.releases import Dialect, Version, parsed_version

_LOGGER = logging.getLogger("om_ingest.openmetadata")

_API_HINT = "Give the URL of the API as hostPort: it ends in /api, e.g. http://localhost:8585/api."


class Server:
    """Requests to one server, after its version is known. Thread-safe."""

    def __init__(self, config: MetadataServerConfig, transport: Transport) -> None:
        self.config = config
        self.ids = Ids(self.by_name, self.by_id)
        """Ids of entities by FQN, and the other way round."""
        self._transport = transport
        self._lock = threading.Lock()
        self._features: Features | None = None
        self._trials: Trials | None = None
        self._warnings: set[str] = set()
        self._asking = threading.Lock()
        """Held while it is found out whether the server has a kind."""
        self._present: set[str] = set()
        """Entity types that it is known to have."""

    @property
    def features(self) -> Features:
        """Capabilities of the server, requested once. Raises `ServerError`."""
        if self._features is None:
            with self._lock:
                if self._features is None:
                    warns = self.config.enableVersionValidation
                    features = examine(self._transport, warns=warns)
                    self._trials = Trials(features.dialect, self.warn_once)
                    self._features = features
        return self._features

    @property
    def is_asked(self) -> bool:
        """Whether the server was asked for its version already."""
        return self._features is not None

    @property
    def dialect(self) -> Dialect:
        """What the server knows of what records say. Raises `ServerError`."""
        return self.features.dialect

    @property
    def trials(self) -> Trials:
        """Sends bodies, without what the server does not know. Raises `ServerError`."""
        _ = self.features
        assert self._trials is not None, "made with the features"
        return self._trials

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
        """The answer to a GET of one entity by its FQN; a 2xx is this entity.

        A server whose version has no such kind is not asked.
        """
        kind = kind_of(entity_type)
        if self.dialect.lacks(entity_type):
            return _absent(entity_type, kind.spelled(fqn))
        fqn, is_it = kind.spelled(fqn), evidence.reading(evidence.naming(kind, fqn))
        answer = self.get(path_of(kind.collection, "name", fqn), is_it, **query)
        is_login = kind.lower_case and "." in fqn and '"' not in fqn
        if is_login and evidence.is_absent(answer, fqn):  # an unquoted one
            answer = self.get(path_of(kind.collection, "name", names.quote(fqn)), is_it, **query)
        return _absent(entity_type, fqn) if self.has_no(kind, answer) else answer

    def by_id(self, entity_type: str, entity_id: str, **query: str | int) -> Answer:
        """The answer to a GET of one entity by its id, as of `by_name`; a 2xx is this entity."""
        if self.dialect.lacks(entity_type):
            return _absent(entity_type, entity_id)
        kind = kind_of(entity_type)
        is_it = evidence.reading(evidence.naming_id(entity_type, entity_id))
        answer = self.get(path_of(kind.collection, entity_id), is_it, **query)
        return _absent(entity_type, entity_id) if self.has_no(kind, answer) else answer

    def has_no(self, kind: EntityKind, answer: Answer) -> bool:
        """Whether a server that gives this answer has no such kind at all, whatever its version.

        It says so itself, of the request and of the list of the kind, which is asked for once. In
        other words than OpenMetadata's it is a gateway that does not find the server: then, and
        for a kind that all releases have, only this request fails. What was done shows that the
        server has the kind.
        """
        entity_type = kind.entity_type
        if answer.is_done:
            self._present.add(entity_type)
            self._note(kind, is_there=True)
            return False
        if answer.denies_route and self.dialect.may_lack(entity_type):
            with self._asking:
                if entity_type not in self._present and not self.dialect.lacks(entity_type):
                    self._find_out(kind)
        return self.dialect.lacks(entity_type)

    def _find_out(self, kind: EntityKind) -> None:
        try:
            answer = self.get(kind.collection, evidence.is_page, limit=1)
        except RecordError:
            return
        if answer.denies_route:
            self._note(kind, is_there=False)
        if answer.is_done:
            self._present.add(kind.entity_type)
        if kind.entity_type in self._present:  # maybe another worker was answered meanwhile
            self._note(kind, is_there=True)

    def _note(self, kind: EntityKind, *, is_there: bool) -> None:
        if self.dialect.lacks(kind.entity_type) is is_there:  # that is news
            self.dialect.note_kind(kind.entity_type, is_there=is_there)
            named = f"Server {self.dialect.text} says that it has no {kind.collection}"
            self.warn_once(
                f"{named}, and has them after all: run again for those that were left out."
                if is_there
                else f"{named}, which its version has: they are left out from here on."
            )

    def warn_once(self, text: str) -> None:
        """Log a warning, the first time that it is given."""
        with self._lock:
            is_known = text in self._warnings
            self._warnings.add(text)
        if not is_known:
            _LOGGER.warning("%s", text)

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()


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

    def __init__(self, version: Version, *, text: str = "", is_bot: bool = True) -> None:
        """`text` is the version as the server tells it."""
        self.version = version
        self.dialect = Dialect(version, text)
        """What the server knows of what records say."""
        self.is_bot = is_bot
        """Whether the token is that of a bot: a server obeys `overrideMetadata` of bots only."""


def examine(transport: Transport, *, warns: bool = True) -> Features:
    """Ask for the server's version and the token's user; log warnings about both.

    Raises `ServerError` for an unusable server or config.
    """
    version, text = _version(_first_answer(transport, VERSION_PATH), transport.url)
    if warns and (complaint := verdict(version, text)):
        _LOGGER.warning("%s", complaint)
    user = _first_answer(transport, USER_PATH)
    is_person = user.is_done and isinstance(user.body, dict) and not user.body.get("isBot")
    if warns and is_person:
        _LOGGER.warning(
            "The token belongs to %s, who is not a bot: the server does not protect from it what "
            "people write while a run reads and writes. Use the token of a bot.",
            user.body.get("name", "a person"),
        )
    return Features(version, text=text, is_bot=not is_person)


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


def _absent(entity_type: str, name: str) -> Answer:
    return Answer(404, {"code": 404, "message": f"{entity_type} instance for {name} not found"})


def _sentence(text: str) -> str:
    return text if text.startswith("http") else text[:1].upper() + text[1:]
