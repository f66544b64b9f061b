"""Receiving of JSON request bodies, with a size limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from om_ingest_catalog_server import jsontext
from om_ingest_catalog_server.failures import NoBodyError, RoutingError, UnreadableBodyError

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.types import Receive

_DISCARDED_BYTES = 64 * 1024 * 1024


async def receive_json(
    headers: Headers, receive: Receive, media_type: str, limit_bytes: int
) -> Any:
    """The JSON value of a request body.

    Raises `RoutingError` (415) for another media type, `HTTPException` with 413 for a body over
    the limit, `UnreadableBodyError` for invalid JSON, `NoBodyError` for none, and
    `ClientDisconnect` if the client disconnects early.
    """
    _check_type(headers, media_type)
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit_bytes:
        if "expect" not in headers:  # with `Expect: 100-continue`, no body was sent yet
            await _discard(receive, limit_bytes + _DISCARDED_BYTES)
        raise _too_large(limit_bytes)
    body = await _receive(receive, limit_bytes)
    try:
        return jsontext.parse(body)
    except jsontext.JsonTextError as error:
        said = f"Invalid request format: {error}"
        raise (UnreadableBodyError(said) if body.strip() else NoBodyError(said)) from None


def _check_type(headers: Headers, media_type: str) -> None:
    given = headers.get("content-type", "")
    if given.partition(";")[0].strip().lower() != media_type:
        wrong = f"it is {given!r}" if given else "there is none"
        raise RoutingError(415, f"The Content-Type must be {media_type}; {wrong}")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise RoutingError(415, "The body must be sent without a Content-Encoding")


async def _receive(receive: Receive, limit_bytes: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in _chunks(receive):
        size += len(chunk)
        if size <= limit_bytes:
            chunks.append(chunk)
        elif size > limit_bytes + _DISCARDED_BYTES:
            break
    if size > limit_bytes:
        raise _too_large(limit_bytes)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _discard(receive: Receive, limit_bytes: int) -> None:
    """Read and drop the body, up to a limit: few clients read a response while they send."""
    size = 0
    async for chunk in _chunks(receive):
        size += len(chunk)
        if size > limit_bytes:
            return


async def _chunks(receive: Receive) -> Any:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _too_large(limit_bytes: int) -> HTTPException:
    message = f"The body is larger than the limit of {limit_bytes} bytes"
    return HTTPException(413, message, {"Connection": "close"})
