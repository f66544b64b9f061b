"""Secrets in texts: masked however they are spelled, before a text is folded or cut.

`Redactor.reason` is the one place where texts of others are cut.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import logging
import re
import threading
import traceback
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any

from om_ingest import wording

MASK = "**********"

MIN_CHARS = 4
"""Shorter values are not masked: they would hide ordinary words of every message."""

REASON_CHARS = 1000
"""Longest reason in logs, reports and files."""

MESSAGE_CHARS = 10_000
"""Longest message about what ended a run, with its remedy."""

_LINE_CHARS = 8
"""Lines of a secret from this length on are masked each: tracebacks are printed by the line."""

_PIECE_CHARS = 12
"""Pieces of this length are masked each in a secret of twice that: others cut texts, too."""

_CUT_INPUT = re.compile(r"(input_value=)[^\n]{0,400}?(?:\.\.\.|…)[^\n]{0,400}?(, input_type=)")
"""A value of which an error of pydantic shows only the ends, too short to be recognised."""

_BASE64_BYTES = 10_000
"""Longest secret that is looked for in base64: no header is longer."""

_BRANCHING_DEPTH = 3
"""Characters by which the pattern branches before it lists alternatives: 1,000 secrets that
begin differently then cost little more than one."""

_SPACE = r"\s|\\{1,7}[nrtfv]|%(?:25){0,2}(?:20|0[9a-dA-D])|\\{1,7}(?:u00|x)(?:20|0[9a-dA-D])"
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\b": r"\\{1,7}b"}
_HEADER = re.compile(r"(Basic|Bearer|Token) +(\S+)", re.IGNORECASE)
_ARMOR = re.compile("-----(BEGIN|END) ")

# At INFO, httpx logs the URL of each request, whoever uses it; at DEBUG, httpcore logs the headers
# of answers, in which a server may set cookies. No log level of a run brings them back.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Redactor:
    """Replaces every known secret by a mask; any thread may add secrets and mask.

    A secret is found as it is, and as URLs (RFC 3986 §2.1, twice encoded as well), forms, JSON,
    `repr`, HTML and base64 (RFC 7617: with a user name before it) write it, with white space
    folded or not.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._words: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._is_stale = False
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Add secrets; values shorter than `MIN_CHARS` are not masked."""
        new = {word for secret in secrets for word in _words_of(secret)}
        with self._lock:
            self._is_stale |= not new <= self._words
            self._words |= new

    def __call__(self, text: str) -> str:
        """The text with every secret masked."""
        if self._is_stale:
            with self._lock:
                self._pattern = _pattern_of(self._words)
                self._is_stale = False
        if self._pattern is None:
            return text
        if "input_value=" in text:
            text = _CUT_INPUT.sub(rf"\1{MASK}\2", text)
        return self._pattern.sub(MASK, text)

    def reason(self, text: object, limit: int = REASON_CHARS) -> str:
        """A text of others for people: masked, then folded into one line, then cut.

        At most `limit` characters; the last is an ellipsis if it was cut.
        """
        return _cut(" ".join(self(wording.plain(str(text)))[: 8 * limit].split()), limit)

    def message(self, text: str, limit: int = MESSAGE_CHARS) -> str:
        """As `reason`, for an error with its remedy: lines stay as they are."""
        return _cut(self(wording.plain(text)), limit)

    def traceback(self, error: BaseException | None) -> str:
        """The traceback of an error, for people: masked, and as `wording` says it."""
        trace = "".join(traceback.format_exception(error)) if error is not None else ""
        return self(wording.plain(trace.rstrip("\n")))

    def label(self, text: str, limit: int = REASON_CHARS) -> str:
        """As `message`, for a text whose first word is no secret: `table shop.public.orders`."""
        kind, space, name = text.partition(" ")
        return f"{kind}{space}{self.message(name, limit)}"

    def values(self, document: Any) -> Any:
        """A JSON document with the secrets in its values masked; its structure stays.

        That is its keys, and one word below a key such as `type` or `dataType`.
        """
        if isinstance(document, str):
            return self(document)
        if isinstance(document, dict):
            return {
                key: value if _is_kind(key, value) else self.values(value)
                for key, value in document.items()
            }
        if isinstance(document, list):
            return [self.values(value) for value in document]
        if document is None or isinstance(document, bool):
            return document
        text = str(document)  # a number may be a password of digits
        masked = self(text)
        return document if masked == text else masked


class RedactingFormatter(logging.Formatter):
    """Masks secrets in the message of a log line and in its traceback; the rest is structure."""

    def __init__(self, inner: logging.Formatter, redact: Redactor) -> None:
        super().__init__()
        self.inner = inner
        self.redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """The line as the inner formatter writes it, masked."""
        masked = copy.copy(record)  # other handlers get the record, too
        masked.msg, masked.args = self.redact(wording.plain(record.getMessage())), None
        if record.exc_info:
            masked.exc_text = self.redact.traceback(record.exc_info[1])
        elif record.exc_text:
            masked.exc_text = self.redact(wording.plain(record.exc_text))
        if record.stack_info:
            masked.stack_info = self.redact(record.stack_info)
        return self.inner.format(masked)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _is_kind(key: str, value: object) -> bool:
    return key[-4:].lower() == "type" and isinstance(value, str) and value.isalpha()


def _words_of(secret: str) -> Iterator[str]:
    """What to look for: the secret, what others make of it, and pieces of it."""
    words = [secret, secret.strip()]
    lines = [line.strip() for line in secret.splitlines() if not _ARMOR.match(line.strip())]
    if len(lines) > 1:
        words += (line for line in lines if len(line) >= _LINE_CHARS)
    elif header := _HEADER.fullmatch(secret.strip()):
        words += [header[2], *_passwords_in(header[2])]
    for word in words:
        if len(word) >= MIN_CHARS:
            yield from (word, *_base64_of(word))
        is_path = word[:1] in ("/", ".", "~")  # of a file with a secret; others lie beside it
        if len(word) >= 2 * _PIECE_CHARS and not is_path and not any(map(str.isspace, word)):
            starts = range(0, len(word) - _PIECE_CHARS, _PIECE_CHARS)
            yield from (word[start : start + _PIECE_CHARS] for start in starts)
            yield word[-_PIECE_CHARS:]


def _passwords_in(credentials: str) -> Iterator[str]:
    """The password in the credentials of the scheme Basic (RFC 7617 §2)."""
    with contextlib.suppress(ValueError):
        decoded = base64.b64decode(credentials, validate=True).decode()
        yield decoded.partition(":")[2]


def _pattern_of(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all spellings of these words."""
    keys = set(map(_tokens, words))
    first = "".join(sorted({start for key in keys for start in _starts_of(key[0])}))
    return re.compile(f"(?=[{first}])(?:{_alternatives(keys)})+")


