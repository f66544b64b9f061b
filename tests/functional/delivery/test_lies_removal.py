"""A server that lies while a run removes what is gone: nothing else is ever deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from om_ingest.model import Table
from om_ingest_catalog import Catalog

from tests.functional.delivery import faults
from tests.functional.delivery.http11 import Message, Raw
from tests.functional.delivery.lies.lie import Liar, Lie, Mode, Told
from tests.functional.delivery.lies.removal import DELETING, ELSEWHERE, LISTING
from tests.functional.delivery.lies.wire import READ_TIMEOUT_S
from tests.functional.delivery.trial import Ended, Trial
from tests.selection import few

if TYPE_CHECKING:
    from tests.functional.delivery.conftest import NewTrial

WAREHOUSE: dict[str, Any] = {
    "schemas": 2,
    "tables": 6,
    "reads": 0,
    "scopes": True,
    "beside": False,
    "edges": 0,
}
"""Two schemas of 9 tables each."""

GONE = {"gone": ["0.3", "1.2"]}
IMPATIENT = {"retryBudget_s": 0.5, "readTimeout_s": READ_TIMEOUT_S}
CASES = [(lie, mode) for lie in (*LISTING, *DELETING) for mode in lie.modes]


def name_of(case: tuple[Lie, Mode]) -> str:
    """How a case is called."""
    return f"{case[0]}-{case[1].value}"


@pytest.fixture
def elsewhere(trial: NewTrial) -> Trial:
    """Another job, with tables of the same names in a service of its own."""
    job = trial(WAREHOUSE)
    job.run().exits(0)
    return job


def live(job: Trial) -> set[str]:
    """FQNs of its tables that are there and not deleted."""
    with Catalog(job.catalog, read_only=True) as catalog:
        return {one.fullyQualifiedName for one in catalog.list_entities(Table, scope=job.service)}


def of(job: Trial, lie: Lie) -> Lie:
    """The lie, with the service of another job in it."""

    def tell(told: Told) -> Message | Raw:
        said = lie.tell(told)
        if isinstance(said, Message):
            said = replace(said, body=said.body.replace(ELSEWHERE.encode(), job.service.encode()))
        return said

    return replace(lie, tell=tell)


def lied_to(lies: list[Lie], mode: Mode, job: Trial, elsewhere: Trial) -> Ended:
    """Deliver it all, take two tables out of the source, and lie; nothing live goes."""
    job.run().exits(0)
    job.server = IMPATIENT
    others, before = live(elsewhere), live(job)
    job.change(**GONE)
    liar = Liar([of(elsewhere, lie) for lie in lies], mode)
    job.proxy.begin(liar)
    ended = job.run()
    print(f"{ended}\n{ended.report and ended.report['stale']}\n{job.proxy.faults()}")
    gone = {name for name in before if name.endswith((".schema0.t3", ".schema1.t2"))}
    assert len(gone) == 2
    assert liar.told
    assert live(elsewhere) == others
    assert ended.report is not None
    if not any(lie.unseen for lie in lies):
        assert before - gone <= live(job)
        marked = ended.report["stale"]["markedDeleted"].get("table", 0)
        went = len(before - live(job))
        # A deletion that the server calls refused, and has done, is not counted but reported.
        assert marked == went or (marked < went and ended.code != 0)
    assert ended.code in {0, 1, 4}
    job.proxy.begin(faults.nothing)
    job.server = {}
    job.write()
    job.run().exits(0)
    assert live(job) == before - gone
    return ended


@pytest.mark.parametrize("lies", [LISTING, DELETING], ids=["listing", "deleting"])
def test_family(lies: list[Lie], trial: NewTrial, elsewhere: Trial) -> None:
    """All lies of a family, told in turn, delete nothing that is in the source."""
    seen = [lie for lie in lies if not lie.unseen]
    for start in range(0, len(seen), len(seen) // 3):
        turned = seen[start:] + seen[:start]
        lied_to(turned, Mode.EVER, trial(WAREHOUSE), elsewhere)


@pytest.mark.parametrize(
    ("lie", "mode"), few(CASES, 0, ids=lambda case: f"{case[0]}-{case[1].value}")
)
def test_lie(lie: Lie, mode: Mode, trial: NewTrial, elsewhere: Trial) -> None:
    """What is in the source stays, whatever the server says; the report counts what went."""
    lied_to([lie], mode, trial(WAREHOUSE), elsewhere)
