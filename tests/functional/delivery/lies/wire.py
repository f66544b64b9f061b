"""Lies below HTTP, and in time: frames that do not fit, answers that come late, or one too many."""

from __future__ import annotations

from collections.abc import Callable

from tests.functional.delivery.http11 import Message, Raw, answer
from tests.functional.delivery.lies.lie import (
    Lie,
    Mode,
    Tell,
    Told,
    both,
    is_bulk,
    is_put,
    is_write,
    said,
)

READ_TIMEOUT_S = 0.3
_NEVER_S = 3 * READ_TIMEOUT_S
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


_LONG = b"X: " + b"a" * 200_000 + b"\r\n\r\n"
_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"


def _is_any(request: Message) -> bool:
    return "/system/" not in request.path and "loggedInUser" not in request.path


def _real(told: Told) -> Message:
    return told.real if told.real is not None else said(200, told.entity)


def _body(told: Told) -> bytes:
    return _real(told).body


def _as(make: Callable[[bytes], list[bytes | float]], *, closes: bool = False) -> Tell:
    """The whole answer, made into pieces."""
    return lambda told: Raw(make(_real(told).encoded()), closes)


def _framed(make: Callable[[bytes], bytes], *, closes: bool = False) -> Tell:
    """The body in a frame of its own."""
    return lambda told: Raw([_HEAD + make(_body(told))], closes)


def _trickle(content: bytes, at: int = 0) -> list[bytes | float]:
    """Byte by byte from a position on, each in time, all of them much too late."""
    late: list[bytes | float] = [content[:at]]
    for index in range(at, len(content)):
        late += [READ_TIMEOUT_S / 6, content[index : index + 1]]
    return late[:120]


def _trickle_body(content: bytes) -> list[bytes | float]:
    return _trickle(content, content.index(b"\r\n\r\n") + 4)


def _chunked(body: bytes, size: bytes) -> bytes:
    head = b"Transfer-Encoding: chunked\r\n\r\n"
    return head + size + b"\r\n" + body + b"\r\n0\r\n\r\n"


def _lengths(*values: object) -> Callable[[bytes], bytes]:
    lines = b"".join(f"Content-Length: {value}\r\n".encode() for value in values)
    return lambda body: lines + b"\r\n" + body