def _alternatives(keys: Iterable[tuple[str, ...]], depth: int = _BRANCHING_DEPTH) -> str:
    """A pattern for these sequences of patterns, the longest first."""
    ordered = sorted(keys, key=lambda key: (-len(key), key))
    if depth == 0 or len(ordered) < 2:
        return f"(?:{'|'.join(map(''.join, ordered))})"
    ordered.sort(key=lambda key: key[:1], reverse=True)  # the empty one last
    branches = [
        start[0] + _alternatives([key[1:] for key in group], depth - 1) if start else ""
        for start, group in groupby(ordered, key=lambda key: key[:1])
    ]
    return f"(?:{'|'.join(branches)})"


def _base64_of(secret: str) -> Iterator[str]:
    """What base64 makes of a secret at each alignment, without what its neighbours change."""
    data = secret.encode("utf-8", "surrogatepass")
    if len(data) > _BASE64_BYTES:
        return
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + data).decode()
        core = encoded[-(-8 * offset // 6) : 8 * (offset + len(data)) // 6]
        if len(core) >= MIN_CHARS:
            yield from {core, core.translate(_URL_SAFE)}


_URL_SAFE = str.maketrans("+/", "-_")


def _tokens(secret: str) -> tuple[str, ...]:
    """A pattern for each character; one for each run of white space or of backslashes."""
    tokens: list[str] = []
    is_outside = secret[0].isspace() or secret[-1].isspace()
    for kind, run in groupby(secret, key=lambda char: char == "\\" or (char.isspace() and 2)):
        chars = list(run)
        count = len(chars)
        if not kind:
            tokens += map(_spelled, chars)
        elif kind != 2:
            tokens.append(rf"(?:\\{{{count},{8 * count}}}|(?:%(?:25){{0,2}}5[cC]){{{count}}})")
        else:
            odd = [text for char in set(chars) - set(" \t\r\n\f\v") for text in _escapes(char)]
            space = f"(?:{'|'.join([_SPACE, *odd])})"
            if is_outside:  # runs of any length at the ends would cost quadratic time
                tokens.append(rf"(?:{space}|\+){{{count}}}")
            else:
                tokens.append(rf"(?:{space}+\+{{0,{count}}}|\+{{1,{count}}})")
    return tuple(tokens)


@lru_cache(maxsize=2048)
def _spelled(char: str) -> str:
    """A pattern for one character, as it is and as it is escaped."""
    if char.isascii() and (char.isalnum() or char in "-._~"):  # escaped nowhere (RFC 3986 §2.3)
        return re.escape(char)
    plain = r"\\{0,7}" + re.escape(char)
    return f"(?:{'|'.join([plain, *_escapes(char)])})"


def _escapes(char: str) -> list[str]:
    """A pattern for each way to escape a character."""
    code, data = ord(char), char.encode("utf-8", "surrogatepass")
    entity = f"&#(?:{code}|[xX]0{{0,4}}{_any_case(f'{code:x}')});"
    if code < 128:
        plain = [f"%(?:25){{0,2}}{_hex(code)}", rf"\\{{1,7}}(?:u00|x){_hex(code)}", entity]
        return [*plain, _NAMED[char]] if char in _NAMED else plain
    units = char.encode("utf-16-be", "surrogatepass")
    escapes = [
        "".join(f"%(?:25){{0,2}}{_hex(byte)}" for byte in data),
        "".join(
            rf"\\{{1,7}}u{_hex(units[place])}{_hex(units[place + 1])}"
            for place in range(0, len(units), 2)
        ),
        entity,
        # The bytes, which a header holds as Latin-1 (RFC 9110 §5.5), as they are and as `repr`.
        "".join(rf"(?:{re.escape(chr(byte))}|\\{{1,7}}(?:u00|x){_hex(byte)})" for byte in data),
    ]
    if code < 256:
        escapes += [rf"\\{{1,7}}x{_hex(code)}", f"%{_hex(code)}"]
    if code > 0xFFFF:
        escapes.append(rf"\\{{1,7}}U{_any_case(f'{code:08x}')}")
    return escapes


def _hex(byte: int) -> str:
    return _any_case(f"{byte:02x}")


def _any_case(digits: str) -> str:
    return "".join(f"[{d}{d.upper()}]" if d.isalpha() else d for d in digits)


def _starts_of(token: str) -> set[str]:
    """What a text may begin with that matches a token, in the notation of a character class."""
    if len(token) == 1:
        return {token}
    own = {char for char in map(chr, range(128)) if re.match(token, char)}
    wide = {char for char in token if not char.isascii()}  # itself, and its bytes as Latin-1
    return {r"\s", *map(re.escape, own | wide | set("\\%&+"))}
