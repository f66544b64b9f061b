"""What is tried again, how often, and what is raised in the end."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone

import pytest
from om_ingest import DeliveryError, ServerError
from om_ingest.openmetadata.network import retries
from om_ingest.openmetadata.network.circuit import Backoff, Circuit, RetryBudget, Ticket
from om_ingest.openmetadata.network.retry import (
    RequestFailedError,
    Retrier,
    RetryPolicy,
    TransientError,
    retry_after_s,
)

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc)


class World:
    """A clock that waiting turns, and a server that a test can stop."""

    def __init__(self, policy: RetryPolicy | None = None, budget_s: float = 100.0) -> None:
        self.now_s = 0.0
        self.waits: list[float] = []
        self.is_alive: bool | None = True
        self.stops = False
        backoff = Backoff(1.0, 8.0, lambda low, high: high)
        self.circuit = Circuit(RetryBudget(budget_s), backoff, lambda: self.now_s)
        policy = policy or RetryPolicy(4, backoff=backoff)
        self.retrier = Retrier(policy, self.circuit, self.wait, "the server")

    def call(self, attempt: Callable[[], str], **options: bool) -> str:
        """Send a request while others are answered, if the server is alive."""
        return self.retrier.call(attempt, lambda _: self.is_alive, **options)

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now_s += seconds
        return self.stops


@pytest.fixture
def world() -> World:
    """A new world."""
    return World()


def failing(*errors: Exception) -> Callable[[], str]:
    """An attempt that raises these, one after the other, and then is successful."""
    left = list(errors)

    def attempt() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return attempt


def always(error: Exception) -> Callable[[], str]:
    """An attempt that never is successful."""

    def attempt() -> str:
        raise error

    return attempt


def test_success_waits_for_nothing(world: World) -> None:
    """What succeeds is returned at once."""
    assert world.call(failing()) == "done"
    assert world.waits == []


def test_tries_again_after_growing_pauses(world: World) -> None:
    """A request that fails three times and then succeeds is delivered."""
    assert world.call(failing(*[TransientError("500", status=500)] * 3)) == "done"
    assert world.waits == [1.0, 2.0, 4.0]


def test_repetitions_are_counted(world: World) -> None:
    """The report tells what was repeated, by server and reason; a last failure is no repetition."""
    retries.begin()
    answered, lost = TransientError("500", status=500), TransientError("lost")
    world.call(failing(answered, answered, lost))
    with suppress(RequestFailedError):
        world.call(always(answered), repeatable=False)
    counted = retries.current().as_dict()
    (server,) = counted["servers"]
    assert (counted["count"], server["count"], server["server"]) == (3, 3, "the server")
    found = {reason["reason"]: reason["count"] for reason in server["reasons"]}
    assert found == {"HTTP 500": 2, "no answer": 1}


def test_a_request_that_keeps_failing_is_to_blame(world: World) -> None:
    """While the server answers others, four failures are this request's own fault."""
    with pytest.raises(RequestFailedError, match="it broke") as raised:
        world.call(always(TransientError("it broke", status=500)))
    assert raised.value.status == 500
    assert world.call(failing()) == "done"


def test_a_server_that_fails_everybody_is_to_blame(world: World) -> None:
    """While it answers nobody, no request is given up until the budget is used up."""
    world.is_alive = False
    with pytest.raises(ServerError, match="too long") as raised:
        world.call(always(TransientError("500", status=500)))
    assert type(raised.value) is ServerError
    assert world.now_s > 50.0


def test_being_away_is_no_fault_of_a_request(world: World) -> None:
    """Refused connections do not count as failures of the request that met them."""
    away = TransientError("refused", is_shared=True, may_have_arrived=False)
    assert world.call(failing(*[away] * 8)) == "done"


def test_failures_of_a_server_that_was_away(world: World) -> None:
    """A request that failed while the server was away is tried again now that it is back."""
    broken = TransientError("the connection broke")
    assert world.call(failing(*[broken] * 4)) == "done"


