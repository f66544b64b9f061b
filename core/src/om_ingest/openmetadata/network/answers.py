"""Answers of a server: what each status means for a request and for the others."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum
from typing import Any, NamedTuple

from pydantic_core import from_json

from om_ingest.errors import ServerError
from om_ingest.masking import Redactor
from om_ingest.openmetadata.network.retry import TransientError, retry_after_s

_MESSAGE_CHARS = 500
_MESSAGE_KEYS = ("message", "responseMessage")
"""Where errors hold their message; 1.6 gives unhandled ones in the second, or in both."""

_WRAPPED = re.compile(r"^(?:An exception with message \[)?HTTP (404|405|406|415|501) ")
_NO_ROUTE = frozenset({405, 501})
_DENIED = frozenset({404, 405})
_ABOUT_ENTITY = re.compile(r"(?<!HTTP 404 )\bnot found\b", re.IGNORECASE)
"""In the message of a 404: it is about what the path names, such as `table instance for …`."""

_UNREAD = re.compile(
    r'Unrecognized field \\?"|not one of (?:the values accepted for|declared) Enum'
    r"|Cannot construct instance of `"
)
"""What the parser of a server says of a body."""

_EXCERPT_CHARS = 200


class Meaning(Enum):
    """What an answer means; the table is in docs/reference/http-statuses.md."""

    DONE = "done"
    REFUSED = "refused"
    """Final, for this request alone."""

    TOKEN = "token refused"
    """Ends the run, after the token's file was read again."""

    PASSING = "may pass"
    """Repeated. If others are answered meanwhile it is about this request, which is given up;
    otherwise it is an outage."""

    BUSY = "server busy"
    """It is about the server: all wait."""

    ASTRAY = "not the server"
    """Somebody on the way answered; treated like `PASSING`, with another advice."""


