"""The REST client that connectors read other systems with: `metadata.ingestion.ometa.client`.

It is no way to OpenMetadata: for that there is the `OpenMetadata` of the run.
"""

from __future__ import annotations

import base64
import json
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from http.client import HTTPException
from typing import Any, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
    build_opener,
)

from pydantic import BaseModel, ConfigDict

from om_ingest_compat.client.rest_errors import APIError, LimitsException

logger = logging.getLogger(__name__)

_Headers = Mapping[str, str] | None
_TIMEOUT_S = 120
_EARLY_S = 120
"""A token is asked for anew that long before it expires."""


class ClientConfig(BaseModel):
    """How a REST API is reached. Fields may be set until the first request."""

    model_config = ConfigDict(extra="allow")

    base_url: str
    api_version: str | None = "v1"
    retry: int | None = 3
    """How often a request is repeated that got one of `retry_codes`."""
    retry_wait: int | None = 30
    """Seconds before the first repetition; those before the next ones grow by as much."""
    limit_codes: list[int] = [429]
    """Raise `LimitsException`."""
    retry_codes: list[int] = [504]
    auth_token: Callable[[], Any] | None = None
    """Returns a token, and when it expires: a `datetime`, or seconds from now."""
    access_token: str | None = None
    expires_in: float | None = None
    """When `access_token` expires, in seconds since 1970."""
    auth_header: str | None = None
    extra_headers: dict[str, str] | None = None
    """Further headers; `%(Authorization)s` is replaced by the value of that header."""
    allow_redirects: bool | None = False
    auth_token_mode: str | None = "Bearer"
    verify: bool | str | None = None
    """False: certificates are not checked. A text: the file with those that are trusted."""


@dataclass(frozen=True)
class Answer:
    """An answer that is no JSON, as `requests` has it: such as a file that is downloaded."""

    url: str
    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The content as text, in the encoding that the answer names, or UTF-8."""
        message = Message()
        message["content-type"] = self.headers.get("Content-Type", "")
        return self.content.decode(message.get_content_charset("utf-8"), "replace")


class REST:
    """Sends requests and returns the JSON of answers; None for an empty one, and else an `Answer`.

    Raises `APIError` for an answer that tells an error, `LimitsException` for one that tells to
    wait, and `ConnectionError` where there is no answer.
    """

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        self._opener: OpenerDirector | None = None

    def get(self, path: str, data: Any = None, headers: _Headers = None) -> Any:
        """`data` becomes the query; `headers` are sent beside those of the config."""
        if data:
            path += ("&" if "?" in path else "?") + (_form(data) or "")
        return self._request("GET", path, None, headers)

    def post(self, path: str, data: Any = None, json: Any = None, headers: _Headers = None) -> Any:
        """`data` is sent as it is, a mapping as a form; `json` as JSON."""
        return self._request("POST", path, _body(data, json), headers)

    def put(self, path: str, data: Any = None, json: Any = None, headers: _Headers = None) -> Any:
        """As `post`."""
        return self._request("PUT", path, _body(data, json), headers)

    def patch(self, path: str, data: Any = None, headers: _Headers = None) -> Any:
        """As `post`, for a JSON Patch."""
        content = {"Content-type": "application/json-patch+json", **(headers or {})}
        return self._request("PATCH", path, _body(data), content)

    def delete(self, path: str, data: Any = None, headers: _Headers = None) -> Any:
        """As `post`."""
        return self._request("DELETE", path, _body(data), headers)

    def close(self) -> None:
        """Nothing to do: connections end with their answers."""

    def __enter__(self) -> REST:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _request(self, method: str, path: str, body: bytes | None, given: _Headers) -> Any:
        config = self.config
        url = f"{config.base_url}/{config.api_version or ''}{path}"
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(f"{config.base_url!r} is no URL of a REST API")
        headers = self._headers() | dict(given or {})
        for repeated in range((config.retry or 0) + 1):
            request = Request(url, body, headers, method=method)  # checked above
            try:
                return self._answer(request)
            except HTTPError as error:
                if error.code not in config.retry_codes or repeated == (config.retry or 0):
                    _refused(error, config.limit_codes)
                wait_s = (config.retry_wait or 0) * (repeated + 1)
                logger.warning("%s %s: %s; again in %s s", method, url, error, wait_s)
                time.sleep(wait_s)
            except (URLError, HTTPException, OSError) as error:
                why = getattr(error, "reason", error)
                raise ConnectionError(f"No answer to {method} {url}: {why}") from error
        return None

    def _headers(self) -> dict[str, str]:
        config = self.config
        is_over = bool(config.expires_in and time.time() >= config.expires_in)
        if config.auth_token is not None and (is_over or not config.access_token):
            given = config.auth_token()
            token, expiry = given if isinstance(given, tuple) else (given, 0)
            config.access_token = token
            if isinstance(expiry, datetime):
                expiry = expiry.timestamp() - time.time()
            config.expires_in = time.time() + expiry - _EARLY_S if expiry else None
        headers = {"Content-type": "application/json"}
        if config.auth_header and config.access_token:
            mode = f"{config.auth_token_mode} " if config.auth_token_mode else ""
            headers[config.auth_header] = f"{mode}{config.access_token}"
        for name, value in (config.extra_headers or {}).items():
            headers[name] = value % headers
        return headers

    def _answer(self, request: Request) -> Any:
        if self._opener is None:
            self._opener = _opener(self.config)
        with self._opener.open(request, timeout=_TIMEOUT_S) as answer:
            text = answer.read()
        if not text:
            return None
        try:
            return json.loads(text)
        except ValueError:
            return Answer(answer.url, answer.status, answer.headers, text)


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Makes an answer that leads elsewhere an error."""


