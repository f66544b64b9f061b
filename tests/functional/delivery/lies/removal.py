"""Lies while a run looks for what is gone: in listings, and in answers to a DELETE."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.functional.delivery.http11 import Message, Raw, answer
from tests.functional.delivery.lies.lie import NESTED, Lie, Mode, Tell, Told, lists, said, says

ELSEWHERE = "elsewhere"
"""Stands for the service of another job, which has tables too."""

_MODES = (Mode.EVER, Mode.ONCE)
_IS_LISTING = lists("tables")
_PAGE = b"<!doctype html><html><title>Sign in</title></html>"
Rows = list[dict[str, Any]]


def _is_delete(request: Message) -> bool:
    return request.method == "DELETE"


def _rows(told: Told) -> Rows:
    body = told.real.json if told.real is not None else None
    return list(body["data"]) if isinstance(body, dict) and "data" in body else []


def _listed(change: Callable[[Rows], list[Any]], **paging: Any) -> Tell:
    """The listing with other rows, on one page; `paging` is what it says of pages."""

    def tell(told: Told) -> Message:
        rows = change(_rows(told))
        return said(200, {"data": rows, "paging": {"total": len(rows), **paging}})

    return tell


def _body(**body: Any) -> Tell:
    return lambda told: said(200, {"data": _rows(told), **body})


def _renamed(rename: Callable[[str], object]) -> Callable[[Rows], Rows]:
    """The rows, and each of them once more under another FQN."""

    def change(rows: Rows) -> Rows:
        more = [{**row, "fullyQualifiedName": rename(row["fullyQualifiedName"])} for row in rows]
        return [*rows, *more]

    return change


def _foreign(fqn: str) -> str:
    return f"{ELSEWHERE}.{fqn.partition('.')[2]}"


def _paged(second: Tell) -> Tell:
    """Half of the rows on the first page; the second page is another matter."""

    def tell(told: Told) -> Message | Raw:
        if "after=" in told.request.path:
            return second(told)
        rows = _rows(told)
        half = rows[: len(rows) // 2]
        return said(200, {"data": half, "paging": {"total": len(rows), "after": "bmV4dA"}})

    return tell


def _circle(told: Told) -> Message:
    """Each page has the same rows, and a cursor to the next one."""
    cursor = f"cGFnZQ{told.number % 2}"
    rows = _rows(told) or [
        row for _, real in told.heard for row in (real.json or {}).get("data", [])
    ]
    return said(200, {"data": rows, "paging": {"total": 9, "after": cursor}})


def _blank_pages(told: Told) -> Message:
    if told.number > 200:
        return said(500, {"code": 500, "message": "enough"})
    return said(200, {"data": [], "paging": {"total": 9, "after": f"cGFnZQ{told.number}"}})


def _blank_first(told: Told) -> Message:
    if told.number == 0:
        return said(200, {"data": [], "paging": {"total": 0, "after": "bmV4dA"}})
    return _paged(says(500))(told)  # type: ignore[return-value]  # always a message


_NO_LISTING: list[tuple[str, Tell]] = [
    ("{}", says(200, {})),
    ("[]", says(200, [])),
    ("null", says(200, None)),
    ("nothing", says(200)),
    ("204", lambda told: answer(204)),
    ("202", says(202, {"jobId": "1"})),
    ("an error", says(200, {"error": "rate limited"})),
    ("JSON of 100,000 levels", says(200, NESTED)),
    ("a web page", says(200, _PAGE, content_type="text/html")),
    ("data that is null", says(200, {"data": None, "paging": {"total": 0}})),
    ("data that is an object", says(200, {"data": {"a": 1}, "paging": {"total": 1}})),
    ("data that is a text", says(200, {"data": "all", "paging": {"total": 1}})),
    ("no data", says(200, {"data": [], "paging": {"total": 0}})),
    ("data of texts", _listed(lambda rows: [row["fullyQualifiedName"] for row in rows])),
    ("data of nulls", _listed(lambda rows: [None for _ in rows])),
    ("data of lists", _listed(lambda rows: [[row] for row in rows])),
    ("rows without names", _listed(lambda rows: [{"id": row["id"]} for row in rows])),
    ("one entity", lambda told: said(200, (_rows(told) or [{}])[0])),
    ("cut JSON", lambda told: said(200, (told.real.body if told.real else b"{")[:-30])),
    ("302", says(302, location="/login")),
    ("400", says(400, {"code": 400, "message": "Invalid request format"})),
    ("401", says(401, {"code": 401, "message": "Expired token!"})),
    ("403", says(403, {"code": 403, "message": "operations [ViewAll] not allowed"})),
    ("404", says(404, {"code": 404, "message": "HTTP 404 Not Found"})),
    ("404 with a web page", says(404, _PAGE, content_type="text/html")),
    ("410", says(410, {"code": 410, "message": "gone"})),
    ("500", says(500, {"code": 500, "message": "broken"})),
]

_ENDLESS = {"pages in a circle", "the first page for ever", "200 pages with nothing"}
_REFUSALS = {"400", "401", "403", "404", "410"}
"""After these nothing is looked for any more."""

LISTING = [
    *(
        Lie(f"listed: {name}", _IS_LISTING, tell, ends=name in _REFUSALS, modes=_MODES)
        for name, tell in _NO_LISTING
    ),
    *(
        Lie(
            f"the second page: {name}",
            _IS_LISTING,
            _paged(tell),
            ends=name in _REFUSALS,
            modes=(Mode.EVER,),
        )
        for name, tell in _NO_LISTING
    ),
    *(
        Lie(f"listed: {name}", _IS_LISTING, tell, ends=name in _ENDLESS, modes=(Mode.EVER,))
        for name, tell in (
            ("the first half", _listed(lambda rows: rows[: len(rows) // 2])),
            ("the last half", _listed(lambda rows: rows[len(rows) // 2 :])),
            ("the first one", _listed(lambda rows: rows[:1])),
            ("every row twice", _listed(lambda rows: [*rows, *rows])),
            ("in other order", _listed(lambda rows: rows[::-1])),
            ("tables of another service", _listed(_renamed(_foreign))),
            ("all in another service", _listed(lambda rows: _renamed(_foreign)(rows)[len(rows) :])),
            ("tables that are not there", _listed(_renamed(lambda fqn: f"{fqn}x"))),
            ("names in other case", _listed(_renamed(str.swapcase))),
            ("names in quotes", _listed(_renamed(lambda fqn: f'"{fqn}"'))),
            ("names that are broken", _listed(_renamed(lambda fqn: f'{fqn}."'))),
            ("parents", _listed(_renamed(lambda fqn: fqn.rpartition(".")[0]))),
            ("the service itself", _listed(_renamed(lambda fqn: fqn.partition(".")[0]))),
            ("paths that climb", _listed(_renamed(lambda fqn: f"{fqn}/../../databases"))),
            ("paths with a query", _listed(_renamed(lambda fqn: f"{fqn}?recursive=true"))),
            ("names that are null", _listed(_renamed(lambda fqn: None))),
            ("names that are numbers", _listed(_renamed(len))),
            ("names that are lists", _listed(_renamed(lambda fqn: [fqn]))),
            ("live ones as deleted", _listed(lambda rows: [{**r, "deleted": True} for r in rows])),
            ("a total of 0", _listed(list, total=0)),
            ("a total of -1", _listed(list, total=-1)),
            ("a total of 10^9", _listed(list, total=10**9)),
            ("a total that is a text", _listed(list, total="all")),
            ("a cursor that is a number", _listed(list, after=7)),
            ("a cursor that is empty", _listed(list, after="")),
            ("paging that is null", _body(paging=None)),
            ("paging that is a list", _body(paging=[1])),
            ("no paging", _body()),
            ("pages in a circle", _circle),
            ("the first page for ever", _listed(list, after="c2FtZQ")),
            ("200 pages with nothing", _blank_pages),
            ("a first page with nothing", _blank_first),
        )
    ),
]


def _named(told: Told) -> dict[str, Any]:
    """The answer to the DELETE as if it had been done."""
    if told.real is not None and isinstance(told.real.json, dict):
        return told.real.json
    fqn = told.request.path.rpartition("/")[2].partition("?")[0]
    name = fqn.rpartition(".")[2]
    return {"id": "1", "name": name, "fullyQualifiedName": fqn, "deleted": True}


def _entity(**changes: Any) -> Tell:
    return lambda told: said(200, {**_named(told), **changes})


def _first_table(request: Message) -> Message:
    """The DELETE of another table, which is still in the source."""
    path, _, query = request.path.partition("?")
    other = f"{path.rpartition('.')[0]}.t1"
    return replace(request, start=f"DELETE {other}?{query} HTTP/1.1")


_NO_DELETION: list[tuple[str, Tell]] = [
    ("{}", says(200, {})),
    ("null", says(200, None)),
    ("[]", says(200, [])),
    ("nothing", says(200)),
    ("202 with a job", says(202, {"jobId": "1", "message": "Delete initiated"})),
    ("204", lambda told: answer(204)),
    ("an error", says(200, {"error": "rate limited"})),
    ("JSON of 100,000 levels", says(200, NESTED)),
    ("a web page", says(200, _PAGE, content_type="text/html")),
    ("its body, not deleted", _entity(deleted=False)),
    ("its body, of another name", _entity(fullyQualifiedName="a.b.c.d", name="d")),
    ("a list with it", lambda told: said(200, [_named(told)])),
    ("302", says(302, location="/login")),
    ("400", says(400, {"code": 400, "message": "table is not empty"})),
    ("401", says(401, {"code": 401, "message": "Expired token!"})),
    ("403", says(403, {"code": 403, "message": "operations [Delete] not allowed"})),
    ("404 of a path", says(404, {"code": 404, "message": "HTTP 404 Not Found"})),
    ("404 with a web page", says(404, _PAGE, content_type="text/html")),
    ("405", says(405, {"code": 405, "message": "HTTP 405 Method Not Allowed"})),
    ("409", says(409, {"code": 409, "message": "is being deleted"})),
    ("410", says(410, {"code": 410, "message": "gone"})),
    ("412", says(412, {"code": 412, "message": "has been modified"})),
    ("423", says(423, {"code": 423, "message": "locked"})),
    ("500", says(500, {"code": 500, "message": "broken"})),
    ("503", says(503, {"code": 503, "message": "busy"})),
    ("a reset", lambda told: Raw([], resets=True)),
]

_NEXT = "the next run lists it, and deletes it"

DELETING = [
    *(
        lie
        for name, tell in _NO_DELETION
        for lie in (
            Lie(f"deletion: {name}, not deleted", _is_delete, tell, arrives=False, modes=_MODES),
            Lie(f"deletion: {name}, deleted", _is_delete, tell, modes=_MODES),
        )
    ),
    Lie(
        "deletion: its body, not deleted at all",
        _is_delete,
        _entity(),
        arrives=False,
        unseen=_NEXT,
        modes=_MODES,
    ),
    Lie(
        "deletion: 404 of it, although it is there",
        _is_delete,
        lambda told: said(
            404,
            {"code": 404, "message": f"table instance for {_named(told)['name']} not found"},
        ),
        arrives=False,
        unseen=_NEXT,
        modes=_MODES,
    ),
    Lie(
        "deletion of another one",
        _is_delete,
        lambda told: told.real or answer(500),
        forwards=_first_table,
        unseen="the server does something else than it is told: the next run brings it back",
        modes=_MODES,
    ),
]
