"""A connector's own models mean what they meant with pydantic 1: a field that may be None need
not be given, and a text may be given as a number.

Releases up to 1.4 came with pydantic 1, where `Optional[str]` without a default has the default
None, and `id: str` takes the 4 of an answer as `"4"`. In pydantic 2 such a field is required, and
such an answer is refused.
"""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel

_PACKAGES: set[str] = set()
"""The packages of connectors that use the framework."""


def allow_none(module: str) -> None:
    """Let fields that may be None have that default, in models that a connector defines from now
    on. `module` is any module of the connector.
    """
    package = _package_of(module)
    if package not in _PACKAGES and package not in ("om_ingest", "om_ingest_compat"):
        # The hook of pydantic that is called with every new model; by itself it does nothing.
        setattr(BaseModel, "__pydantic_init_subclass__", classmethod(_defined))  # noqa: B010  # mypy refuses it otherwise
        _PACKAGES.add(package)


def _package_of(module: str) -> str:
    """What the names of all modules of a connector begin with."""
    parts = module.split(".")
    return ".".join(parts[:5] if parts[0] == "metadata" else parts[:1])


def _defined(cls: type[Any], /, **options: Any) -> None:
    if _package_of(cls.__module__) not in _PACKAGES:
        return
    is_new = "coerce_numbers_to_str" not in cls.model_config
    if is_new:
        cls.model_config = {**cls.model_config, "coerce_numbers_to_str": True}
    if not cls.__pydantic_complete__:
        return
    optional = [
        field
        for field in cls.model_fields.values()
        if field.is_required() and type(None) in get_args(field.annotation)
    ]
    for field in optional:
        field.default = None
    fields = cls.model_fields.values() if is_new else ()
    if optional or any(_is_of_texts(field.annotation) for field in fields):
        cls.model_rebuild(force=True)


def _is_of_texts(annotation: Any) -> bool:
    return annotation is str or any(map(_is_of_texts, get_args(annotation)))
