"""Requests as they reach an ASGI application, so hostile that no HTTP library would send them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from om_ingest_catalog_server.application import Application


@dataclass(frozen=True)
class Request:
    """One request, in bytes where the wire has bytes."""

    method: str
    path: bytes
    query: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    chunks: Sequence[bytes] = field(default=(b"",))


class Answer(NamedTuple):
    """What the application said."""

    status: int
    headers: dict[str, str]
    body: bytes


async def ask(application: Application, request: Request) -> Answer:
    """The answer to a request; what the application raises goes through."""
    incoming = [
        {"type": "http.request", "body": chunk, "more_body": position < len(request.chunks)}
        for position, chunk in enumerate(request.chunks, start=1)
    ]
    incoming.reverse()
    sent: list[Any] = []

    async def receive() -> Any:
        return incoming.pop() if incoming else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote_to_bytes(request.path).decode("utf-8", "replace"),
        "raw_path": request.path,
        "query_string": request.query,
        "root_path": "",
        "headers": list(request.headers),
        "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 8585),
        "state": {},
    }
    await application(scope, receive, send)
    headers = {
        name.decode("latin-1"): value.decode("latin-1") for name, value in sent[0]["headers"]
    }
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], headers, body)


def complaint(request: Request, answer: Answer, *, implemented: bool = True) -> str:
    """What is wrong with an answer, however hostile the request; empty if nothing is."""
    wrong = ""
    # A search may ask for more than this server can evaluate.
    if answer.status == 501 and implemented and not request.path.startswith(b"/api/v1/search/"):
        wrong = "a route that there is says that it is not there"
    elif answer.status >= 500 and answer.status != 501:
        wrong = "the server failed"
    elif answer.status >= 400 and request.method != "HEAD":
        wrong = _wrong_error(answer)
    elif "json" in answer.headers.get("content-type", "") and answer.body:
        json.loads(answer.body)
    return f"{wrong}\n{request}\n{answer.status} {answer.body[:2000]!r}" if wrong else ""


def _wrong_error(answer: Answer) -> str:
    try:
        error = json.loads(answer.body)
    except ValueError:
        return "the error is no JSON"
    if error.get("code") != answer.status or not isinstance(error.get("message"), str):
        return "the error has no code and message"
    return ""
