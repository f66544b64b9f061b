"""A server that lies: whatever it says, the accounts are what it really holds.

Every lie is told once each time, between true answers, here or in `test_lies_client`; each on
its own, for a part of the requests and for all, is a case of `nox -s soak` and `nox -s full`.
"""

from __future__ import annotations

import json
import urllib.request
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.functional.delivery import faults
from tests.functional.delivery.conftest import Complete
from tests.functional.delivery.holdings import identities, set_aside
from tests.functional.delivery.lies.bulk import BULK
from tests.functional.delivery.lies.lie import Liar, Lie, Mode
from tests.functional.delivery.lies.reads import READS, SERVICE, START
from tests.functional.delivery.lies.single import BESIDE, SINGLE, USER
from tests.functional.delivery.lies.statuses import ONE_ROW, STATUSES
from tests.functional.delivery.lies.wire import DESYNC, READ_TIMEOUT_S, SLOW, WIRE
from tests.functional.delivery.trial import TOKEN, Ended, Trial
from tests.selection import few

if TYPE_CHECKING:
    from tests.functional.delivery.conftest import FindOut, NewTrial

WAREHOUSE = {"schemas": 2, "tables": 3, "reads": 0, "edges": 2}
"""12 tables, and 21 records besides."""

READING = {**WAREHOUSE, "reads": 2}
"""The same; every other table is read back."""

FEW = {**WAREHOUSE, "schemas": 1, "tables": 2, "edges": 1}
"""Five tables, and as few requests: each costs its whole deadline."""

SINGLY = {"bulk_sink_batch_size": 1, "async_pipeline_workers": 1}
"""Config of the sink: one row in a request, one request at a time."""

PAIRS = {"bulk_sink_batch_size": 2, "async_pipeline_workers": 1}

IMPATIENT = {
    "retryBudget_s": 0.5,
    "readTimeout_s": READ_TIMEOUT_S,
    "connectTimeout_s": READ_TIMEOUT_S,
}
PATIENT = {"retryBudget_s": 20, "readTimeout_s": 10}
ENDURING = {**IMPATIENT, "retryBudget_s": 20}

FAMILIES: dict[str, tuple[list[Lie], dict[str, Any]]] = {
    "one entity": (SINGLE, WAREHOUSE),
    "a user": (USER, WAREHOUSE),
    "many entities": (BULK, WAREHOUSE),
    "beside": (BESIDE, WAREHOUSE),
    "statuses": (STATUSES, WAREHOUSE),
    "one row": (ONE_ROW, {**WAREHOUSE, "beside": False}),
    "wire": (WIRE, WAREHOUSE),
    "slow": (SLOW, FEW),
    "desync": (DESYNC, READING),
    "reads": (READS, READING),
    "start": (START, WAREHOUSE),
}
"""The lies by what they are about, and the warehouse that is delivered meanwhile."""

CASES = [
    (family, lie, mode)
    for family, (lies, _) in FAMILIES.items()
    for lie in lies
    for mode in lie.modes
]
PEOPLES = {"config": {"type": "CustomDatabase", "connectionOptions": {"set": "by people"}}}


def name_of(case: tuple[str, Lie, Mode]) -> str:
    """How a case is called."""
    return f"{case[0]}: {case[1]}-{case[2].value}"


MANY = {**WAREHOUSE, "tables": 60, "edges": 10}
"""126 tables, which take as many lies."""

HUNDRED = {**WAREHOUSE, "schemas": 1, "tables": 97, "edges": 0, "beside": False}
"""100 tables in one schema."""

TURNS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "one entity": (MANY, SINGLY),
    "a user": (WAREHOUSE, {}),
    "many entities": (MANY, PAIRS),
    "beside": ({**WAREHOUSE, "schemas": 1, "tables": 12, "edges": 11}, SINGLY),
    "statuses": (MANY, SINGLY),
    "one row": ({**WAREHOUSE, "schemas": 4, "beside": False}, PAIRS),
    "wire": (MANY, SINGLY),
    "slow": (MANY, {"bulk_sink_batch_size": 3}),
    "desync": (READING, {}),
    "reads": ({**READING, "reads": 1, "tables": 24}, {}),
}
"""The warehouse, and the config of the sink, with which all lies of a family are told."""


@pytest.mark.parametrize("family", few(TURNS, 2))
def test_family(family: str, trial: NewTrial, complete: FindOut) -> None:
    """Every lie of a family is told, the truth in between; the accounts are right after each run.

    What a run leaves is told in the next one. Those that end a run, and those that no client can
    see, have tests of their own.
    """
    config, sink = TURNS[family]
    whole = complete(config)
    left = [lie for lie in FAMILIES[family][0] if not (lie.unseen or lie.ends)]
    if family in {"statuses", "reads"}:
        left = [of_no_user(lie) for lie in left]
    finished = {0}
    while left:
        job = trial(config, server=ENDURING, sink=sink)
        liar = Liar(left, Mode.EVER if family == "one row" else Mode.EACH)
        job.proxy.begin(liar)
        ended = job.run()
        print(f"{ended}\n{job.proxy.faults()}")
        job.check(ended, whole.identities)
        assert not [error for error in errors_of(ended) if error.startswith("The sink")]
        if family == "one row":
            blame_only((".t1", ".schema1"), job)
        if ended.code == 0:
            assert job.state() == whole.state
        if ended.code not in finished:
            finished.add(ended.code)
            finish(job, whole)
        assert len(liar.untold) < len(left)
        left = liar.untold


