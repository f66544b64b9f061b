"""One server: its transport, and what is known of it (REST contract §3.0, §10)."""

from __future__ import annotations

import logging
import threading
from urllib.parse import unquote

from om_ingest.errors import RecordError
from om_ingest.kinds import EntityKind, kind_of
from om_ingest.model import fqn as names
from om_ingest.openmetadata import evidence
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.openmetadata.features import Features, examine
from om_ingest.openmetadata.ids import Ids
from om_ingest.openmetadata.network.answers import Answer, Evidence
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.openmetadata.network.transport import Transport, path_of
from om_ingest.openmetadata.trials import Trials
from om_ingest.releases import Dialect

_LOGGER = logging.getLogger("om_ingest.openmetadata")


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


def _absent(entity_type: str, name: str) -> Answer:
    return Answer(404, {"code": 404, "message": f"{entity_type} instance for {name} not found"})
