"""HTTP/1.1 as far as a client of ours and the catalog server speak it (RFC 9112)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

HOST = "127.0.0.1"
LIMIT_BYTES = 64 * 1024
_HEAD_END = b"\r\n\r\n"
_PARENTS = ("databaseSchema", "database", "service", "classification", "parent")


@dataclass
class Message:
    """A request or an answer, with its whole body."""

    start: str
    """The request line or the status line."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str:
        """The value of a header; empty without it."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def method(self) -> str:
        """The method of a request."""
        return self.start.split(" ")[0]

    @property
    def path(self) -> str:
        """The path of a request, with its query."""
        return self.start.split(" ")[1]

    @property
    def status(self) -> int:
        """The status of an answer."""
        return int(self.start.split(" ")[1])

    @property
    def json(self) -> Any:
        """The body, parsed; None if it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def encoded(self, *, announced: int | None = None) -> bytes:
        """The message as it is sent; `announced` is a Content-Length that need not be true."""
        length = len(self.body) if announced is None else announced
        kept = [
            (name, value)
            for name, value in self.headers
            if name.lower() not in {"content-length", "transfer-encoding"}
        ]
        lines = [f"{name}: {value}" for name, value in (*kept, ("Content-Length", str(length)))]
        head = "\r\n".join([self.start, *lines]).encode("latin-1")
        return head + _HEAD_END + self.body


@dataclass
class Raw:
    """An answer that is written as it is, whether it is HTTP or not."""

    pieces: list[bytes | float]
    """Bytes, and seconds of silence between them."""

    closes: bool = False
    """Whether the connection ends afterwards, without a word."""

    resets: bool = False
    """Whether it ends with a reset."""


def answer(status: int, body: bytes = b"", **headers: str) -> Message:
    """An answer; `content_type="text/html"` becomes the header Content-Type."""
    named = [(name.replace("_", "-").title(), value) for name, value in headers.items()]
    return Message(f"HTTP/1.1 {status} {_phrase(status)}", named, body)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # one of a proxy's own
        return "Unknown"


def refusal(status: int, **headers: str) -> Message:
    """An answer as the server words an error."""
    text = _phrase(status)
    body = json.dumps({"code": status, "message": text}).encode()
    return answer(status, body, content_type="application/json", **headers)


def rows_of(request: Message) -> list[str]:
    """What a request writes: one text per row of its body."""
    if request.method not in {"PUT", "POST"}:
        return []
    collection = request.path.partition("?")[0].removesuffix("/bulk").rpartition("/v1/")[2]
    body = request.json
    rows = body if isinstance(body, list) else [body]
    return [f"{collection}:{_name_of(row)}" for row in rows if isinstance(row, dict)]


def _name_of(row: dict[str, object]) -> str:
    if "name" not in row:  # an edge, or what lies beside an entity
        return str(row)
    above = next((row[key] for key in _PARENTS if row.get(key)), "")
    return f"{above}.{row['name']}"


async def read(reader: asyncio.StreamReader) -> Message | None:
    """The next message; None when the other side has closed before it began.

    Raises `asyncio.IncompleteReadError` when it closes in the middle.
    """
    try:
        head = await reader.readuntil(_HEAD_END)
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    start, *lines = head[: -len(_HEAD_END)].decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    message = Message(start, [(name.strip(), value.strip()) for name, _, value in pairs])
    if "chunked" in message.header("transfer-encoding").lower():
        message.body = await _chunks(reader)
    else:
        message.body = await reader.readexactly(int(message.header("content-length") or 0))
    return message


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int((await reader.readline()).split(b";")[0], 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    while (await reader.readline()).strip():
        pass  # trailers
    return b"".join(parts)


class Upstream:
    """The proxy's own connection to the server, made when it is needed."""

    def __init__(self, port: Callable[[], int], stack: contextlib.AsyncExitStack) -> None:
        self._port = port
        self._stack = stack
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: Message) -> Message:
        """The server's answer; raises `OSError` or `IncompleteReadError` when it fails."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(HOST, self._port(), limit=LIMIT_BYTES)
            self._stack.callback(self._streams[1].close)
        reader, writer = self._streams
        writer.write(request.encoded())
        await writer.drain()
        answer = await read(reader)
        if answer is None:
            raise ConnectionResetError
        return answer
