"""Answers of a server: classified by status, with their messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from om_ingest.errors import ServerError
from om_ingest.masking import Redactor
from om_ingest.openmetadata.network.retry import TransientError, retry_after_s

_MESSAGE_CHARS = 500
_EXCERPT_CHARS = 200
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_SHARED = frozenset({429, 503})


class TokenRefusedError(ServerError):
    """The server refuses the token (401)."""


class Answer(NamedTuple):
    """A final answer: the request was done, or refused because of its content."""

    status: int
    """HTTP status; from 400 on it was refused."""

    body: Any = None
    """The parsed JSON; None if there is none."""

    change: str = ""
    """`X-OpenMetadata-Change`: `entityCreated`, `entityUpdated`, `entityNoChange` …"""

    may_be_second: bool = False
    """Whether an earlier attempt, whose answer was lost, may have been done."""

    redact: Redactor = Redactor()
    """Masks the secrets that the server may have put into its message."""

    @property
    def is_done(self) -> bool:
        """Whether the request was done."""
        return self.status < 400

    @property
    def reason(self) -> str:
        """Why it was refused, in one line."""
        return (
            f"{message_of(self.body, self.redact) or 'the server gives no reason'} ({self.status})"
        )


def judged(status: int, headers: Mapping[str, str], content: bytes, redact: Redactor) -> Answer:
    """The final answer; no message shows a secret that `redact` knows.

    Raises `TransientError` if a repetition may help: an overloaded server, a truncated answer,
    the web page of a proxy; `ServerError` for a redirect or a refused token.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_page = kind == "text/html" or content[:1] == b"<"
    body = None if is_page else _parsed(content)
    said = message_of(body, redact)
    if status in _PASSING:
        raise TransientError(
            f"the server answered {status}: {said or _described(content, is_page, redact)}",
            status=status,
            is_shared=status in _SHARED,
            retry_after_s=retry_after_s(headers.get("retry-after")),
        )
    if 300 <= status < 400:
        raise ServerError(
            f"The server redirects ({status}) instead of answering",
            "Set hostPort to the URL that it redirects to, if that is an API; a login page "
            "there means that a proxy requires authentication: see extraHeaders.",
        )
    if status in (401, 403):
        raise refused(status, said)
    if is_page and (status < 400 or status == 404):
        raise TransientError(f"the server answered {status} with a web page", status=status)
    if body is None and content and (status < 400 or kind == "application/json"):
        raise TransientError("the server's answer is cut off, or is not JSON", status=status)
    return Answer(status, body, headers.get("x-openmetadata-change", ""), redact=redact)


def refused(status: int, message: str) -> ServerError:
    """The error for status 401 or 403."""
    said = f": {message}" if message else ""
    if status == 401:
        return TokenRefusedError(
            f"The server refuses the token (401){said}",
            "Take the token of a bot from Settings > Bots, and set it as jwtToken or in "
            "OM_INGEST_TOKEN; for a token that is renewed, set jwtToken to the path of a file.",
        )
    return ServerError(
        f"The server does not allow this (403){said}",
        "Give the bot of this token a role with the policy for it, such as IngestionBotRole.",
    )


def message_of(body: Any, redact: Redactor) -> str:
    """The message in an error's JSON, masked, in one line; empty without one."""
    message = body.get("message") if isinstance(body, dict) else None
    return redact.reason(str(message), _MESSAGE_CHARS) if message else ""


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _described(content: bytes, is_page: bool, redact: Redactor) -> str:
    if is_page:
        return "a web page"
    return redact.reason(content.decode(errors="replace"), _EXCERPT_CHARS) or "nothing more"
