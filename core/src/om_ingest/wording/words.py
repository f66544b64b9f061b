"""What is said of one of pydantic's errors: by its type, or by its message rewritten."""

from __future__ import annotations

import re
from collections.abc import Sequence

from om_ingest.wording.choices import choice, near

_KNOWN_COUNT = 12
"""As many keys a message lists."""

MAPPING = "must be a mapping of keys to values"
_LIST = "must be a list, such as [a, b]"
_DATE = "must be a date, such as 2026-01-31"
_TIME = "must be a time of day, such as 13:45:00"
_DATE_TIME = "must be a date with a time, such as 2026-01-31T13:45:00Z"
_DURATION = "must be a duration, such as PT15M, or a number of seconds"
_URL = "must be a URL, such as https://host/path"
_ARGUMENT = "this argument is required"
_LEFT_OUT = "must be left out"

_WORDS = {
    "arguments_type": "must be a list or a mapping of arguments",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "bytes_type": "must be bytes",
    "complex_str_parsing": "must be a complex number, such as 1+2j",
    "complex_type": "must be a complex number, such as 1+2j",
    "counter_type": MAPPING,
    "dataclass_type": MAPPING,
    "date_from_datetime_inexact": "must be a date without a time",
    "date_from_datetime_parsing": _DATE,
    "date_parsing": _DATE,
    "date_type": _DATE,
    "datetime_from_date_parsing": _DATE_TIME,
    "datetime_object_invalid": _DATE_TIME,
    "datetime_parsing": _DATE_TIME,
    "datetime_type": _DATE_TIME,
    "decimal_parsing": "must be a decimal number",
    "decimal_type": "must be a decimal number",
    "default_factory_not_called": "has no default, as another value is wrong",
    "deque_type": _LIST,
    "dict_type": MAPPING,
    "ellipsis_error": _LEFT_OUT,
    "extra_forbidden": "unknown key",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "fraction_parsing": "must be a fraction, such as 1/3",
    "fraction_type": "must be a fraction, such as 1/3",
    "frozen_dict_type": MAPPING,
    "frozen_field": "cannot be changed",
    "frozen_instance": "cannot be changed",
    "frozen_set_type": _LIST,
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "int_type": "must be a whole number",
    "invalid_key": "each key must be a text",
    "iterable_type": _LIST,
    "json_type": "must be JSON, as a text",
    "list_type": _LIST,
    "mapping_type": MAPPING,
    "missing": "this key is required",
    "missing_argument": _ARGUMENT,
    "missing_keyword_only_argument": _ARGUMENT,
    "missing_positional_only_argument": _ARGUMENT,
    "missing_sentinel_error": _LEFT_OUT,
    "model_attributes_type": MAPPING,
    "model_type": MAPPING,
    "multiple_argument_values": "is given twice",
    "named_tuple_type": _LIST,
    "needs_python_object": "must be an object of Python, not JSON",
    "none_required": "must have no value",
    "ordered_dict_type": MAPPING,
    "recursion_depth_exceeded": "is nested too deep",
    "recursion_loop": "holds itself",
    "path_type": "must be a path",
    "set_item_not_hashable": "must hold only plain values",
    "set_type": _LIST,
    "string_not_ascii": "must hold only ASCII characters",
    "string_type": "must be a text",
    "string_unicode": "must be a text in UTF-8",
    "time_delta_parsing": _DURATION,
    "time_delta_type": _DURATION,
    "time_parsing": _TIME,
    "time_type": _TIME,
    "timezone_aware": "must have a time zone",
    "timezone_naive": "must have no time zone",
    "tuple_type": _LIST,
    "unexpected_keyword_argument": "unknown argument",
    "unexpected_positional_argument": "unknown argument",
    "url_parsing": _URL,
    "url_syntax_violation": _URL,
    "url_type": _URL,
    "uuid_parsing": "must be a UUID",
    "uuid_type": "must be a UUID",
}
"""What is said of an error by its type, whatever pydantic says."""

_REWRITES = [
    (re.compile(pattern, re.DOTALL), said)
    for pattern, said in (
        (r"Value error, (.*)", r"\1"),
        (r"Assertion failed,\s*(.*)", r"\1"),
        (r"Invalid JSON: (.*)", r"is not JSON: \1"),
        (r"Object has no attribute (.*)", r"has no attribute \1"),
        (
            r"Error (?:extracting attribute|iterating over object, error): (.*)",
            r"is unreadable: \1",
        ),
        (r"Input tag .* found using (.+?) does not match .*? tags: (.*)", r"\1 must be one of \2"),
        (r"Unable to extract tag using discriminator (.*)", r"\1 is required"),
        (r"Timezone offset of (.*) required, got .*", r"must have the time zone offset \1 s"),
        (r"UUID version (\d+) expected", r"must be a UUID of version \1"),
        (r"URL scheme should be (.*)", r"must be a URL with the scheme \1"),
        (r"String should match pattern (.*)", r"must match the pattern \1"),
        (r"Input should be an? instance of (.*)", r"must be of the class \1"),
        (r"Input should be a subclass of (.*)", r"must be a class below \1"),
        (r"(?:\w+|\w+ input) should (.*)", r"must \1"),
    )
]
"""How the rest is put; what matches nothing is a sentence of somebody's own validator."""


def words_for(
    kind: str,
    message: str,
    value: object,
    path: tuple[str | int, ...] = (),
    known: Sequence[str] = (),
) -> str:
    """What is said of one error; `known` are the keys that one at the end of `path` may mean."""
    if kind == "extra_forbidden":
        meant = near(str(path[-1]), known) if known else ""
        if meant:
            return f"unknown key; did you mean {meant!r}?"
        is_short = 0 < len(known) <= _KNOWN_COUNT
        return f"unknown key; known: {', '.join(known)}" if is_short else _WORDS[kind]
    if value is None and kind not in ("missing", "value_error", "assertion_error"):
        return "this key has no value"
    if kind in _WORDS:
        return _WORDS[kind]
    if kind in ("enum", "literal_error"):
        return choice(message.removeprefix("Input should be "), value)
    for pattern, said in _REWRITES:
        if match := pattern.fullmatch(message):
            text = match.expand(said).replace(" after validation", "")
            return text or "is not valid"
    return message
