"""What each status means: the code and the page of the documentation agree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from om_ingest import ServerError
from om_ingest.masking import Redactor
from om_ingest.openmetadata.network.answers import (
    Answer,
    Meaning,
    TokenRefusedError,
    judged,
    meaning_of,
)
from om_ingest.openmetadata.network.retry import TransientError

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "http-statuses.md"


def documented() -> dict[int, str]:
    """The meaning of each status, by the table of the page."""
    found: dict[int, str] = {}
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 2 and cells[1][:1].isdigit():
            for part in cells[1].split(", "):
                first, _, last = part.partition("-")
                statuses = range(int(first), int(last or first) + 1)
                assert not found.keys() & set(statuses), f"{part} is there twice"
                found |= dict.fromkeys(statuses, cells[2])
    return found


def test_statuses_of_the_page() -> None:
    """The page has each status once, with the meaning that it has for the client."""
    by_code = {status: meaning_of(status).value for status in range(200, 600)}
    assert documented() | {403: "refused"} == by_code


def test_meanings_of_the_page() -> None:
    """The page explains every meaning."""
    text = PAGE.read_text("utf-8")
    assert [meaning for meaning in Meaning if f"\n| {meaning.value} | " not in text] == []


def outcome(
    status: int, kind: str = "application/json", content: bytes = b'{"message": "why not"}'
) -> Answer | ServerError | TransientError:
    """The final answer, or the error."""
    try:
        return judged(status, {"content-type": kind}, content, Redactor())
    except (ServerError, TransientError) as error:
        return error


@pytest.mark.parametrize("meaning", Meaning)
def test_what_follows(meaning: Meaning) -> None:
    """Every status leads to what its meaning says, with the server's own words."""
    for status in filter(lambda one: meaning_of(one) is meaning, range(200, 600)):
        came = outcome(status)
        if meaning in {Meaning.DONE, Meaning.REFUSED}:
            assert isinstance(came, Answer)
            assert came.is_done is (meaning is Meaning.DONE)
        elif meaning is Meaning.TOKEN:
            assert isinstance(came, TokenRefusedError)
            assert "why not" in came.what
        else:
            assert isinstance(came, TransientError)
            assert came.is_shared is (meaning is Meaning.BUSY)
            assert (came.status, str(status) in came.what) == (status, True)


@pytest.mark.parametrize("status", [200, 400, 403, 404, 405, 409, 418, 501])
@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text/html", b"<h1>Sorry"),
        ("application/json", b"<!doctype html>"),
        ("text/plain", b"404 page not found"),
        ("", b"upstream connect error"),
        ("application/json", b'{"message": "cut of'),
    ],
)
def test_foreign_answers(status: int, kind: str, content: bytes) -> None:
    """What is no JSON is not the server's, whatever its status: it is tried again."""
    is_jetty = status == 400 and kind == "text/plain"
    assert isinstance(outcome(status, kind, content), Answer) is is_jetty


@pytest.mark.parametrize("status", [413, 414, 431])
def test_sizes(status: int) -> None:
    """A request that is too large is too large, whoever says so."""
    answer = outcome(status, "text/html", b"<h1>Too large")
    assert isinstance(answer, Answer)
    assert answer.status == status


def test_reason_of_an_unhandled_error() -> None:
    """The reason is there too where servers up to 1.8 put it: `responseMessage`."""
    body = b'{"responseMessage": "An exception was thrown", "errorType": "UNHANDLED"}'
    error = outcome(500, content=body)
    assert isinstance(error, TransientError)
    assert error.what.endswith("500: An exception was thrown")


@pytest.mark.parametrize("nested", [b"[" * 100_000, b'{"a":' * 100_000])
@pytest.mark.parametrize("status", [200, 404, 500])
def test_an_answer_that_is_nested_too_deeply(nested: bytes, status: int) -> None:
    """It is as good as no JSON: it is tried again, and does not end the run."""
    assert isinstance(outcome(status, content=nested), TransientError)


@pytest.mark.parametrize("key", ["message", "responseMessage"])
@pytest.mark.parametrize(
    ("said", "status", "lacks_route"),
    [
        ("HTTP 404 Not Found", 404, True),
        ("HTTP 405 Method Not Allowed", 405, True),
        ("HTTP 415 Unsupported Media Type", 415, False),
    ],
)
def test_a_refused_request_of_an_older_server(
    key: str, said: str, status: int, lacks_route: bool
) -> None:
    """Servers up to 1.9 say 500 to an absent path, and what they mean in either field."""
    told = f"An exception with message [{said}] was thrown while processing request."
    body = {"code": 500, "message": "it failed", "responseMessage": "it failed"} | {key: told}
    answer = outcome(500, content=json.dumps(body).encode())
    assert isinstance(answer, Answer)
    assert (answer.status, answer.lacks_route) == (status, lacks_route)


def test_a_message_that_is_no_text() -> None:
    """Lists and objects in place of a message are no reason that anybody could read."""
    body = b'{"message": ' + b"[" * 500 + b"]" * 500 + b"}"
    answer = outcome(400, content=body)
    assert isinstance(answer, Answer)
    assert answer.reason == "the server gives no reason (400)"


@pytest.mark.parametrize(
    ("status", "content", "is_unhandled"),
    [
        (500, b'{"message": "a null pointer"}', True),
        (500, b"[]", False),
        (500, b"<h1>Sorry", False),
        (500, b"upstream failed", False),
        (500, b"", False),
        (502, b'{"message": "Bad Gateway"}', False),
        (503, b'{"message": "busy"}', False),
        (504, b'{"message": "late"}', False),
    ],
)
def test_what_the_server_itself_does_not_handle(
    status: int, content: bytes, is_unhandled: bool
) -> None:
    """Only 500 with an object of JSON says that the server was broken by the request."""
    error = outcome(status, content=content)
    assert isinstance(error, TransientError)
    assert error.is_unhandled is is_unhandled