def test_retry_after(world: World) -> None:
    """The wait that a server asks for is kept, with a pause of our own on top."""
    busy = TransientError("429", status=429, is_shared=True, retry_after_s=7.0)
    assert world.call(failing(busy)) == "done"
    assert world.waits == [8.0]


def test_not_repeatable(world: World) -> None:
    """What may have been done already is not done twice; what cannot have been is."""
    with pytest.raises(RequestFailedError):
        world.call(failing(TransientError("reset")), repeatable=False)
    away = TransientError("refused", is_shared=True, may_have_arrived=False)
    assert world.call(failing(away), repeatable=False) == "done"


def test_a_refusal_stops_everybody(world: World) -> None:
    """A refused token is raised here, and for every request that follows."""
    with pytest.raises(ServerError, match="401"):
        world.call(always(ServerError("401", "renew it")))
    with pytest.raises(ServerError, match="401"):
        world.call(failing())


def test_a_fault_of_ours_leaves_the_gate_open(world: World) -> None:
    """An exception that says nothing of the server closes nothing."""
    with pytest.raises(ZeroDivisionError):
        world.call(always(ZeroDivisionError()))
    assert world.call(failing()) == "done"


def test_stopping_ends_the_wait(world: World) -> None:
    """A run that is to stop waits for no server; the first attempt is still made."""
    world.stops = True
    assert world.call(failing()) == "done"
    with pytest.raises(DeliveryError, match="was stopped"):
        world.call(failing(TransientError("500")))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Mon, 06 May 2024 07:08:39 GMT", 30.0),
        ("Mon, 06 May 2024 07:00:00 GMT", 0.0),
        ("Monday, 06-May-24 07:08:39 GMT", 30.0),
        ("-3", None),
        ("soon", None),
        ("", None),
        ("\u0663", None),
        ("Mon, 06 May 99999999999999999999 07:08:39 GMT", None),
    ],
)
def test_retry_after_header(header: str | None, seconds: float | None) -> None:
    """Seconds and dates are understood; what makes no sense is as good as no header."""
    assert retry_after_s(header, NOW) == seconds


def test_a_request_that_hangs(world: World) -> None:
    """Minutes that one request hangs are not the server's while it answers others."""
    hangs = 0

    def attempt() -> str:
        nonlocal hangs
        hangs += 1
        world.now_s += 300.0
        raise TransientError("took too long", weight=3)

    with pytest.raises(RequestFailedError, match="took too long"):
        world.call(attempt)
    assert hangs <= 3
    world.is_alive = False
    with pytest.raises(ServerError, match="too long; last: took too long"):
        world.call(attempt)


BROKE = TransientError("the connection broke")
FAILED = TransientError("500", status=500)
BUSY = TransientError("503", status=503, is_shared=True)


@pytest.mark.parametrize(
    ("failure", "expendable", "count"),
    [
        (FAILED, False, 6),
        (BROKE, False, 9),
        (BUSY, False, 13),
        (FAILED, True, 2),
        (BROKE, True, 2),
        (BUSY, True, 4),
        (TransientError("not the answer", status=200), True, 2),
        (TransientError("not the answer", status=200), False, 6),
        (TransientError("took too long", weight=3), False, 4),
    ],
)
def test_attempts(failure: TransientError, expendable: bool, count: int) -> None:
    """How often a request is sent before it is given up depends on what its failures say of it."""
    world = World(RetryPolicy(backoff=Backoff(0.25, 0.5, lambda low, high: high)))
    sent = 0

    def attempt() -> str:
        nonlocal sent
        sent += 1
        raise failure

    with pytest.raises(RequestFailedError):
        world.call(attempt, expendable=expendable)
    assert sent == count
    if not failure.is_shared:
        assert world.now_s <= 5.0


UNHANDLED = TransientError("NullPointerException", status=500, is_unhandled=True)


