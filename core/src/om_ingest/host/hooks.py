"""Hook plugins: loaded one by one, so that a broken one ends neither a list nor a run."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from om_ingest import namespace, streams
from om_ingest.errors import OmIngestError, PluginError, PluginFaultError
from om_ingest.failure_place import count_as_host, located
from om_ingest.host import folders
from om_ingest.host.frameworks import Frameworks
from om_ingest.host.importing import import_source, load_plugin
from om_ingest.host.surroundings import kept_as_they_are
from om_ingest.registry import (
    FRAMEWORK_GROUP,
    HOOK_GROUP,
    AllowList,
    InstalledSource,
    declared_plugins,
    find_plugin,
    find_source,
    incompatibility,
    installed_sources,
    normalize,
    sources_in,
)
from om_ingest.workflow.interrupt import is_fault

if TYPE_CHECKING:
    import pluggy
    from importlib_metadata import EntryPoint

    from om_ingest.source import Source, WorkflowContext
    from om_ingest.workflow.report import RunReport

logger = logging.getLogger(__name__)


class Hooks:
    """Calls the hooks of `om_ingest.hookspecs`; what a plugin raises is logged, not passed on."""

    def __init__(self, allow: AllowList | None = None) -> None:
        self.allow = AllowList.from_environment() if allow is None else allow
        """The distributions that may be imported; by default, what the environment says."""
        self._manager: pluggy.PluginManager | None = None
        self._plugins: list[object] = []
        # pluggy calls the plugin that was registered last first: register in reverse order.
        for point, package in reversed(list(declared_plugins(HOOK_GROUP, self.allow))):
            self._load(point, f"{package}: {point.name}", incompatibility(package))
        self._register_own()
        self.frameworks = Frameworks(self._load_framework, self._find_module)
        """What plugins stand in for, while `frameworks.provided()` is entered."""

    def sources(self) -> list[InstalledSource]:
        """Every source that is installed, computed, or in a folder that is added, by name.

        No connector is imported.
        """
        found = installed_sources(self.allow, self.computed_sources())
        known = {source.target for source in found}
        loose: dict[str, InstalledSource] = {}  # of a module in two folders, the first is imported
        for each in sources_in(folders.current()):
            if each.target not in known:
                loose.setdefault(each.target, each)
        every = [*found, *loose.values()]
        return sorted(every, key=lambda source: (source.name, source.distribution, source.target))

    def find_source(self, name: str) -> InstalledSource:
        """The one source that a user means; raises as `registry.find_source` does."""
        return find_source(name, self.sources(), self.allow)

    def workflow_started(self, context: WorkflowContext) -> None:
        """`om_ingest_workflow_started`."""
        self._call("om_ingest_workflow_started", context=context)

    def workflow_finished(self, report: RunReport) -> None:
        """`om_ingest_workflow_finished`."""
        self._call("om_ingest_workflow_finished", report=report)

    def import_source(self, ref: InstalledSource, source: Mapping[str, Any]) -> ModuleType:
        """`om_ingest_import_source`: the connector's module; raises `PluginImportError`."""
        if self._manager is None:
            return import_source(ref)
        module: ModuleType = self._call("om_ingest_import_source", ref=ref, source=source)
        return module

    def adapt_source(
        self, cls: Any, ref: InstalledSource, source: Mapping[str, Any]
    ) -> type[Source] | None:
        """`om_ingest_adapt_source`: what the first plugin makes of a class, or None.

        Loads the plugins that stand in for frameworks.
        """
        self.frameworks.load_all()
        adapted: type[Source] | None = self._call(
            "om_ingest_adapt_source", cls=cls, ref=ref, source=source
        )
        return adapted

    def computed_sources(self) -> list[InstalledSource]:
        """`om_ingest_computed_sources`: all that plugins contribute, of origin `computed`."""
        answers = self._call("om_ingest_computed_sources") or ()
        return [source for answer in answers for source in answer]

    def _find_module(self, name: str) -> ModuleSpec | None:
        """`om_ingest_find_module`: what the first plugin stands in with for a module."""
        spec: ModuleSpec | None = self._call("om_ingest_find_module", name=name)
        return spec

    def _load_framework(self, package: str) -> OmIngestError | None:
        """Load the plugin for the framework with this package; returns why it cannot be used."""
        what = f"The framework {package!r}"
        try:
            with _silent():
                what, plugin = load_plugin(FRAMEWORK_GROUP, package, self.allow)
                if not any(plugin is other for other in self._plugins):
                    point, owner = find_plugin(FRAMEWORK_GROUP, package, self.allow)
                    self._register(plugin, f"{owner}: {package}", is_last=True)
                    count_as_host(point.module)
                    self._register_own()
        except OmIngestError as error:
            problem = error
        except BaseException as error:  # as above
            if not is_fault(error):
                raise
            said = f"{what} is no hook plugin: {located(error)}"
            problem = PluginFaultError(said, "Tell its maintainer.")
        else:
            return None
        logger.warning("%s", problem.what)
        return problem

    def _register_own(self) -> None:
        """Register what the host itself answers, once there is another plugin."""
        if self._manager is not None and not self._manager.has_plugin("om-ingest"):
            from om_ingest.hookspecs import hookimpl  # imports pluggy

            # After the plugins, so that it is called after all their `trylast`.
            own = {"om_ingest_import_source": hookimpl(trylast=True)(import_source)}
            self._manager.register(SimpleNamespace(**own), name="om-ingest")

    def _load(self, point: EntryPoint, name: str, problem: str) -> None:
        from om_ingest.host import guard  # imports pluggy: only where a hook plugin is installed

        try:
            with _silent(), kept_as_they_are():
                if problem:
                    remedy = "Install a compatible version, or tell its maintainer."
                    raise PluginError(problem, remedy)
                namespace.merge(point.module)
                self._register(point.load(), name)
        except BaseException as error:  # a plugin may raise anything
            if not is_fault(error):
                raise
            guard.blame_plugin(name, "cannot be loaded", error)

    def _register(self, plugin: object, name: str, *, is_last: bool = False) -> None:
        """Let pluggy check a plugin, and then put a guarded one in its place."""
        import pluggy  # as above

        from om_ingest import hookspecs
        from om_ingest.host import guard

        if any(plugin is other for other in self._plugins):
            raise PluginError("it is loaded already", "Name it in one entry point only.")
        manager = self._manager
        if manager is None:
            manager = self._manager = pluggy.PluginManager(hookspecs.PROJECT)
            manager.add_hookspecs(hookspecs)
        try:
            manager.register(plugin, name=name)
            manager.check_pending()
        except pluggy.PluginValidationError:
            if manager.has_plugin(name):  # it is not registered if its signature is wrong
                manager.unregister(name=name)
            raise
        stand_in = guard.guarded(manager, plugin, name, _CHECKS, is_last=is_last)
        manager.unregister(name=name)
        manager.register(stand_in, name=name)
        self._plugins.append(plugin)

    def _call(self, hook: str, **arguments: Any) -> Any:
        """The result of pluggy: a list, or one answer for a hook with `firstresult`."""
        if self._manager is None:
            return None
        with _silent():
            return getattr(self._manager.hook, hook)(**arguments)


