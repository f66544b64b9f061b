"""Connectors with a mistake: one clear message each, and nothing that was delivered is lost."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

from connector_runs import CONNECTORS
from tests.selection import rarely

if TYPE_CHECKING:
    from pathlib import Path

    from connector_runs import ConnectorRun, RunConnector

BAD = CONNECTORS / "bad"
RARE = {
    "abstract.NoCreate",
    "abstract.NoIter",
    "absent.Bad",
    "beyond.Parses",
    "common_db.Bad",
    "four_arguments.Bad",
    "not_a_source.function",
    "raises.InPrepare",
    "raises.InTestConnection",
    "returns_none.Bad",
    "shapes.AnyArguments",
    "shapes.Concrete",
    "shapes.NoBase",
    "shapes.OneList",
    "shapes.OnlyByName",
    "shapes.OwnRun",
    "shapes.StaticCreate",
    "status.Number",
    "status.Unset",
    "yields.Dicts",
    "yields.Ints",
    "yields.Neither",
}
"""Cases of which others show the same in another way."""
FIRST = {"databaseService bad", "database bad.first"}
"""What each connector delivers before its mistake, if it comes so far."""


def often(cases: Iterable[str]) -> list[Any]:
    """The cases; those that are `RARE` run in the full session only."""
    return rarely(cases, lambda position, case: case in RARE)


@pytest.fixture
def run_bad(run_connector: RunConnector, tmp_path: Path) -> Any:
    """`run_bad(class path, **options)`: a connector of the folder `bad`, in a custom service."""

    def run(python_class: str, family: str = "Database", **options: str) -> ConnectorRun:
        connection = {
            "type": f"Custom{family}",
            "sourcePythonClass": python_class,
            "connectionOptions": options,
        }
        source = {
            "type": "customDatabase",
            "serviceName": "bad",
            "serviceConnection": {"config": connection},
            "sourceConfig": {"config": {"type": "DatabaseMetadata"}},
        }
        (tmp_path / "flow.yaml").write_text(json.dumps({"source": source}))
        return run_connector(tmp_path, BAD)

    return run


REFUSED = {
    "third_party.Bad": (
        3,
        "it needs the module 'kafka_admin_pro', which is not installed, at third_party.py:1",
    ),
    "never_upstream.Bad": (
        3,
        "it needs the module 'metadata.ingestion.magic'",
        "never_upstream.py:2",
    ),
    "misspelt_module.Bad": (
        3,
        "the module 'metadata.utils.fqnn'",
        "misspelt_module.py:2",
        "did you mean metadata.utils.fqn?",
    ),
    "misspelt_base.Bad": (
        3,
        "api.steps.Sourcee is subclassed",
        "misspelt_base.py:4",
        "mean Source?",
    ),
    "common_db.Bad": (3, "CommonDbSourceService is subclassed", "common_db.py:4"),
    "exits.Bad": (3, "importing exits failed: SystemExit: 0, at exits.py:5"),
    "absent.Bad": (2, "flow.yaml:1:", "there is no module absent"),
    "good.GoodSourc": (2, "flow.yaml:1:", "the module good has no 'GoodSourc'", "'GoodSource'?"),
    "GoodSource": (2, "flow.yaml:1:", "The class 'GoodSource' is named without its module"),
    "four_arguments.Bad": (
        3,
        "four_arguments.Bad.create(config_dict, metadata, pipeline_name, secrets) needs more",
        "at four_arguments.py:5 in create",
    ),
    "shapes.Abstract": (3, "shapes.Abstract in shapes.py does not implement names"),
    "abstract.NoIter": (3, "abstract.NoIter in abstract.py does not implement _iter"),
    "abstract.NoCreate": (3, "abstract.NoCreate in abstract.py does not implement create"),
    "not_a_source.Bad": (3, "not_a_source:Bad is no subclass of om_ingest.Source"),
    "not_a_source.function": (
        3,
        "not_a_source:function is no subclass of om_ingest.Source: it is a function",
    ),
}


@pytest.mark.parametrize("python_class", often(REFUSED))
def test_refused(run_bad: Any, python_class: str) -> None:
    """A connector that cannot be imported, or cannot be built, is refused with its place before
    anything is touched: what it lacks, and what to do about it.
    """
    code, *said = REFUSED[python_class]

    done = run_bad(python_class)

    _, _, message = done.output.rpartition("error: ")
    assert done.code == code, done.output
    for words in said:
        assert words in message, done.output
    assert len(message.strip().splitlines()) in (2, 3)
    assert "Traceback" not in done.output
    assert not done.content["entities"]


DIED = {
    "raises.InInit": (1, 0, "KeyError: 'hostPort', at raises.py:6 in __init__"),
    "raises.InPrepare": (
        1,
        0,
        "host.example: connection refused, at raises.py:11",
    ),
    "raises.InTestConnection": (1, 0, "ConnectionError: wrong password, at raises.py:30"),
    "raises.InIter": (1, 2, "ValueError: page 3 is torn, at raises.py:17 in _iter"),
    "raises.Exits": (1, 2, "SystemExit: 0, at raises.py:36 in _iter"),
    "raises.InClose": (1, 2, "OSError: already closed, at raises.py:22 in close"),
    "returns_none.Bad": (3, 0, "create of Bad in returns_none.py returned NoneType, not a source"),
    "misspelt_member.Bad": (1, 2, "AttributeError: ", "INTT", "at misspelt_member.py:8 in _iter"),
    "yields.NoIterable": (3, 0, "NoIterable._iter returned int", "at yields.py:44 in _iter"),
    "beyond.Parses": (3, 2, "LineageParser is called", "at beyond.py:9 in parses"),
    "beyond.Calls": (3, 2, "The client of OpenMetadata has no 'send_pigeon' at beyond.py:21"),
}


@pytest.mark.parametrize("python_class", often(DIED))
def test_died(run_bad: Any, python_class: str) -> None:
    """A connector that dies is blamed with the place in its file; what it yielded before is
    delivered.
    """
    code, delivered, *said = DIED[python_class]

    done = run_bad(python_class)

    assert done.code == code, done.output
    (error,) = done.report["errors"]
    for words in said:
        assert words in error
    assert done.content["entities"].keys() == (FIRST if delivered else set())


YIELDED = {
    "yields.Strings": "str cannot be delivered",
    "yields.Dicts": "dict cannot be delivered",
    "yields.Ints": "int cannot be delivered",
    "yields.Wrapped": "str cannot be delivered",
    "yields.Unknown": "CreateSpaceshipRequest cannot be delivered: om-ingest has no such record",
    "beyond.Tests": "CreateTestSuiteRequest cannot be delivered: om-ingest has no such record",
    "misspelt_model.Bad": "CreateTableReqest cannot be delivered: om-ingest has no such record",
}


@pytest.mark.parametrize("python_class", often(YIELDED))
def test_no_record(run_bad: Any, python_class: str) -> None:
    """What is no record is one failure of the source, with its type and the line that yields it;
    the others are delivered.
    """
    done = run_bad(python_class)

    assert done.code == 1, done.output
    (failure,) = done.notes("failures")
    module = python_class.partition(".")[0]
    assert YIELDED[python_class] in failure
    assert f", at {module}.py:" in failure
    assert done.report["records"]["failed"] == 0
    assert done.content["entities"].keys() == FIRST


def test_many_strings(run_bad: Any) -> None:
    """A connector that yields thousands of strings makes as many failures, and a short report."""
    done = run_bad("yields.ManyStrings")
    assert done.code == 1
    assert done.report["sourceStatus"]["failures"]["total"] == 3000
    assert len(done.output) < 2000
    assert done.content["entities"].keys() == FIRST


@pytest.mark.parametrize(
    "python_class",
    often(
        [
            "abstract.NoTestConnection",
            "no_classmethod.Bad",
            "shapes.AnyArguments",
            "shapes.ClientOfTheModule",
            "shapes.Concrete",
            "shapes.ListsOfLists",
            "shapes.NoBase",
            "shapes.OneList",
            "shapes.OnlyByName",
            "shapes.OwnRun",
            "shapes.StaticCreate",
            "status.Nothing",
            "status.Unset",
            "status.Infinite",
            "status.Number",
            "yields.Neither",
        ]
    ),
)
def test_no_harm(run_bad: Any, python_class: str) -> None:
    """What upstream's framework minds, or counts by, and a run can do without, is no mistake."""
    done = run_bad(python_class)
    assert done.code == 0, done.output
    assert done.content["entities"].keys() == FIRST


def test_wrong_options(run_bad: Any) -> None:
    """What a connector says of its own options is a mistake in the workflow."""
    done = run_bad("good.GoodSource", colour="red")
    assert done.code == 2
    assert "InvalidSourceException" not in done.output
    assert "colour is no option, at good.py:26 in create" in done.output
    assert not done.content["entities"]


def test_wrong_family(run_bad: Any) -> None:
    """A connection of another family is refused by the connector, as a mistake in the workflow."""
    done = run_bad("good.GoodSource", family="Pipeline")
    assert done.code == 2
    assert "Expected CustomDatabaseConnection, but got" in done.output


def test_one_after_another(run_bad: Any) -> None:
    """What one connector imitates, or fails with, is not told of the next one."""
    assert run_bad("misspelt_base.Bad").code == 3
    done = run_bad("good.GoodSource")
    assert done.code == 0
    assert done.notes("warnings") == []