def _twice_length(body: bytes) -> bytes:
    return _lengths(len(body), len(body) // 2)(body)


def _smuggled(body: bytes) -> bytes:
    return f"Content-Length: {len(body)}\r\n".encode() + _chunked(body, b"%x" % len(body))


def _one_more(extra: Message, pause_s: float = 0.0) -> Tell:
    """The answer, and another one that nobody has asked for."""

    def tell(told: Told) -> Raw:
        return Raw([_real(told).encoded(), pause_s, extra.encoded()])

    return tell


def _again(told: Told) -> Raw:
    """The answer, and the same again when the next request is on its way."""
    content = _real(told).encoded()
    return Raw([content, 0.005, content])


def _before(told: Told) -> Message:
    """The answer to the request before, whatever it was."""
    return told.heard[-1][1] if told.heard else said(200, {})


_FAST: list[tuple[str, Tell]] = [
    ("closed before an answer", lambda told: Raw([], closes=True)),
    ("reset in the headers", lambda told: Raw([_HEAD[:30]], resets=True)),
    ("closed in the headers", lambda told: Raw([_HEAD[:30]], closes=True)),
    ("closed in the status line", lambda told: Raw([b"HTTP/1.1 2"], closes=True)),
    ("closed after the headers", _framed(lambda body: b"Content-Length: 99\r\n\r\n", closes=True)),
    ("chunks longer than they say", _framed(lambda body: _chunked(body, b"2"))),
    ("chunks shorter than they say", _framed(lambda body: _chunked(body, b"fffff"), closes=True)),
    ("chunks of no number", _framed(lambda body: _chunked(body, b"zz"))),
    ("chunks of a negative size", _framed(lambda body: _chunked(body, b"-5"))),
    ("chunks without an end", _framed(lambda body: _chunked(body, b"5")[:60], closes=True)),
    ("two lengths", _framed(_twice_length)),
    ("a length that is negative", _framed(_lengths(-1))),
    ("a length that is a text", _framed(_lengths("many"))),
    ("a length that is too large", _framed(_lengths(10**7), closes=True)),
    ("a length of 10^30", _framed(_lengths(10**30), closes=True)),
    ("a length of 0", _framed(_lengths(0))),
    ("a body without a frame", lambda told: Raw([b'{"id":"1"}\r\n\r\n'], closes=True)),
    ("TLS", lambda told: Raw([b"\x15\x03\x01\x00\x02\x02\x28"], closes=True)),
    ("HTTP/2", lambda told: Raw([b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + b"\0" * 18])),
    ("a status of two digits", lambda told: Raw([b"HTTP/1.1 20 OK\r\n\r\n"], closes=True)),
    ("a status of five digits", lambda told: Raw([b"HTTP/1.1 20000 OK\r\n\r\n"], closes=True)),
    ("status 101", lambda told: Raw([b"HTTP/1.1 101 Go\r\nUpgrade: h2c\r\n\r\n"], closes=True)),
    ("status 100 and no more", lambda told: Raw([b"HTTP/1.1 100 Continue\r\n\r\n"], closes=True)),
    ("a header of NUL", _framed(lambda body: b"X: a\0b\r\nContent-Length: 0\r\n\r\n")),
    (
        "a header of 200 kB",
        _framed(lambda body: _LONG, closes=True),
    ),
    ("a header without a name", _framed(lambda body: b": a\r\nContent-Length: 0\r\n\r\n")),
]

_SLOW: list[tuple[str, Tell]] = [
    ("silence before the answer", _as(lambda content: [_NEVER_S, content])),
    ("silence after the headers", _as(lambda content: [content[:90], _NEVER_S, content[90:]])),
    ("30 ms before the deadline", _as(lambda content: [READ_TIMEOUT_S - 0.03, content])),
    ("30 ms after the deadline", _as(lambda content: [READ_TIMEOUT_S + 0.03, content])),
    ("silence before the last byte", _as(lambda content: [content[:-1], _NEVER_S, content[-1:]])),
    ("the headers byte by byte", _as(_trickle)),
    (
        "the body byte by byte",
        _as(_trickle_body),
    ),
    ("status 100 again and again", lambda told: Raw([b"HTTP/1.1 100 Continue\r\n\r\n", 0.05] * 40)),
    ("blanks for ever", lambda told: Raw([_HEAD + _chunked(b"", b"1")[:30], *[b" ", 0.05] * 40])),
    ("30 MB of blanks", _framed(lambda body: _lengths(10**9)(b" " * 30_000_000), closes=True)),
]

_TRUE: list[tuple[str, Tell]] = [
    ("closed after each answer", _as(lambda content: [content], closes=True)),
    ("late, but in time", _as(lambda content: [READ_TIMEOUT_S / 3, content])),
    ("status 100 before it", _as(lambda content: [b"HTTP/1.1 100 Continue\r\n\r\n", content])),
    (
        "status 103 before it",
        _as(lambda content: [_HINTS, content]),
    ),
    ("in two pieces", _as(lambda content: [content[:50], 0.01, content[50:]])),
    ("chunked", _framed(lambda body: _chunked(body, b"%x" % len(body)))),
    ("without a length, until it closes", _framed(lambda body: b"\r\n" + body, closes=True)),
    (
        "of HTTP/1.0",
        lambda told: Raw([b"HTTP/1.0 200 OK\r\n\r\n" + _body(told)], closes=True),
    ),
    ("the same length twice", _framed(lambda body: _lengths(len(body), len(body))(body))),
]

WIRE = [
    *(lie for name, tell in _FAST for lie in both(name, is_write, tell)),
    *(Lie(f"true, {name}", is_put, tell, is_true=True, modes=(Mode.EVER,)) for name, tell in _TRUE),
    Lie("a length and chunks, written", is_put, _framed(_smuggled)),
    Lie("a length of half, written", is_put, lambda told: _half(told)),
    Lie("closed after each third answer, written", _is_any, lambda told: _third(told), times=3),
    Lie("reset after each answer, written", _is_any, lambda told: _reset_after(told)),
]


def _half(told: Told) -> Raw:
    body = _body(told)
    return Raw([_HEAD + _lengths(len(body) // 2)(body)])


def _third(told: Told) -> Raw:
    return Raw([_real(told).encoded()], closes=told.number % 3 == 2)


def _reset_after(told: Told) -> Raw:
    return Raw([_real(told).encoded()], resets=True)


SLOW = [
    lie for name, tell in _SLOW for lie in both(name, is_bulk, tell, modes=(Mode.ONCE, Mode.EVER))
]

DESYNC = [
    Lie("the answer to the request before, written", _is_any, _before),
    Lie("the answer to the request before, not written", is_write, _before, arrives=False),
    Lie("a second answer {}", _is_any, _one_more(said(200, {}))),
    Lie("a second answer {}, later", _is_any, _one_more(said(200, {}), 0.005)),
    Lie("a second answer 404, later", _is_any, _one_more(said(404, {"code": 404}), 0.005)),
    Lie("a second answer 408, later", _is_any, _one_more(answer(408), 0.005)),
    Lie("a second answer 204, later", is_write, _one_more(answer(204), 0.005)),
    Lie("the same answer again, later", _is_any, _again),
    Lie("the same answer again to each PUT, later", is_put, _again),
]
