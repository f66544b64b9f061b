"""Texts of others, in which pydantic may have its say."""

from __future__ import annotations

import re

_MARK = re.compile("validation error|pydantic|serialize|JsonSchema")
"""What each text has that is changed: the rest costs a run nothing more."""

_LEFTOVER = (
    r"(?s)\s*\[type=\w+(?:, input_value=.*?, input_type=\w+)?\]"
    r"|\s*For further information visit https://errors\.pydantic\.dev/\S*"
)
_SENTENCES = (
    (
        r"Unable to serialize unknown type: <class '([^']+)'>",
        r"a value of the class \1, which JSON has not",
    ),
    (
        r"Cannot generate a JsonSchema for (?:core_schema\.)?(\w+?)(?:Schema)?\b",
        r"no JSON Schema describes a key of the type \1",
    ),
)
"""What pydantic says of code, and not of values; compiled where it is needed, as above."""


def plain(text: str) -> str:
    """A text of others, with pydantic's errors in it in plain words and without their values.

    A connector may report `str(error)`.
    """
    if not _MARK.search(text):
        return text
    for pattern, said in _SENTENCES:
        text = re.sub(pattern, said, text)
    if "validation error" in text and "[type=" in text:
        from om_ingest.wording.validation import of_texts  # most runs need none of it

        text = of_texts(text)
    return re.sub(_LEFTOVER, "", text)
