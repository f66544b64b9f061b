"""Whatever a connector yields is delivered, or is a failure that says so."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from written_connectors import Connectors, Ran

HEAD = """
import threading
from traceback import format_exc
from concurrent.futures import ThreadPoolExecutor
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.services.ingestionPipelines.status import StackTraceError
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.step import WorkflowFatalError
from metadata.ingestion.api.steps import Source
from metadata.ingestion.models.barrier import Barrier

def database(name):
    return CreateDatabaseRequest(name=name, service="shop")

def failed(name):
    return StackTraceError(name=name, error="no access", stackTrace="line 1")

class Connector(Source):
    @classmethod
    def create(cls, config_dict, metadata, pipeline_name=None):
        made = cls()
        made.metadata = metadata
        return made
"""

FIRST = HEAD.count("\n") + 2
"""The line of the first statement in a connector's reader."""

NO_RECORD = "str: str cannot be delivered: it is no record: yield Either(right=<request>), at"


def run(connectors: Connectors, body: str, method: str = "_iter", **options: Any) -> Ran:
    """Run a connector whose `_iter` has this body."""
    method = f"def {method}(self):\n{textwrap.indent(textwrap.dedent(body), '    ')}"
    return connectors.run(f"{HEAD}{textwrap.indent(method, '    ')}\n", **options)


DELIVERED = {
    "bare": "yield database('d')",
    "either": "yield Either(right=database('d'))",
    "typed": "yield Either[CreateDatabaseRequest](right=database('d'))",
    "list": "yield [database('d'), None, []]",
    "of-lists": "return [[Either(right=database('d'))]]",
    "returned-list": "return [Either(right=database('d')), Either()]",
    "returned-record": "return Either(right=database('d'))",
    "returned-iterator": "return map(database, 'd')",
    "generator": "yield (database(name) for name in 'd')",
    "none": "yield None; yield Either(right=None); yield database('d')",
    "list-on-the-right": "yield Either(right=[database('d')])",
}


@pytest.mark.parametrize("name", few(list(DELIVERED), 4))
def test_delivered(connectors: Connectors, name: str) -> None:
    """A record is delivered whatever it is wrapped in, and nothing is no failure."""
    ran = run(connectors, DELIVERED[name])
    assert ran.fqns("database") == ["shop.d"], ran.errors
    assert (ran.code, ran.failures, ran.warnings) == (0, [], [])
    assert ran.report.source_status.scanned_count == 1


FAILED = {
    "either": ("yield Either(left=failed('t'))", "t: no access"),
    "bare": ("yield failed('t')", "t: no access"),
    "both": ("yield Either(left=failed('t'), right=database('e'))", "t: no access"),
    "text-on-the-left": ("yield Either(left='broken')", "(unnamed): broken"),
    "text-in-the-status": (
        "self.status.failures.append('broken'); yield None",
        "(unnamed): broken",
    ),
    "with-its-trace": (
        (
            "def rows():\n    return int('x')\n"
            "try:\n    rows()\nexcept ValueError:\n    trace = format_exc()\n"
            "yield Either(left=StackTraceError(name='t', error='bad', stackTrace=trace))"
        ),
        f"t: bad, at connector.py:{FIRST + 2} in rows",
    ),
    "text": (
        "yield 'orders'",
        f"{NO_RECORD} connector.py:{FIRST + 1} in _iter",
    ),
    "inner-text": (
        "def names():\n    yield 'orders'\nyield from names()",
        f"{NO_RECORD} connector.py:{FIRST + 2} in names",
    ),
    "text-on-the-right": (
        "yield Either(right='orders')",
        f"{NO_RECORD} connector.py:{FIRST + 1} in _iter",
    ),
    "read-back": (
        "yield failed('t')\nassert self.status.failures[0].error == 'no access'",
        "t: no access",
    ),
    "class": (
        "yield CreateDatabaseRequest",
        (
            "class CreateDatabaseRequest: class CreateDatabaseRequest cannot be delivered: it is no"
            f" record: yield Either(right=<request>), at connector.py:{FIRST + 1} in _iter"
        ),
    ),
    "by-hand": ("self.status.failed(failed('t')); yield None", "t: no access"),
    "first-releases": (
        "self.status.failed('t', 'no access', 'line 1'); yield None",
        "t: no access",
    ),
}


