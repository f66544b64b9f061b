"""Imports plugins; an error names the distribution."""

from __future__ import annotations

import contextlib
import copy
import difflib
import inspect
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FunctionType, MappingProxyType, ModuleType
from typing import Any, TypeGuard, TypeVar

from pydantic import BaseModel

from om_ingest import namespace
from om_ingest.errors import OmIngestError, PluginError, PluginFaultError, PluginImportError
from om_ingest.failure_place import located
from om_ingest.host.hooks import Hooks
from om_ingest.host.importing import (
    FOREIGN,
    derive,
    import_source,
    load_plugin,
    lost,
    unmet,
    unusable,
    way_out,
)
from om_ingest.host.surroundings import kept_as_they_are
from om_ingest.registry import (
    PROCESSOR_GROUP,
    SINK_GROUP,
    AllowList,
    InstalledSource,
    extra_of,
    find_plugin,
    is_declared,
    is_of_framework,
)
from om_ingest.sink import Processor, Sink
from om_ingest.source import ConfiguredSource, Source
from om_ingest.store import MetadataStore
from om_ingest.workflow.config import DEFAULT_SINK
from om_ingest.workflow.interrupt import is_fault

logger = logging.getLogger(__name__)

_StepT = TypeVar("_StepT", bound=Sink | Processor)


def source_class(
    source: InstalledSource,
    hooks: Hooks | None = None,
    block: Mapping[str, Any] = MappingProxyType({}),
) -> type[Source]:
    """The class behind an installed source, imported now.

    A hook plugin may adapt a class that is no `Source`. `block` is the `source` block of the
    workflow, if there is one; each hook gets a copy.

    Raises `PluginImportError` if the module or class cannot be imported, whatever the module
    raises, `UnknownSourceError` if a class path leads nowhere, and `PluginFaultError` if the class
    is no `Source`.
    """
    if hooks is None:
        with kept_as_they_are():
            found = _named(import_source(source), source)
    else:
        with hooks.frameworks.provided(), kept_as_they_are():
            found = _named(hooks.import_source(source, _copied(block)), source)
            if not _is_source(found):
                found = hooks.adapt_source(found, source, _copied(block)) or found
    if not _is_source(found) and (base := _foreign_base(found, source.module)):
        raise PluginFaultError(f"{unusable(source)}: {FOREIGN}: it derives from {base}", way_out())
    target = source.target
    if isinstance(found, ModuleType):
        target = f"{found.__name__}:{_class_name(source)}"
        if not isinstance(getattr(found, _class_name(source), None), type):
            raise _unclear(found, source, "none that derives from om_ingest.Source", derive())
    if not _is_source(found):
        what = f"{unusable(source)}: {target} is no subclass of om_ingest.Source"
        if not isinstance(found, type | ModuleType):
            what += f": it is a {type(found).__name__}, and no class"
        raise PluginFaultError(what, derive())
    if inspect.isabstract(found):
        raise PluginFaultError(f"{unusable(source)}: {_lack(found)}", _COMPLETE)
    for method, parameters in _CALLS.items():
        if what := _misfit(found, method, parameters):
            raise PluginFaultError(
                f"{unusable(source)}: {what}", "Give it the parameters that om_ingest.Source has."
            )
    return found


_COMPLETE = "Implement every method of om_ingest.Source."

_CALLS = {
    "create": ("config_dict", "metadata_config_dict", "ctx"),
    **dict.fromkeys(("prepare", "next_record", "get_status", "close"), ()),
}
"""What the host passes to each method of a source."""


def _misfit(found: type[Any], method: str, parameters: tuple[str, ...]) -> str:
    """What is said of a method that cannot take what the host passes; empty if it can."""
    static = inspect.getattr_static(found, method)
    takes_self = method != "create" and isinstance(static, FunctionType)
    called = getattr(found, method)
    try:
        signature = inspect.signature(called)
    except (TypeError, ValueError):  # calling it will tell
        return ""
    try:
        signature.bind(*["self"] * takes_self, *parameters)
    except TypeError:
        code = getattr(inspect.unwrap(getattr(called, "__func__", called)), "__code__", None)
        place = f", at {Path(code.co_filename).name}:{code.co_firstlineno}" if code else ""
        wanted = ", ".join(["self"] * takes_self + list(parameters))
        given = signature.replace(return_annotation=signature.empty)
        kind = "" if method != "create" else "a classmethod that takes "
        return f"{method} has to be {kind}({wanted}), and it takes {given}{place}"
    return ""


def _lack(found: type[Source]) -> str:
    missing = ", ".join(sorted(found.__abstractmethods__))
    return f"{found.__name__} does not implement {missing}"


def _is_source(found: Any) -> TypeGuard[type[Source]]:
    return isinstance(found, type) and issubclass(found, Source)


def _foreign_base(found: Any, module: str) -> str:
    """The class of openmetadata-ingestion that a class, or one of its module, derives from."""
    classes = vars(found).values() if isinstance(found, ModuleType) else (found,)
    for each in classes:
        for base in inspect.getmro(each)[1:] if isinstance(each, type) else ():
            if is_of_framework(base.__module__) and not base.__module__.startswith(module):
                return f"{base.__module__}.{base.__qualname__}"
    return ""


def _copied(block: Mapping[str, Any]) -> dict[str, Any]:
    """A copy for a hook, which may change it: the run goes by the original."""
    return copy.deepcopy(dict(block))


