"""The public test kit for connector authors.

    from om_ingest.testing import SourceSuite

    class TestAcme(SourceSuite):
        source = AcmeSource
        config = {"url": "..."}

is a whole conformance test. pytest loads `om_ingest.testing.plugin` by itself, with the
fixtures `om_ingest`, `catalog`, `catalog_server` and `openmetadata_double`. The names here
are loaded when first used: what loads with every pytest run has to be light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from om_ingest.testing.command import Command, CommandResult
    from om_ingest.testing.double import Call, OpenMetadataDouble
    from om_ingest.testing.rules import RULES, Rule
    from om_ingest.testing.server import CatalogServer
    from om_ingest.testing.suite import SourceSuite

_HOMES = {
    "Call": "double",
    "CatalogServer": "server",
    "Command": "command",
    "CommandResult": "command",
    "OpenMetadataDouble": "double",
    "RULES": "rules",
    "Rule": "rules",
    "SourceSuite": "suite",
}

__all__ = [
    "Call",
    "CatalogServer",
    "Command",
    "CommandResult",
    "OpenMetadataDouble",
    "RULES",
    "Rule",
    "SourceSuite",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    try:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name != "pytest":
            raise
        raise ImportError(
            f'om_ingest.testing.{name} needs pytest: pip install "om-ingest[testing]"',
            name="pytest",
        ) from None


def __dir__() -> list[str]:
    return __all__
