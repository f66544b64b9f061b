"""What can go wrong between a client and a server, and plans of when it does."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from enum import Enum

from tests.functional.delivery.http11 import Message, Raw, answer, refusal


class Ending(Enum):
    """How an exchange ends."""

    ANSWERED = "answered"
    RESET = "reset"
    RESET_IN_BODY = "reset in body"
    CUT_SHORT = "cut short"
    """Closed before as many bytes came as Content-Length announces."""

    CUT_JSON = "cut JSON"
    """Half of the JSON, and a Content-Length that fits it."""


@dataclass(frozen=True)
class Fault:
    """One way in which a request goes wrong."""

    name: str
    ending: Ending = Ending.ANSWERED
    arrives: bool = False
    """Whether the server gets the request, and does what it says."""

    instead: Callable[[], Message] | None = None
    """The answer that the client gets; None for the server's own, or for none at all."""

    forwards: Callable[[Message], Message] | None = None
    """The request that the server gets in place of the client's; None for that one."""

    tell: Callable[[Message, Message | None], Message | Raw] | None = None
    """What the client gets, by its request and the server's answer."""

    delay_s: float = 0.0
    away_s: float = 0.0
    """So long afterwards every connection is refused, and those that are open are reset."""

    restarts: bool = False
    """Whether the server is killed, and started again."""

    def __str__(self) -> str:
        return self.name


def status(status: int, **headers: str) -> Fault:
    """The server answers with a status, and has done nothing."""
    return Fault(f"{status}", instead=lambda: refusal(status, **headers))


def _tomorrow() -> Message:
    date = datetime.now(timezone.utc) + timedelta(seconds=1)
    return refusal(429, retry_after=format_datetime(date, usegmt=True))


def _page(status: int) -> Message:
    return answer(status, b"<!doctype html><title>Sorry</title>", content_type="text/html")


REFUSED = Fault("refused", Ending.RESET, away_s=0.02)
RESET_BEFORE = Fault("reset before", Ending.RESET)
RESET_AFTER = Fault("acknowledgement lost", Ending.RESET, arrives=True)
RESET_IN_BODY = Fault("reset in body", Ending.RESET_IN_BODY, arrives=True)
SHORT_BODY = Fault("wrong length", Ending.CUT_SHORT, arrives=True)
CUT_JSON = Fault("cut JSON", Ending.CUT_JSON, arrives=True)
SLOW = Fault("slow", arrives=True, delay_s=0.03)
TOO_MANY = status(429)
TOO_MANY_SECONDS = replace(status(429, retry_after="1"), name="429 with seconds")
TOO_MANY_AT_ONCE = replace(status(429, retry_after="0"), name="429 with no seconds")
TOO_MANY_DATE = Fault("429 with date", instead=_tomorrow)
REQUEST_TIMEOUT, SERVER_ERROR, BAD_GATEWAY, UNAVAILABLE = map(status, (408, 500, 502, 503))
DATABASE_LOCKED = replace(status(503, retry_after="0"), name="database locked")
GATEWAY_TIMEOUT = Fault("504 after it was done", arrives=True, instead=lambda: _page(504))
PAGE = Fault("web page with 200", instead=lambda: _page(200))
FORBIDDEN_PAGE = Fault("web page with 403", instead=lambda: _page(403))
RESTART = Fault("restart", Ending.RESET, restarts=True)
EXPIRED, FORBIDDEN, TOO_LARGE = map(status, (401, 403, 413))

PASSING = (
    *(REFUSED, RESET_BEFORE, RESET_AFTER, RESET_IN_BODY, SHORT_BODY, CUT_JSON, SLOW),
    *(TOO_MANY, TOO_MANY_AT_ONCE, REQUEST_TIMEOUT, SERVER_ERROR, BAD_GATEWAY, UNAVAILABLE),
    *(DATABASE_LOCKED, GATEWAY_TIMEOUT, PAGE),
)
"""Faults that pass, and that cost no more than some milliseconds."""

