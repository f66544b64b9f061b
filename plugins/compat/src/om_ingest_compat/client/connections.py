"""Tests of connections: `metadata.ingestion.connections.test_connections`."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import partial
from typing import Any

from om_ingest.errors import described
from pydantic import BaseModel

from om_ingest_compat import running
from om_ingest_compat.shims.entities import text_of
from om_ingest_compat.shims.logger import ingestion_logger


class SourceConnectionException(Exception):  # noqa: N818  # its name upstream
    """The source cannot be reached."""


class StatusType(str, Enum):
    """How far a test of a connection is."""

    Successful = "Successful"
    Failed = "Failed"
    Running = "Running"


class TestConnectionStep(BaseModel, defer_build=True):
    """A function that raises if something is wrong, and how it is called."""

    __test__ = False  # pytest takes it for a test by its name

    function: Callable[..., Any]
    name: str
    error_message: str | None = None
    description: str | None = None
    mandatory: bool = True
    short_circuit: bool = False


class TestConnectionStepResult(BaseModel, defer_build=True):
    """What came of one step."""

    __test__ = False

    name: str
    mandatory: bool = True
    passed: bool
    message: str | None = None
    errorLog: str | None = None


class TestConnectionResult(BaseModel, defer_build=True):
    """What came of all steps."""

    __test__ = False

    lastUpdatedAt: int | None = None
    status: StatusType = StatusType.Running
    steps: list[TestConnectionStepResult] = []


class TestConnectionIngestionResult(BaseModel, defer_build=True):
    """Names of steps, as releases up to 1.3 report them."""

    __test__ = False

    failed: list[str] = []
    success: list[str] = []
    warning: list[str] = []


def try_steps(
    metadata: Any = None,
    service_type: Any = None,
    test_fn: Mapping[str, Callable[[], Any]] | None = None,
    automation_workflow: Any = None,
    timeout_seconds: Any = None,
    steps: Iterable[TestConnectionStep] | None = None,
    **_: Any,
) -> TestConnectionResult:
    """Call the functions in `test_fn`, or the `steps`, in their order.

    Servers know which steps of a service type are mandatory; here these are the first one and
    those whose name begins with `Check`. One that fails is a failure in the result, and each
    other one a warning of the source.
    """
    given = list(steps or ())
    for name, function in (test_fn or {}).items():
        is_mandatory = not given or name.startswith("Check")
        given.append(TestConnectionStep(name=name, function=function, mandatory=is_mandatory))
    result = TestConnectionResult()
    for step in given:
        result.steps.append(_tried(step))
        if not result.steps[-1].passed and step.short_circuit:
            break
    has_failed = any(not step.passed for step in result.steps)
    result.status = StatusType.Failed if has_failed else StatusType.Successful
    result.lastUpdatedAt = int(time.time() * 1000)
    return result


def try_given_steps(
    metadata: Any, steps: Iterable[TestConnectionStep], automation_workflow: Any = None, **_: Any
) -> TestConnectionResult:
    """Call steps that the connector has made itself, each as mandatory as it says."""
    return try_steps(steps=steps)


def _tried(step: TestConnectionStep) -> TestConnectionStepResult:
    values: dict[str, Any] = {"name": step.name, "mandatory": step.mandatory}
    try:
        step.function()
    except Exception as error:  # noqa: BLE001  # the connector's code, and its libraries
        text = described(error)
        ingestion_logger().warning("%s: %s", step.name, text)
        if not step.mandatory:
            running.current().status.warning(step.name, f"its test failed: {text}")
        return TestConnectionStepResult(
            **values, passed=False, message=step.error_message or text, errorLog=text
        )
    return TestConnectionStepResult(**values, passed=True)


def raise_test_connection_exception(result: Any) -> None:
    """Raise `SourceConnectionException` if a mandatory step has failed."""
    for step in result.steps:
        if not step.passed and step.mandatory:
            why = f": {step.message}" if step.message else ""
            raise SourceConnectionException(
                f"The test of the connection failed at {step.name}{why}"
            )


def ask_engine(connection: Any) -> None:
    """Ask a database of SQLAlchemy for a constant."""
    with connection.connect() as opened:
        opened.exec_driver_sql("SELECT 42").fetchone()


def run_query(engine: Any, statement: str) -> None:
    """Execute a statement, and fetch a row of its result."""
    with engine.connect() as opened:
        opened.exec_driver_sql(text_of(statement)).fetchone()


def call_inspector(engine: Any, func_name: str) -> None:
    """Call a method of SQLAlchemy's inspector."""
    getattr(importlib.import_module("sqlalchemy").inspect(engine), func_name)()


def try_database(
    metadata: Any,
    engine: Any,
    service_connection: Any,
    automation_workflow: Any = None,
    queries: Mapping[str, str] | None = None,
    timeout_seconds: Any = None,
    **_: Any,
) -> TestConnectionResult:
    """Ask a database of SQLAlchemy for schemas, tables, views, and the results of `queries`."""
    test_fn: dict[str, Callable[[], Any]] = {
        "CheckAccess": partial(ask_engine, engine),
        "GetSchemas": partial(call_inspector, engine, "get_schema_names"),
        "GetTables": partial(call_inspector, engine, "get_table_names"),
        "GetViews": partial(call_inspector, engine, "get_view_names"),
    }
    for name, statement in (queries or {}).items():
        test_fn[name] = partial(run_query, engine, statement)
    return try_steps(metadata=metadata, test_fn=test_fn)
