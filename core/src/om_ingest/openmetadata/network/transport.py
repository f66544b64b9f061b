"""Sends HTTP requests with httpx, whose errors do not leave this package."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
from pydantic_core import PydanticSerializationError, to_json

from om_ingest.cancellation import Cancellation
from om_ingest.errors import OmIngestError, RecordError, ServerError, WorkflowError
from om_ingest.masking import Redactor
from om_ingest.model.secrets import secrets_in
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.openmetadata.network.answers import Answer, TokenRefusedError, judged
from om_ingest.openmetadata.network.circuit import Backoff, Circuit, RetryBudget
from om_ingest.openmetadata.network.connections import verification
from om_ingest.openmetadata.network.content import ACCEPTED_ENCODING, WEIGHT, content_of
from om_ingest.openmetadata.network.credentials import Credentials
from om_ingest.openmetadata.network.retry import Retrier, RetryPolicy, TransientError

VERSION_PATH = "system/version"
"""A path that needs no token (§1.3)."""

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"

_ACCEPTED = {"Accept": JSON, "Accept-Encoding": ACCEPTED_ENCODING}
_KEEPALIVE_S = 30.0
_FIRST_ATTEMPT_COUNT = 3
_MOMENT = 4
_PROBE_TIMEOUT_S = 10.0


class _Request(NamedTuple):
    method: str
    path: str
    """Relative to the API's URL."""

    query: Mapping[str, str | int] | None = None
    body: bytes | None = None
    content_type: str = JSON
    timeout_s: float | None = None
    """Timeout of the answer in seconds; None for that of the config."""


_PROBE = _Request("GET", VERSION_PATH, timeout_s=_PROBE_TIMEOUT_S)


