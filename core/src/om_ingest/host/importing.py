"""Imports of connectors and commands, and the wording of their failures."""

from __future__ import annotations

import contextlib
import importlib
import logging
import re
from types import ModuleType
from typing import Any

from om_ingest import namespace
from om_ingest.distributions import owners
from om_ingest.errors import (
    OmIngestError,
    PluginFaultError,
    PluginImportError,
    UnknownSourceError,
    described,
)
from om_ingest.failure_place import files_of, located, place_of
from om_ingest.host.folders import not_used
from om_ingest.host.missing import of_class_path, of_import
from om_ingest.host.surroundings import kept_as_they_are
from om_ingest.registry import (
    COMMAND_GROUP,
    COMPANION,
    FRAMEWORK_GROUP,
    KINDS,
    AllowList,
    InstalledSource,
    find_plugin,
    is_declared,
    is_of_framework,
    is_stood_in_for,
)
from om_ingest.workflow.interrupt import is_fault

logger = logging.getLogger(__name__)


def import_source(ref: InstalledSource) -> ModuleType:
    """The module of an installed source.

    Raises `PluginImportError`, whatever the module raises while it is imported, and
    `UnknownSourceError` for a class path whose module is not there.
    """
    try:
        namespace.merge(ref.module)
        return importlib.import_module(ref.module)
    except ModuleNotFoundError as error:
        missing = error.name or str(error)
        if ref.module == missing or ref.module.startswith(missing + "."):
            raise lost(ref, *of_class_path(ref.module)) from None
        what, remedy = unmet(error, place_of(error, *modules_of(ref, error)))
        raise PluginImportError(f"{unusable(ref)}: {what}", remedy) from None
    except PluginFaultError as error:  # what it uses of a plugin
        what = located(error, *modules_of(ref, error), said=error.what)
        raise PluginImportError(f"{unusable(ref)}: {what}", error.remedy) from None
    except BaseException as error:  # a plugin may raise anything
        if not is_fault(error):
            raise
        logger.debug("Import of %s failed", ref.module, exc_info=error)
        said = _of_pydantic_one(error)
        where = located(error, *modules_of(ref, error), said=said)
        what = f"importing {ref.module} failed: {where}"
        remedy = "Tell the connector's maintainer; --log-level debug shows where it failed."
        if said:
            remedy = f"Change it for pydantic 2: see {_PYDANTIC_PAGE} of om-ingest."
        what, remedy = _hidden(_asked(error), what, remedy)
        raise PluginImportError(f"{unusable(ref)}: {what}", remedy) from None


def lost(source: InstalledSource, what: str, remedy: str) -> OmIngestError:
    """The error about a source that is not where its target says.

    A mistake of who wrote a class path, or else of the maintainer.
    """
    kind = UnknownSourceError if source.origin == "explicit" else PluginImportError
    what, remedy = _hidden(source.module, what, remedy)
    return kind(f"{unusable(source)}: {what}", remedy)


FOREIGN = "it was written for openmetadata-ingestion"


def way_out() -> str:
    """What to do about a connector that was written for openmetadata-ingestion."""
    install = "" if is_stood_in_for() else f"pip install {COMPANION}, which stands in for it. "
    port = "Port it to om_ingest.Source, if it is yours"
    return f"{install}{port}: see docs/explanation/from-metadata-ingest.md of om-ingest."


def derive() -> str:
    """What to do about a class that is no source."""
    own = "Derive the class from om_ingest.Source or om_ingest.ConfiguredSource"
    foreign = ", or from OpenMetadata's own metadata.ingestion.api.steps.Source"
    return f"{own}{foreign if is_stood_in_for() else ''}."


def unmet(error: ImportError, place: str = "") -> tuple[str, str]:
    """What an import of a plugin lacks, whenever it comes, and what to do about it.

    `place` is where the plugin imports it, if that is to be said.
    """
    what, remedy = _lacked(error, f", at {place}" if place else "")
    return _hidden(error.name or "", what, remedy)


