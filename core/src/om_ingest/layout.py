"""How texts of others are laid out on lines: without control characters, in tables and trees.

Nothing is printed here: `om_ingest.terminal` does.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

REPLACEMENT = "\ufffd"
"""Stands for each control character."""

_LEAST_WIDTH = 6
"""A column is not cut below this; the terminal then wraps the row."""

_LEAST_WRAPPED = 24
"""A wrapped column that would be narrower is put below its row."""

_GREEN, _RED, _YELLOW, _BOLD = "32", "31", "33", "1"
_COLOURS = {
    **dict.fromkeys(("ok", "healthy", "success"), _GREEN),
    **dict.fromkeys(("conflict", "error", "failed", "incompatible", "killed", "missing"), _RED),
    **dict.fromkeys(("blocked", "module missing", "not healthy"), _RED),
    **dict.fromkeys(("interrupted", "not checked", "running", "warning"), _YELLOW),
}
_KEPT = "\u200c\u200d"
"""Joiners: words of some scripts, and emoji, are written with them."""

_FOREIGN_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Controls, formats such as those of bidirectional text, lone surrogates, ends of lines."""


class Node(NamedTuple):
    """One line of a tree, with what hangs below it."""

    label: str
    """Printed whole: it is what people copy."""

    children: Iterable[Node] = ()
    """Taken once, when their turn comes; may be a generator."""

    note: str = ""
    """Printed behind the label; on a narrow terminal it is cut."""


def printable(text: str) -> str:
    """The text on one line: each control character, line ends too, replaced by U+FFFD."""
    if text.isprintable():
        return text
    return "".join(
        REPLACEMENT
        if unicodedata.category(char) in _FOREIGN_CATEGORIES and char not in _KEPT
        else char
        for char in text
    )


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


def fitted(widths: Sequence[int], kept: Sequence[bool], limit: int) -> list[int]:
    """Widths that fit into `limit` if they can: the widest shrink, but not those that are kept."""
    cap, gaps = max(widths), 2 * (len(widths) - 1)
    while True:
        found = [full if keep else min(full, cap) for full, keep in zip(widths, kept, strict=True)]
        if cap <= _LEAST_WIDTH or sum(found) + gaps <= limit:
            return found
        cap -= 1


def coloured(text: str) -> str:
    """The text with the state that begins it in its colour."""
    state = text.partition(":")[0]
    code = _COLOURS.get(state)
    return f"{_styled(state, code)}{text[len(state) :]}" if code else text


def _styled(text: str, code: str) -> str:
    """The text between the sequences that switch a style on and off (ECMA-48, SGR)."""
    return f"\x1b[{code}m{text}\x1b[0m"


def aligned(
    cells: Iterable[Sequence[str]], widths: Sequence[int], paints: Sequence[bool] = ()
) -> Iterator[str]:
    """Rows as lines; with `paints` the first is bold, and the states of those columns coloured."""
    for number, row in enumerate(cells):
        shown = [cut(cell, columns) for cell, columns in zip(row, widths, strict=True)]
        gaps = [
            " " * (columns - columns_of(cell)) for cell, columns in zip(shown, widths, strict=True)
        ]
        if paints and not number:
            shown = [_styled(cell, _BOLD) for cell in shown]
        elif paints:
            shown = [
                coloured(cell) if paint else cell for cell, paint in zip(shown, paints, strict=True)
            ]
        yield "  ".join(map("".join, zip(shown, gaps, strict=True))).rstrip()


def wrapped(
    cells: Sequence[Sequence[str]], kept: Sequence[bool], limit: int, paints: Sequence[bool]
) -> Iterator[str]:
    """Rows as lines, the last column wrapped: beside the others, or below if there is no room."""
    import textwrap  # only for this

    *widths, last = widths_of(cells)
    room = limit - sum(widths) - 2 * len(widths)
    if room >= min(last, _LEAST_WRAPPED):
        split = []
        for row in cells:
            first, *rest = textwrap.wrap(row[-1], room) or [""]
            split += [[*row[:-1], first], *([*("" for _ in widths), text] for text in rest)]
        yield from aligned(split, [*widths, room], paints)
        return
    widths = fitted(widths, kept[:-1], limit)
    beside = aligned([row[:-1] for row in cells], widths, paints[:-1])
    for row, text in zip(cells, beside, strict=True):
        yield text
        yield from textwrap.wrap(
            row[-1], max(limit, _LEAST_WRAPPED), initial_indent="    ", subsequent_indent="    "
        )


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
