"""Requests to a server's API: repeated where that may help, with one judgement for all workers."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from pydantic_core import PydanticSerializationError, to_json

from om_ingest.cancellation import Cancellation
from om_ingest.errors import OmIngestError, RecordError, ServerError
from om_ingest.masking import Redactor
from om_ingest.model.secrets import secrets_in
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.openmetadata.network import retries
from om_ingest.openmetadata.network.answers import (
    Answer,
    Evidence,
    TokenRefusedError,
    judged,
    refused,
)
from om_ingest.openmetadata.network.circuit import Backoff, Circuit, RetryBudget
from om_ingest.openmetadata.network.connections import (
    GRACE_S,
    Connections,
    Reply,
    Request,
    no_unicode,
)
from om_ingest.openmetadata.network.credentials import Credentials
from om_ingest.openmetadata.network.retry import (
    WEIGHT,
    RequestFailedError,
    Retrier,
    RetryPolicy,
    TransientError,
)
from om_ingest.openmetadata.network.witnesses import PROBE_S, Witnesses

VERSION_PATH = "system/version"
"""A path that needs no token (§1.3)."""

USER_PATH = "users/loggedInUser"
"""A path that every known token may read (§1.4)."""

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"

_SERVICES = "services/"
"""Begins the paths of services: without its service nothing of a run can be written."""

_FIRST_ATTEMPT_COUNT = 3
_MOMENT = 4
_OWN_PAUSE_CAP_S = 0.5
_TRUSTED_S = 5.0
_LONG_S = 20.0
"""A failed attempt that took longer counts for several."""


class Transport:
    """Sends requests over a pool of connections, and repeats them where that may help.

    Thread-safe; all threads pause together while the server fails. `wire`, an
    `httpx.BaseTransport`, replaces the network in tests; `grace_s` is how long a request may
    still take when the run is to stop. Raises `WorkflowError` if the config is wrong.
    """

    def __init__(
        self,
        config: MetadataServerConfig,
        *,
        cancelled: Cancellation | None = None,
        agent: str = "om-ingest",
        policy: RetryPolicy | None = None,
        wire: Any = None,
        redact: Redactor | None = None,
        grace_s: float = GRACE_S,
    ) -> None:
        self.redact = redact or Redactor()
        """Masks the token, and the secrets of the run."""
        self.redact.add(secrets_in(config.hostPort))
        self.url = self.redact(config.api_url)
        """Base URL of all paths, without secrets."""
        self._credentials = Credentials(config, agent, self.redact)
        self._cancelled = cancelled or Cancellation()
        self._connections = Connections(
            config, self._cancelled, self.redact, wire=wire, grace_s=grace_s
        )
        backoff = Backoff(config.retryPause_s, config.retryPauseCap_s)
        own = Backoff(config.retryPause_s, min(config.retryPauseCap_s, _OWN_PAUSE_CAP_S))
        self._policy = policy or RetryPolicy(backoff=own)
        self._circuit = Circuit(
            RetryBudget(config.retryBudget_s), policy.backoff if policy else backoff
        )
        self._witnesses = Witnesses(
            self._is_answered,
            Request("GET", VERSION_PATH, read_s=PROBE_S),
            Request("GET", USER_PATH, read_s=PROBE_S),
        )
        self._retrier = Retrier(self._policy, self._circuit, self._cancelled.wait, self.url)
        self._trusted_until = -math.inf
        """Until then the token is not checked again, on the monotonic clock."""

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: bytes | None = None,
        content_type: str = JSON,
        repeatable: bool = True,
        expendable: bool = False,
        evidence: Evidence | None = None,
        if_match: str | None = None,
    ) -> Answer:
        """The answer to a request; `path` is relative to the API's URL, its names quoted.

        A request is `repeatable` if doing it twice has the effect of doing it once. Nothing is
        lost when an `expendable` one fails, such as a batch, whose parts are sent then: it is
        given up sooner. `evidence` is given each answer with status 2xx, and returns why it
        cannot belong to the request, or ""; such an answer is broken: its connection is closed,
        and the request is repeated. `if_match` is the entity tag
        of what is changed: if it has another one by now, the answer is 412 (RFC 9110 §13.1.1).

        Raises `RequestFailedError` when the server keeps failing on this request only,
        `ServerError` when it fails for all or refuses the token, `DeliveryError` when the run is
        to stop.
        """
        was_lost = False
        headers = {"Content-Type": content_type}
        if if_match is not None:
            headers["If-Match"] = if_match
        request = Request(method, path, query, body, headers, evidence=evidence)

        def attempt() -> Answer:
            nonlocal was_lost
            try:
                with self._witnesses.sending(request):
                    answer = self._attempt(request)
                    if answer.is_done:
                        self._witnesses.add(request)
                    return answer
            except TransientError as error:
                was_lost = was_lost or error.may_have_arrived
                raise

        others = self._witnesses.of(
            request,
            lenient=expendable or method in ("DELETE", "PATCH"),
            essential=path.startswith(_SERVICES),
        )
        try:
            answer = self._retrier.call(
                attempt, others, repeatable=repeatable, expendable=expendable
            )
        except RequestFailedError:
            if not expendable:
                self._witnesses.give_up(request)
            raise
        if answer.status == 403:
            self._check_token()
        if answer.lacks_route:
            answer = answer._replace(asked=f"{method} {unquote(path)}")
        return answer._replace(may_be_second=True) if was_lost else answer

    def first_request(self, path: str) -> Answer:
        """The answer to a GET at the start of a run, with a few attempts only.

        Raises `ServerError` when the server refuses the token, `TransientError` when it fails.
        """
        request = Request("GET", path)
        for count in range(1, _FIRST_ATTEMPT_COUNT):
            began_s = time.monotonic()
            try:
                return self._attempt(request)
            except TransientError as error:
                if self._cancelled.wait(self._policy.backoff.pause_s(count)):
                    break
                retries.current().add(self.url, error.status, time.monotonic() - began_s)
        return self._attempt(request)

    def pause(self) -> None:
        """Wait a moment for a concurrent change to finish; not if the run is to stop."""
        self._cancelled.wait(self._policy.backoff.pause_s(_MOMENT))

    def close(self) -> None:
        """Close every connection."""
        self._connections.close()

    def _is_answered(self, request: Request) -> bool:
        """Whether the server answers a request that it has answered before, in one attempt."""
        try:
            return self._attempt(request).status != 403
        except OmIngestError:
            return False

    def _check_token(self) -> None:
        """After a 403: raise `ServerError`, here and for all workers, if all is forbidden.

        A token that may not read its own user may do nothing; any other answer means that the
        403 is about one request.
        """
        if time.monotonic() < self._trusted_until:
            return
        try:
            answer = self._attempt(Request("GET", USER_PATH, read_s=PROBE_S))
        except TransientError:
            return  # the next request finds out what is wrong
        except ServerError as error:
            self._circuit.close_for_good(error)
            raise
        if answer.status != 403:
            self._trusted_until = time.monotonic() + _TRUSTED_S
        else:
            refusal = refused(answer)
            self._circuit.close_for_good(refusal)
            raise refusal

    def _attempt(self, request: Request) -> Answer:
        headers, begun_s = self._credentials.headers, time.monotonic()
        try:
            return self._exchanged(request, headers)
        except TokenRefusedError:
            if not self._credentials.refresh(headers):
                raise
            return self._exchanged(request, self._credentials.headers)
        except TransientError as error:
            if time.monotonic() - begun_s > _LONG_S:
                error.weight = max(error.weight, WEIGHT)
            raise

    def _exchanged(self, request: Request, headers: Mapping[str, str]) -> Answer:
        def judge(reply: Reply) -> Answer:
            answer = judged(reply.status, reply.headers, reply.content, self.redact)
            if request.evidence and answer.is_done and (why := request.evidence(answer)):
                why = self.redact.reason(why)
                raise TransientError(f"not the answer to this request: {why}", status=answer.status)
            return answer

        try:
            return self._connections.exchange(request, headers, judge)
        except TokenRefusedError:
            if "Authorization" not in headers:
                raise ServerError(
                    "The server wants a token, and none is set (401)",
                    "Set OM_INGEST_TOKEN, or securityConfig.jwtToken in the workflow file.",
                ) from None
            raise


def path_of(*parts: str) -> str:
    """A path of these parts; the last one is a name and is quoted completely (§8.3).

    Raises `RecordError` for a name that is not valid Unicode, or that holds a NUL.
    """
    *known, name = parts
    if "\0" in name:
        raise RecordError(f"{name!r} holds a NUL character (U+0000)", "Correct the name.")
    try:
        return "/".join([*known, quote(name, safe="")])
    except UnicodeEncodeError:
        raise no_unicode(name) from None


def json_of(value: Any) -> bytes:
    """A value as JSON; raises `RecordError` for text that is not valid Unicode."""
    try:
        return to_json(value)
    except (PydanticSerializationError, ValueError) as error:
        raise RecordError(f"cannot be written as JSON: {error}", "Use plain values.") from None
