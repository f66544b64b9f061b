"""Strict JSON parsing: ambiguous or non-standard text is refused with a reason."""

from __future__ import annotations

import json
import math
import re
from typing import Any

MAX_DEPTH = 100
"""Maximum nesting of arrays and objects; far below Python's recursion limit."""

_MAX_INTEGER_DIGITS = 19
_LONG = 2**63
# An escaped surrogate: only a pair of them encodes a character.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class JsonTextError(ValueError):
    """The text is not acceptable JSON; the message says why."""


def parse(text: bytes) -> Any:
    """The value of a JSON text.

    Raises `JsonTextError` for malformed text, invalid UTF-8, duplicate keys in an object, NaN
    and infinities, numbers beyond 64 bits, lone surrogates, and nesting deeper than `MAX_DEPTH`.
    """
    try:
        value = _decode(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise JsonTextError(f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise JsonTextError(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise _too_deep() from None
    _check_depth(value)
    if _SURROGATE.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise JsonTextError("half of a surrogate pair is no character") from None
    return value


def dump(value: Any) -> bytes:
    """The compact JSON text of a value, in UTF-8."""
    return _encode(value).encode("utf-8")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]  # it adds the name
        raise JsonTextError(f"the key {twice!a} occurs twice in one object")
    return value


def _integer(digits: str) -> int:
    if len(digits) <= _MAX_INTEGER_DIGITS + 1:
        value = int(digits)
        if -_LONG <= value < _LONG:
            return value
    raise JsonTextError(f"the number {digits[:24]}… does not fit into 64 bits")


def _decimal(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise JsonTextError(f"the number {digits[:24]} is too large")
    return value


def _constant(name: str) -> float:
    raise JsonTextError(f"{name} is no JSON")


_decode = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_int=_integer,
    parse_float=_decimal,
    parse_constant=_constant,
).decode


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for container in level:
            if isinstance(container, dict):
                inner.extend(container.values())
            elif isinstance(container, list):
                inner.extend(container)
        level = [part for part in inner if isinstance(part, (dict, list))]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> JsonTextError:
    return JsonTextError(f"nested deeper than {MAX_DEPTH} levels")
