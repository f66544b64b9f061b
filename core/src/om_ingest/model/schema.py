"""Schemas of messages and of API calls, with nested fields (REST contract §3.1)."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from pydantic import StringConstraints

from om_ingest.model.entity import Model, TagLabel
from om_ingest.model.naming import FullyQualifiedName


class SchemaType(str, Enum):
    """Language of a schema."""

    Avro = "Avro"
    Protobuf = "Protobuf"
    JSON = "JSON"
    Other = "Other"
    None_ = "None"


class DataTypeTopic(str, Enum):
    """Type of a field of a message, or of a request or response."""

    RECORD = "RECORD"
    NULL = "NULL"
    BOOLEAN = "BOOLEAN"
    INT = "INT"
    LONG = "LONG"
    BYTES = "BYTES"
    FLOAT = "FLOAT"
    DOUBLE = "DOUBLE"
    TIMESTAMP = "TIMESTAMP"
    TIMESTAMPZ = "TIMESTAMPZ"
    TIME = "TIME"
    DATE = "DATE"
    STRING = "STRING"
    ARRAY = "ARRAY"
    MAP = "MAP"
    ENUM = "ENUM"
    UNION = "UNION"
    FIXED = "FIXED"
    ERROR = "ERROR"
    UNKNOWN = "UNKNOWN"


FieldName = Annotated[str, StringConstraints(min_length=1, max_length=128)]
"""Name of a field in a schema, 1 to 128 characters."""


class FieldModel(Model):
    """One field; `children` are the members of a record, to any depth."""

    name: FieldName
    dataType: DataTypeTopic
    displayName: str | None = None
    dataTypeDisplay: str | None = None
    description: str | None = None
    fullyQualifiedName: FullyQualifiedName | None = None
    tags: list[TagLabel] | None = None
    children: list[FieldModel] | None = None


class MessageSchema(Model, extra="ignore"):
    """Schema of the messages of a topic: its text, and the fields in it."""

    schemaText: str | None = None
    schemaType: SchemaType | None = None
    schemaFields: list[FieldModel] | None = None


class APISchema(Model, extra="ignore"):
    """Schema of the requests or responses of an API."""

    schemaType: SchemaType | None = None
    schemaFields: list[FieldModel] | None = None
