"""A server that lies while a run removes what is gone: nothing else is ever deleted."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from om_ingest.model import Table
from om_ingest_catalog import Catalog

from tests.functional.delivery import faults
from tests.functional.delivery.http11 import Message, Raw
from tests.functional.delivery.lies.lie import Liar, Lie, Mode, Told
from tests.functional.delivery.lies.removal import DELETING, ELSEWHERE, LISTING
from tests.functional.delivery.lies.wire import READ_TIMEOUT_S
from tests.functional.delivery.trial import Trial
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

SCHEMAS = {**WAREHOUSE, "schemas": 14, "whole": False}
"""Schemas that are listed one by one."""

GONE = {"gone": ["0.3", "1.2"]}
IMPATIENT = {"retryBudget_s": 0.5, "readTimeout_s": READ_TIMEOUT_S}
ENDURING = {"retryBudget_s": 20, "readTimeout_s": READ_TIMEOUT_S}
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


def lied_to(lie: Lie, mode: Mode, job: Trial, elsewhere: Trial) -> None:
    """Deliver it all, take two tables out of the source, and lie; nothing live goes."""
    job.run().exits(0)
    job.server = IMPATIENT
    before = live(job)
    job.change(**GONE)
    liar = Liar([of(elsewhere, lie)], mode)
    gone = {name for name in before if name.endswith((".schema0.t3", ".schema1.t2"))}
    assert len(gone) == 2
    told(liar, job, gone, elsewhere)
    assert liar.told
    finish(job, before - gone)


def told(liar: Liar, job: Trial, gone: set[str], elsewhere: Trial) -> None:
    """Run while a server lies: nothing goes but what is gone, and the report counts it."""
    others, before = live(elsewhere), live(job)
    job.proxy.begin(liar)
    ended = job.run()
    print(f"{ended}\n{ended.report and ended.report['stale']}\n{job.proxy.faults()}")
    assert live(elsewhere) == others
    assert ended.report is not None
    if not any(lie.unseen for lie in liar.lies):
        assert before - gone <= live(job)
        marked = ended.report["stale"]["markedDeleted"].get("table", 0)
        went = len(before - live(job))
        # A deletion that the server calls refused, and has done, is not counted but reported.
        assert marked == went or (marked < went and ended.code != 0)
    assert ended.code in {0, 1, 4}


def finish(job: Trial, right: set[str]) -> None:
    """Once the server tells the truth, one fresh run leaves what is in the source."""
    job.proxy.begin(faults.nothing)
    job.server = {}
    job.write()
    job.run().exits(0)
    assert live(job) == right


@pytest.mark.parametrize(
    ("lies", "gone_count"), few([(LISTING, 1), (DELETING, 2)], 1), ids=["listing", "deleting"]
)
def test_family(lies: list[Lie], gone_count: int, trial: NewTrial, elsewhere: Trial) -> None:
    """Every lie of a family is told, the truth in between; nothing in the source is deleted.

    What a run leaves is told in the next one, in which other tables are gone. Those that end the
    removal are in `test_lies_client`.
    """
    job = trial({**SCHEMAS, "tables": 3 * gone_count}, server=ENDURING)
    job.run().exits(0)
    whole = gone = live(job)
    numbers = count()
    for unseen in (False, True):
        chosen = [lie for lie in lies if bool(lie.unseen) is unseen and not lie.ends]
        left = [of(elsewhere, lie) for lie in chosen]
        while left:
            first = gone_count * (next(numbers) % 2)
            tables = range(first, first + gone_count)
            gone = {name for name in whole if name.endswith(tuple(f".t{one}" for one in tables))}
            schemas = range(SCHEMAS["schemas"])
            job.change(gone=[f"{schema}.{table}" for schema in schemas for table in tables])
            liar = Liar(left, Mode.EACH)
            told(liar, job, gone, elsewhere)
            assert len(liar.untold) < len(left)
            left = liar.untold
    finish(job, whole - gone)


@pytest.mark.parametrize(
    ("lie", "mode"), few(CASES, 0, ids=lambda case: f"{case[0]}-{case[1].value}")
)
def test_lie(lie: Lie, mode: Mode, trial: NewTrial, elsewhere: Trial) -> None:
    """What is in the source stays, whatever the server says; the report counts what went."""
    lied_to(lie, mode, trial(WAREHOUSE), elsewhere)
