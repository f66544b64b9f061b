"""Imports by name: `metadata.utils.importer`."""

from __future__ import annotations

import importlib
from typing import Any

from om_ingest_compat.shims.entities import text_of

TYPE_SEPARATOR = "-"
CLASS_SEPARATOR = "_"
MODULE_SEPARATOR = "."


class DynamicImportException(Exception):  # noqa: N818  # its name upstream
    """A module or a name in it cannot be imported."""

    def __init__(self, module: str, key: str | None = None, cause: Any = None) -> None:
        super().__init__(module, key, cause)
        self.module = module
        self.key = key
        self.cause = cause

    def __str__(self) -> str:
        full = f"{self.module}.{self.key}" if self.key else self.module
        return f"Cannot import {full} due to {self.cause}"


class MissingPluginException(Exception):  # noqa: N818  # its name upstream
    """A package that a connector needs is not installed."""

    def __init__(self, plugin: str) -> None:
        super().__init__(plugin)
        self.plugin = plugin

    def __str__(self) -> str:
        return f"The plugin {self.plugin} is not installed"


def get_module_dir(type_: str) -> str:
    """The package of a source type: `clickhouse` of `clickhouse-lineage`."""
    return type_.split(TYPE_SEPARATOR, maxsplit=1)[0]


def get_module_name(type_: str) -> str:
    """The module of a type: `query_parser` of `query-parser`."""
    return type_.replace(TYPE_SEPARATOR, CLASS_SEPARATOR)


def get_source_module_name(type_: str) -> str:
    """The module of a source type: `lineage` of `clickhouse-lineage`, `metadata` of `mysql`."""
    last = type_.split(TYPE_SEPARATOR)[-1]
    return "metadata" if last == type_ else last


def get_class_name_root(type_: str) -> str:
    """The class of a type without its ending: `ClickhouseLineage` of `clickhouse-lineage`."""
    words = (word.title() for word in type_.split(TYPE_SEPARATOR))
    return "".join(words).replace(CLASS_SEPARATOR, "")


def import_from_module(key: str) -> Any:
    """The object at `package.module.name`; raises `DynamicImportException`."""
    module, _, name = text_of(key).rpartition(MODULE_SEPARATOR)
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise DynamicImportException(module=module, key=name, cause=error) from error


def import_source_class(service_type: Any, source_type: str, from_: str = "ingestion") -> Any:
    """The class of a source by its service type and type; raises `DynamicImportException`."""
    service = str(getattr(service_type, "name", service_type)).lower()
    module = f"{get_module_dir(source_type)}.{get_source_module_name(source_type)}"
    name = f"{get_class_name_root(source_type)}Source"
    return import_from_module(f"metadata.{from_}.source.{service}.{module}.{name}")


def import_side_effects(*modules: str) -> None:
    """Import modules for what they do."""
    for module in modules:
        importlib.import_module(module)
