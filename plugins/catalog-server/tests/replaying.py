"""A recording of a real server, played to the application, and how the two differ.

A recording has a JSON object per line: `name`, `method`, `path`, `auth`, `contentType`, `request`,
`status`, `headers` and `response`. Ids and cursors are mapped both ways: the first that is met
where the recording has one stands for it from then on. Times and days of the moment are equal if
both are of the moment; violations in brackets have no order.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import httpx

HOST = "http://127.0.0.1:8585"
"""The recorded server, as its `href`s name it."""

_HEADERS = ("content-type", "etag", "location", "x-openmetadata-change")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|eyJ[\w-]+={0,2}")
"""An id, or the cursor of a page."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_VIOLATIONS = re.compile(r"\[(.*)\]")
_NOTHING = "(nothing)"
_MOMENT_MS = 2 * 3600 * 1000


class Difference(NamedTuple):
    """A place where the answers to one request differ."""

    name: str
    """The exchange."""

    place: str
    """`status`, `headers/etag`, or the path in the body: `body/columns/0/name`."""

    recorded: Any
    served: Any

    def __str__(self) -> str:
        return f"{self.name}: {self.place}: {_short(self.recorded)} → {_short(self.served)}"


class Replay:
    """Plays a recording to a client whose base URL is `HOST`."""

    def __init__(self, recording: Path, client: httpx.Client, tokens: dict[str, str]) -> None:
        """`tokens` are those of the values of `auth`; one without a token is sent without."""
        lines = recording.read_text("utf-8").splitlines()
        self._exchanges = [json.loads(line) for line in lines]
        self._client, self._tokens = client, tokens
        self._served: dict[str, str] = {}
        self._recorded: dict[str, str] = {}
        times = [at for at in map(_time_of, self._exchanges) if at]
        self._day = datetime.fromtimestamp(min(times) / 1000, timezone.utc).toordinal()
        self._span_ms = range(min(times) - _MOMENT_MS, max(times) + _MOMENT_MS)

    def differences(self) -> Iterator[Difference]:
        """Every difference, in the order of the recording."""
        for exchange in self._exchanges:
            for place, recorded, served in self._compared(exchange):
                yield Difference(exchange["name"], place, recorded, served)

    def _compared(self, exchange: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
        answer = self._ask(exchange)
        if answer.status_code != exchange["status"]:
            yield "status", exchange["status"], answer.status_code
        expected = exchange.get("response")
        content = answer.text or None
        if answer.headers.get("content-type", "").startswith("application/json"):
            content = answer.json()
        yield from self._differing("body", expected, content)
        recorded = exchange.get("headers", {})
        for header in _HEADERS:
            pair = recorded.get(header, _NOTHING), answer.headers.get(header, _NOTHING)
            yield from self._differing(f"headers/{header}", *pair)

    def _ask(self, exchange: dict[str, Any]) -> httpx.Response:
        request = exchange.get("request")
        content = None
        if request is not None:
            text = request if isinstance(request, str) else json.dumps(request)
            content = _mapped(text, self._served).encode()
        headers = {}
        if "contentType" in exchange:
            headers["Content-Type"] = exchange["contentType"]
        if token := self._tokens.get(exchange["auth"]):
            headers["Authorization"] = f"Bearer {token}"
        path = _mapped(exchange["path"].replace("%3D", "="), self._served)
        url = f"{HOST}{path}"
        return self._client.request(exchange["method"], url, content=content, headers=headers)

    def _differing(self, place: str, recorded: Any, served: Any) -> Iterator[tuple[str, Any, Any]]:
        if isinstance(recorded, dict) and isinstance(served, dict):
            for name in [*recorded, *(name for name in served if name not in recorded)]:
                pair = recorded.get(name, _NOTHING), served.get(name, _NOTHING)
                yield from self._differing(f"{place}/{name}", *pair)
        elif isinstance(recorded, list) and isinstance(served, list):
            for index in range(max(len(recorded), len(served))):
                pair = [
                    part[index] if index < len(part) else _NOTHING for part in (recorded, served)
                ]
                yield from self._differing(f"{place}/{index}", *pair)
        elif isinstance(recorded, str) and isinstance(served, str):
            parts = _parsed(recorded), _parsed(served)
            if None not in parts:
                yield from self._differing(place, *parts)
            elif not self._is_same_text(recorded, served):
                yield place, recorded, served
        elif not self._is_same(recorded, served):
            yield place, recorded, served

    def _is_same_text(self, recorded: str, served: str) -> bool:
        if _ID.fullmatch(recorded) and _ID.fullmatch(served) and served not in self._recorded:
            self._served.setdefault(recorded, served)
            self._recorded[served] = recorded
        if _DAY.fullmatch(recorded) and _DAY.fullmatch(served):
            return recorded == served or _day(recorded) - self._day == _day(served) - _today()
        pair = recorded, _mapped(served, self._recorded)
        violations = [_VIOLATIONS.fullmatch(text) for text in pair]
        if all(violations):
            pair = tuple(sorted(found[1].split(", ")) for found in violations if found)
        return pair[0] == pair[1]

    def _is_same(self, recorded: Any, served: Any) -> bool:
        if isinstance(recorded, bool) or isinstance(served, bool):
            return recorded is served
        if isinstance(recorded, int) and recorded in self._span_ms:  # of the moment
            return isinstance(served, int) and abs(served - time.time() * 1000) < _MOMENT_MS
        return recorded == served


def _mapped(text: str, ids: dict[str, str]) -> str:
    return _ID.sub(lambda found: ids.get(found[0], found[0]), text)


def _today() -> int:
    return datetime.now(timezone.utc).toordinal()


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _time_of(exchange: dict[str, Any]) -> int | None:
    response = exchange.get("response")
    return response.get("updatedAt") if isinstance(response, dict) else None


def _parsed(text: str) -> Any:
    """The JSON in a text, such as a version in the list of all."""
    if text.startswith(("{", "[{")):
        with suppress(ValueError):
            return json.loads(text)
    return None


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}…"