def _silent() -> contextlib.AbstractContextManager[Any]:
    """Redirect standard output, which belongs to the command, to standard error."""
    if sys.stdout is not streams.output():
        return contextlib.nullcontext()  # a run has redirected it already, and masks secrets
    return contextlib.redirect_stdout(sys.stderr)


def _computed(answer: Iterable[Any]) -> list[InstalledSource]:
    """The answer as a list: the iterable is read here, where its plugin is blamed for failures."""
    found = []
    for source in answer:
        if not isinstance(source, InstalledSource):
            raise TypeError(f"{type(source).__name__} is no InstalledSource")
        found.append(replace(source, name=normalize(source.name), origin="computed"))
    return found


def _adapted(answer: Any) -> Any:
    """The answer, which has to be a source class."""
    from om_ingest.source import Source  # imports pydantic: listing does not adapt

    if answer is not None and not (isinstance(answer, type) and issubclass(answer, Source)):
        raise TypeError(f"{answer!r} is no subclass of om_ingest.Source")
    return answer


def _imported(answer: Any) -> Any:
    """The answer, which has to be a module."""
    if not isinstance(answer, ModuleType):
        raise TypeError(f"{type(answer).__name__} is no module")
    return answer


def _specified(answer: Any) -> Any:
    """The answer, which has to be the spec of a module that can be made."""
    if not isinstance(answer, ModuleSpec):
        raise TypeError(f"{type(answer).__name__} is no ModuleSpec")
    if answer.loader is None and answer.submodule_search_locations is None:
        raise TypeError(f"the spec of {answer.name} has no loader")
    return answer


_CHECKS = {
    "om_ingest_adapt_source": _adapted,
    "om_ingest_computed_sources": _computed,
    "om_ingest_find_module": _specified,
    "om_ingest_import_source": _imported,
}
"""Checks of the answers to a hook, by its name."""
