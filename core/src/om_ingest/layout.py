"""How texts of others are laid out on lines: without control characters, in tables and trees.

Nothing is printed here: `om_ingest.terminal` does.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

REPLACEMENT = "\ufffd"
"""Stands for each control character."""

_LEAST_WRAPPED = 24
"""A wrapped column that would be narrower is put below its row."""

_GREEN, _RED, _YELLOW, _BOLD = "32", "31", "33", "1"
_COLOURS = {
    **dict.fromkeys(("ok", "healthy", "success"), _GREEN),
    **dict.fromkeys(("conflict", "error", "failed", "incompatible", "killed", "missing"), _RED),
    **dict.fromkeys(("blocked", "module missing", "not healthy"), _RED),
    **dict.fromkeys(("interrupted", "not checked", "running", "warning"), _YELLOW),
}
STATE_COLUMNS = {"STATE", "STATUS"}
_KEPT = "\u200c\u200d"
"""Joiners: words of some scripts, and emoji, are written with them."""

_FOREIGN_CATEGORIES = {"Cc", "Cf", "Zl", "Zp"}
"""Controls, formats such as those of bidirectional text, ends of lines."""


class Node(NamedTuple):
    """One line of a tree, with what hangs below it."""

    label: str
    """Printed whole: it is what people copy."""

    children: Iterable[Node] = ()
    """Taken once, when their turn comes; may be a generator."""

    note: str = ""
    """Printed behind the label; on a narrow terminal it is cut."""


def printable(text: str) -> str:
    r"""The text on one line: U+FFFD for control characters and line ends; half characters escaped.

    Half of a surrogate pair stands for a byte of a file name that is not UTF-8 (PEP 383):
    its number, as in `\udcff`, tells which.
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cs":
        return f"\\u{ord(char):x}"
    return REPLACEMENT if category in _FOREIGN_CATEGORIES and char not in _KEPT else char


def cut(text: str, columns: int) -> str:
    """The text in at most so many columns of a terminal; an ellipsis ends it if it was cut."""
    if columns_of(text) <= columns:
        return text
    end, used = 0, 1  # the ellipsis
    while used + columns_of(text[end]) <= columns:
        used += columns_of(text[end])
        end += 1
    return f"{text[:end]}…"


def columns_of(text: str) -> int:
    """How many columns of a terminal a text takes: East Asian letters two, accents none."""
    if text.isascii():
        return len(text)
    return sum(
        (unicodedata.east_asian_width(char) in "WF") + (not unicodedata.combining(char))
        for char in text
        if char not in _KEPT
    )


def widths_of(cells: Sequence[Sequence[str]]) -> list[int]:
    """The columns that each column of a table takes at most."""
    return [max(map(columns_of, column)) for column in zip(*cells, strict=True)]


def fitted(
    cells: Sequence[Sequence[str]], kept: Collection[int], limit: int, least_width: int = 6
) -> list[int]:
    """Widths of the columns so that rows fit into `limit`, if they can; 0 leaves a column out.

    The widest columns shrink first, to `least_width`. Those that are `kept` do not, and a column
    of states keeps its states. Where that is not enough, the last of the others are left out.
    """
    found = full = widths_of(cells)
    shown = set(range(len(full)))
    least = [min(least_width, columns) for columns in full]
    for place, header in enumerate(cells[0]):
        if place in kept:
            least[place] = full[place]
        elif header in STATE_COLUMNS:
            least[place] = max(columns_of(state_of(row[place])) for row in cells)
    rare = [place for place in shown if place not in kept and cells[0][place] not in STATE_COLUMNS]
    while True:
        for cap in range(max(*full, least_width), least_width - 1, -1):
            found = [
                min(columns, max(cap, least[place])) if place in shown else 0
                for place, columns in enumerate(full)
            ]
            if sum(found) + 2 * (len(shown) - 1) <= limit:
                return found
        if not rare:
            return found
        shown.remove(rare.pop())


def state_of(text: str) -> str:
    """The state that a text begins with, or its first part: `conflict` of `conflict: two`."""
    return text.partition(":")[0]


def coloured(text: str) -> str:
    """The text with the state that begins it in its colour."""
    state = state_of(text)
    code = _COLOURS.get(state)
    return f"{_styled(state, code)}{text[len(state) :]}" if code else text


def _dressed(cell: str, is_header: bool, is_state: bool) -> str:
    if is_header:
        return _styled(cell, _BOLD)
    return coloured(cell) if is_state else cell


def _styled(text: str, code: str) -> str:
    """The text between the sequences that switch a style on and off (ECMA-48, SGR)."""
    return f"\x1b[{code}m{text}\x1b[0m"


def aligned(
    cells: Iterable[Sequence[str]], widths: Sequence[int], *, paints: bool = False
) -> Iterator[str]:
    """Rows as lines; with `paints` the first is bold, and states have their colours."""
    states: list[bool] = []
    for number, row in enumerate(cells):
        states = states or [header in STATE_COLUMNS for header in row]
        line = []
        for cell, columns, is_state in zip(row, widths, states, strict=True):
            if columns:
                shown = cut(cell, columns)
                gap = " " * (columns - columns_of(shown))
                line.append((_dressed(shown, not number, is_state) if paints else shown) + gap)
        yield "  ".join(line).rstrip()


def wrapped(
    cells: Sequence[Sequence[str]], kept: Collection[int], limit: int, *, paints: bool
) -> Iterator[str]:
    """Rows as lines, the last column wrapped: beside the others, or below if there is no room."""
    import textwrap  # only for this

    *widths, last = widths_of(cells)
    before = [row[:-1] for row in cells]
    room = limit - sum(widths) - 2 * len(widths)
    if room >= min(last, _LEAST_WRAPPED):
        split = []
        for row in cells:
            first, *rest = textwrap.wrap(row[-1], room, break_on_hyphens=False) or [""]
            split += [[*row[:-1], first], *([*("" for _ in widths), text] for text in rest)]
        yield from aligned(split, [*widths, room], paints=paints)
        return
    lines = aligned(before, fitted(before, kept, limit, least_width=3), paints=paints)
    for row, text in zip(cells, lines, strict=True):
        yield text
        below = textwrap.wrap(row[-1], max(limit - 4, _LEAST_WRAPPED), break_on_hyphens=False)
        yield from textwrap.indent("\n".join(below), "    ").splitlines()


def tree_lines(roots: Iterable[Node], limit: int | None) -> Iterator[str]:
    """The lines of a tree; a stack in place of recursion, for it may be deep."""
    for root in roots:
        yield _labelled(root, "", limit)
        waiting = [(_with_last(root.children), "")]
        while waiting:
            nodes, indent = waiting[-1]
            found = next(nodes, None)
            if found is None:
                waiting.pop()
                continue
            node, is_last = found
            yield _labelled(node, indent + ("└─ " if is_last else "├─ "), limit)
            waiting.append((_with_last(node.children), indent + ("   " if is_last else "│  ")))


def _with_last(nodes: Iterable[Node]) -> Iterator[tuple[Node, bool]]:
    """Each node, and whether it is the last one."""
    rest = iter(nodes)
    held = next(rest, None)
    while held is not None:
        following = next(rest, None)
        yield held, following is None
        held = following


def _labelled(node: Node, indent: str, limit: int | None) -> str:
    text = indent + printable(node.label)
    if not node.note:
        return text
    note = printable(node.note)
    if limit is not None:
        note = cut(note, max(limit - columns_of(text) - 2, 1))
    return f"{text}  {note}"