def meaning_of(status: int) -> Meaning:
    """What a status means, whoever sent it.

    RFC 9110 §15, RFC 4918 (423, 507), RFC 6585 (429, 511), RFC 8470 (425); 509, 520-530 as
    Apache, Cloudflare and others send them. An unknown status is treated as x00 (RFC 9110 §15).
    """
    if status in _SPECIAL:
        return _SPECIAL[status]
    return _USUAL[min(status // 100, 5)]


_USUAL = {
    1: Meaning.ASTRAY,
    2: Meaning.DONE,
    3: Meaning.ASTRAY,
    4: Meaning.REFUSED,
    5: Meaning.PASSING,
}
_SPECIAL = {
    401: Meaning.TOKEN,
    407: Meaning.ASTRAY,
    501: Meaning.REFUSED,
    505: Meaning.REFUSED,
    511: Meaning.ASTRAY,
    **dict.fromkeys((408, 421, 423, 425), Meaning.PASSING),
    **dict.fromkeys((429, 503, 509, 521, 522, 523, 525, 526, 529, 530), Meaning.BUSY),
}
_FROM_ANYBODY = frozenset({413, 414, 431})
"""Refusals of a size: they hold whoever sends them, so a proxy's page is as good."""

_ASTRAY_REMEDY = (
    "Something between this machine and the server answers instead of it: set hostPort to the URL "
    "of the API itself; for a gate that wants a login or a header, see extraHeaders."
)
_REDIRECT_REMEDY = (
    "Set hostPort to the URL that it redirects to, if that is an API; a login page there means "
    "that a proxy requires authentication: see extraHeaders."
)


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

    asked: str = ""
    """Method and path of the request, if there is no such route."""

    @property
    def is_done(self) -> bool:
        """Whether the request was done."""
        return self.status < 400

    @property
    def lacks_route(self) -> bool:
        """Whether the server has no such path or method: not only not the thing that it names."""
        if self.status == 404:
            return _ABOUT_ENTITY.search(message_of(self.body, self.redact)) is None
        return self.status in _NO_ROUTE

    @property
    def denies_route(self) -> bool:
        """Whether OpenMetadata itself says that it has no such path or method, or answers without a
        word: a gateway that has lost its way to the server says it in other words.
        """
        if self.body is None:
            return self.status in (404, 405)
        return not self.is_done and _wrapped(self.body) in _DENIED

    @property
    def reason(self) -> str:
        """Why it was refused, in one line."""
        message = message_of(self.body, self.redact)
        if self.asked and (not message or self.status != 404 or _WRAPPED.search(message)):
            message = f"the server has no {self.asked}"
        return f"{message or 'the server gives no reason'} ({self.status})"


Evidence = Callable[[Answer], str]
"""Why a 2xx answer cannot belong to its request, in one line; empty if it can."""


def judged(status: int, headers: Mapping[str, str], content: bytes, redact: Redactor) -> Answer:
    """The final answer; no message shows a secret that `redact` knows.

    Raises `TransientError` if a repetition may help: an overloaded server, a truncated answer,
    a redirect, the page of a proxy; `TokenRefusedError` for a refused token.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_page = kind == "text/html" or content[:1] == b"<"
    body = None if is_page else _parsed(content)
    status = _meant(status, body)
    meaning = meaning_of(status)
    answer = Answer(status, body, headers.get("x-openmetadata-change", ""), redact=redact)
    if meaning is Meaning.DONE and (body is not None or not content):
        return answer
    said = message_of(body, redact) or _described(content, is_page, redact)
    if meaning is Meaning.TOKEN:
        raise refused(answer)
    if meaning in {Meaning.PASSING, Meaning.BUSY}:
        raise TransientError(
            f"the server answered {status}: {said}",
            status=status,
            is_shared=meaning is Meaning.BUSY,
            may_have_arrived=status != 429,
            is_unhandled=status == 500 and isinstance(body, dict),
            retry_after_s=retry_after_s(headers.get("retry-after")),
        )
    if 300 <= status < 400:
        what = f"the server redirects ({status}) instead of answering"
        raise TransientError(what, _REDIRECT_REMEDY, status=status)
    if meaning is Meaning.ASTRAY:
        what = f"a proxy answered {status}: {said}"
        raise TransientError(what, _ASTRAY_REMEDY, status=status)
    # A server's own answer is JSON, but for Jetty's text with 400.
    is_foreign = bool(content) and body is None and not (status == 400 and kind == "text/plain")
    if is_foreign and status not in _FROM_ANYBODY:
        if meaning is Meaning.DONE and not is_page:
            raise TransientError("the server's answer is cut off, or is not JSON", status=status)
        what = "a web page" if is_page else f"a text that is not JSON: {said}"
        raise TransientError(
            f"the server answered {status} with {what}", _ASTRAY_REMEDY, status=status
        )
    if content and body is None and not is_page:  # Jetty's text
        return answer._replace(body={_MESSAGE_KEYS[0]: content.decode(errors="replace")})
    return answer


def refused(answer: Answer) -> ServerError:
    """The error for an answer that refuses the token: 401, or 403 for whatever is asked."""
    message = message_of(answer.body, answer.redact)
    said = f": {message}" if message else ""
    if answer.status == 401:
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
    return redact.reason(told_in(body), _MESSAGE_CHARS)


def told_in(body: Any) -> str:
    """The message in an error's JSON as it is; empty without one."""
    told = body if isinstance(body, dict) else {}
    message = next((told[key] for key in _MESSAGE_KEYS if told.get(key)), None)
    return "" if message is None or isinstance(message, (dict, list)) else str(message)


def _meant(status: int, body: Any) -> int:
    """The status that a server means.

    Before about 1.12 it says 500 to an absent path or method, and to a media type; some say it to
    a body that they cannot read.
    """
    if status == 500 and isinstance(body, dict):
        if _UNREAD.search(told_in(body)):
            return 400
        return _wrapped(body) or status
    return status


def _wrapped(body: Any) -> int:
    """The status in the words of OpenMetadata's framework, `HTTP 404 Not Found`; 0 without."""
    for told in map(body.get, _MESSAGE_KEYS) if isinstance(body, dict) else ():
        if isinstance(told, str) and (meant := _WRAPPED.search(told)):
            return int(meant[1])
    return 0


def _parsed(content: bytes) -> Any:
    with suppress(ValueError):  # in half of the time, but for halves of surrogate pairs
        return from_json(content)
    try:
        return json.loads(content)
    except (ValueError, RecursionError):  # the latter for what is nested too deeply
        return None


def _described(content: bytes, is_page: bool, redact: Redactor) -> str:
    if is_page:
        return "a web page"
    return redact.reason(content.decode(errors="replace"), _EXCERPT_CHARS) or "nothing more"
