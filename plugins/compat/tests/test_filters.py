"""What connectors import from `metadata.utils`, and tests of connections."""

from __future__ import annotations

import json
import logging
import signal
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from om_ingest import SourceStatus, WorkflowContext
from om_ingest.config import FilterPattern
from om_ingest.model import ChartType
from om_ingest_compat.client import connections, engines
from om_ingest_compat.models import model
from om_ingest_compat.models.connections import connection_of
from om_ingest_compat.running import Running, running
from om_ingest_compat.shims import (
    certificates,
    conversions,
    decorators,
    filters,
    links,
    logger,
    times,
)
from om_ingest_compat.shims.column_types import truncate_column_name
from pydantic import SecretStr


@pytest.mark.parametrize(
    ("includes", "excludes", "name", "is_left_out"),
    [
        ([], [], "x", False),
        (["abc"], [], "ABCdef", False),
        (["abc"], [], "xabc", True),
        ([], ["abc"], "abcdef", True),
        (["abc"], [".*d"], "abcd", True),
        (["abc"], ["b"], "abcd", False),
        ([], [], "", True),
        ([], ["x"], None, True),
    ],
)
def test_filter_patterns(
    includes: list[str], excludes: list[str], name: str | None, is_left_out: bool
) -> None:
    """The rules of contract §11.4, whatever class the pattern is of; an exclude wins."""
    values = {"includes": includes, "excludes": excludes}
    for pattern in (values, FilterPattern(**values), SimpleNamespace(**values)):
        assert filters.filter_by_table(pattern, name) is is_left_out
    assert filters.filter_by_schema(schema_filter_pattern=None, schema_name=name) is False


def test_malformed_patterns() -> None:
    """A malformed expression is an error, also behind one that matches."""
    with pytest.raises(filters.InvalidPatternException, match=r"Invalid regex \[\(\]"):
        filters.filter_by_fqn({"includes": ["a", "("], "excludes": []}, "a")


def test_filters_by_labels() -> None:
    """Any label that is excluded leaves something out; otherwise one that is included keeps it."""
    labels = [model("TagLabel")(tagFQN="PII.None"), model("TagLabel")(tagFQN="Tier.One")]
    by = filters.filter_by_classification
    assert by({"includes": ["tier"]}, labels) is False
    assert by({"includes": ["tier"], "excludes": ["pii"]}, labels) is True
    assert by({"includes": ["other"]}, labels) is True
    assert by({"includes": ["tier"]}, None) is True


def test_conversions() -> None:
    """The helpers of every release, by their documented results."""
    assert conversions.clean_uri(SimpleNamespace(root="http://host:9000/")) == "http://host:9000"
    assert conversions.snake_to_camel("my_big_table") == "MyBigTable"
    assert conversions.replace_special_with("a b/c", "-") == "a-b-c"
    assert conversions.get_standard_chart_type("Dist_Bar") is ChartType.Bar
    assert conversions.get_standard_chart_type(None) is ChartType.Other
    assert conversions.pretty_print_time_duration(3725) == "1h 2m 5s"
    assert conversions.list_to_dict(["a=1", "b", "c=2"]) == {"a": "1", "c": "2"}
    assert conversions.format_large_string_numbers(1_500) == "1.500K"
    start, end = conversions.get_start_and_end(2)
    assert end - start == timedelta(days=3)
    table = SimpleNamespace(columns=[SimpleNamespace(name=SimpleNamespace(root="ID"))])
    assert conversions.find_column_in_table("id", table) is None
    assert conversions.find_column_in_table("id", table, case_sensitive=False) is table.columns[0]
    assert conversions.find_column_in_table_with_index("id", table) == (0, table.columns[0])
    for query in (
        "SELECT 1; drop table x",
        "with a as (select 1) delete from b",
        "(delete from x)",
        "begin\ninsert into x",
        "-- don't\ndrop table x -- '",
    ):
        assert not conversions.is_safe_sql_query(query), query
    for query in ("SELECT ';DROP'; -- no DELETE", "select comment, coalesce(update, '') from t"):
        assert conversions.is_safe_sql_query(query), query
    assert conversions.init_empty_life_cycle_properties().created is None
    assert json.dumps([UUID(int=1)], cls=conversions.UUIDEncoder) == f'["{UUID(int=1)}"]'
    assert truncate_column_name("x" * 300) == "x" * 256
    assert times.timestamp_to_datetime(0, "Europe/Rome").hour == 1
    day = times.get_end_of_day_timestamp_mill(days=1)
    assert day - times.get_beginning_of_day_timestamp_mill(days=1) == 86_399_999
    written = "1 day 2 hours 1 second (total seconds: 93601.0)"
    assert times.timedelta_to_string(timedelta(days=1, hours=2, seconds=1)) == written
    assert times.convert_timestamp_to_milliseconds(1_700_000_000) == 1_700_000_000_000
    link = links.get_entity_link(model("Table"), fqn="a.b.c.d", column_name="x")
    assert link == "<#E::table::a.b.c.d::columns::x>"
    assert links.get_table_or_column_fqn(link) == "a.b.c.d.x"
    assert links.ENTITY_REFERENCE_CLASS_MAP["table"] is model("Table")


