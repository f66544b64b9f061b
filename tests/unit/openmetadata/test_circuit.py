"""The gate before a server, on a clock that the tests turn."""

from __future__ import annotations

import pytest
from om_ingest import ServerError
from om_ingest.openmetadata.network.circuit import Backoff, Circuit, RetryBudget, Ticket


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def longest(low: float, high: float) -> float:
    """Always the longest pause that may be drawn."""
    return high


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def circuit(clock: Clock) -> Circuit:
    """A circuit with a minute to lose, and pauses of 1, 2, 4 … seconds."""
    return Circuit(RetryBudget(60.0), Backoff(1.0, 16.0, longest), clock)


def ticket_of(circuit: Circuit) -> Ticket:
    """Leave to send, which must be given."""
    admission = circuit.admit()
    assert isinstance(admission, Ticket)
    return admission


def test_pauses_double_up_to_a_cap() -> None:
    """The limit of a pause doubles with each failure, and no pause is longer than the cap."""
    backoff = Backoff(1.0, 16.0, longest)
    assert [backoff.pause_s(count) for count in (1, 2, 3, 4, 5, 6, 1000)] == [
        1,
        2,
        4,
        8,
        16,
        16,
        16,
    ]


def test_pauses_have_full_jitter() -> None:
    """A pause is drawn from zero to its limit: workers do not come back all at once."""
    drawn = []

    def drawing(low: float, high: float) -> float:
        drawn.append((low, high))
        return low

    assert Backoff(1.0, 16.0, drawing).pause_s(3) == 0
    assert drawn == [(0.0, 4.0)]


def test_everybody_passes_while_the_server_answers(circuit: Circuit) -> None:
    """Several requests are under way at a time."""
    tickets = [ticket_of(circuit) for _ in range(8)]
    for ticket in tickets:
        circuit.succeeded(ticket)
    assert isinstance(circuit.admit(), Ticket)


def test_a_shared_failure_pauses_everybody(circuit: Circuit, clock: Clock) -> None:
    """After a 429 of one worker all others wait too, and then a single one goes first."""
    circuit.failed(ticket_of(circuit), "429", shared=True)
    assert circuit.admit() == 1.0
    clock.now_s += 1.0
    first = ticket_of(circuit)
    assert isinstance(circuit.admit(), float)
    circuit.succeeded(first)
    assert isinstance(circuit.admit(), Ticket)


def test_a_failed_first_request_pauses_longer(circuit: Circuit, clock: Clock) -> None:
    """While the server stays away, each pause is longer than the one before."""
    for pause_s in (1.0, 2.0, 4.0):
        circuit.failed(ticket_of(circuit), "away", shared=True)
        assert circuit.admit() == pause_s
        clock.now_s += pause_s


def test_failures_at_the_same_time_are_one(circuit: Circuit) -> None:
    """Eight workers that fail together make one pause, not one of the eighth length."""
    tickets = [ticket_of(circuit) for _ in range(8)]
    for ticket in tickets:
        circuit.failed(ticket, "away", shared=True)
    assert circuit.admit() == 1.0


def test_retry_after_is_obeyed(circuit: Circuit) -> None:
    """Nobody asks again before the time that the server has named, later failures included."""
    early, late = ticket_of(circuit), ticket_of(circuit)
    circuit.failed(early, "429", shared=True, retry_after_s=5.0)
    assert circuit.admit() == 6.0
    circuit.failed(late, "429", shared=True, retry_after_s=9.0)
    assert circuit.admit() == 9.0


def test_a_failure_of_one_request_pauses_nobody_else(circuit: Circuit) -> None:
    """A 500 may be the fault of what was sent: the others go on."""
    circuit.failed(ticket_of(circuit), "500", shared=False)
    assert isinstance(circuit.admit(), Ticket)


def test_many_failures_in_a_row_are_the_servers(circuit: Circuit) -> None:
    """Five failures with no success between them pause everybody, whatever they were."""
    for _ in range(5):
        circuit.failed(ticket_of(circuit), "500", shared=False)
    assert circuit.admit() == 1.0


