"""Hook plugins: loaded one by one, so that a broken one ends neither a list nor a run."""

from __future__ import annotations

import contextlib
import functools
import logging
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from om_ingest import namespace
from om_ingest.errors import PluginError
from om_ingest.registry import (
    HOOK_GROUP,
    AllowList,
    InstalledSource,
    declared_plugins,
    host_version,
    normalize,
    unmet,
)

if TYPE_CHECKING:
    import pluggy
    from importlib_metadata import EntryPoint

    from om_ingest.source import Source, WorkflowContext
    from om_ingest.workflow.report import RunReport

logger = logging.getLogger(__name__)


class Hooks:
    """Calls the hooks of `om_ingest.hookspecs`; what a plugin raises is logged, not passed on."""

    def __init__(self, allow: AllowList | None = None) -> None:
        self._manager: pluggy.PluginManager | None = None
        for point, package in declared_plugins(HOOK_GROUP, allow):
            name = f"{package}: {point.name}"
            load = functools.partial(self._load, point, name, unmet(package.requires))
            self._guard(name, "cannot be loaded", load)

    def workflow_started(self, context: WorkflowContext) -> None:
        """`om_ingest_workflow_started`."""
        self._call("om_ingest_workflow_started", context=context)

    def workflow_finished(self, report: RunReport) -> None:
        """`om_ingest_workflow_finished`."""
        self._call("om_ingest_workflow_finished", report=report)

    def adapt_source(self, cls: Any, ref: InstalledSource) -> type[Source] | None:
        """`om_ingest_adapt_source`: what the first plugin makes of a class, or None."""
        answers = self._call("om_ingest_adapt_source", _adapted, cls=cls, ref=ref)
        return answers[0] if answers else None

    def computed_sources(self) -> list[InstalledSource]:
        """`om_ingest_computed_sources`: all that plugins contribute, of origin `computed`."""
        answers = self._call("om_ingest_computed_sources", _computed)
        return [source for answer in answers for source in answer]

    def _load(self, point: EntryPoint, name: str, wanted: str) -> None:
        if wanted:
            raise PluginError(
                f"it needs {wanted}, this is om-ingest {host_version()}",
                "Install a version that fits, or tell its maintainer.",
            )
        import pluggy  # only where a hook plugin is installed

        from om_ingest import hookspecs

        namespace.merge(point.module)
        plugin = point.load()
        manager = self._manager
        if manager is None:
            manager = self._manager = pluggy.PluginManager(hookspecs.PROJECT)
            manager.add_hookspecs(hookspecs)
        try:
            manager.register(plugin, name=name)
            manager.check_pending()
        except pluggy.PluginValidationError:
            if manager.has_plugin(name):  # not after a signature that does not fit
                manager.unregister(name=name)
            raise

    def _call(
        self, hook: str, check: Callable[[Any], Any] | None = None, **arguments: Any
    ) -> list[Any]:
        """What the plugins answer that answer something, each called on its own.

        `check` looks at one plugin's answer, and may complete it; what it raises is the
        plugin's fault. Of a hook whose first result wins, at most one answer comes back.
        """
        manager = self._manager
        if manager is None:
            return []
        answers: list[Any] = []
        plugins = manager.list_name_plugin()
        first = getattr(manager.hook, hook).spec.opts["firstresult"]
        for name, plugin in plugins:
            others = [other for _, other in plugins if other is not plugin]
            caller = manager.subset_hook_caller(hook, others)

            def ask(caller: Callable[..., Any] = caller) -> None:
                said = caller(**arguments)  # a list, unless the first result wins
                given = [answer for answer in ([said] if first else said) if answer is not None]
                answers.extend(given if check is None else map(check, given))

            self._guard(name, f"failed in {hook}", ask)
            if first and answers:
                break
        return answers

    def _guard(self, owner: str, what: str, action: Callable[[], None]) -> None:
        try:
            with _silent():
                action()
        except (Exception, SystemExit) as error:  # a plugin may raise anything
            said = " ".join(str(error).split())
            problem = f"The hook plugin {owner} {what}: {type(error).__name__}: {said}"
            logger.warning("%s", problem)
            logger.debug("%s", problem, exc_info=error)


def _silent() -> contextlib.AbstractContextManager[Any]:
    """Standard output is the command's: what a hook prints goes to standard error."""
    if sys.stdout is not sys.__stdout__:
        return contextlib.nullcontext()  # a run has turned it away already, and masks secrets
    return contextlib.redirect_stdout(sys.stderr)


def _computed(answer: Iterable[Any]) -> list[InstalledSource]:
    """An answer read to its end here, where a failure is blamed on its plugin."""
    found = []
    for source in answer:
        if not isinstance(source, InstalledSource):
            raise TypeError(f"{type(source).__name__} is no InstalledSource")
        found.append(replace(source, name=normalize(source.name), origin="computed"))
    return found


def _adapted(answer: Any) -> Any:
    """The answer, which has to be a source class."""
    from om_ingest.source import Source  # imports pydantic: listing does not adapt

    if not (isinstance(answer, type) and issubclass(answer, Source)):
        raise TypeError(f"{answer!r} is no subclass of om_ingest.Source")
    return answer
