"""The hooks that a plugin may implement, for what entry points by name cannot express.

A plugin is a module or object named in the entry-point group `om_ingest`; its functions
carry the marker `hookimpl`:

    from om_ingest import hookimpl

    @hookimpl
    def om_ingest_workflow_finished(report):
        ...

A plugin in the group `om_ingest.framework` is a hook plugin, too. Its name is the top-level
package of a foreign framework, and it is loaded only when a connector imports a module of that
package that nobody has, or a connector's class is no `Source`: then it is asked last.

A hook may take fewer arguments than are given here, by name. `tryfirst`, `trylast` and
wrappers work as pluggy describes them. An exception in a hook is logged with the
distribution it comes from, and never ends a run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from om_ingest.registry import InstalledSource
    from om_ingest.source import Source, WorkflowContext
    from om_ingest.workflow.report import RunReport

PROJECT = "om_ingest"
"""Name of the entry-point group, and prefix of every hook."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function as the implementation of the hook of its name."""


@hookspec
def om_ingest_workflow_started(context: WorkflowContext) -> None:
    """Called once a source is created, before it connects."""


@hookspec
def om_ingest_workflow_finished(report: RunReport) -> None:
    """Called when everything is closed and the exit code is fixed."""


@hookspec(firstresult=True)
def om_ingest_import_source(ref: InstalledSource, source: dict[str, Any]) -> ModuleType | None:
    """Import a connector's module.

    The host is asked last, and imports `ref.module`. A function that returns None runs
    before the import; a wrapper also runs afterwards, whether the import succeeds or not.
    `source` is the `source` block of the workflow, as for `om_ingest_adapt_source`.
    """
    return None


@hookspec(firstresult=True)
def om_ingest_adapt_source(
    cls: Any, ref: InstalledSource, source: dict[str, Any]
) -> type[Source] | None:
    """Turn a class that is no `Source` into one.

    `cls` is what `ref.target` names: an attribute of the connector's module, or the module
    itself if the target names no class and the module has no `Source` subclass. `source`
    is a copy of the `source` block of the workflow, variables replaced and secrets in
    clear; it is empty where there is no workflow. The first plugin that does not answer
    None wins.
    """
    return None


@hookspec(firstresult=True)
def om_ingest_find_module(name: str) -> ModuleSpec | None:
    """Stand in for a module of a foreign framework that nobody has.

    Asked while a connector is imported, and while it runs, for modules of the packages that
    plugins of the group `om_ingest.framework` are named for: these packages themselves, those
    below them, and modules. Portions of connectors come before. `name` is the dotted name; the
    loader of the spec makes the module, and a spec with `submodule_search_locations` makes a
    package. At the end the host takes out of `sys.modules` what was provided. The first plugin
    that does not answer None wins.
    """
    return None


@hookspec
def om_ingest_computed_sources() -> Iterable[InstalledSource]:
    """Sources that are found neither by entry point nor in the namespace.

    Called when sources are listed, so it must be quick and import no connector.
    """
    return ()
