"""The source under test: its class, its name, and where it is installed."""

from __future__ import annotations

import functools
import importlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel

from om_ingest import namespace
from om_ingest.config.settings import SourceConfig
from om_ingest.config.validation import models_in
from om_ingest.distributions import installed, normalize, project_of, text_of
from om_ingest.errors import OmIngestError
from om_ingest.host import loading
from om_ingest.registry import InstalledSource, find_source, installed_sources
from om_ingest.source import Source
from om_ingest.testing.double import source_settings
from om_ingest.testing.verdict import UnseenError

ENTRY_POINT = "entry point"

_TREE = tuple(namespace.ROOT.split("."))
_DEEPEST = len(_TREE) + 1
"""Maximum of shared folders in a path: those of the root, and the service type."""

_LAYOUTS = ("src", ".")
"""Folders of a project that may hold its packages."""


class Subject:
    """A source under test, and what it is run with."""

    def __init__(
        self,
        source: type[Source] | str,
        config: Mapping[str, Any],
        service_name: str | None,
        source_config: Mapping[str, Any] | None,
    ) -> None:
        self._source = source
        self.config: dict[str, Any] = json.loads(json.dumps(config, default=str))
        """The config as in a workflow file: plain values."""
        self.title = source if isinstance(source, str) else source.__qualname__
        """Its name in messages."""
        self.service_name = service_name or _service_name(self.title)
        self.source_config: dict[str, Any] = json.loads(json.dumps(source_config or {}))

    @property
    def settings(self) -> SourceConfig:
        """`sourceConfig.config`, typed."""
        return source_settings(self.source_config)

    @functools.cached_property
    def refusal(self) -> OmIngestError | None:
        """Why the class cannot be loaded; None if it can."""
        try:
            _ = self.loaded
        except OmIngestError as error:
            return error
        return None

    @functools.cached_property
    def loaded(self) -> type[Source]:
        """The class; raises a `PluginError` or `WorkflowError` if there is none."""
        if isinstance(self._source, str):
            return loading.source_class(find_source(self._source))
        return self._source

    @property
    def source_class(self) -> type[Source]:
        """The class; raises `UnseenError` if there is none."""
        if self.refusal is not None:
            raise UnseenError("the class cannot be loaded: see test_entry_point")
        return self.loaded

    @property
    def config_class(self) -> type[BaseModel] | None:
        """The model of its config; None if it declares none."""
        return loading.config_class(self.source_class)

    @functools.cached_property
    def installed(self) -> InstalledSource | None:
        """The entry point that leads to the class; None if there is none."""
        known = [source for source in installed_sources() if source.origin == ENTRY_POINT]
        if isinstance(self._source, str):
            return next((s for s in known if self._source in (s.name, s.qualified_name)), None)
        return next((source for source in known if self._leads_here(source)), None)

    def _leads_here(self, source: InstalledSource) -> bool:
        found: Any = None
        if _place(source.module) == _place(self.loaded.__module__):  # nobody else's is imported
            try:
                found = importlib.import_module(source.module)
            except ImportError:
                return False
            for part in source.target.partition(":")[2].split("."):
                found = getattr(found, part, None)
        return found is self.loaded

    def need_installed(self) -> InstalledSource:
        """The installed source; raises `UnseenError` if it is not installed."""
        if self.installed is None:
            raise UnseenError("the source is not installed: see test_entry_point")
        return self.installed


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """A config model and those nested in it, each once."""
    seen: list[type[BaseModel]] = []

    def look(here: Any) -> None:
        for model in models_in(here):
            if model not in seen:
                seen.append(model)
                for info in model.model_fields.values():
                    look(info.annotation)

    look(annotation)
    yield from seen


def _place(module: str) -> tuple[str, ...]:
    """The connector's own package in the namespace; elsewhere the top-level package."""
    parts = tuple(module.split("."))
    return parts[: namespace.DEPTH] if module.startswith(f"{namespace.ROOT}.") else parts[:1]


def _service_name(title: str) -> str:
    """`AcmeCrmSource` → `acme-crm`."""
    name = re.split("[.:]", title)[-1].removesuffix("Source") or "service"
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def foreign_files(distribution: str) -> list[str]:
    """Files that a distribution installs into folders shared by all connectors.

    Their paths are relative to the folder of installation. A single module in the folder of
    its service type is a connector, and is not reported.
    """
    found: list[str] = []
    for dist in installed():
        if normalize(str(dist.metadata["Name"])) != normalize(distribution):
            continue
        project = project_of(dist)
        files = _in_project(Path(project)) if project else _in_record(text_of(dist, "RECORD") or "")
        found += [str(path) for path in files if _is_foreign(path)]
    return sorted(dict.fromkeys(found))


def _is_foreign(path: PurePosixPath) -> bool:
    folder = path.parts[:-1]
    if not folder or folder != (*_TREE, *folder[len(_TREE) :])[: len(folder)]:
        return False
    if len(folder) < _DEEPEST:
        return True
    return len(folder) == _DEEPEST and (path.stem == "__init__" or path.suffix != ".py")


def _in_record(record: str) -> Iterator[PurePosixPath]:
    for line in record.splitlines():
        path = line.rpartition(",")[0].rpartition(",")[0].strip('"')
        yield PurePosixPath(path)


def _in_project(project: Path) -> Iterator[PurePosixPath]:
    """The files below `metadata` in a project, with their paths after installation."""
    for layout in _LAYOUTS:
        top = project / layout
        for path in (top / _TREE[0]).glob("**/*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield PurePosixPath(path.relative_to(top).as_posix())
