"""Lies in answers to a PUT of many entities: `BulkOperationResult` (REST contract §5.1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from om_ingest import fqn

from tests.functional.delivery.http11 import Message
from tests.functional.delivery.lies.lie import (
    NESTED,
    Lie,
    Mode,
    Tell,
    Told,
    both,
    is_bulk,
    said,
    says,
)

UNSEEN = "all rows are named as written: a fresh run writes what is missing"

_MODES = (Mode.EVER, Mode.ONCE)

_ABSENT = "404 for it"
"""Batches are unknown to the server, as far as it says: rows are sent one by one from then on."""

Entries = Callable[[list[str]], list[Any]]


def done(names: list[str], status: object = 200) -> list[Any]:
    """Entries of `successRequest`."""
    return [{"request": name, "status": status} for name in names]


def failed(names: list[Any], status: object = 400) -> list[Any]:
    """Entries of `failedRequest`."""
    return [{"request": name, "status": status, "message": "refused"} for name in names]


def result(good: list[Any], bad: list[Any], **changes: Any) -> dict[str, Any]:
    """A result whose counts fit its rows, but for what is changed; None takes a key out."""
    state = "partialSuccess" if good and bad else "failure" if bad else "success"
    told = {
        "dryRun": False,
        "status": state,
        "numberOfRowsProcessed": len(good) + len(bad),
        "numberOfRowsPassed": len(good),
        "numberOfRowsFailed": len(bad),
        "successRequest": good,
        "failedRequest": bad,
        **changes,
    }
    return {key: value for key, value in told.items() if value is not None}


def _rows(entries: Entries, **changes: Any) -> Tell:
    return lambda told: said(200, result(entries(told.names), [], **changes))


def _bad(entries: Callable[[Told], list[Any]], **changes: Any) -> Tell:
    return lambda told: said(200, result([], entries(told), **changes))


def _bare(**told: Any) -> Tell:
    return says(200, told)


def _counts(processed: object, passed: object, failed_count: object = 0) -> Tell:
    counts = {
        "numberOfRowsProcessed": processed,
        "numberOfRowsPassed": passed,
        "numberOfRowsFailed": failed_count,
    }
    return _rows(lambda names: [], status="success", **counts)


def _counted(told: Told) -> Message:
    """Counts of all rows, and no rows."""
    many = len(told.rows)
    return said(200, result([], [], numberOfRowsProcessed=many, numberOfRowsPassed=many))


def _named_and_counted(change: Callable[[int], Any]) -> Tell:
    """All rows by name, and a count of those that passed that contradicts them."""

    def tell(told: Told) -> Message:
        count = change(len(told.rows))
        return said(200, result(done(told.names), [], numberOfRowsPassed=count))

    return tell


def _both_ways(told: Told) -> Message:
    return said(200, result(done(told.names), failed(told.names)))


def _strangers(names: list[str]) -> list[Any]:
    return done([f"elsewhere.{name}" for name in names])


def _previous(told: Told) -> Message:
    """The answer to the bulk request before; a stranger's at first."""
    for request, real in reversed(told.heard):
        if is_bulk(request) and request.body != told.request.body:
            return real
    return said(200, result(_strangers(told.names), []))