class Transport:
    """Sends requests over a pool of connections, and repeats them where that may help.

    Thread-safe; all threads pause together while the server fails. `wire` replaces the
    network in tests. Raises `WorkflowError` if the config is wrong.
    """

    def __init__(
        self,
        config: MetadataServerConfig,
        *,
        cancelled: Cancellation | None = None,
        agent: str = "om-ingest",
        policy: RetryPolicy | None = None,
        wire: httpx.BaseTransport | None = None,
        redact: Redactor | None = None,
    ) -> None:
        self.redact = redact or Redactor()
        """Masks the token, and the secrets of the run."""
        self.redact.add(secrets_in(config.hostPort))
        self._url = config.api_url
        self.url = self.redact(self._url)
        """Base URL of all paths, without secrets."""
        self._credentials = Credentials(config, agent, self.redact)
        timeout = httpx.Timeout(config.readTimeout_s, connect=config.connectTimeout_s)
        count = config.maxConnections
        try:
            self._client = httpx.Client(
                verify=verification(config),
                timeout=timeout,
                limits=httpx.Limits(
                    max_connections=count,
                    max_keepalive_connections=count,
                    keepalive_expiry=_KEEPALIVE_S,
                ),
                transport=wire,
            )
        except (ValueError, ImportError, httpx.InvalidURL):  # its text may contain a password
            raise WorkflowError(
                "A proxy in the environment cannot be used",
                "Correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, or set NO_PROXY. A proxy is the URL"
                " of an HTTP proxy, its password percent-encoded; SOCKS needs `socksio`.",
            ) from None
        self._cancelled = cancelled or Cancellation()
        self._policy = policy or RetryPolicy(
            backoff=Backoff(config.retryPause_s, config.retryPauseCap_s)
        )
        circuit = Circuit(RetryBudget(config.retryBudget_s), self._policy.backoff)
        self._retrier = Retrier(self._policy, circuit, self._cancelled.wait, self._is_alive)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: bytes | None = None,
        content_type: str = JSON,
        repeatable: bool = True,
        evidence: Callable[[Answer], str] | None = None,
    ) -> Answer:
        """The answer to a request; `path` is relative to the API's URL, its names quoted.

        A request is `repeatable` if doing it twice has the effect of doing it once. `evidence`
        is given each answer with status 2xx, and returns why it cannot belong to the request, or
        ""; such an answer is broken: its connection is closed, and the request is repeated.

        Raises `RequestFailedError` when the server keeps failing on this request only,
        `ServerError` when it fails for all or refuses the token, `DeliveryError` when the run is
        to stop.
        """
        request, was_lost = _Request(method, path, query, body, content_type), False

        def attempt() -> Answer:
            nonlocal was_lost
            try:
                return self._attempt(request, evidence)
            except TransientError as error:
                was_lost = was_lost or error.may_have_arrived
                raise

        answer = self._retrier.call(attempt, repeatable=repeatable)
        return answer._replace(may_be_second=True) if was_lost else answer

    def first_request(self, path: str) -> Answer:
        """The answer to a GET at the start of a run, with a few attempts only.

        Raises `ServerError` when the server refuses the token, `TransientError` when it fails.
        """
        request = _Request("GET", path)
        for count in range(1, _FIRST_ATTEMPT_COUNT):
            try:
                return self._attempt(request)
            except TransientError:
                if self._cancelled.wait(self._policy.backoff.pause_s(count)):
                    break
        return self._attempt(request)

    def pause(self) -> None:
        """Wait a moment for a concurrent change to finish; not if the run is to stop."""
        self._cancelled.wait(self._policy.backoff.pause_s(_MOMENT))

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def _is_alive(self) -> bool:
        try:
            return self._attempt(_PROBE).is_done
        except OmIngestError:
            return False

    def _attempt(
        self, request: _Request, evidence: Callable[[Answer], str] | None = None
    ) -> Answer:
        headers = self._credentials.headers
        try:
            answer = self._exchanged(request, headers, evidence)
        except TokenRefusedError:
            if not self._credentials.refresh(headers):
                raise
            answer = self._exchanged(request, self._credentials.headers, evidence)
        return answer

    def _exchanged(
        self,
        request: _Request,
        headers: Mapping[str, str],
        evidence: Callable[[Answer], str] | None,
    ) -> Answer:
        """The answer to one attempt. The connection of a broken answer is closed: what comes
        on it next may belong to this request.
        """
        response = self._begun(request, headers)
        try:
            answer = judged(
                response.status_code, response.headers, self._content(response), self.redact
            )
            if evidence is not None and answer.status < 300 and (why := evidence(answer)):
                why = self.redact.reason(why)
                raise TransientError(f"not the answer to this request: {why}", status=answer.status)
        except TransientError as error:
            if not error.is_shared:
                with suppress(KeyError):  # no network in tests
                    response.extensions["network_stream"].close()
            raise
        except TokenRefusedError:
            if "Authorization" not in headers:
                raise ServerError(
                    "The server wants a token, and none is set (401)",
                    "Set OM_INGEST_TOKEN, or securityConfig.jwtToken in the workflow file.",
                ) from None
            raise
        finally:
            response.close()
            # The stream refers back to the response. This cycle would keep the request's body
            # in memory until the next garbage collection, which is rare in a run.
            response.stream = httpx.ByteStream(b"")
        return answer

    def _begun(self, request: _Request, headers: Mapping[str, str]) -> httpx.Response:
        """The answer, of which status and headers are read."""
        limit = request.timeout_s
        try:
            return self._client.send(
                self._client.build_request(
                    request.method,
                    f"{self._url}/{request.path}",
                    params=request.query,
                    content=request.body,
                    headers={**_ACCEPTED, "Content-Type": request.content_type, **headers},
                    timeout=httpx.USE_CLIENT_DEFAULT if limit is None else limit,
                ),
                stream=True,
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise self._unreachable(error) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise WorkflowError(
                f"{self.url} is not a valid URL: {error}", "Correct hostPort."
            ) from None
        except UnicodeEncodeError:
            raise _no_unicode(str(request.query)) from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._broken(error) from None

    def _content(self, response: httpx.Response) -> bytes:
        # The stream itself, not `iter_bytes`: that decodes without a limit, and returns the
        # connection to the pool before its content is judged.
        assert isinstance(response.stream, httpx.SyncByteStream)
        try:
            return content_of(response.stream, response.headers.get("content-encoding", ""))
        except httpx.TransportError as error:
            raise self._broken(error) from None

    def _broken(self, error: httpx.TransportError | httpx.DecodingError) -> TransientError:
        if isinstance(error, httpx.TimeoutException):
            what = "the server took too long to answer"
            return TransientError(what, weight=WEIGHT)
        said = self.redact.reason(str(error)) or type(error).__name__
        return TransientError(f"the connection broke: {said}")

    def _unreachable(self, error: httpx.TransportError) -> OmIngestError:
        said = self.redact.reason(str(error)) or "no answer"
        if "CERTIFICATE_VERIFY_FAILED" in said:
            return ServerError(
                f"The certificate of {self.url} cannot be verified: {said}",
                "Name the authority's file: verifySSL: validate, sslConfig: {caCertificate: FILE}.",
            )
        if "WRONG_VERSION_NUMBER" in said:
            return ServerError(
                f"What listens at {self.url} does not speak TLS", "Write hostPort with http://."
            )
        return TransientError(
            f"{self.url} cannot be reached: {said}",
            "Start the server, or correct hostPort and the proxies in the environment.",
            is_shared=True,
            may_have_arrived=False,
        )


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
        raise _no_unicode(name) from None


def _no_unicode(text: str) -> RecordError:
    return RecordError(f"{text!r} is not valid Unicode and cannot be sent", "Correct the name.")


def json_of(value: Any) -> bytes:
    """A value as JSON; raises `RecordError` for text that is not valid Unicode."""
    try:
        return to_json(value)
    except (PydanticSerializationError, ValueError) as error:
        raise RecordError(f"cannot be written as JSON: {error}", "Use plain values.") from None
