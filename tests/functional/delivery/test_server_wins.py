"""Where the journal and the server disagree the server wins: what is gone there is sent again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from om_ingest.kinds import kind_of
from om_ingest_catalog import Catalog

from tests.functional.delivery import faults
from tests.functional.delivery.http11 import Message
from tests.selection import few

if TYPE_CHECKING:
    from tests.functional.delivery.conftest import NewTrial
    from tests.functional.delivery.holdings import State
    from tests.functional.delivery.trial import Trial

NIGHTLY: dict[str, Any] = {"tables": 5, "edges": 3, "reads": 0, "scopes": True, "orphan": True}
"""A job of which one row is refused each time, so that its acknowledgements are kept."""

LOST = [
    *(("table", ".db0.schema0.t0", hard) for hard in (True, False)),
    ("databaseSchema", ".db0.schema0", True),
    ("database", ".db1", False),
    ("tag", "-Labels.Public", False),
    ("container", "-files.bucket.folder", True),
    ("pipeline", "-flows.nightly", True),
    ("databaseSchema", ".db0.schema0", False),
    ("databaseService", "", True),
    ("classification", "-Labels", False),
    ("storageService", "-files", False),
]


HISTORY = re.compile(
    r'"changeDescription": {.*?"previousVersion": [\d.]+}, |"deleted": false, |, "version": [\d.]+'
)


@pytest.fixture
def nightly(trial: NewTrial) -> Trial:
    """The job has run once, and failed for one row."""
    job = trial(NIGHTLY)
    assert job.run().exits(1).records["failed"] == 1
    return job


def held(job: Trial) -> State:
    """What the server holds, without the history of each entity."""
    return {key: HISTORY.sub("", body) for key, body in job.state().items()}


def resumed(job: Trial) -> dict[str, Any]:
    """Run with --resume; the report."""
    report = job.run(resume=True).exits(1).report
    assert report is not None
    assert report["records"]["failed"] == 1
    return report


def test_nothing_lost(nightly: Trial) -> None:
    """While the server holds everything nothing is sent again, and each schema is listed once."""
    before = held(nightly)
    listed: list[str] = []

    def look(request: Message) -> bool:
        if is_listing(request):
            listed.append(request.path)
        return False

    nightly.proxy.begin(faults.whenever(faults.SERVER_ERROR, look))
    report = resumed(nightly)
    assert report["skipped"] == report["records"]["yielded"] - 1
    # Stale entities are listed by database: the source calls the whole service complete.
    assert sum("databaseSchema=" in path for path in listed) == 2
    assert held(nightly) == before


def test_gone_and_back(nightly: Trial) -> None:
    """A table that this job marks as deleted is live again, and counted, once it is back."""
    before = held(nightly)
    nightly.change(gone=["0.3"])
    assert resumed(nightly)["stale"]["markedDeleted"] == {"table": 1}
    nightly.change(gone=[])
    report = resumed(nightly)
    assert report["records"]["yielded"] - report["skipped"] > 1
    assert held(nightly) == before


@pytest.mark.parametrize(("entity_type", "name", "hard"), few(LOST, 5))
def test_lost(nightly: Trial, entity_type: str, name: str, hard: bool) -> None:
    """What somebody deleted or the server lost is there again, with what lay below and beside."""
    before = held(nightly)
    with Catalog(nightly.catalog) as catalog:
        fqn = f"{nightly.service}{name}"
        assert catalog.delete(kind_of(entity_type).entity, fqn, recursive=True, hard=hard)
    assert held(nightly) != before
    assert resumed(nightly)["skipped"] > 0
    assert held(nightly) == before


def test_older_backup(nightly: Trial) -> None:
    """What has other content there than this job wrote last is sent again, and nothing else."""
    old = held(nightly)
    nightly.change(more=True)
    resumed(nightly)
    new = held(nightly)
    assert old != new
    nightly.change(more=False)
    nightly.run(state=nightly.folder.parent).exits(1)  # of another journal: as a backup would
    assert held(nightly) == old
    nightly.change(more=True)
    report = resumed(nightly)
    assert report["byEntityType"]["table"]["updated"] == 2 * 8
    assert report["byEntityType"]["databaseSchema"]["unchanged"] == 2
    assert held(nightly) == new


def test_listing_fails(nightly: Trial) -> None:
    """What the server does not list is asked for by name: nothing is left out unseen."""
    nightly.change(scopes=False)
    nightly.proxy.begin(faults.whenever(faults.PAGE, is_listing))
    report = resumed(nightly)
    assert report["byEntityType"]["table"]["unchanged"] == 2 * 8
    assert report["records"]["yielded"] - report["skipped"] > 2 * 8


def is_listing(request: Message) -> bool:
    """Whether a request lists tables."""
    return request.method == "GET" and request.path.startswith("/api/v1/tables?")
