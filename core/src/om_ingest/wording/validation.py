"""What pydantic's errors have found, from the errors themselves and from their texts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from om_ingest.wording.paths import UNKNOWN, Path, model_called, place
from om_ingest.wording.words import words_for


class Found(NamedTuple):
    """One thing that is wrong in a document."""

    path: Path
    """Keys and list positions from the root; without the branches of unions."""

    words: str
    """What is wrong with the value there, in one line."""


def findings(error: Any, model: Any = None) -> list[Found]:
    """What a `ValidationError` has found, one entry per place.

    `model` is the class that was validated; without it, the one that the error names. Values are
    not shown, but those that are near to what is allowed or are none of OpenMetadata's terms.
    """
    raised = error.errors(include_url=False, include_context=False)
    errors = [(one["loc"], one["type"], one["msg"], one["input"]) for one in raised]
    return _found(errors, error.title, model)


def _found(
    errors: Sequence[tuple[Path, str, str, object]], title: str, model: Any = None
) -> list[Found]:
    if model is None:
        begun = frozenset(loc[0] for loc, kind, *_ in errors if len(loc) > (kind == UNKNOWN))
        model = model_called(title, begun)
    said: dict[Path, dict[str, None]] = {}
    for loc, kind, message, value in errors:
        path, known = place(model, loc, kind)
        said.setdefault(path, {})[words_for(kind, message, value, path, known)] = None
    # A union fails in each of its branches: the one that fails further inside was meant.
    outer = {path[:length] for path in said for length in range(1, len(path))}
    return [Found(path, _either([*words])) for path, words in said.items() if path not in outer]


def told(error: Any, model: Any = None, root: str = "record") -> str:
    """What a `ValidationError` has found in one line: `key.path: words; …`."""
    return _line(findings(error, model), root)


def described(error: Any) -> str:
    """As `told`, after the name of what was validated: `not a valid Column: dataType: …`."""
    return _described(error.title, findings(error))


def _line(found: Iterable[Found], root: str = "") -> str:
    places = ((".".join(map(str, path)) or root, words) for path, words in found)
    return "; ".join(f"{where}: {words}" if where else words for where, words in places)


def _described(title: str, found: Iterable[Found]) -> str:
    return f"not a valid {title if title.isidentifier() else 'value'}: {_line(found)}"


_FOREIGN = re.compile(
    r"\d+ validation errors? for (?P<title>[^\n]+)\n"
    r"(?P<body>(?:(?:\S[^\n]*\n)?  .*?\[type=\w+[^\n]*\](?:\n    For further [^\n]*)?(?:\n|$))+)",
    re.DOTALL,
)
_BLOCK = re.compile(
    r"(?:(?P<loc>\S[^\n]*)\n)?  (?P<msg>.*?) "
    r"\[type=(?P<kind>\w+)(?:, input_value=(?P<value>[^\n]*), input_type=\w+)?\]"
    r"(?:\n    For further [^\n]*)?(?:\n|$)",
    re.DOTALL,
)


def of_texts(text: str) -> str:
    """A text with the texts of pydantic's errors in it put as `described` puts the errors."""
    return _FOREIGN.sub(_replaced, text)


def _replaced(error: re.Match[str]) -> str:
    errors: list[tuple[Path, str, str, object]] = []
    for one in _BLOCK.finditer(error["body"]):
        try:
            value = ast.literal_eval(one["value"] or "")
        except (ValueError, SyntaxError):
            value = ...
        steps = one["loc"].split(".") if one["loc"] else []
        loc = tuple(int(step) if step.isdecimal() else step for step in steps)
        errors.append((loc, one["kind"], one["msg"], value))
    end = "\n" if error[0].endswith("\n") else ""
    return _described(error["title"], _found(errors, error["title"])) + end


def _either(words: Sequence[str]) -> str:
    """What the branches of a union say of one value, as one statement."""
    first = "must be "
    if len(words) > 1 and all(one.startswith(first) for one in words):
        return first + ", or ".join(one.removeprefix(first) for one in words)
    return ", or ".join(words)
