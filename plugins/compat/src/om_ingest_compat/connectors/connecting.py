"""The functions of a connector that connect and try the connection: where upstream looks for them.

`metadata.ingestion.source.connections` (REST contract §12.3).
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator
from typing import Any

from om_ingest.errors import PluginFaultError
from om_ingest.failure_place import defined_at

from om_ingest_compat.running import current
from om_ingest_compat.shims.entities import text_of


def get_connection(connection: Any) -> Any:
    """What the connector's own `get_connection` makes of the settings of a connection."""
    return get_connection_fn(connection)(connection)


def get_connection_fn(connection: Any) -> Callable[..., Any]:
    """The connector's own `get_connection`; raises `PluginFaultError` if it has none."""
    return _found("get_connection", connection)


def get_test_connection_fn(connection: Any) -> Callable[..., Any]:
    """The connector's own `test_connection`; raises `PluginFaultError` if it has none.

    That it returns False is a failure of the run.
    """
    test = _found("test_connection", connection)

    @functools.wraps(test)
    def tried(*positional: Any, **named: Any) -> Any:
        result = test(*positional, **named)
        if result is False:
            current().status.failure("test_connection", f"it returned False{defined_at(test)}")
        return result

    return tried


def test_connection_common(
    metadata: Any, connection_obj: Any, service_connection: Any, *more: Any, **named: Any
) -> Any:
    """Try a connection by the connector's own `test_connection`."""
    test = get_test_connection_fn(service_connection)
    return test(metadata, connection_obj, service_connection, *more, **named)


test_connection_common.__test__ = False  # type: ignore[attr-defined]  # it is no test of ours


def kill_active_connections(engine: Any) -> None:
    """Give back the connections of an engine of SQLAlchemy."""
    engine.dispose()


def _found(name: str, connection: Any) -> Callable[..., Any]:
    """A function of the connector, in the module of its class or in `connection` beside that."""
    looked = []
    for module in dict.fromkeys(_homes(connection)):
        looked.append(module)
        try:
            home = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{module}.".startswith(f"{error.name}."):
                raise
            continue
        function = getattr(home, name, None)
        if callable(function) and function.__module__ != __name__:  # they import ours, mostly
            return function  # type: ignore[no-any-return]  # whatever it is, it can be called
    raise PluginFaultError(
        f"The connector has no {name}: there is none in {' or '.join(looked) or 'any module'}",
        f"Write {name} in one of them, or tell the connector's maintainer.",
    )


def _homes(connection: Any) -> Iterator[str]:
    """The modules where a connection's functions may be, nearest first."""
    python_class = text_of(getattr(connection, "sourcePythonClass", None) or "")
    for module in (python_class.rpartition(".")[0], current().module):
        if module:
            yield module
            yield f"{module}.connection"
            if "." in module:
                yield f"{module.rpartition('.')[0]}.connection"
