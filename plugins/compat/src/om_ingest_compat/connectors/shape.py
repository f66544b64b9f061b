"""Recognises for which release a connector's class was written, and how it is to be called."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from om_ingest.errors import PluginFaultError
from om_ingest.failure_place import defined_at

from om_ingest_compat.connectors.steps import is_written

_CONTEXT_NAMES = {"ctx", "context", "workflow_context"}
_OPTIONAL = frozenset({"prepare", "test_connection", "close", "get_status", "name"})
"""Methods that a connector may leave out."""

_READERS = ("_iter", "next_record")

_CONFIG_NAMES = {"config", "config_dict", "source_config", "workflow_config"}
_PIPELINE_NAMES = {"pipeline_name", "pipeline"}
_SERVER_NAMES = {"client", "metadata", "metadata_client", "metadata_config", "om_client"}
_NAMES = _CONFIG_NAMES | _PIPELINE_NAMES | _SERVER_NAMES | _CONTEXT_NAMES


class Generation(Enum):
    """What `create` is called with, beside the config."""

    PULLED = "connection"
    """Up to release 1.1: the connection, of which the source makes its own client."""

    STEPS = "client"
    """From release 1.2 on: the client, and the name of the pipeline."""

    NATIVE = "context"
    """om-ingest's own contract, in a class that does not derive from its `Source`."""


@dataclass(frozen=True)
class Shape:
    """How the class of a connector is called."""

    cls: type[Any]
    generation: Generation
    reader: str
    """The method that yields records; empty if there is none."""

    def made(self, config: Any, server: Any, last: Any) -> Any:
        """The connector's own object."""
        positional, named = self.arguments(config, server, last)
        if left := getattr(self.cls, "__abstractmethods__", None):  # upstream wants these, too
            self.cls.__abstractmethods__ = left - _OPTIONAL
        if _lacks_decorator(self.cls):
            positional.insert(0, self.cls)
        return self.cls.create(*positional, **named)

    @property
    def missing(self) -> list[str]:
        """Abstract methods that the class does not implement."""
        return sorted(getattr(self.cls, "__abstractmethods__", frozenset()) - _OPTIONAL)

    @property
    def file(self) -> str:
        """The file of the class, for messages."""
        module = inspect.getmodule(self.cls)
        return Path(getattr(module, "__file__", None) or self.cls.__module__).name

    def check(self) -> None:
        """Raise `PluginFaultError` for a class that cannot be run."""
        cls = self.cls
        name = f"{cls.__module__}.{cls.__qualname__}"
        if self.missing:
            raise PluginFaultError(
                f"{name} in {self.file} does not implement {', '.join(self.missing)}",
                "Implement them, or tell the connector's maintainer.",
            )
        if not self.reader or not is_written(cls, "create"):
            lacks = "create" if self.reader else "_iter, or next_record"
            raise PluginFaultError(
                f"{name} in {self.file} does not implement {lacks}",
                "Implement it, or tell the connector's maintainer.",
            )
        self.arguments(None, None, None)

    def arguments(self, config: Any, server: Any, last: Any) -> tuple[list[Any], dict[str, Any]]:
        """What `create` is called with: as much as it takes, by position where it can.

        `server` is what the generation names, `last` the name of the pipeline, or the context of
        the native contract. Raises `PluginFaultError` if it needs more.
        """
        left = {"config": config, "server": server, "last": last}
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for parameter in _parameters(self.cls):
            kind = parameter.kind
            if kind is parameter.VAR_POSITIONAL:
                positional += left.values()
                left.clear()
            elif kind is parameter.VAR_KEYWORD:
                continue
            elif not left:
                if parameter.default is parameter.empty:
                    raise self._too_many()
            elif kind is parameter.KEYWORD_ONLY:
                if parameter.default is not parameter.empty and parameter.name not in _NAMES:
                    continue  # a setting of the connector's own
                named[parameter.name] = left.pop(_meant(parameter.name, left))
            else:
                positional.append(left.pop(next(iter(left))))
        return positional, named

    def _too_many(self) -> PluginFaultError:
        create = self.cls.create
        given = inspect.signature(create).replace(return_annotation=inspect.Signature.empty)
        return PluginFaultError(
            f"{self.cls.__module__}.{self.cls.__qualname__}.create{given} needs more arguments than"
            f" the config, the client and the name of the pipeline{defined_at(create)}",
            "No release of openmetadata-ingestion passes more: give the others a default, or tell"
            " the connector's maintainer.",
        )