@pytest.mark.parametrize("family", ["one entity", "many entities", "beside"])
def test_unseen(family: str, trial: NewTrial, complete: FindOut) -> None:
    """What no client can see is told too: the counts add up, and a fresh run brings the rest."""
    whole = complete(WAREHOUSE)
    left = [lie for lie in FAMILIES[family][0] if lie.unseen]
    while left:
        job = trial(WAREHOUSE, sink=PAIRS if family == "many entities" else SINGLY)
        liar = Liar(left, Mode.EACH)
        job.proxy.begin(liar)
        ended = job.run()
        counts = dict(ended.records)
        assert counts.pop("yielded") == sum(counts.values())
        assert len(liar.untold) < len(left)
        left = liar.untold
        finish(job, whole)


@pytest.mark.parametrize("lie", [lie for lie in BULK if lie.name.startswith("one row ")], ids=str)
def test_one_row_of_a_hundred(lie: Lie, trial: NewTrial, complete: FindOut) -> None:
    """A batch in whose answer one row is spelled otherwise costs that row one request more."""
    whole = complete(HUNDRED)
    job = trial(HUNDRED, sink={"bulk_sink_batch_size": 100, "async_pipeline_workers": 1})
    job.proxy.begin(Liar([lie], Mode.EVER))
    ended = job.run().exits(0)
    job.check(ended, whole.identities)
    assert job.state() == whole.state
    assert [len(one.rows) for one in job.proxy.exchanges if "/tables" in one.path] == [100, 1]


def of_no_user(lie: Lie) -> Lie:
    """The lie, told of no user: a source ends that has yielded one, and does not find it."""
    return replace(lie, when=lambda request: "/users" not in request.path and lie.when(request))


@pytest.mark.parametrize(("family", "lie", "mode"), few(CASES, 0, ids=name_of))
def test_lie(family: str, lie: Lie, mode: Mode, trial: NewTrial, complete: FindOut) -> None:
    """Delivered and set aside is what was yielded; a fresh run completes it, and --resume does."""
    config = FAMILIES[family][1]
    whole = complete(config)
    heals = lie.is_true or bool(lie.guilty) or (lie.heals and mode in {Mode.ONCE, Mode.WHILE})
    job = trial(config, server=PATIENT if heals else IMPATIENT)
    liar = Liar([lie], mode)
    job.proxy.begin(liar)
    ended = job.run()
    print(f"{ended}\n{job.proxy.faults()}")
    assert liar.told
    if lie.unseen:
        counts = dict(ended.records)
        assert counts.pop("yielded") == sum(counts.values())
        assert mode is not Mode.EVER or job.state() != whole.state  # or it is seen by now
    else:
        check(job, ended, lie, whole, heals=heals)
        if ended.code and mode is Mode.SOME:
            be_true(job)
            job.run(resume=True).exits(0)
            assert job.state() == whole.state
    finish(job, whole)


def check(job: Trial, ended: Ended, lie: Lie, whole: Complete, *, heals: bool) -> None:
    """The accounts are right; what is not about a lie is delivered."""
    job.check(ended, whole.identities)
    if heals:
        ended.exits(1 if lie.guilty else 0)
    if lie.is_true:
        assert set(job.proxy.arrived().values()) == {1}
    if ended.code == 0:
        assert job.state() == whole.state
    if lie.guilty:
        assert ended.records["yielded"] == len(whole.identities)
        blame_only((lie.guilty,), job)


def blame_only(guilty: tuple[str, ...], job: Trial) -> None:
    """Nothing is set aside but what has one of these in its FQN."""
    refused = [record for path in job.dead_letters() for record in set_aside(path)]
    aside = identities(refused, job.catalog, job.service)
    assert not [name for _, name in aside if not any(part in f".{name}" for part in guilty)]


def errors_of(ended: Ended) -> list[str]:
    """What the report says of the run as a whole."""
    return [] if ended.report is None else list(ended.report["errors"])


def be_true(job: Trial) -> None:
    """Tell no lie any more; there is time for an answer."""
    job.proxy.begin(faults.nothing)
    job.server = PATIENT
    job.write()


def finish(job: Trial, whole: Complete) -> None:
    """Once the server tells the truth, one fresh run completes everything."""
    be_true(job)
    job.run().exits(0)
    assert job.state() == whole.state


@pytest.mark.parametrize("mode", [Mode.EVER, Mode.ONCE], ids=lambda mode: mode.value)
@pytest.mark.parametrize("lie", few(SERVICE, 1, ids=str))
def test_service_of_people(lie: Lie, mode: Mode, trial: NewTrial, complete: FindOut) -> None:
    """A service that people have set up stays as it is, whatever looking for it says."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE, server=IMPATIENT)
    key = ("databaseService", "SERVICE")
    put_service(job)
    before = job.state()[key]
    assert "by people" in before
    job.proxy.begin(Liar([lie], mode))
    ended = job.run()
    print(f"{ended}\n{job.proxy.faults()}")
    if not lie.unseen:
        job.check(ended, whole.identities)
        assert job.state()[key] == before
    be_true(job)
    job.run().exits(0)
    left = job.state()
    assert {**left, key: ""} == {**whole.state, key: ""}
    assert lie.unseen or left[key] == before


def put_service(job: Trial) -> None:
    """Set up the service of a job with a connection, as people do."""
    body = {"name": job.service, "serviceType": "CustomDatabase", "connection": PEOPLES}
    request = urllib.request.Request(
        f"{job.proxy.url}/v1/services/databaseServices",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status in {200, 201}
