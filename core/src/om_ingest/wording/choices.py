"""What is said of a value that is none of those allowed, and which of them was meant."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from om_ingest.wording.paths import below

FEW = 8
"""As many values a message lists; of more it says the count, and where they are listed."""

_VALUE_CHARS = 100
_TERMS = "om_ingest.model."
_NEAR = 0.75
_PREFIX_CHARS = 3
_SHOW = "values: `om-ingest show` lists them"


def near(text: str, known: Sequence[str], cutoff: float = 0.6) -> str:
    """The known word that a text was probably meant to be; empty if there is none."""
    words = {_folded(word): word for word in reversed(known)}
    text = _folded(text)
    close = [text] if text in words else difflib.get_close_matches(text, words, 1, cutoff)
    return words[close[0]] if close else ""


def choice(expected: str, value: object) -> str:
    """What is said of a value that is none of those which pydantic lists."""
    enum, values = _choices(expected)
    is_term = enum is not None and enum.__module__.startswith(_TERMS)
    is_short = isinstance(value, str) and len(value) <= _VALUE_CHARS
    meant = _meant(expected, str(value), is_term=is_term) if is_short else ""
    is_few = len(values) <= FEW
    if not meant and not is_term:  # the value may be a secret
        return f"must be {_listed(values)}" if is_few else f"must be one of {len(values)} {_SHOW}"
    shown = repr(value)
    if value is ... or len(shown) > _VALUE_CHARS:
        shown = "the value"
    wrong = f"{shown} is no {enum.__name__}" if enum else f"{shown} is not allowed"
    if meant:
        return f"{wrong}; did you mean {meant}?"
    name = enum.__name__ if enum else ""
    return f"{wrong}; " + (
        f"it is {_listed(values)}"
        if is_few
        else f"list(om_ingest.model.{name}) has all {len(values)}"
    )


@lru_cache(maxsize=1024)  # a source may have the same wrong value in each of a million records
def _meant(expected: str, value: str, *, is_term: bool) -> str:
    """The value that was probably meant; of OpenMetadata's terms, one that begins alike, too."""
    _, values = _choices(expected)
    return near(value, values, _NEAR) or (_beginning(value, values) if is_term else "")


def _listed(values: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(values[:-1]), values[-1]]))


def _beginning(value: str, values: Sequence[str]) -> str:
    """The longest value that a text begins with, or the first that begins with the text."""
    text = _folded(value)
    if len(text) < _PREFIX_CHARS:
        return ""
    within = [one for one in values if text.startswith(_folded(one))]
    longest = max(within, key=len, default="")
    if len(longest) >= _PREFIX_CHARS:
        return longest
    return next((one for one in values if _folded(one).startswith(text)), "")


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]", "", text).casefold()


@lru_cache(maxsize=256)
def _choices(expected: str) -> tuple[type[Enum] | None, list[str]]:
    """What pydantic lists as expected: the enum if it is one, and the values."""
    enum = _enum_of(expected)
    return enum, [str(member.value) for member in enum] if enum else _values_in(expected)


def _enum_of(expected: str) -> type[Enum] | None:
    """The loaded enum with exactly these values: pydantic lists them, and does not name it."""
    if " or " not in expected and not expected.startswith("'"):
        return None
    enum: type[Enum]
    for enum in below(Enum):
        values = [repr(member.value) for member in enum]
        if values and _listed(values) == expected:
            return enum
    return None


def _values_in(expected: str) -> list[str]:
    """The values that pydantic lists as `'a', 'b' or 'c'`."""
    try:
        found = ast.literal_eval(f"[{re.sub(' or (?=[^ ]+$)', ', ', expected)}]")
    except (ValueError, SyntaxError):
        return [expected]
    return list(map(str, found))
