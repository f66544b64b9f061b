"""Lets a connector's own models mean what they meant with pydantic 1, for which they were written.

Releases up to 1.4 came with pydantic 1, where `Optional[str]` without a default has the default
None, and `id: str` takes the 4 of an answer as `"4"`. In pydantic 2 such a field is required, and
such an answer is refused.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import BaseModel

_ONE = re.compile(
    rb"__root__|@(?:pydantic\.)?(?:root_)?validator\b|\bparse_obj(?:_as)?\b|\.dict\(|__fields__"
    rb"|\bupdate_forward_refs\b|^[ \t]+class Config\s*[:(]|\bmetadata\.ingestion\.api\.source\b",
    re.MULTILINE,
)
"""What is written for pydantic 1, or for a release that came with it."""

_TWO = re.compile(
    rb"\.root\b|\bmodel_(?:config|validate|dump|copy|construct|rebuild|fields|post_init|validator)"
    rb"|\bfield_validator\b|\b(?:field|model)_serializer\b|\bcomputed_field\b|\bConfigDict\b"
    rb"|\bRootModel\b|\bTypeAdapter\b|\bpydantic_settings\b"
)
"""What pydantic 1 does not have."""


def is_of_pydantic_one(texts: Iterable[bytes]) -> bool:
    """Whether the code of a connector was written for pydantic 1, as far as it shows."""
    every = list(texts)
    return any(map(_ONE.search, every)) and not any(map(_TWO.search, every))


def as_in_pydantic_one(modules: Iterable[str]) -> None:
    """Let fields of the models in these modules that may be None have that default, and fields
    that are texts take numbers.

    Models that are defined later, e.g. in a function, stay as they are.
    """
    changed = [cls for cls in _models_in(modules) if _is_changed(cls)]
    for cls in changed:  # they contain each other, in any order
        del cls.__pydantic_core_schema__
        cls.__pydantic_complete__ = False  # else pydantic before 2.13 puts the old ones into others
    for cls in changed:
        cls.model_rebuild(force=True, raise_errors=False)


def _models_in(modules: Iterable[str]) -> Iterator[type[BaseModel]]:
    """The models that are defined in modules, also within classes, each once."""
    for name in modules:
        waiting: list[Any] = list(vars(sys.modules[name]).values()) if name in sys.modules else []
        seen = set()
        for found in waiting:
            is_own = isinstance(found, type) and found.__module__ == name and found not in seen
            if is_own:
                seen.add(found)
                waiting += vars(found).values()
                if issubclass(found, BaseModel):
                    yield found


def _is_changed(cls: type[BaseModel]) -> bool:
    """Change the fields of a model; whether it was not changed before."""
    # Classes that it names have been defined meanwhile; pydantic 2.11 may do without them.
    cls.model_rebuild(force=not cls.__pydantic_fields_complete__, raise_errors=False)
    if not cls.__pydantic_complete__ or "coerce_numbers_to_str" in cls.model_config:
        return False
    cls.model_config = {**cls.model_config, "coerce_numbers_to_str": True}
    for field in cls.model_fields.values():
        may_be_none = field.annotation is Any or type(None) in get_args(field.annotation)
        if field.is_required() and may_be_none:
            field.default = None
    return True
