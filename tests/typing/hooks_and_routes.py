"""A hook plugin and a plugin of routes as their authors write them."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from om_ingest import Source, hookimpl
from om_ingest.model import Table
from om_ingest.registry import InstalledSource
from om_ingest_catalog_server import JSON, ApiCall, Execution, Route, json_answer
from starlette.responses import HTMLResponse, Response


class Finder(MetaPathFinder):
    """Finds the modules of another framework."""


@hookimpl(wrapper=True)
def om_ingest_import_source(
    ref: InstalledSource, source: dict[str, Any]
) -> Generator[None, ModuleType, ModuleType]:
    """Let a connector find another framework while it is imported."""
    finder = Finder()
    sys.meta_path.append(finder)
    try:
        return (yield)
    finally:
        sys.meta_path.remove(finder)


@hookimpl(tryfirst=True)
def om_ingest_adapt_source(cls: Any, ref: InstalledSource) -> type[Source] | None:
    """Adapt the class that the connector itself names."""
    adapted: type[Source] | None = getattr(cls, "as_source", None)
    return adapted


@hookimpl
def om_ingest_find_module(name: str) -> ModuleSpec | None:
    """Stand in for the package of a framework."""
    return ModuleSpec(name, None, is_package=True) if name == "framework" else None


def routes() -> Iterator[Route]:
    """A page, and a route that takes a body."""
    yield Route("GET", "/pages/{fqn}", _page, "A page about a table")
    yield Route("PUT", "/pages/{fqn}", _save, "Save it", Execution.WRITING, body=JSON)


def _page(call: ApiCall) -> Response:
    table = call.connection.catalog.get_by_name(Table, call.values["fqn"])
    return HTMLResponse(table.name if table else "", 200 if table else 404)


def _save(call: ApiCall) -> Response:
    return json_answer({"saved": call.object(), "by": call.actor.name})