def _named(module: ModuleType, source: InstalledSource) -> Any:
    """What the target of a source names: an attribute of the module, or its one source class.

    The module itself if the target names no class and no class of the module is a source.
    """
    attribute = source.target.partition(":")[2]
    if not attribute:
        return _only_source(module, source)
    found: Any = module
    for part in attribute.split("."):
        found = getattr(found, part, None)
    if found is None:
        near = difflib.get_close_matches(attribute, vars(module), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise lost(
            source,
            f"the module {source.module} has no {attribute!r}{hint}",
            "Correct the entry point, or the class path.",
        )
    return found


def config_class(source: type[Source]) -> type[BaseModel] | None:
    """The pydantic model of a source's config; None for a source that declares none."""
    return getattr(source, "config_class", None) if issubclass(source, ConfiguredSource) else None


def sink_class(name: str, allow: AllowList | None = None) -> type[Sink]:
    """The sink with this name; raises `WorkflowError` or a `PluginError`."""
    return _step(SINK_GROUP, name, Sink, allow)  # type: ignore[type-abstract]  # a subclass comes back


def default_sink_class(allow: AllowList | None = None, *, dry_run: bool = False) -> type[Sink]:
    """The sink that is used where a workflow names none; raises a `PluginError`.

    A dry run needs the store of that sink, whatever sink is named.
    """
    if not is_declared(SINK_GROUP, DEFAULT_SINK.type):
        instead = "" if dry_run else ", or name a sink, for example --sink jsonl:FILE"
        raise PluginError(
            f"No sink is named, and the default sink {DEFAULT_SINK.type!r} is not installed",
            f'Install it with pip install "{extra_of("sink", DEFAULT_SINK.type)}"{instead}.',
        )
    return sink_class(DEFAULT_SINK.type, allow)


def scratch_store(allow: AllowList | None = None) -> MetadataStore:
    """An empty temporary store, for dry runs and for reading back from plain sinks.

    The default sink opens it. Raises a `PluginError` if that sink is not installed.
    """
    name = DEFAULT_SINK.type
    if not is_declared(SINK_GROUP, name):
        raise PluginError(
            "A dry run, and reading back what was yielded, need a store, and none is installed",
            f'Install one with pip install "{extra_of("sink", name)}", or deliver into a sink'
            " that has a store, for example --sink openmetadata:URL.",
        )
    store = sink_class(name, allow).scratch()
    if store is None:
        raise PluginFaultError(
            f"The default sink {name!r} has no scratch store", "Tell its maintainer."
        )
    return store


def processor_class(name: str, allow: AllowList | None = None) -> type[Processor]:
    """The processor with this name; raises `WorkflowError` or a `PluginError`."""
    return _step(PROCESSOR_GROUP, name, Processor, allow)  # type: ignore[type-abstract]  # as above


@contextlib.contextmanager
def blamed(
    plugin: str, group: str = "", name: str = "", allow: AllowList | None = None
) -> Iterator[None]:
    """Turn an unexpected exception of a plugin into a `PluginFaultError` that names it.

    Group and name of its entry point identify the distribution to blame.
    """
    try:
        yield
    except OmIngestError:
        raise
    except BaseException as error:  # a plugin may raise anything
        if not is_fault(error):
            raise
        logger.debug("%s failed", plugin, exc_info=error)
        if isinstance(error, ImportError):
            lacks, remedy = unmet(error)
            what = f"{plugin} cannot be used: {lacks}"
            raise PluginImportError(located(error, said=what), remedy) from None
        owner = "its maintainer"
        if group:
            owner = f"the maintainer of {find_plugin(group, name, allow)[1]}"
        raise PluginFaultError(
            f"{plugin} failed: {located(error)}",
            f"Tell {owner}; --log-level debug shows where it failed.",
        ) from None


def _step(group: str, name: str, expected: type[_StepT], allow: AllowList | None) -> type[_StepT]:
    what, found = load_plugin(group, name, allow)
    if not (isinstance(found, type) and issubclass(found, expected)):
        raise PluginFaultError(
            f"{what} is no subclass of om_ingest.{expected.__name__}", "Tell its maintainer."
        )
    if wrong := _misfit(found, "create", ("config_dict", "ctx")):
        raise PluginFaultError(f"{what} cannot be used: {wrong}", "Tell its maintainer.")
    return found


def _only_source(module: ModuleType, source: InstalledSource) -> type[Source] | ModuleType:
    """The module's one concrete source class, or the one called `<CamelName>Source`.

    An abstract one if there are no others: it lacks something. The module itself if it has none.
    """
    inside = f"{module.__name__}."
    every = {
        member
        for member in vars(module).values()
        if _is_source(member) and f"{member.__module__}.".startswith(inside)
    }
    found = {member for member in every if not inspect.isabstract(member)}
    if not found:  # what others derive from need not be complete
        found = {one for one in every if not any(one in other.__bases__ for other in every)}
    if not found:
        return module
    chosen = {member for member in found if member.__name__ == _class_name(source)} or found
    if len(chosen) != 1:
        if any(map(inspect.isabstract, found)):
            raise _unclear(module, source, "; ".join(sorted(map(_lack, found))), _COMPLETE)
        raise _unclear(module, source, ", ".join(sorted(one.__name__ for one in found)))
    return chosen.pop()


def _class_name(source: InstalledSource) -> str:
    return "".join(word.capitalize() for word in source.name.split("-")) + "Source"


def _unclear(
    module: ModuleType, source: InstalledSource, names: str, remedy: str = ""
) -> PluginFaultError:
    call = f"Call it {_class_name(source)}, or name it in an entry point of {namespace.ROOT}."
    return PluginFaultError(
        f"{unusable(source)}: which class of {module.__name__} is the source? Found: {names}",
        f"{remedy} {call}".strip(),
    )