def _meant(name: str, left: Mapping[str, Any]) -> str:
    """Which value a parameter is for that takes no position."""
    meant = "server"
    if name in _CONFIG_NAMES:
        meant = "config"
    elif name in _PIPELINE_NAMES | _CONTEXT_NAMES:
        meant = "last"
    return meant if meant in left else next(iter(left))


def _parameters(cls: type[Any]) -> list[inspect.Parameter]:
    """The parameters of `create` that the host fills."""
    try:
        found = list(inspect.signature(cls.create).parameters.values())
    except (TypeError, ValueError):  # one that is not written in Python
        return [inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL)]
    return found[1:] if _lacks_decorator(cls) else found


def _lacks_decorator(cls: type[Any]) -> bool:
    """Whether `create` is written as a class method without being one."""
    static = inspect.getattr_static(cls, "create")
    if not inspect.isfunction(static):
        return False
    return next(iter(inspect.signature(static).parameters), "") in ("cls", "self")


def shape_of(cls: type[Any]) -> Shape:
    """The shape of a connector's class; `check` tells whether it can be run."""
    generation = _generation(cls)
    readers = reversed(_READERS) if generation is not Generation.STEPS else _READERS
    own_run = _own_run(cls) if generation is Generation.STEPS else ""
    reader = own_run or next((name for name in readers if is_written(cls, name)), "")
    return Shape(cls, generation, reader)


def looks_like_source(cls: Any) -> bool:
    """Whether a class may be the source of a connector."""
    return (
        isinstance(cls, type)
        and hasattr(cls, "create")
        and any(callable(getattr(cls, name, None)) for name in _READERS)
    )


_STEPS = ("metadata.ingestion.api.steps", "om_ingest_compat.connectors.steps")
_PULLED = ("metadata.ingestion.api.source", "om_ingest_compat.connectors.pulled")


def _generation(cls: type[Any]) -> Generation:
    homes = {base.__module__ for base in cls.__mro__ if base.__name__ == "Source"}
    names = [parameter.name for parameter in _parameters(cls)] if hasattr(cls, "create") else []
    if homes.isdisjoint(_STEPS) and names[2:] and names[2] in _CONTEXT_NAMES:
        return Generation.NATIVE
    if not homes.isdisjoint(_PULLED):
        return Generation.PULLED
    if homes.isdisjoint(_STEPS):
        if not is_written(cls, "_iter") and len(names) < 3:  # no pipeline's name
            return Generation.PULLED
    elif len(names) < 3 and _makes_client(cls):  # as above
        return Generation.PULLED
    return Generation.STEPS


def _makes_client(cls: type[Any]) -> bool:
    """Whether a class makes its own client: families have the same bases in all releases."""
    for method in ("__init__", "create"):
        found = getattr(cls, method, None)
        code = getattr(getattr(found, "__func__", found), "__code__", None)
        if code is not None and "OpenMetadata" in code.co_names:
            return True
    return False


def _own_run(cls: type[Any]) -> str:
    """`run` if a connector has written its own; empty otherwise."""
    for base in cls.__mro__:
        if "run" in vars(base):
            is_ours = base.__module__.startswith(("om_ingest_compat.", "metadata.ingestion.api."))
            return "" if is_ours else "run"
    return ""