def test_decorators() -> None:
    """Times are measured with arguments or without; a function that takes too long ends."""

    @decorators.calculate_execution_time
    def plain() -> int:
        return 1

    @decorators.calculate_execution_time_generator(context="some")
    def several() -> object:
        yield from (1, 2)

    @decorators.timeout(0.01)
    def endless() -> None:
        while True:
            pass

    assert (plain(), [*several()]) == (1, [1, 2])

    @decorators.timeout(0.02)
    def outer() -> None:
        inner()
        endless()

    @decorators.timeout(5)
    def inner() -> None:
        pass

    with pytest.raises(TimeoutError, match=r"endless took 0\.01 s"):
        endless()
    with pytest.raises(TimeoutError):
        outer()
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_singletons() -> None:
    """There is one instance of each class, and another one of a class below it."""

    class Parent(metaclass=decorators.Singleton):
        pass

    class Child(Parent):
        pass

    assert Parent() is Parent()
    assert type(Child()) is Child


def test_loggers(caplog: pytest.LogCaptureFixture) -> None:
    """They write through the handlers of the host, and cannot set its level."""
    logger.set_loggers_level("DEBUG")
    logger.ingestion_logger().debug("not shown")
    logger.ingestion_logger().warning("shown")
    logger.log_ansi_encoded_string(logger.ANSI.GREEN, True, "plain", logging.ERROR)
    assert [(one.name, one.getMessage()) for one in caplog.records] == [
        ("metadata.Ingestion", "shown"),
        ("metadata.Utils", "plain"),
    ]
    assert logging.getLogger("metadata").level == logging.NOTSET


def test_tests_of_connections() -> None:
    """Each step is tried; a failed mandatory one can be raised, and others warn."""

    def wrong() -> None:
        raise OSError("no route")

    context = WorkflowContext(None, "svc")  # type: ignore[arg-type]  # nothing is read
    run = Running(context, SourceStatus(), {}, {})
    with running(run):
        steps = {"CheckAccess": wrong, "GetViews": wrong, "GetTables": int}
        result = connections.try_steps(metadata=None, service_type="MySQL", test_fn=steps)
    assert [(step.name, step.passed) for step in result.steps] == [
        ("CheckAccess", False),
        ("GetViews", False),
        ("GetTables", True),
    ]
    assert [note.key for note in run.status.warnings] == ["GetViews"]
    first = connections.TestConnectionStep(name="Reach", function=wrong, short_circuit=True)
    second = connections.TestConnectionStep(name="Read", function=int)
    own = connections.try_given_steps(None, [first, second])
    assert [(step.name, step.mandatory) for step in own.steps] == [("Reach", True)]
    with pytest.raises(connections.SourceConnectionException, match=r"CheckAccess: .*no route"):
        connections.raise_test_connection_exception(result)


def test_certificates() -> None:
    """Certificates of a connection are written into files; one without has none."""
    assert certificates.check_ssl_and_init(SimpleNamespace(sslConfig=None)) is None
    ssl = SimpleNamespace(caCertificate=SecretStr("CA"), sslCertificate="CERT", sslKey=None)
    manager = certificates.check_ssl_and_init(SimpleNamespace(sslConfig=ssl))
    assert manager is not None
    paths = [Path(path) for path in (manager.ca_file_path, manager.cert_file_path) if path]
    assert [path.read_text() for path in paths] == ["CA", "CERT"]
    assert manager.key_file_path is None
    manager.cleanup_temp_files()
    assert not any(path.exists() for path in paths)
    key = Path(str(certificates.CertificateFiles(key="KEY").key_file_path))
    assert not key.exists(), "it goes with the object"


def test_engines() -> None:
    """The URL of a database holds what the settings of the connection say."""
    secret = SecretStr("p@ss")
    settings: dict[str, Any] = {"scheme": "mysql+pymysql", "hostPort": "host:3306"}
    url = engines.get_connection_url_common
    assert url(SimpleNamespace(**settings)) == "mysql+pymysql://host:3306"
    settings |= {"username": "joe", "authType": SimpleNamespace(password=secret)}
    assert url(SimpleNamespace(**settings)) == "mysql+pymysql://joe:p%40ss@host:3306"
    settings |= {"databaseSchema": None, "connectionOptions": SimpleNamespace(root={"a": "b c"})}
    assert url(SimpleNamespace(**settings)) == "mysql+pymysql://joe:p%40ss@host:3306/?a=b+c"
    settings["database"] = "shop"
    assert url(SimpleNamespace(**settings)).endswith("@host:3306/shop?a=b+c")
    mysql = {
        "type": "Mysql",
        "scheme": "mysql+pymysql",
        "hostPort": "h:1",
        "databaseSchema": "shop",
    }
    assert url(connection_of(mysql)) == "mysql+pymysql://h:1/shop"
    arguments = engines.init_empty_connection_arguments()
    arguments.root["timeout"] = 1
    connection = SimpleNamespace(connectionArguments=arguments)
    assert engines.get_connection_args_common(connection) == {"timeout": 1}