Plan = Callable[[int, Message], "Fault | None"]
"""What becomes of a request, by its number from 1 on; None: nothing unusual."""


def nothing(number: int, request: Message) -> Fault | None:
    """The plan in which nothing goes wrong."""
    return None


BEGINNING_COUNT = 2
"""Requests by which a run asks who the server is; it does not insist on an answer to them."""


def every(nth: int, fault: Fault, *, at_most: int = 2) -> Plan:
    """Every n-th request goes wrong, but the same one `at_most` times: trying again heals it.

    The beginning of a run is left alone.
    """
    hits: Counter[tuple[str, bytes]] = Counter()

    def plan(number: int, request: Message) -> Fault | None:
        key = (request.start, request.body)
        if number <= BEGINNING_COUNT or number % nth or hits[key] >= at_most:
            return None
        hits[key] += 1
        return fault

    return plan


def at(numbers: range | set[int], fault: Fault) -> Plan:
    """The requests with these numbers go wrong."""
    return lambda number, request: fault if number in numbers else None


def since(first: int, fault: Fault) -> Plan:
    """From one request on everything goes wrong."""
    return lambda number, request: fault if number >= first else None


def whenever(fault: Fault, applies: Callable[[Message], bool]) -> Plan:
    """Requests go wrong for something that is in them."""
    return lambda number, request: fault if applies(request) else None


def holding(text: str) -> Callable[[Message], bool]:
    """Whether a text stands in the body of a request."""
    return lambda request: text.encode() in request.body


def longer_than(row_count: int) -> Callable[[Message], bool]:
    """Whether a request has more rows."""
    return lambda request: isinstance(request.json, list) and len(request.json) > row_count


class Drawn:
    """A plan drawn at random from a seed: the same seed is the same plan, request by request.

    Some plans are a drizzle of single faults, others storms with clear weather between them;
    some lose the token, or the server, for good or for a while.
    """

    def __init__(self, seed: int) -> None:
        draw = random.Random(seed)  # not for cryptography: a seed names a plan
        self.rate = draw.choice([0.0, 0.02, 0.1, 0.3, 0.5])
        self.faults = draw.sample(PASSING, draw.randint(1, len(PASSING)))
        self.storms = [
            (begin, begin + draw.randint(1, 12), draw.choice(PASSING))
            for begin in (draw.randint(1, 60) for _ in range(draw.choice([0, 1, 1, 2])))
        ]
        self.last = draw.choice([None] * 6 + [EXPIRED, FORBIDDEN, UNAVAILABLE])
        self.last_from = draw.randint(1, 60)
        self.row_limit = draw.choice([None] * 4 + [1, 7, 40])
        self.restart_at = draw.choice([None] * 19 + [draw.randint(3, 40)])
        self.guilty = draw.choice([None, None, *(f'"name":"t{number}"' for number in range(4))])
        self.verdict = status(draw.choice([400, 409, 500, 502]))
        self._draw = draw

    def __call__(self, number: int, request: Message) -> Fault | None:
        hit, fault = self._draw.random() < self.rate, self._draw.choice(self.faults)
        if number == self.restart_at:
            return RESTART
        if self.last is not None and number >= self.last_from:
            return self.last
        for begin, end, storm in self.storms:
            if begin <= number < end:
                return storm
        if self.row_limit is not None and longer_than(self.row_limit)(request):
            return TOO_LARGE
        if self.guilty is not None and holding(self.guilty)(request):
            return self.verdict
        return fault if hit else None

    def __repr__(self) -> str:
        faults = ", ".join(map(str, self.faults))
        return (
            f"{self.rate:.0%} of ({faults}); storms {self.storms}; "
            f"{self.last} from {self.last_from}; rows {self.row_limit}; "
            f"restart at {self.restart_at}; {self.verdict} for {self.guilty}"
        )