@pytest.mark.parametrize("name", few(list(FAILED), 5))
def test_failed(connectors: Connectors, name: str) -> None:
    """A failure is told, what is no record with the place, and the other records are delivered."""
    body, told = FAILED[name]
    ran = run(connectors, f"yield database('d')\n{body}\nyield database('f')")
    assert ran.failures == [told]
    assert ran.code == 1
    assert [fqn for fqn in ran.fqns("database") if fqn != "shop.e"] == ["shop.d", "shop.f"]
    assert ("shop.e" in ran.fqns("database")) is (name == "both")


RAISED = {
    "error": ("raise OSError('no network')", "OSError: no network"),
    "fatal": ("raise WorkflowFatalError('no network')", "WorkflowFatalError: no network"),
}


@pytest.mark.parametrize("name", RAISED)
def test_raised(connectors: Connectors, name: str) -> None:
    """What a connector raises fails the run with its place, and what came before is delivered."""
    body, told = RAISED[name]
    ran = run(connectors, f"yield database('d')\n{body}")
    assert ran.fqns("database") == ["shop.d"]
    assert ran.code == 1
    assert f"{told}, at connector.py:{FIRST + 1} in _iter" in ran.errors


def test_nothing_returned(connectors: Connectors) -> None:
    """A reader that returns None, mostly for want of a `yield`, is a failure with its place."""
    ran = run(connectors, "return None")
    assert ran.code == 1
    (failure,) = ran.failures
    assert failure.startswith("Connector._iter: it returned None: it has to yield the records")
    assert failure.endswith(f", at connector.py:{FIRST - 1} in _iter")


def test_not_iterable(connectors: Connectors) -> None:
    """A reader that returns what cannot be iterated is told with its place."""
    ran = run(connectors, "return 7")
    assert (
        f"_iter returned int, which cannot be iterated, at connector.py:{FIRST - 1}" in ran.errors
    )
    assert ran.code == 3


def test_limit(connectors: Connectors) -> None:
    """A run that ends early closes the generator of the connector, and then the connector."""
    body = """
        try:
            yield Either(right=database("d"))
            yield Either(right=database("e"))
        finally:
            self.metadata.create_or_update(database("closed"))
    """
    ran = run(connectors, body, limit=2)
    assert ran.fqns("database") == ["shop.closed", "shop.d"], ran.errors


READERS = {
    "own-iter": (
        "def next_record(self): yield database('d')\n"
        "def _iter(self):\n    for each in self.next_record(): yield Either(right=each)"
    ),
    "next-record-only": "def next_record(self): yield database('d')",
    "own-run": (
        "def _iter(self): yield Either(right=database('x'))\ndef run(self): yield database('d')"
    ),
    "inherited-run": (
        "def _iter(self):\n    yield Either(left=failed('t'), right=database('d'))\n"
        "def run(self): yield from super().run()"
    ),
}


@pytest.mark.parametrize("name", READERS)
def test_reader(connectors: Connectors, name: str) -> None:
    """The method that upstream calls is read: `run` if it is the connector's own, then `_iter`."""
    ran = connectors.run(HEAD + textwrap.indent(READERS[name], "    "))
    assert ran.fqns("database") == ["shop.d"], ran.errors
    assert ran.failures == (["t: no access"] if name == "inherited-run" else [])


def test_barrier(connectors: Connectors) -> None:
    """Before and after a barrier, what was yielded is found by the client."""
    ran = run(
        connectors,
        """
        yield Either(right=database("d"))
        found = self.metadata.get_by_name(entity=Database, fqn="shop.d")
        yield Either(right=Barrier(reason="the schema needs it"))
        yield Either(right=CreateDatabaseSchemaRequest(
            name="s", database=found.fullyQualifiedName.root))
        """,
    )
    assert ran.fqns("databaseSchema") == ["shop.d.s"], ran.errors


