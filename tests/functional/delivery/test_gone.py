"""What is gone from the source is marked as deleted where that is certain: server and file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from om_ingest.model import DatabaseSchema, Table
from om_ingest_catalog import Catalog

from tests.functional.delivery import faults
from tests.functional.delivery.http11 import Message
from tests.functional.delivery.trial import Ended, Trial

if TYPE_CHECKING:
    from tests.command import Cli
    from tests.functional.delivery.conftest import NewTrial

WAREHOUSE: dict[str, Any] = {
    "schemas": 2,
    "tables": 17,
    "reads": 0,
    "scopes": True,
    "beside": False,
}
"""Two schemas of 20 tables each: 17, and three with odd names."""

GONE = ["0.3", "0.17", "1.19"]
"""t3 and two of the odd names."""


class Case:
    """A job that has been delivered whole once, to a server or into a file."""

    def __init__(self, job: Trial, *, into_file: bool) -> None:
        self.job = job
        self.options = {"sink": "catalog:catalog.db"} if into_file else {}
        self.path = job.folder / "catalog.db" if into_file else job.catalog
        self.run().exits(0)
        self.all = self.live()

    def run(self, **options: Any) -> Ended:
        return self.job.run(**self.options, **options)

    def live(self, entity: type[Table | DatabaseSchema] = Table) -> set[str]:
        """FQNs of what is there and not deleted."""
        with Catalog(self.path, read_only=True) as catalog:
            found = catalog.list_entities(entity, scope=self.job.service)
            return {one.fullyQualifiedName for one in found}

    def deleted(self) -> set[str]:
        """FQNs of tables that are marked as deleted."""
        with Catalog(self.path, read_only=True) as catalog:
            found = catalog.list_entities(Table, scope=self.job.service, include_deleted=True)
            return {one.fullyQualifiedName for one in found if one.deleted}


@pytest.fixture(params=["server", "file"])
def case(request: pytest.FixtureRequest, trial: NewTrial) -> Case:
    """The job has been delivered once."""
    return Case(trial(WAREHOUSE), into_file=request.param == "file")


@pytest.fixture
def served(trial: NewTrial) -> Case:
    """The same, delivered to a server."""
    return Case(trial(WAREHOUSE), into_file=False)


def test_marked(case: Case) -> None:
    """Tables that are gone are marked, and no others; the report counts and names them."""
    case.job.change(gone=GONE)
    ended = case.run().exits(0)
    gone = case.deleted()
    assert len(case.all) == 40
    assert len(gone) == 3
    assert f"{case.job.service}.db0.schema0.t3" in gone
    assert case.live() == case.all - gone
    assert ended.report is not None
    stale = ended.report["stale"]
    assert stale["markedDeleted"] == {"table": 3}
    assert {text.partition(" ")[2] for text in stale["samples"]} == gone


def test_come_back(case: Case) -> None:
    """What is there again is live again."""
    case.job.change(gone=GONE)
    case.run().exits(0)
    case.job.change(gone=[])
    case.run().exits(0)
    assert case.live() == case.all


def test_again(case: Case) -> None:
    """The next run finds nothing more to mark."""
    case.job.change(gone=GONE)
    case.run().exits(0)
    ended = case.run().exits(0)
    assert ended.report is not None
    assert ended.report["stale"]["markedDeleted"] == {}
    assert len(case.deleted()) == 3


def test_fail_safe(case: Case) -> None:
    """More than a quarter is not marked, and the run says so; --allow-mass-delete marks it."""
    case.job.change(gone=[f"0.{index}" for index in range(11)])
    ended = case.run()
    assert ended.code != 0
    assert ended.report is not None
    assert "11 of 40 table entities are gone" in ended.report["errors"][0]
    assert "--allow-mass-delete" in ended.report["errors"][0]
    assert case.live() == case.all
    case.run(allow_mass_delete=True).exits(0)
    assert len(case.deleted()) == 11


def test_a_quarter(case: Case) -> None:
    """Exactly a quarter is marked."""
    case.job.change(gone=[f"{schema}.{index}" for schema in range(2) for index in range(5)])
    case.run().exits(0)
    assert len(case.deleted()) == 10


def test_a_dead_schema(case: Case) -> None:
    """Half of one schema is not marked although it is a quarter of all; the schema is named."""
    case.job.change(gone=[f"0.{index}" for index in range(10)])
    ended = case.run()
    assert ended.code == 1
    assert ended.report is not None
    assert f"10 of 20 in {case.job.service}.db0.schema0" in ended.report["errors"][0]
    assert case.live() == case.all


def test_dry_run(case: Case) -> None:
    """A dry run lists what would be marked, and marks nothing."""
    case.job.change(gone=GONE)
    ended = case.run(dry_run=True).exits(0)
    assert ended.report is not None
    stale = ended.report["stale"]
    assert stale["dryRun"] is True
    assert stale["markedDeleted"] == {"table": 3}
    assert f"table {case.job.service}.db0.schema0.t3" in stale["samples"]
    assert case.live() == case.all


def test_unlisted(case: Case) -> None:
    """A schema that could not be listed keeps all its tables; what is gone elsewhere is marked."""
    case.job.change(gone=["1.4"], unlisted=[0])
    ended = case.run().exits(1)
    assert case.deleted() == {f"{case.job.service}.db1.schema1.t4"}
    assert ended.report is not None


def test_a_secret_in_a_name(trial: NewTrial) -> None:
    """A table that could not be read is kept, also where its schema is named like a password."""
    secret = {"securityConfig": {"jwtToken": "schema0"}}
    case = Case(trial(WAREHOUSE, server=secret), into_file=True)
    case.job.change(gone=["1.4"], unread=["0.3"])
    ended = case.run().exits(1)
    assert case.deleted() == {f"{case.job.service}.db1.schema1.t4"}
    assert "schema0" not in json.dumps(ended.report)


FILTERS: dict[str, dict[str, Any]] = {
    "table": {"tableFilterPattern": {"excludes": ["t1$", "t2$", "t3$"]}},
    "schema": {"schemaFilterPattern": {"excludes": ["schema0"]}},
    "fqn": {
        "tableFilterPattern": {"excludes": [r".*\.schema0\.t[123]$"]},
        "useFqnForFiltering": True,
    },
    "processor": {},
}


@pytest.mark.parametrize("name", FILTERS)
def test_left_out(trial: NewTrial, name: str) -> None:
    """What a filter leaves out stays, whichever it is; what is gone beside it is marked.

    The report tells both apart; `leftOut: markDeleted` marks what is left out as well.
    """
    flags = {"type": "DatabaseMetadata", "markDeletedSchemas": True}
    case = Case(trial(WAREHOUSE, source_config=flags), into_file=True)
    case.job.source_config = {**flags, **FILTERS[name]}
    if name == "processor":
        config = {"excludes": [r".*\.schema0\.t[123]$"]}
        case.job.flow = {"processors": [{"type": "fqn-filter", "config": config}]}
    case.job.change(gone=["1.4"])
    gone = {f"{case.job.service}.db1.schema1.t4"}
    ended = case.run(allow_mass_delete=True).exits(0)
    assert case.deleted() == gone
    assert len(case.live(DatabaseSchema)) == 2
    assert ended.report is not None
    left_out = {"table": {"table": 6}, "schema": {"databaseSchema": 1, "table": 20}}
    kept = left_out.get(name, {"table": 3})
    assert ended.report["stale"]["leftOut"] == {"kept": kept, "markedDeleted": {}}
    assert ended.report["stale"]["markedDeleted"] == {"table": 1}
    case.job.flow = {**case.job.flow, "staleEntities": {"leftOut": "markDeleted"}}
    case.job.write()
    ended = case.run(allow_mass_delete=True).exits(0)
    assert len(case.deleted() - gone) == kept["table"]
    assert ended.report is not None
    assert ended.report["stale"]["leftOut"]["kept"] == {}


def test_no_marker(case: Case) -> None:
    """Where the source does not say that it has listed everything nothing is marked."""
    case.job.change(gone=GONE, scopes=False)
    case.run().exits(0)
    assert case.live() == case.all


def test_source_dies(case: Case) -> None:
    """A source that dies after a scope was complete marks nothing."""
    case.job.change(gone=["0.3"], raises_after=25)
    case.run().exits(1)
    assert case.live() == case.all


def test_limit(case: Case) -> None:
    """A run that stops on request marks nothing."""
    case.job.change(gone=["0.3"])
    case.run(limit=40).exits(0)
    assert case.live() == case.all


def test_switched_off(trial: NewTrial) -> None:
    """markDeletedTables: false keeps them."""
    settings = {"type": "DatabaseMetadata", "markDeletedTables": False}
    case = Case(trial(WAREHOUSE, source_config=settings), into_file=False)
    case.job.change(gone=GONE)
    case.run().exits(0)
    assert case.live() == case.all


def test_schemas(trial: NewTrial) -> None:
    """A schema that is gone is marked with all that lies below it, once that is asked for."""
    settings = {"type": "DatabaseMetadata", "markDeletedSchemas": True}
    whole = {**WAREHOUSE, "schemas": 5}
    case = Case(trial(whole, source_config=settings), into_file=False)
    case.job.change(schemas=4)
    case.run().exits(0)
    assert len(case.live(DatabaseSchema)) == 4
    assert case.deleted() == {fqn for fqn in case.all if ".schema4." in fqn}


def is_listing(request: Message) -> bool:
    """Whether a request lists tables."""
    return request.method == "GET" and request.path.startswith("/api/v1/tables?")


@pytest.mark.parametrize("fault", [faults.SERVER_ERROR, faults.PAGE, faults.EXPIRED], ids=str)
def test_listing_fails(fault: faults.Fault, served: Case) -> None:
    """A server that does not list what it has loses nothing, and the run is failed."""
    served.job.change(gone=GONE)
    served.job.proxy.begin(faults.whenever(fault, is_listing))
    ended = served.run()
    assert served.job.proxy.faults()[str(fault)]
    assert ended.code in {1, 4}
    assert served.live() == served.all


@pytest.mark.parametrize(
    "fault",
    [faults.RESET_AFTER, faults.RESET_IN_BODY, faults.CUT_JSON, faults.UNAVAILABLE],
    ids=str,
)
def test_through_faults(fault: faults.Fault, served: Case) -> None:
    """The right ones are marked although every second request goes wrong."""
    served.job.change(gone=GONE)
    served.job.proxy.begin(faults.every(2, fault))
    ended = served.run().exits(0)
    assert served.live() == served.all - served.deleted()
    assert len(served.deleted()) == 3
    assert ended.report is not None
    assert ended.report["stale"]["markedDeleted"] == {"table": 3}


def test_resumed(served: Case) -> None:
    """A resumed run marks what is gone, and nothing that the run before it had delivered."""
    served.job.change(gone=GONE, tables=18)
    served.job.proxy.begin(faults.since(12, faults.EXPIRED))
    served.run().exits(4)
    assert not served.deleted()
    served.job.proxy.begin(faults.nothing)
    served.run(resume=True).exits(0)
    assert served.deleted() <= served.all
    assert len(served.live()) == 2 * 21 - 3


def test_command(served: Case, cli: Cli) -> None:
    """The command's options: --dry-run lists, --allow-mass-delete marks."""
    served.job.change(gone=[f"0.{index}" for index in range(12)])
    listed = cli("run", "flow.json", "--dry-run", "--allow-mass-delete", cwd=served.job.folder)
    assert "schema0.t3" in listed.out + listed.err
    assert served.live() == served.all
    cli("run", "flow.json", cwd=served.job.folder).refused(1, "12 of 40", "--allow-mass-delete")
    cli("run", "flow.json", "--allow-mass-delete", cwd=served.job.folder).succeeded()
    assert len(served.deleted()) == 12