def _opener(config: ClientConfig) -> OpenerDirector:
    context = ssl.create_default_context(
        cafile=config.verify if isinstance(config.verify, str) else None
    )
    if config.verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    redirects = [] if config.allow_redirects else [_NoRedirects()]
    return build_opener(HTTPSHandler(context=context), *redirects)


def _refused(error: HTTPError, limit_codes: list[int]) -> NoReturn:
    """Raise what an answer with an error means."""
    with error:
        text = error.read().decode("utf-8", "replace")
    if error.code in limit_codes:
        raise LimitsException(f"{error.url}: {error}") from error
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    found = body if isinstance(body, dict) else {}
    if not isinstance(found.get("code"), int):
        found = {"message": f"{error.url}: {error}", **found, "code": error.code}
    raise APIError(found) from error


def _body(data: Any, as_json: Any = None) -> bytes | None:
    if as_json is not None:
        return json.dumps(as_json).encode()
    if data is None or isinstance(data, bytes):
        return data
    return _form(data).encode()


def _form(data: Any) -> str:
    return data if isinstance(data, str) else urlencode(data, doseq=True)


def generate_http_basic_token(username: str, password: str) -> str:
    """What stands behind `Basic` in a header: name and password in base 64."""
    return base64.b64encode(f"{username}:{password}".encode()).decode()


def get_verify_ssl_fn(verify_ssl: Any) -> Callable[[Any], bool | str | None]:
    """A function that makes the `verify` of `ClientConfig` from the SSL block of a connection.

    `verify_ssl` is `no-ssl`, `ignore` or `validate`.
    """
    mode = getattr(verify_ssl, "value", verify_ssl)
    if mode == "validate":
        return _ca_certificate
    return {"no-ssl": lambda _: None, "ignore": lambda _: False}[str(mode)]


def _ca_certificate(ssl_config: Any) -> str:
    if ssl_config is None:
        raise ValueError("verifySSL is `validate`, and sslConfig with its caCertificate is missing")
    certificate = getattr(ssl_config, "root", ssl_config).caCertificate
    secret = getattr(certificate, "get_secret_value", None)
    return str(secret() if secret else certificate)
