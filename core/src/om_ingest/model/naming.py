"""Which names OpenMetadata allows, and how forbidden sequences are rewritten.

Source of the rules: OpenMetadata REST contract §3.0 (name pattern and lengths) and
§8.2 (reserved sequences in the names of tables, data models and columns).

The types below validate inside pydantic's compiled core: a Python function per name
would cost more than the rest of a column together.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any, Final, TypeAlias

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

NAME_MAX_CHARS = 256
FQN_MAX_CHARS = 3072

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

_LINE_BREAKS = "\n\r\u0085\u2028\u2029"
# No "::" anywhere and no line break; the server's look-ahead pattern without a look-ahead.
_LEGAL = f"^:?(?:[^:{_LINE_BREAKS}]:?)*$"
# The same without the characters that §8.2 rewrites.
_PLAIN = f'^:?(?:[^:>"\\t{_LINE_BREAKS}]:?)*$'

_REWRITES = {
    "::": "__reserved__colon__",
    ">": "__reserved__arrow__",
    '"': "__reserved__quote__",
    "\n": "__reserved__newline__",
    "\r": "__reserved__carriage_return__",
    "\t": "__reserved__tab__",
}
_RESERVED = re.compile("|".join(re.escape(sequence) for sequence in _REWRITES))
_ORIGINALS = {written: sequence for sequence, written in _REWRITES.items()}
_REWRITTEN = re.compile("|".join(_ORIGINALS))


OVER_REST = "over REST"
"""Validation context of a REST server: no defaults for labels, no rewriting of names."""

NAME_RULE = f"a name has 1 to {NAME_MAX_CHARS} characters, no '::' and no line break"
"""The rule of `is_legal` in words."""


def is_legal(name: str) -> bool:
    """Whether an entity may have this name; models check it, except in `model_construct`."""
    return 0 < len(name) <= NAME_MAX_CHARS and re.fullmatch(_LEGAL, name) is not None


def is_storable(name: object) -> bool:
    """Whether a store can have an entity of this name, be it after `encode_reserved`.

    A name of a model may still hold a NUL character, which the door of the sinks refuses.
    """
    if not isinstance(name, str):
        return False
    if name.isprintable() and 0 < len(name) <= NAME_MAX_CHARS:  # nearly all
        return True
    is_text = not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in name)
    return is_text and is_legal(encode_reserved(name))


def encode_reserved(name: str) -> str:
    """Rewrite the sequences that OpenMetadata cannot store in a table or column name."""
    return _RESERVED.sub(lambda match: _REWRITES[match[0]], name)


def decode_reserved(name: str) -> str:
    """The original name: the reverse of `encode_reserved`."""
    if "__reserved__" not in name:
        return name
    return _REWRITTEN.sub(lambda match: _ORIGINALS[match[0]], name)


def date_time(since_1970_ms: int) -> str:
    """A time in milliseconds since 1970 as text, e.g. `2026-03-01T00:00:00Z`.

    Raises `ValueError` for one outside the years 1 to 9999.
    """
    try:
        at = _EPOCH + timedelta(milliseconds=since_1970_ms)
    except OverflowError:
        raise ValueError(f"{since_1970_ms} ms since 1970 is no date") from None
    return at.isoformat(timespec="milliseconds").removesuffix("+00:00").replace(".000", "") + "Z"


class _Name:
    """A string schema whose one message says the whole rule.

    With `rewrite`, a name that holds a reserved sequence is encoded instead of refused.
    """

    def __init__(self, max_chars: int | None, *, rewrite: bool) -> None:
        self.max_chars = max_chars
        self.rewrite = rewrite
        self.rule = NAME_RULE if max_chars else "a name is not empty, and has no '::' or line break"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        plain = core_schema.str_schema(
            min_length=1,
            max_length=self.max_chars,
            pattern=_PLAIN if self.rewrite else _LEGAL,
        )
        choices: list[core_schema.CoreSchema | tuple[core_schema.CoreSchema, str]] = [plain]
        if self.rewrite:
            encoded = core_schema.with_info_after_validator_function(
                self._encode, core_schema.str_schema(min_length=1)
            )
            choices.append(encoded)
        return core_schema.union_schema(
            choices,
            mode="left_to_right",
            auto_collapse=False,
            custom_error_type="name",
            custom_error_message=self.rule,
        )

    def _encode(self, name: str, info: core_schema.ValidationInfo) -> str:
        if info.context == OVER_REST:  # the client rewrites names (§8.2)
            written, legal = name, re.fullmatch(_LEGAL, name) is not None
        else:
            written = encode_reserved(name)
            legal = re.search("[\u0085\u2028\u2029]", written) is None
        if not legal or (self.max_chars and len(written) > self.max_chars):
            raise PydanticCustomError("name", "{rule}", {"rule": self.rule})
        return written

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        json_schema: JsonSchemaValue = {"type": "string", "minLength": 1}
        if self.max_chars:
            json_schema["maxLength"] = self.max_chars
        return json_schema


class _DateTime:
    """A string schema that also takes what servers show of it."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        number = core_schema.no_info_after_validator_function(date_time, core_schema.int_schema())
        return core_schema.union_schema([core_schema.str_schema(), number], mode="left_to_right")

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "date-time"}


EntityName = Annotated[str, _Name(NAME_MAX_CHARS, rewrite=False)]
"""Name of a service, database, schema …: 1 to 256 characters, no `::`, no line break."""

AssetName = Annotated[str, _Name(NAME_MAX_CHARS, rewrite=True)]
"""Name of a table or data model: like `EntityName`; reserved sequences are rewritten."""

ColumnName = Annotated[str, _Name(None, rewrite=True)]
"""Name of a column: not empty, no upper limit; reserved sequences are rewritten."""

IS_FQN: Final = object()
"""Marks the annotations of fields with FQNs: stores look for them, and spell them alike."""

Fqn = Annotated[str, IS_FQN]
"""An FQN of any length."""

FullyQualifiedName = Annotated[
    str, StringConstraints(min_length=1, max_length=FQN_MAX_CHARS), IS_FQN
]
"""Path of an entity from its service down, 1 to 3072 characters (`om_ingest.fqn`)."""

SourceHash = Annotated[str, StringConstraints(min_length=1, max_length=32)]
"""Fingerprint of the data in the source, computed by the connector, 1 to 32 characters."""

Timestamp = Annotated[int, Field(ge=0)]
"""Milliseconds since 1970-01-01 UTC."""

DateTime = Annotated[str, _DateTime()]
"""A date and time of ISO 8601. Servers show them in milliseconds since 1970: these become text."""

Uri = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9+.\-]*:.")]
"""An absolute URI: a scheme, a colon, and at least one character more."""

Number: TypeAlias = int | float
"""A JSON number; whole numbers stay whole."""
