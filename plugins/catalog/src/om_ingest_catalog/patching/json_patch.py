"""JSON Patch (RFC 6902) with JSON Pointers (RFC 6901) on plain JSON values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from om_ingest.errors import RecordError
from pydantic_core import from_json, to_json

_COPY_MAX_BYTES = 16 * 1024 * 1024  # repeated `copy` operations grow exponentially
_OPERATION_MAX_COUNT = 10_000  # each may move a whole list
_COPY_MAX_COUNT = 100
_BAD_ESCAPE = re.compile(r"~(?![01])")
_INDEX = re.compile(r"0|[1-9][0-9]*")
_END = "-"

Operation: TypeAlias = dict[str, Any]


class PatchError(RecordError, ValueError):
    """Malformed patch, or not applicable to this document."""


def apply(document: Any, operations: Any) -> Any:
    """The document after all operations; neither argument is changed.

    Raises `PatchError` that names the first operation that cannot be applied.
    """
    result, steps = _copied(document), _copied(operations)
    if not isinstance(steps, list):
        raise PatchError("A JSON Patch is an array of operations", _REMEDY)
    copies = [step for step in steps if isinstance(step, dict) and step.get("op") == "copy"]
    if len(steps) > _OPERATION_MAX_COUNT or len(copies) > _COPY_MAX_COUNT:
        raise PatchError(
            f"A JSON Patch has at most {_OPERATION_MAX_COUNT} operations, {_COPY_MAX_COUNT} of them"
            " copies",
            "Send several.",
        )
    for number, step in enumerate(steps):
        try:
            result = _applied(result, step)
        except _MismatchError as mismatch:
            raise PatchError(f"Operation {number} of the JSON Patch: {mismatch}", _REMEDY) from None
    return result


def tokens_of(pointer: str) -> list[str]:
    """The decoded reference tokens of a JSON Pointer; raises `PatchError`."""
    try:
        return _tokens(pointer)
    except _MismatchError as mismatch:
        raise PatchError(str(mismatch), _REMEDY) from None


_REMEDY = "See RFC 6902; read the entity again, and create the patch for its current state."


class _MismatchError(Exception):
    """Why an operation cannot be applied."""


def _applied(document: Any, step: Any) -> Any:
    if not isinstance(step, dict):
        raise _MismatchError("it is no object")
    operation = _OPERATIONS.get(step["op"]) if isinstance(step.get("op"), str) else None
    if operation is None:
        known = ", ".join(_OPERATIONS)
        raise _MismatchError(f"op is {step.get('op')!r}, not one of {known}")
    return operation(document, _tokens(_member(step, "path")), step)


def _add(document: Any, path: list[str], step: Operation) -> Any:
    return _inserted(document, path, _member(step, "value"))


def _remove(document: Any, path: list[str], step: Operation) -> Any:
    _taken(document, path)
    return document


def _replace(document: Any, path: list[str], step: Operation) -> Any:
    value = _member(step, "value")
    if not path:
        return value
    holder = _found(document, path[:-1])
    holder[_place(holder, path)] = value
    return document


def _move(document: Any, path: list[str], step: Operation) -> Any:
    source = _tokens(_member(step, "from"))
    if source == path:
        _found(document, path)
        return document
    if path[: len(source)] == source:
        raise _MismatchError(f"{_pointer(source)!r} cannot move into itself")
    return _inserted(document, path, _taken(document, source))


def _copy(document: Any, path: list[str], step: Operation) -> Any:
    return _inserted(document, path, _copied(_found(document, _tokens(_member(step, "from")))))


def _test(document: Any, path: list[str], step: Operation) -> Any:
    if not _equal(_found(document, path), _member(step, "value")):
        raise _MismatchError(f"the test failed: another value is at {_pointer(path)!r}")
    return document


_OPERATIONS: dict[str, Callable[[Any, list[str], Operation], Any]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}


def _member(step: Operation, name: str) -> Any:
    if name not in step:
        raise _MismatchError(f"{name!r} is missing")
    return step[name]


def _tokens(pointer: Any) -> list[str]:
    if not isinstance(pointer, str) or (pointer and pointer[0] != "/"):
        raise _MismatchError(f"{pointer!r} is no JSON Pointer: it begins with '/', or is empty")
    if _BAD_ESCAPE.search(pointer):
        raise _MismatchError(f"{pointer!r} is no JSON Pointer: after '~' comes 0 or 1")
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def _pointer(tokens: list[str]) -> str:
    return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)


def _found(document: Any, path: list[str]) -> Any:
    """The value at a path."""
    for depth in range(len(path)):
        document = document[_place(document, path[: depth + 1])]
    return document


def _place(holder: Any, path: list[str]) -> Any:
    """The key or index in `holder` of the last token of a path; raises if there is no value."""
    token = path[-1]
    if isinstance(holder, dict) and token in holder:
        return token
    if isinstance(holder, list) and _INDEX.fullmatch(token) and _number(token) < len(holder):
        return int(token)
    raise _MismatchError(f"there is nothing at {_pointer(path)!r}")


def _inserted(document: Any, path: list[str], value: Any) -> Any:
    """The document with a value added at a path: sets a member, or inserts an element."""
    if not path:
        return value
    holder, token = _found(document, path[:-1]), path[-1]
    if isinstance(holder, dict):
        holder[token] = value
    elif isinstance(holder, list) and token == _END:
        holder.append(value)
    elif isinstance(holder, list) and _INDEX.fullmatch(token) and _number(token) <= len(holder):
        holder.insert(int(token), value)
    else:
        raise _MismatchError(f"nothing can be added at {_pointer(path)!r}")
    return document


def _number(token: str) -> float:
    return int(token) if len(token) < 10 else float("inf")  # longer than any list


def _taken(document: Any, path: list[str]) -> Any:
    """Remove the value at a path, and return it."""
    if not path:
        raise _MismatchError("the whole document cannot be removed")
    holder = _found(document, path[:-1])
    place = _place(holder, path)  # raises if the holder is neither object nor array
    return holder.pop(place)


def _copied(value: Any) -> Any:
    """A deep copy of a JSON value of limited size; raises `PatchError`."""
    try:
        text = to_json(value)
        if len(text) > _COPY_MAX_BYTES:
            raise PatchError(f"More than {_COPY_MAX_BYTES} bytes of JSON", _REMEDY)
        return from_json(text)
    except PatchError:
        raise
    except ValueError as error:  # not JSON, or nested too deeply
        raise PatchError(f"Not JSON: {error}", _REMEDY) from None


def _equal(one: Any, other: Any) -> bool:
    """Equality of JSON values (RFC 6902 §4.6): numbers by value; true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other)
