"""What a PUT leaves of what is stored: every row of the table in contract §6.3, thrice.

A bot writes, a human being writes, and a bot writes a bulk with `overrideMetadata=true`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rest.case import (
    BOT,
    JANE,
    Ask,
    Case,
    Step,
    case,
    get,
    label,
    make,
    put,
)
from rest.expect import ABSENT
from rest.specimens import specimen


def _write(who: str, body: dict[str, Any]) -> Ask:
    if who == "override":
        done = {"status": "success", "numberOfRowsPassed": 1}
        return put("tables/bulk?overrideMetadata=true", [body], 200, done)
    return put("tables", body, 200, by=BOT if who == "bot" else JANE)


def _row(
    claim: str,
    before: dict[str, Any],
    after: dict[str, Any],
    *needs: Step,
    since: str = "",
    human_since: str = "",
    **shown: Any,
) -> Iterator[Case]:
    """A row of the table: `before` is stored, `after` is put, each of the three leaves that."""
    names = {"bot": "a bot's PUT", "human": "a human's PUT", "override": "a bot's override"}
    for who, expected in shown.items():
        yield case(
            "§6.3",
            f"{claim}: {names[who]}",
            *needs,
            make("table", **before),
            _write(who, specimen("table", **after)),
            get("tables/{table.id}?fields=*", shows=expected),
            since={"bot": since, "human": human_since or since, "override": "2.0"}[who],
        )


def _columns(**more: Any) -> dict[str, Any]:
    return {"columns": [{"name": "a", "dataType": "INT", **more}]}


def _column(**shown: Any) -> dict[str, Any]:
    return {"columns": [shown]}


def _owners(*names: str) -> dict[str, Any]:
    return {"owners": [{"id": f"{{{name}.id}}", "type": "user"} for name in names]}


def _tagged(*names: str) -> dict[str, Any]:
    return {"tags": [label(f"{{{name}}}") for name in names]}


_OLD = {"description": "Old."}
_NEW = {"description": "New."}
_TAGS = (make("tag", "t1"), make("tag", "t2"))
_USERS = (make("user", "u1"), make("user", "u2"))
_DOMAINS = (make("domain", "d1"), make("domain", "d2"))
_PRODUCTS = (
    *_DOMAINS,
    make("dataProduct", "p1", domains=["{d1}"]),
    make("dataProduct", "p2", domains=["{d1}"]),
)
_DOMAIN_1 = {"domains": [{"id": "{d1.id}"}]}
_DOMAIN_2 = {"domains": [{"id": "{d2.id}"}]}
_ONE_TAG = {"tags": [{"tagFQN": "{t1}"}]}
_BOTH_TAGS = {"tags": [{"tagFQN": "{t1}"}, {"tagFQN": "{t2}"}]}
_OTHER_TAG = {"tags": [{"tagFQN": "{t2}"}]}
_LATE = {"created": {"timestamp": 1_700_000_000_000}}
_EARLY = {"created": {"timestamp": 1_600_000_000_000}}
_PRODUCT_1 = {"dataProducts": [{"id": "{p1.id}"}]}
_PRODUCT_2 = {"dataProducts": [{"id": "{p2.id}"}]}

_ROWS: list[Iterator[Case]] = [
    _row("a stored description against a new one", _OLD, _NEW, bot=_OLD, human=_NEW, override=_NEW),
    _row(
        "a stored description against none",
        _OLD,
        {},
        bot=_OLD,
        human={"description": ABSENT},
        override={"description": ABSENT},
    ),
    _row("no description against a new one", {}, _NEW, bot=_NEW, human=_NEW, override=_NEW),
    _row(
        "a column's stored description against a new one",
        _columns(**_OLD),
        _columns(**_NEW),
        bot=_column(**_OLD),
        human=_column(**_NEW),
        override=_column(**_NEW),
    ),
    _row(
        "a column's stored description against none",
        _columns(**_OLD),
        _columns(),
        bot=_column(**_OLD),
        human=_column(description=ABSENT),
        override=_column(**_OLD),
    ),
    _row(
        "a stored displayName against a new one",
        {"displayName": "Old"},
        {"displayName": "New"},
        bot={"displayName": "New"},
        human={"displayName": "New"},
        override={"displayName": "New"},
    ),
    _row(
        "a column's stored displayName against a new one",
        _columns(displayName="Old"),
        _columns(displayName="New"),
        bot=_column(displayName="Old"),
        human=_column(displayName="New"),
        override=_column(displayName="Old"),
    ),
    _row(
        "a stored tag against another",
        _tagged("t1"),
        _tagged("t2"),
        *_TAGS,
        bot=_BOTH_TAGS,
        human=_BOTH_TAGS,
        override=_OTHER_TAG,
    ),
    _row(
        "a stored tag against none",
        _tagged("t1"),
        {},
        *_TAGS,
        bot=_ONE_TAG,
        human=_ONE_TAG,
        override=_ONE_TAG,
    ),
    _row(
        "a column's stored tag against another",
        _columns(**_tagged("t1")),
        _columns(**_tagged("t2")),
        *_TAGS,
        bot=_column(**_BOTH_TAGS),
        human=_column(**_BOTH_TAGS),
        override=_column(**_OTHER_TAG),
    ),
    _row(
        "a column's stored tag against none",
        _columns(**_tagged("t1")),
        _columns(),
        *_TAGS,
        bot=_column(**_ONE_TAG),
        human=_column(**_ONE_TAG),
        override=_column(**_ONE_TAG),
    ),
    _row(
        "a stored owner against another",
        _owners("u1"),
        _owners("u2"),
        *_USERS,
        bot=_owners("u2"),
        human=_owners("u2"),
        override=_owners("u2"),
    ),
    _row(
        "a stored owner against an empty list",
        _owners("u1"),
        {"owners": []},
        *_USERS,
        bot=_owners("u1"),
        human=_owners("u1"),
    ),
    _row(
        "a stored domain against another",
        {"domains": ["{d1}"]},
        {"domains": ["{d2}"]},
        *_DOMAINS,
        since="1.9",
        bot=_DOMAIN_1,
        human=_DOMAIN_2,
        override=_DOMAIN_1,
    ),
    _row(
        "a stored domain against none",
        {"domains": ["{d1}"]},
        {},
        *_DOMAINS,
        since="1.9",
        bot=_DOMAIN_1,
        human=_DOMAIN_1,
        override=_DOMAIN_1,
    ),
    _row(
        "no domain against one",
        {},
        {"domains": ["{d1}"]},
        *_DOMAINS,
        since="1.9",
        bot=_DOMAIN_1,
        human=_DOMAIN_1,
        override=_DOMAIN_1,
    ),
    _row(
        "a stored data product against another",
        {"domains": ["{d1}"], "dataProducts": ["{p1}"]},
        {"domains": ["{d1}"], "dataProducts": ["{p2}"]},
        *_PRODUCTS,
        since="1.12",
        human_since="1.9",
        bot=_PRODUCT_1,
        human=_PRODUCT_2,
        override=_PRODUCT_1,
    ),
    _row(
        "a stored extension against another",
        {"extension": {"a": "1"}},
        {"extension": {"a": "2", "b": "3"}},
        bot={"extension": {"a": "1", "b": ABSENT}},
        human={"extension": {"a": "2", "b": "3"}},
        override={"extension": {"a": "1", "b": ABSENT}},
    ),
    _row(
        "a stored extension against none",
        {"extension": {"a": "1"}},
        {},
        bot={"extension": {"a": "1"}},
        human={"extension": {"a": "1"}},
        override={"extension": {"a": "1"}},
    ),
    _row(
        "no extension against one",
        {},
        {"extension": {"a": "1"}},
        bot={"extension": ABSENT},
        human={"extension": {"a": "1"}},
        override={"extension": ABSENT},
    ),
    _row(
        "a stored lifeCycle against an earlier one",
        {"lifeCycle": _LATE},
        {"lifeCycle": _EARLY},
        bot={"lifeCycle": _LATE},
        human={"lifeCycle": _LATE},
        override={"lifeCycle": _LATE},
    ),
    _row(
        "a stored lifeCycle against a later one",
        {"lifeCycle": _EARLY},
        {"lifeCycle": _LATE},
        bot={"lifeCycle": _LATE},
        human={"lifeCycle": _LATE},
        override={"lifeCycle": _LATE},
    ),
    _row(
        "a stored lifeCycle against none",
        {"lifeCycle": _LATE},
        {},
        bot={"lifeCycle": _LATE},
        human={"lifeCycle": _LATE},
        override={"lifeCycle": _LATE},
    ),
    _row(
        "any other value against none",
        {"sourceUrl": "http://x", "schemaDefinition": "select 1", "tableType": "View"},
        {"tableType": "Regular"},
        bot={"sourceUrl": ABSENT, "schemaDefinition": ABSENT, "tableType": "Regular"},
        human={"sourceUrl": ABSENT, "schemaDefinition": ABSENT, "tableType": "Regular"},
        override={"sourceUrl": ABSENT, "schemaDefinition": ABSENT, "tableType": "Regular"},
    ),
    _row(
        "columns that are not sent",
        _columns(),
        {"columns": [{"name": "b", "dataType": "TEXT"}]},
        bot={"columns": [{"name": "b"}]},
        human={"columns": [{"name": "b"}]},
        override={"columns": [{"name": "b"}]},
    ),
]

CASES = [found for row in _ROWS for found in row]
