"""A server that lies: whatever it says, the accounts are what it really holds.

Each family of lies is told every time, all of it in turn; each lie on its own is a case of
`nox -s soak` and `nox -s full`.
"""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from tests.functional.delivery import faults
from tests.functional.delivery.conftest import Complete
from tests.functional.delivery.holdings import identities, set_aside
from tests.functional.delivery.lies.bulk import BULK
from tests.functional.delivery.lies.lie import Liar, Lie, Mode
from tests.functional.delivery.lies.reads import READS, SERVICE, START
from tests.functional.delivery.lies.single import BESIDE, SINGLE
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

IMPATIENT = {
    "retryBudget_s": 0.5,
    "readTimeout_s": READ_TIMEOUT_S,
    "connectTimeout_s": READ_TIMEOUT_S,
}
PATIENT = {"retryBudget_s": 20, "readTimeout_s": 10}

FAMILIES: dict[str, tuple[list[Lie], dict[str, Any]]] = {
    "one entity": (SINGLE, WAREHOUSE),
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


@pytest.mark.parametrize("family", FAMILIES)
def test_family(family: str, trial: NewTrial, complete: FindOut) -> None:
    """All lies of a family, told in turn, leave the accounts right; a fresh run completes it."""
    lies, config = FAMILIES[family]
    seen = [lie for lie in lies if not lie.unseen]
    whole = complete(config)
    liar = Liar(seen, Mode.ONCE if family == "slow" else Mode.EVER)
    for _ in range(1 if family in {"slow", "wire"} else 2):
        job = trial(config, server=IMPATIENT)
        job.proxy.begin(liar)
        ended = job.run()
        print(f"{ended}\n{job.proxy.faults()}")
        job.check(ended, whole.identities)
        finish(job, whole)
    assert liar.told


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
    assert liar.told or mode is Mode.SOME
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
        refused = [record for path in job.dead_letters() for record in set_aside(path)]
        aside = identities(refused, job.catalog, job.service)
        assert not [name for _, name in aside if lie.guilty not in f".{name}"]


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
    _put_service(job)
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


def _put_service(job: Trial) -> None:
    body = {"name": job.service, "serviceType": "CustomDatabase", "connection": PEOPLES}
    request = urllib.request.Request(
        f"{job.proxy.url}/v1/services/databaseServices",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 201