def test_nothing_else_is_written(world: World) -> None:
    """A request that the server never handles is given up after a twentieth of the budget."""
    world.is_alive = None
    with pytest.raises(RequestFailedError, match="NullPointer"):
        world.call(always(UNHANDLED))
    assert 5.0 <= world.now_s <= 20.0


def test_nobody_waits_while_nothing_else_is_written() -> None:
    """Others go on, and it takes seconds, whatever the budget: a record may break the server."""
    world = World(RetryPolicy(backoff=Backoff(0.25, 0.5, lambda low, high: high)), budget_s=600.0)
    world.is_alive, sent = None, 0

    def attempt() -> str:
        nonlocal sent
        sent += 1
        assert isinstance(world.circuit.admit(), Ticket)
        raise UNHANDLED

    with pytest.raises(RequestFailedError):
        world.call(attempt)
    assert world.now_s <= 8.0
    assert sent <= 12


@pytest.mark.parametrize("failure_count", [1, 2, 6])
def test_a_hiccup_while_nothing_else_is_written(world: World, failure_count: int) -> None:
    """Failures of some seconds cost no record."""
    world.is_alive = None
    errors = [UNHANDLED] * failure_count

    def attempt() -> str:
        if errors and world.now_s < 5.0:
            raise errors.pop()
        return "done"

    assert world.call(attempt) == "done"


@pytest.mark.parametrize(
    "other", [FAILED, BROKE, BUSY, TransientError("a web page", status=502)], ids=str
)
def test_failures_that_say_nothing_of_the_request(world: World, other: TransientError) -> None:
    """Where nothing else is written, any other failure is an outage, and so are mixtures."""
    world.is_alive = None
    turns = itertools.cycle([UNHANDLED, other])

    def attempt() -> str:
        raise next(turns)

    with pytest.raises(ServerError, match="too long") as raised:
        world.call(attempt)
    assert type(raised.value) is ServerError


def test_a_server_that_writes_nothing_at_all(world: World) -> None:
    """Requests that are given up one after the other use up the budget: few are blamed."""
    world.is_alive, blamed = None, 0

    def write_all() -> None:
        nonlocal blamed
        while True:
            with suppress(RequestFailedError):
                world.call(always(UNHANDLED))
            blamed += 1

    with pytest.raises(ServerError, match="too long"):
        write_all()
    assert 1 <= blamed <= 20
    assert world.now_s <= 120.0


@pytest.mark.parametrize("failure", [FAILED, BROKE])
def test_nobody_waits_for_a_request_that_fails_alone(world: World, failure: TransientError) -> None:
    """Requests that fail one after the other, while others are answered, pause nobody."""
    for _ in range(20):
        with pytest.raises(RequestFailedError):
            world.call(always(failure))
        assert isinstance(world.circuit.admit(), Ticket)


def test_all_wait_for_a_server_that_fails(world: World) -> None:
    """If others are not answered either, all wait after the first round; nothing is given up."""
    world.is_alive = False

    def attempt() -> str:
        if world.now_s > 40.0:
            world.is_alive = True
            return "done"
        raise FAILED

    assert world.call(attempt) == "done"
    assert max(world.waits) >= 7.0


def test_a_rate_limit_is_nobodys_fault(world: World) -> None:
    """Whoever is told 429 time and again is not to blame; in the end the budget is used up."""
    limited = TransientError("429", status=429, is_shared=True)
    for _ in range(5):
        assert world.call(failing(*[limited] * 4)) == "done"
    with pytest.raises(ServerError, match="too long; last: 429"):
        world.call(always(limited))


def test_advice_of_an_outage(world: World) -> None:
    """The run ends with the advice of what failed last, and how to go on."""
    world.is_alive = False
    with pytest.raises(ServerError) as raised:
        world.call(always(TransientError("redirects", "Set hostPort.", status=302)))
    assert raised.value.remedy.startswith("Set hostPort. Then run again with --resume")
