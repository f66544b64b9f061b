"""Output of commands, built-in ones and those of plugins: lines, tables, trees and JSON.

Everything is written through here, for two reasons. Names and texts in the data are foreign:
their control characters could move the cursor, turn the direction of writing or forge a line, so
each is replaced by U+FFFD. And a terminal is narrow: there a table is fitted, and states are
coloured, by rich. Elsewhere the same output is plain text of any width.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from om_ingest import layout
from om_ingest.layout import Node as Node, printable as printable

if TYPE_CHECKING:
    from rich.console import Console

_ASCII = str.maketrans({"├": "|", "└": "`", "─": "-", "│": "|", "…": "..."})


def line(text: str = "", *, err: bool = False) -> None:
    """Print one line; a state that begins it (`ok`, `failed: 3`) is coloured on a terminal."""
    stream = _stream(err)
    _write(stream, [_painted(printable(text), stream)])


def message(text: str, *, err: bool = True) -> None:
    """Print an error or another message of several lines; all but the first are indented.

    So a line end in a foreign name cannot begin a line of its own.
    """
    first, *rest = text.split("\n")
    stream = _stream(err)
    _write(stream, [_painted(printable(first), stream), *map(continued, rest)])


def continued(text: str) -> str:
    """A further line of a message: indented, without control characters."""
    return printable(text if text.startswith("  ") or not text else f"  {text}")


def document(text: str, *, err: bool = False) -> None:
    """Print a text of many lines as it is, but for control characters."""
    _write(_stream(err), map(printable, text.removesuffix("\n").split("\n")))


def as_json(value: Any) -> None:
    """Print plain data, and dataclasses in it as of `as_dict`, as JSON."""
    document(_json_for_output(value))


def json_array(values: Iterable[Any]) -> None:
    """Print what `as_json` prints of a list; each value is taken when its turn comes."""

    def lines() -> Iterator[str]:
        held = ""
        for value in values:
            yield f"{held}," if held else "["
            *others, held = (f"  {part}" for part in _json_for_output(value).split("\n"))
            yield from others
        yield from [held, "]"] if held else ["[]"]

    _write(_stream(err=False), lines())


def _json_for_output(value: Any) -> str:
    text = json_text(value, indent=2)
    if not _fits(text, getattr(sys.stdout, "encoding", None) or "utf-8"):
        text = json_text(value, indent=2, ascii_only=True)  # JSON has escapes of its own
    return text


def as_dict(value: Any) -> dict[str, Any]:
    """The fields of a dataclass with keys as reports have them: `service_type` is `serviceType`.

    The unit of a quantity stays: `import_s`.
    """
    import dataclasses  # tables do without

    return {
        re.sub("_([a-z])(?=[a-z])", lambda match: match[1].upper(), field.name): getattr(
            value, field.name
        )
        for field in dataclasses.fields(value)
    }


def json_text(value: Any, indent: int | None = None, *, ascii_only: bool = False) -> str:
    """Plain data as JSON; what `printable` would replace is escaped, so its value stays."""
    import json  # tables do without

    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only, default=as_dict)
    return "\n".join(
        part
        if part.isprintable()
        else "".join(c if printable(c) == c else json.dumps(c)[1:-1] for c in part)
        for part in text.split("\n")
    )


def table(
    headers: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    whole: Collection[str] = (),
    wrapped: bool = False,
) -> None:
    """Print rows below headers, fitted to the width of a terminal; elsewhere as wide as they are.

    On a terminal all columns are cut, the widest first, but those whose headers are `whole`:
    what people copy. Without `whole` that is the first one. On a very narrow one the last of the
    others are left out. If `wrapped`, the last column is wrapped, not cut. States in a column
    STATE or STATUS stay whole, and are coloured.
    """
    stream = _stream(err=False)
    cells = [[printable(cell) for cell in row] for row in (headers, *rows)]
    if painter := _painter(stream):
        _write(stream, layout.fitted(cells, whole or headers[:1], wrapped, painter))
    else:
        _write(stream, layout.aligned(cells))


def table_lines(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table as lines of plain text, columns two spaces apart."""
    cells = [[printable(cell) for cell in row] for row in (headers, *rows)]
    return list(layout.aligned(cells))


def tree(roots: Iterable[Node]) -> None:
    """Print each root, and what hangs below it, a line each.

    Labels stay whole. The tree may be deep, and is not held in memory.
    """
    _write(_stream(err=False), layout.tree_lines(roots, room()))


def room(*, err: bool = False) -> int | None:
    """The width of the terminal that gets the output; None if no terminal does."""
    stream = _stream(err)
    return painter.width if is_terminal(stream) and (painter := _painter(stream)) else None


def fitting(text: str) -> str:
    """The text as it fits on one line of the terminal for errors, where the cursor may stay."""
    return layout.cut(printable(text), (room(err=True) or 80) - 1)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks at a stream; False for one that is closed."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed since
        return False


def is_live(stream: TextIO | None) -> bool:
    """Whether a line on a stream can be written again: not on a terminal that is dumb."""
    return is_terminal(stream) and os.environ.get("TERM") != "dumb"


def colours(stream: TextIO | None) -> bool:
    """Whether a stream gets colours: NO_COLOR (no-color.org), then FORCE_COLOR, then what it is."""
    return bool((painter := _painter(stream)) and painter.color_system)


def _painter(stream: TextIO | None) -> Console | None:
    """What draws for people; None where neither a terminal nor FORCE_COLOR asks for it."""
    is_forced = bool(os.environ.get("FORCE_COLOR"))
    if stream is None or not (is_forced or is_terminal(stream)):
        return None
    from rich.console import Console  # takes half as long as listing

    painter = Console(
        file=io.StringIO(),  # `_write` prints what is drawn
        force_terminal=True,
        legacy_windows=False,
        no_color=False,  # `color_system` says it
        color_system=None if os.environ.get("NO_COLOR") else "standard" if is_forced else "auto",
        height=1,  # not used; without it COLUMNS would not count on a dumb terminal
    )
    painter.width = (painter.width or 80) if is_terminal(stream) else sys.maxsize  # COLUMNS=0
    return painter


def _stream(err: bool) -> TextIO | None:
    """The stream as it is now: runs redirect what connectors print."""
    return sys.stderr if err else sys.stdout


def _write(stream: TextIO | None, lines: Iterable[str]) -> None:
    if stream is None:  # the process began without it
        return
    if say := getattr(stream, "say", None):  # JSON: what is said at once is one object
        say("\n".join(lines))
        return
    encoding = stream.encoding or "utf-8"
    for text in lines:
        if not text.isascii() and not _fits(text, encoding):
            text = text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
        stream.write(f"{text}\n")
    stream.flush()


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _painted(text: str, stream: TextIO | None) -> str:
    if layout.state_of(text) not in layout.COLOURS or not (painter := _painter(stream)):
        return text
    return layout.drawn(layout.painted(text), painter)[0]
