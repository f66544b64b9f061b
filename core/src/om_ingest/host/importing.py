"""The import of a connector's module, and the wording of its failure."""

from __future__ import annotations

import importlib
import logging
from types import ModuleType

from om_ingest import namespace
from om_ingest.errors import PluginImportError
from om_ingest.registry import InstalledSource

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
