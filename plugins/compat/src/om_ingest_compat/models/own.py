"""The base of models that core has none of, and secrets in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, SecretStr, ValidationError
from pydantic_core import core_schema

from om_ingest_compat.models.repair import repair
from om_ingest_compat.models.version_one import VersionOne, VersionOneMeta


class CustomSecretStr(SecretStr):
    """A secret: hidden in texts, in clear in dumps and for whoever asks, as upstream's.

    Upstream's can ask a secrets manager; om-ingest has resolved it before.
    """

    def get_secret_value(self, skip_secret_manager: bool = False) -> str:
        """The text in clear."""
        return super().get_secret_value()

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        schema: Any = super().__get_pydantic_core_schema__(source, handler)
        schema["serialization"] = core_schema.plain_serializer_function_ser_schema(
            lambda secret: secret.get_secret_value() if isinstance(secret, SecretStr) else secret
        )
        return schema  # type: ignore[no-any-return]  # a dict, changed


class PlainModel(VersionOne, BaseModel, metaclass=VersionOneMeta):
    """The base that upstream has for models, in both spellings; authors derive from it."""


class OwnModel(VersionOne, BaseModel, metaclass=VersionOneMeta):
    """A model of workflows, connections or tests; it keeps fields that it does not know."""

    model_config = ConfigDict(
        extra="allow", defer_build=True, protected_namespaces=(), validate_assignment=True
    )

    def __init__(self, /, **data: Any) -> None:
        __tracebackhide__ = True
        try:
            self.__pydantic_validator__.validate_python(data, self_instance=self)
        except ValidationError as error:
            repair(self, type(self), data, error, _unchanged)

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Any:
        """As pydantic's; models of other classes are taken by their fields."""
        if isinstance(obj, BaseModel) and not isinstance(obj, cls):
            obj = obj.model_dump(exclude_unset=True)
        return super().model_validate(obj, **options)


def _unchanged(value: Any) -> Any:
    return value


class FilterPattern(OwnModel):
    """Regular expressions of what is taken and left out."""

    includes: list[str] | None = None
    excludes: list[str] | None = None


class QueryByProcedure(OwnModel):
    """A query that a stored procedure has run, as the history of a database has it: by names in
    capitals.
    """

    model_config = ConfigDict(alias_generator=str.upper, populate_by_name=True)

    procedure_name: str | None = None
    query_type: str
    query_database_name: str | None = None
    query_schema_name: str | None = None
    procedure_text: str
    procedure_start_time: datetime
    procedure_end_time: datetime
    query_start_time: datetime | None = None
    query_duration: float | None = None
    query_text: str
    query_user_name: str | None = None


class TableView(OwnModel):
    """A view with its query."""

    table_name: str
    schema_name: str
    db_name: str
    view_definition: str | None = None
