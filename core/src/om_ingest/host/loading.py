"""Imports plugins; an error names the distribution."""

from __future__ import annotations

import contextlib
import copy
import inspect
import logging
from collections.abc import Iterator, Mapping
from types import MappingProxyType, ModuleType
from typing import Any, TypeGuard, TypeVar

from pydantic import BaseModel

from om_ingest import namespace
from om_ingest.errors import (
    OmIngestError,
    PluginError,
    PluginFaultError,
    PluginImportError,
    located,
)
from om_ingest.host.hooks import Hooks
from om_ingest.host.importing import (
    FOREIGN,
    PORTING,
    import_source,
    load_plugin,
    unmet,
    unusable,
)
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
    raises, and `PluginFaultError` if the class is no `Source`.
    """
    if hooks is None:
        found = _named(import_source(source), source)
    else:
        found = _named(hooks.import_source(source, _copied(block)), source)
        if not _is_source(found):
            found = hooks.adapt_source(found, source, _copied(block)) or found
    if not _is_source(found) and (base := _foreign_base(found, source.module)):
        raise PluginFaultError(f"{unusable(source)}: {FOREIGN}: it derives from {base}", PORTING)
    if isinstance(found, ModuleType):
        raise _unclear(found, source, "none")
    if not _is_source(found):
        raise PluginFaultError(
            f"{unusable(source)}: {source.target} is no subclass of om_ingest.Source",
            "Derive the class from om_ingest.Source or om_ingest.ConfiguredSource.",
        )
    if inspect.isabstract(found):
        missing = ", ".join(sorted(found.__abstractmethods__))
        raise PluginFaultError(
            f"{unusable(source)}: {found.__name__} does not implement {missing}",
            "Implement every method of om_ingest.Source.",
        )
    return found


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
        raise PluginImportError(
            f"{unusable(source)}: the module {source.module} has no {attribute!r}",
            "Correct the entry point, or the class path in the workflow file.",
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
    return found


def _only_source(module: ModuleType, source: InstalledSource) -> type[Source] | ModuleType:
    """The module's one concrete source class, or the one called `<CamelName>Source`.

    The module itself if it has none.
    """
    found = [
        member
        for member in vars(module).values()
        if isinstance(member, type)
        and issubclass(member, Source)
        and not inspect.isabstract(member)
        and (
            member.__module__ == module.__name__
            or member.__module__.startswith(module.__name__ + ".")
        )
    ]
    if not found:
        return module
    chosen = [member for member in found if member.__name__ == _class_name(source)] or found
    if len(set(chosen)) != 1:
        raise _unclear(module, source, ", ".join(sorted(member.__name__ for member in found)))
    return chosen[0]


def _class_name(source: InstalledSource) -> str:
    return "".join(word.capitalize() for word in source.name.split("-")) + "Source"


def _unclear(module: ModuleType, source: InstalledSource, names: str) -> PluginFaultError:
    return PluginFaultError(
        f"{unusable(source)}: which class of {module.__name__} is the source? Found: {names}",
        f"Call it {_class_name(source)}, or name it in an entry point of {namespace.ROOT}.",
    )
