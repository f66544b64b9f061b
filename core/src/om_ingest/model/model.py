"""What all models share: strictness, and a note when one was made without validation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from typing_extensions import Self


class Model(BaseModel):
    """Rejects unknown fields, as a server does, and validates assignments.

    Its schema is built when it is first used. What has a type of its own in references and files
    names it in the head of its class: `class _TableFields(Model, entity_type="table")`.
    """

    model_config = ConfigDict(
        extra="forbid",
        defer_build=True,
        validate_assignment=True,
        ser_json_inf_nan="constants",  # a sink finds them; as null they would be lost in silence
    )

    entity_type: ClassVar[str]
    """The type name, e.g. `table` or `sampleData`; parts of an entity have none."""

    skipped_validation: ClassVar[bool] = False
    """Whether this process has made a model without validation: sinks validate records then."""

    def __init_subclass__(cls, *, entity_type: str | None = None, **config: Any) -> None:
        super().__init_subclass__(**config)
        if entity_type is not None:
            cls.entity_type = entity_type

    @classmethod
    def model_construct(cls, _fields_set: set[str] | None = None, **values: Any) -> Self:
        """As pydantic's; from then on every record is validated when a sink gets it."""
        Model.skipped_validation = True
        return super().model_construct(_fields_set, **values)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's; after an `update`, every record is validated when a sink gets it."""
        if update:
            Model.skipped_validation = True
        return super().model_copy(update=update, deep=deep)

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """As pydantic's; what comes out of a pickle is validated when a sink gets it."""
        Model.skipped_validation = True
        super().__setstate__(state)

    def with_valid(self, **values: Any) -> Self:
        """A copy with other values, which the caller knows to be valid."""
        return super().model_copy(update=values)
