"""Texts of types, as databases print them, and what they are in OpenMetadata.

One grammar for all dialects: `numeric(10,2)[]`, `timestamp(3) with time zone`, `int unsigned`,
`STRUCT(a INTEGER, "b c" VARCHAR[])`, `MAP(VARCHAR, INTEGER)`, `array<struct<a:int>>`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from om_ingest.model import DataType

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<quoted>"(?:[^"]|"")*" | `(?:[^`]|``)*`)
      | (?P<text>'(?:[^'\\]|''|\\.)*')
      | (?P<sign>[()<>,:\[\]])
      | (?P<word>[^\s"`'()<>,:\[\]]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_INT32_MAX = 2**31 - 1  # dataLength, precision and scale are 32-bit integers on the server
_STRUCTS = {"struct", "row", "record", "tuple", "nested"}
_DEEPEST = 50
_UNNAMED = "-"  # OpenMetadata REST contract §3.1
_WITH_LENGTH = {
    DataType.CHAR,
    DataType.VARCHAR,
    DataType.BINARY,
    DataType.VARBINARY,
    DataType.BIT,
    DataType.STRING,
}
_WITHOUT_LENGTH = {
    DataType.CHAR: DataType.TEXT,
    DataType.VARCHAR: DataType.TEXT,
    DataType.BINARY: DataType.BLOB,
    DataType.VARBINARY: DataType.BLOB,
}
"""The server wants a length for these; a database that gives none means any length."""
_WITH_PRECISION = {
    DataType.DECIMAL,
    DataType.NUMERIC,
    DataType.NUMBER,
    DataType.FLOAT,
    DataType.DOUBLE,
}


class ParsedType(NamedTuple):
    """A type, taken apart."""

    name: str
    """Words of the type without arguments, in lower case: `timestamp with time zone`."""

    arguments: tuple[str, ...] = ()
    """Plain arguments, texts with their quotes: `10`, `2`, `'small'`."""

    members: tuple[tuple[str | None, ParsedType], ...] = ()
    """Members of a struct or union by name, key and value of a map, the element of an array."""

    dimensions: int = 0
    """How many pairs of brackets follow."""


def parsed(text: str) -> ParsedType:
    """Take the text of a type apart; what is no type is a name without arguments."""
    try:
        tokens = _tokens(text)
        if _depth(tokens) > _DEEPEST:
            return ParsedType(text.strip().lower())
        found, position = _type(tokens, 0)
        if position == len(tokens):
            return found
    except (IndexError, ValueError):
        pass
    return ParsedType(text.strip().lower())


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, position, text = [], 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(text)
        tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
        position = match.end()
    return tokens


def _depth(tokens: list[tuple[str, str]]) -> int:
    signs = (text for kind, text in tokens if kind == "sign")
    return max(itertools.accumulate((text in "(<[") - (text in ")>]") for text in signs), default=0)


def _is(tokens: list[tuple[str, str]], position: int, signs: str) -> bool:
    return position < len(tokens) and tokens[position][0] == "sign" and tokens[position][1] in signs


def _type(tokens: list[tuple[str, str]], position: int) -> tuple[ParsedType, int]:
    words: list[str] = []
    arguments: list[str] = []
    members: list[tuple[str | None, ParsedType]] = []
    dimensions = 0
    while position < len(tokens):
        kind, text = tokens[position]
        if kind in ("word", "quoted"):
            words.append(text)
            position += 1
        elif _is(tokens, position, "(<"):
            nests = text == "<" or _nests(" ".join(words).lower())
            position = _inside(tokens, position + 1, arguments, members, nests)
        elif _is(tokens, position, "["):
            position += 1
            while not _is(tokens, position, "]"):
                position += 1
                if position >= len(tokens):
                    raise ValueError("[")
            position += 1
            dimensions += 1
        else:
            break
    if not words:
        raise ValueError("no name")
    name = " ".join(word if word[0] in '"`' else word.lower() for word in words)
    name = name.replace(' ."', '."').replace('". ', '".')
    return ParsedType(name, tuple(arguments), tuple(members), dimensions), position


def _nests(name: str) -> bool:
    return name in _STRUCTS or name in ("map", "union", "array", "list", "nullable")


def _inside(
    tokens: list[tuple[str, str]],
    position: int,
    arguments: list[str],
    members: list[tuple[str | None, ParsedType]],
    nests: bool,
) -> int:
    """What stands in parentheses, up to the position after them."""
    while not _is(tokens, position, ")>"):
        if position >= len(tokens):
            raise ValueError("not closed")
        if nests:
            name, position = _member_name(tokens, position)
            member, position = _type(tokens, position)
            members.append((name, member))
        else:
            start = position
            while position < len(tokens) and not _is(tokens, position, "),"):
                position += 1
            arguments.append(" ".join(text for _, text in tokens[start:position]))
        if _is(tokens, position, ","):
            position += 1
    return position + 1


def _member_name(tokens: list[tuple[str, str]], position: int) -> tuple[str | None, int]:
    kind, text = tokens[position]
    if kind in ("word", "quoted"):
        plain = text if kind == "word" else text[1:-1].replace(text[0] * 2, text[0])
        if _is(tokens, position + 1, ":"):
            return plain, position + 2
        following = tokens[position + 1][0]
        if following in ("word", "quoted") and not _is_phrase(text, tokens[position + 1][1]):
            return plain, position + 1
    return None, position


def _is_phrase(first: str, second: str) -> bool:
    """Whether two words begin the name of a type rather than name a member and its type."""
    return f"{first} {second}".lower() in (
        "double precision",
        "character varying",
        "bit varying",
        "timestamp with",
        "timestamp without",
        "time with",
        "time without",
    )


Fields = dict[str, Any]
"""Fields of a column, as keywords."""


def fields_of(found: ParsedType, types: Mapping[str, DataType]) -> Fields:
    """Type, sizes and members of a column, by the types that a dialect knows."""
    if found.dimensions:
        element = found._replace(dimensions=found.dimensions - 1)
        return _array(fields_of(element, types))
    name = found.name
    if found.members:
        if name in ("array", "list"):
            return _array(fields_of(found.members[0][1], types))
        if name in ("nullable", "lowcardinality"):
            return fields_of(found.members[0][1], types)
        kind = {"map": DataType.MAP, "union": DataType.UNION}.get(name, DataType.STRUCT)
        numbers = ("" if place == 1 else str(place) for place in range(1, len(found.members) + 1))
        names = ("key", "value") if name == "map" else tuple(_UNNAMED + one for one in numbers)
        return {"dataType": kind, "children": _children(found, names, types)}
    if name in _STRUCTS:  # the server takes no struct without members
        return {"dataType": DataType.RECORD}
    kind = _kind(found, types)
    return {"dataType": kind, **_sizes(kind, found.arguments)} | _lengthless(kind, found)


def _children(
    found: ParsedType, names: tuple[str, ...], types: Mapping[str, DataType]
) -> list[Fields]:
    children: dict[str, Fields] = {}
    for (name, member), default in zip(found.members, names, strict=False):
        key = name or default
        if key.lower() not in children:  # servers compare the names of columns without case
            children[key.lower()] = {"name": key, **fields_of(member, types)}
    return list(children.values())


def _array(element: Fields) -> Fields:
    fields = {"dataType": DataType.ARRAY, "arrayDataType": element["dataType"]}
    if "children" in element:
        fields["children"] = element["children"]
    return fields


def _kind(found: ParsedType, types: Mapping[str, DataType]) -> DataType:
    name = found.name
    if name in types:
        return types[name]
    bare = name.rpartition(".")[2]  # of an extension, in whatever schema it lies
    if bare in types:
        return types[bare]
    while " " in name:  # `int unsigned`, `interval day to second`
        name = name.rpartition(" ")[0]
        if name in types:
            return types[name]
    return DataType.UNKNOWN


def _numbers(arguments: tuple[str, ...]) -> list[int]:
    numbers = []
    for argument in arguments[:2]:
        if not re.fullmatch(r"-?\d{1,10}", argument) or abs(int(argument)) > _INT32_MAX:
            break
        numbers.append(int(argument))
    return numbers


def _sizes(kind: DataType, arguments: tuple[str, ...]) -> Fields:
    numbers = _numbers(arguments)
    if not numbers or numbers[0] <= 0:
        return {}
    if kind in _WITH_LENGTH:
        return {"dataLength": numbers[0]}
    if kind in _WITH_PRECISION:
        # A scale may be negative, or larger than the precision, in PostgreSQL: the server takes
        # neither a larger one (REST contract §3.1), nor has it a meaning for a negative one.
        if len(numbers) == 2 and 0 <= numbers[1] <= numbers[0]:
            return {"precision": numbers[0], "scale": numbers[1]}
        return {"precision": numbers[0]}
    return {}


def _lengthless(kind: DataType, found: ParsedType) -> Fields:
    if kind in _WITHOUT_LENGTH and "dataLength" not in _sizes(kind, found.arguments):
        return {"dataType": _WITHOUT_LENGTH[kind]}
    return {}
