"""Imports of connectors and commands, and the wording of their failures."""

from __future__ import annotations

import importlib
import logging
from types import ModuleType
from typing import TYPE_CHECKING, Any

from om_ingest import namespace
from om_ingest.errors import PluginFaultError, PluginImportError
from om_ingest.registry import COMMAND_GROUP, AllowList, InstalledSource, find_plugin

if TYPE_CHECKING:
    from importlib_metadata import EntryPoint

logger = logging.getLogger(__name__)


def import_source(source: InstalledSource) -> ModuleType:
    """The module of an installed source.

    Raises `PluginImportError`, whatever the module raises while it is imported.
    """
    try:
        namespace.merge(source.module)
        return importlib.import_module(source.module)
    except ModuleNotFoundError as error:
        missing = error.name or str(error)
        if source.module == missing or source.module.startswith(missing + "."):
            what, remedy = f"there is no module {source.module}", "Check the class path."
        else:
            what = f"it needs the module {missing!r}, which is not installed"
            remedy = "Install what the connector depends on."
        raise PluginImportError(f"{unusable(source)}: {what}", remedy) from None
    except (Exception, SystemExit) as error:
        logger.debug("Import of %s failed", source.module, exc_info=error)
        raise PluginImportError(
            f"{unusable(source)}: importing {source.module} failed: {described(error)}",
            "Tell the connector's maintainer; --log-level debug shows where it failed.",
        ) from None


def unusable(source: InstalledSource) -> str:
    """The beginning of a message about a source that cannot be used."""
    owner = f" of {source.distribution} {source.version}" if source.distribution else ""
    return f"The source {source.name!r}{owner} cannot be used"


def described(error: BaseException) -> str:
    """Type and text of an exception, on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def command(name: str, allow: AllowList | None = None) -> Any:
    """The function or typer application behind a command that a plugin contributes.

    Raises `WorkflowError` if there is none, or a `PluginError`.
    """
    point, package = find_plugin(COMMAND_GROUP, name, allow)
    what = f"The command {name!r} of {package}"
    found = load_entry_point(point, what)
    if not callable(found):
        raise PluginFaultError(
            f"{what} is {type(found).__name__}, neither a function nor a typer.Typer",
            "Tell its maintainer.",
        )
    return found


def load_entry_point(point: EntryPoint, what: str) -> Any:
    """The object of an entry point; raises `PluginImportError` that begins with `what`."""
    try:
        namespace.merge(point.value.partition(":")[0])
        return point.load()
    except (Exception, SystemExit) as error:  # a plugin may raise anything
        logger.debug("%s cannot be imported", what, exc_info=error)
        raise PluginImportError(
            f"{what} cannot be imported: {described(error)}",
            "Reinstall that distribution, or tell its maintainer.",
        ) from None
