"""What names the classes of a connector, from release 1.6 on (REST contract §12.3)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class BaseSpec(BaseModel):
    """Classes of a connector, as dotted paths or themselves; only that for metadata is run."""

    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)

    metadata_source_class: Any
    lineage_source_class: Any = None
    usage_source_class: Any = None
    profiler_class: Any = None
    sampler_class: Any = None
    test_suite_class: Any = None
    data_diff: Any = None
    connection_class: Any = None


class DefaultDatabaseSpec(BaseSpec):
    """The spec of a database: what it adds upstream, profiler and sampler, is not run here."""


def get_class_path(cls: Any) -> str:
    """The dotted path of a class, or of that of an object."""
    found = cls if isinstance(cls, type) else type(cls)
    return f"{found.__module__}.{found.__qualname__}"