def test_status(connectors: Connectors) -> None:
    """A status is there without `super().__init__()`, can be read, and does not grow."""
    ran = run(
        connectors,
        """
        assert self.name == "Source" and self.get_status() is self.status
        for number in range(100):
            self.status.scanned(f"t{number}")
            self.status.warning(f"t{number}", "odd")
            self.status.warnings.append({f"u{number}": "odd"})
            self.status.filter(f"x{number}", "left out")
        self.status.fail_all([failed("t")])
        self.status.failures.extend([failed("u")])
        assert len(self.status.warnings) == len(self.status.records) == 20
        assert self.status.warnings[0] == {"t0": "odd"}
        assert self.status.failures[0].name == "t"
        assert 98 < self.status.calculate_success() < 99
        assert "t0" in self.status.as_string() and "t0" in self.status.as_json()
        yield database("d")
        """,
    )
    assert ran.failures == ["t: no access", "u: no access"], ran.errors
    status = ran.report.source_status
    assert (status.warning_count, status.filtered_count) == (200, 100)
    assert status.scanned_count == 100


def test_status_of_its_own(connectors: Connectors) -> None:
    """Lists of a status that a connector defines itself count into the report."""
    code = """
    from pydantic import BaseModel, Field
    from metadata.ingestion.api.source import Source, SourceStatus
    from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest

    class Status(SourceStatus):
        warnings: list = []
        tables: list = Field(default_factory=list)

    class Connector(Source):
        @classmethod
        def create(cls, config, metadata_config):
            return cls()
        def __init__(self):
            self.status = Status(failures=[{"name": "early", "error": "no access"}])
        def next_record(self):
            self.status.tables.append("t")
            self.status.warnings.append({"w": "odd"})
            yield CreateDatabaseRequest(name="d", service="shop")
    """
    ran = connectors.run(textwrap.dedent(code))
    assert ran.failures == ["early: no access"], ran.errors
    assert ran.warnings == ["w: odd"]


def test_lists_that_became_methods(connectors: Connectors) -> None:
    """A status of the first releases has methods where later ones have lists."""
    code = """
    from dataclasses import dataclass, field
    from metadata.ingestion.api.source import Source, SourceStatus

    @dataclass
    class Status(SourceStatus):
        success: list = field(default_factory=list)
        warnings: list = field(default_factory=list)
        def filtered(self, table, error):
            self.warnings.append({table: error})

    class Connector(Source):
        @classmethod
        def create(cls, config, metadata_config):
            return cls()
        def __init__(self):
            self.status = Status()
        def next_record(self):
            self.status.filtered("t", "odd")
            self.status.filter("u", "left out")
            return []
    """
    ran = connectors.run(textwrap.dedent(code))
    assert (ran.warnings, ran.code) == (["t: odd"], 0), ran.errors
    assert ran.report.source_status.filtered_count == 1


def test_threads(connectors: Connectors) -> None:
    """Threads of a connector use the client while it yields: one call at a time."""
    ran = run(
        connectors,
        """
        for number in range(30):
            yield Either(right=database(f"d{number}"))
        def find(number):
            return self.metadata.get_by_name(entity=Database, fqn=f"shop.d{number}")
        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(find, range(30)))
        done = []
        def work():
            done.extend(self.metadata.create_or_update(database(f"w{n}")) for n in range(30))
        thread = threading.Thread(target=work)
        thread.start()
        for number in range(30, 100):
            yield Either(right=database(f"d{number}"))
        thread.join()
        assert len(done) == 30
        """,
    )
    assert (ran.code, ran.errors) == (0, "")
    assert len(ran.fqns("database")) == 130


def test_no_service_of_another_name(connectors: Connectors) -> None:
    """Only the workflow's own service is created for a connector."""
    ran = run(connectors, "yield CreateDatabaseRequest(name='d', service='other')")
    assert ran.fqns("databaseService") == []
    assert ran.code == 1