def _half(names: list[str]) -> list[Any]:
    return done(names[: len(names) // 2])


def _half_told_all(told: Told) -> Message:
    many = len(told.rows)
    good = _half(told.names)
    return said(200, result(good, [], numberOfRowsProcessed=many, numberOfRowsPassed=many))


def _other_bodies(told: Told) -> list[Any]:
    return failed([{**row, "name": "stranger"} for row in told.rows])


def _first_half(request: Message) -> Message:
    rows = json.loads(request.body)
    return replace(request, body=json.dumps(rows[: max(1, len(rows) // 2)]).encode())


def _middle_gone(request: Message) -> Message:
    rows = json.loads(request.body)
    middle = len(rows) // 2
    return replace(request, body=json.dumps(rows[:middle] + rows[middle + 1 :]).encode())


def _changed(told: Told, **changes: Any) -> Message:
    real = told.real.json if told.real is not None else {}
    return said(200, {**(real if isinstance(real, dict) else {}), **changes})


def _quoted(name: str) -> str:
    """Every part of an FQN in quotes, which is another spelling of the same name."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in fqn.split(name))


def _middle(change: Callable[[str], str]) -> Entries:
    """All rows, of which one is spelled otherwise."""

    def entries(names: list[str]) -> list[Any]:
        middle = len(names) // 2
        return done([*names[:middle], change(names[middle]), *names[middle + 1 :]])

    return entries


_PROVING_NOTHING: list[tuple[str, Tell]] = [
    ("{}", says(200, {})),
    ("[]", says(200, [])),
    ("null", says(200, None)),
    ("nothing", says(200)),
    ("204", says(204)),
    ("202 with a job", says(202, {"jobId": "1", "message": "accepted"})),
    ("202 and success of no rows", says(202, result([], []))),
    ("207 and no rows", says(207, {"responses": []})),
    ("a web page", says(200, b"<html>Sign in</html>", content_type="text/html")),
    ("a text", says(200, b"OK", content_type="text/plain")),
    ("JSON of 100,000 levels", says(200, NESTED)),
    ("400 of 100,000 levels", says(400, NESTED)),
    ("status failure and no more", _bare(status="failure")),
    ("status success and no more", _bare(status="success")),
    ("status partialSuccess and no more", _bare(status="partialSuccess")),
    ("a status that nobody knows", _bare(status="fine")),
    ("a status that is a number", _bare(status=200)),
    ("an error", says(200, {"error": "rate limited"})),
    ("aborted", _bare(status="aborted", abortReason="out of memory")),
    ("success, and aborted", _bare(status="success", abortReason="out of memory")),
    ("counts of all rows and no rows", _counted),
    ("counts that are too high", _counts(10**9, 10**9)),
    ("counts that are too low", _counts(1, 1)),
    ("counts of nothing", _counts(0, 0)),
    ("negative counts", _counts(-3, -3, -1)),
    ("counts that are texts", _counts("3", "3", "0")),
    ("counts that are fractions", _counts(2.5, 2.5, 0.0)),
    ("counts that are true", _counts(True, True, False)),
    ("counts that are null", _rows(lambda names: [], numberOfRowsProcessed=None)),
    ("counts that are lists", _counts([3], [3], [])),
    ("a count of failed rows and no rows", _counts(3, 0, 3)),
    ("other rows", _rows(_strangers)),
    ("other rows and its own counts that are texts", _rows(_strangers, numberOfRowsPassed="3")),
    ("the first row for all", _rows(lambda names: done(names[:1] * len(names)))),
    ("rows without a request", _rows(lambda names: [{"status": 200} for _ in names])),
    ("rows that are null", _rows(lambda names: [None for _ in names])),
    ("rows that are lists", _rows(lambda names: [[name] for name in names])),
    ("successRequest that is a text", _rows(lambda names: [], successRequest="all")),
    ("successRequest that is an object", _rows(lambda names: [], successRequest={"all": 1})),
    ("half of the rows", _rows(_half)),
    ("half of the rows, counts of all", _half_told_all),
    ("the parents of the rows", _rows(lambda names: done([n.rpartition(".")[0] for n in names]))),
    ("the rows in other case", _rows(lambda names: done([name.swapcase() for name in names]))),
    ("its rows and success of status 500", _rows(lambda names: done(names, 500))),
    ("a dry run of all rows", _rows(done, dryRun=True)),
    ("a dry run that is a text", _rows(done, dryRun="true")),
    ("all rows, counts too high", _named_and_counted(lambda count: count + 40)),
    ("all rows, counts too low", _named_and_counted(lambda count: count - 1)),
    ("all rows, status failure", _rows(done, status="failure")),
    ("all rows, and aborted", _rows(done, abortReason="out of memory")),
    ("all rows and as many strangers", _rows(lambda names: [*done(names), *_strangers(names)])),
    ("each row in both lists", _both_ways),
    ("failed rows without a request", _bad(lambda told: [{"status": 400} for _ in told.rows])),
    ("failed rows of another body", _bad(_other_bodies)),
    ("failed rows that are strangers", _bad(lambda told: failed([f"x.{n}" for n in told.names]))),
    ("failed rows that pass: 503", _bad(lambda told: failed(told.names, 503))),
    ("failed rows of status 200", _bad(lambda told: failed(told.names, 200))),
    ("failed rows of status text", _bad(lambda told: failed(told.names, "400"))),
    ("one stranger failed and no more", _bad(lambda told: failed(["x.y"]), status="failure")),
    ("failed rows, status success", _bad(lambda told: failed(told.names), status="success")),
    ("the answer to the request before", _previous),
    (_ABSENT, says(404, {"code": 404, "message": "HTTP 404 Not Found"})),
    ("400 for all", says(400, {"code": 400, "message": "Invalid request format"})),
    ("400 as text", says(400, b"cannot parse", content_type="text/plain")),
    ("403 for all", says(403, {"code": 403, "message": "operations [EditAll] not allowed"})),
    ("409 for all", says(409, {"code": 409, "message": "is being deleted"})),
    ("500 as of an absent method", says(500, {"responseMessage": "HTTP 405 Method Not Allowed"})),
]

BULK = [
    *(
        lie
        for name, tell in _PROVING_NOTHING
        for lie in both(name, is_bulk, tell, ends=name == _ABSENT, modes=(Mode.EVER, Mode.ONCE))
    ),
    Lie("all rows, none written", is_bulk, _rows(done), arrives=False, unseen=UNSEEN),
    Lie("all rows, half written", is_bulk, _rows(done), forwards=_first_half, unseen=UNSEEN),
    Lie(
        "all rows as bodies, none written",
        is_bulk,
        lambda told: said(200, result(done(told.rows), [])),
        arrives=False,
        unseen=UNSEEN,
    ),
    Lie("half written, half told", is_bulk, lambda told: _changed(told), forwards=_first_half),
    Lie("one not written, not told", is_bulk, lambda told: _changed(told), forwards=_middle_gone),
    Lie(
        "all written, half told as failed",
        is_bulk,
        lambda told: said(
            200, result(_half(told.names), failed(told.names[len(told.names) // 2 :]))
        ),
    ),
    Lie(
        "half written, and told as failed",
        is_bulk,
        lambda told: said(200, result([], failed(told.names))),
        forwards=_first_half,
    ),
    Lie(
        "written, with requoted names",
        is_bulk,
        _rows(lambda names: done([*map(_quoted, names)])),
        is_true=True,
    ),
    *(
        Lie(f"one row {how}, {what}", is_bulk, _rows(_middle(change)), forwards=forwards)
        for how, change in (
            ("in other case", str.swapcase),
            ("elsewhere", lambda name: f"elsewhere.{name}"),
            ("as its parent", lambda name: name.rpartition(".")[0]),
        )
        for what, forwards in (("not written", _middle_gone), ("written", None))
    ),
    Lie("written, with one requoted name", is_bulk, _rows(_middle(_quoted)), is_true=True),
    Lie("written, told as bodies", is_bulk, lambda told: said(200, result(done(told.rows), []))),
    Lie(
        "written, with fields that nobody knows",
        is_bulk,
        lambda told: _changed(told, zebra=1, message="ok"),
        is_true=True,
    ),
    Lie(
        "written, told in other order",
        is_bulk,
        lambda told: said(200, result(done(told.names[::-1]), [])),
        is_true=True,
        modes=(Mode.EVER,),
    ),
]