def _lacked(error: ImportError, at: str) -> tuple[str, str]:
    name = error.name or str(error)
    is_foreign = is_of_framework(error.name or "")
    if is_foreign or isinstance(error, ModuleNotFoundError):
        why = f"because {FOREIGN}" if is_foreign else "which is not installed"
        what = f"it needs the module {name!r}, {why}{at}"
        if isinstance(error.__cause__, OmIngestError):  # about the plugin that stands in for it
            return f"{what}. {error.__cause__.what}", error.__cause__.remedy
        if is_declared(FRAMEWORK_GROUP, name.partition(".")[0]):
            what += ", and no plugin stands in for that module"
            return what, "Install what has it, or tell the connector's maintainer."
        if not is_foreign and (found := of_import(name)):
            return f"it needs the module {name!r}, and {found[0]}{at}", found[1]
        return what, way_out() if is_foreign else "Install what the connector depends on."
    what = f"it cannot import what it needs: {described(error)}{at}"
    return what, "Install the versions that it asks for, or tell its maintainer."


def _hidden(module: str, what: str, remedy: str) -> tuple[str, str]:
    """The message about a module that lacks something, and says why, if another is used for it."""
    if why := not_used(module):
        return f"{what}. {why}", "Call the module of the connector by another name."
    return what, remedy


def _asked(error: BaseException) -> str:
    """The module that does not have what it was asked for; empty if it is no such error."""
    if isinstance(error, AttributeError) and isinstance(error.obj, ModuleType):
        return error.obj.__name__
    return error.name or "" if isinstance(error, ImportError) else ""


_PYDANTIC_PAGE = "docs/reference/compat.md, Models of the connector itself,"

_OF_PYDANTIC_ONE = {
    "import-error",
    "model-field-missing-annotation",
    "model-field-overridden",
    "removed-kwargs",
    "root-validator-pre-skip",
    "validator-field-config-info",
    "validator-v1-signature",
}
"""Codes of pydantic's errors about what was right in pydantic 1."""


def _of_pydantic_one(error: BaseException) -> str:
    """What is said of code that only pydantic 1 runs; empty for another error."""
    text = str(getattr(error, "message", error)).partition("\n")[0]
    if type(error).__module__ == "pydantic.errors":
        is_known = getattr(error, "code", None) in _OF_PYDANTIC_ONE or "'__root__'" in text
    elif isinstance(error, TypeError):
        is_known = bool(
            re.match(r"con\w+\(\) got an unexpected keyword|To define root models", text)
        )
    else:
        is_known = isinstance(error, ImportError) and f"{error.name}.".startswith("pydantic.")
    why = "it was written for pydantic 1, and om-ingest has pydantic 2"
    return f"{why}: {text}" if is_known else ""


def modules_of(source: InstalledSource, error: BaseException) -> set[str]:
    """The modules of a source's distribution that an error has passed, and that of the source."""
    files = {path.rpartition(".")[0]: module for path, module in files_of(error).items()}
    found = owners(files).items() if source.distribution else ()
    own = {files[file] for file, owner in found if owner.name == source.distribution}
    return {source.module, *own}


def unusable(source: InstalledSource) -> str:
    """The beginning of a message about a source that cannot be used."""
    owner = f" of {source.owner}" if source.distribution else ""
    return f"The source {source.name!r}{owner} cannot be used"


def command(name: str, allow: AllowList | None = None) -> Any:
    """The function or typer application behind a command that a plugin contributes.

    Raises `WorkflowError` if there is none, or a `PluginError`.
    """
    what, found = load_plugin(COMMAND_GROUP, name, allow)
    if not callable(found):
        raise PluginFaultError(
            f"{what} is {type(found).__name__}, neither a function nor a typer.Typer",
            "Tell its maintainer.",
        )
    return found


def load_plugin(group: str, name: str, allow: AllowList | None) -> tuple[str, Any]:
    """How messages name a plugin, and the object of its entry point.

    Raises `WorkflowError` if there is none, or a `PluginError`.
    """
    point, package = find_plugin(group, name, allow)
    what = f"The {KINDS[group]} {name!r} of {package}"
    try:
        namespace.merge(point.value.partition(":")[0])
        with contextlib.nullcontext() if group == COMMAND_GROUP else kept_as_they_are():
            return what, point.load()
    except ImportError as error:
        logger.debug("%s cannot be imported", what, exc_info=error)
        lacks, remedy = unmet(error)
        said = located(error, said=f"{what} cannot be imported: {lacks}")
        raise PluginImportError(said, remedy) from None
    except BaseException as error:  # a plugin may raise anything
        if not is_fault(error):
            raise
        logger.debug("%s cannot be imported", what, exc_info=error)
        raise PluginImportError(
            f"{what} cannot be imported: {located(error)}",
            "Reinstall that distribution, or tell its maintainer.",
        ) from None