def test_successes_between_failures(circuit: Circuit) -> None:
    """Failures are counted anew after each success."""
    for _ in range(20):
        circuit.failed(ticket_of(circuit), "500", shared=False)
        circuit.succeeded(ticket_of(circuit))
    assert isinstance(circuit.admit(), Ticket)


def test_a_server_that_stays_away_ends_the_run(circuit: Circuit, clock: Clock) -> None:
    """Once the budget is used up, everybody gets the same error: exit code 4."""

    def be_away() -> None:
        for _ in range(100):
            circuit.failed(ticket_of(circuit), "refused", shared=True)
            admission = circuit.admit()
            assert isinstance(admission, float)
            clock.now_s += admission

    with pytest.raises(ServerError, match="too long; last: refused") as raised:
        be_away()
    assert clock.now_s <= 1060.0
    with pytest.raises(ServerError, match="too long"):
        circuit.admit()
    assert "--resume" in raised.value.remedy


def test_a_wait_that_is_too_long_is_not_begun(circuit: Circuit) -> None:
    """A server that asks for more than is left is not waited for."""
    with pytest.raises(ServerError):
        circuit.failed(ticket_of(circuit), "429", shared=True, retry_after_s=61.0)


def test_a_server_that_goes_on_answering_is_not_given_up(circuit: Circuit, clock: Clock) -> None:
    """Answers give some of the budget back: one that is merely slow to admit is endured."""
    for _ in range(200):
        circuit.failed(ticket_of(circuit), "429", shared=True, retry_after_s=0.5)
        clock.now_s += 1.5
        circuit.succeeded(ticket_of(circuit))


def test_idle_time_costs_nothing(circuit: Circuit, clock: Clock) -> None:
    """A source that is silent for an hour after a failure does not use the budget up."""
    circuit.failed(ticket_of(circuit), "500", shared=False)
    clock.now_s += 3600.0
    circuit.failed(ticket_of(circuit), "500", shared=False)
    circuit.succeeded(ticket_of(circuit))


def test_time_lost_by_several_counts_once(circuit: Circuit, clock: Clock) -> None:
    """Eight requests that hang for the same 50 seconds have lost 50 seconds."""
    tickets = [ticket_of(circuit) for _ in range(8)]
    clock.now_s += 50.0
    for ticket in tickets[:4]:
        circuit.failed(ticket, "timeout", shared=False)
    assert isinstance(circuit.admit(), Ticket)


def test_a_request_that_is_given_up_lets_another_go_first(circuit: Circuit, clock: Clock) -> None:
    """Whoever goes first after a pause and gives up does not leave the others waiting."""
    circuit.failed(ticket_of(circuit), "away", shared=True)
    clock.now_s += 1.0
    circuit.abandoned(ticket_of(circuit))
    assert isinstance(circuit.admit(), Ticket)


def test_an_old_success_does_not_end_a_pause(circuit: Circuit) -> None:
    """An answer to a request from before the pause says nothing of the server now."""
    early, late = ticket_of(circuit), ticket_of(circuit)
    circuit.failed(early, "429", shared=True)
    circuit.succeeded(late)
    assert circuit.admit() == 1.0


def test_closed_for_good(circuit: Circuit) -> None:
    """A refused token stops every worker, with the first error; each gets one of its own."""
    circuit.close_for_good(ServerError("no", "ask"))
    circuit.close_for_good(ServerError("later", "ask"))
    raised = []
    for _ in range(2):
        with pytest.raises(ServerError, match="no") as error:
            circuit.admit()
        raised.append(error.value)
    assert raised[0] is not raised[1]


def test_time_in_which_others_are_answered(circuit: Circuit, clock: Clock) -> None:
    """While one request hangs for minutes, and others are answered, no time is lost."""
    hanging = ticket_of(circuit)
    for _ in range(30):
        clock.now_s += 10.0
        circuit.succeeded(ticket_of(circuit))
    circuit.failed(hanging, "timeout", shared=False)
    assert isinstance(circuit.admit(), Ticket)
