"""How texts of others are laid out on lines: without control characters, in tables and trees.

What stays whole, what is cut or left out, and which words are states is decided here; rich draws.
Only those who draw import it. Nothing is printed here: `om_ingest.terminal` does.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, compress, pairwise
from operator import add
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

_GAP = 2  # spaces between the columns of a table
_LEAST_WRAPPED = 24  # a wrapped column that would be narrower is put below its row

COLOURS = {
    **dict.fromkeys(("ok", "healthy", "success"), "green"),
    **dict.fromkeys(("conflict", "error", "failed", "incompatible", "killed", "missing"), "red"),
    **dict.fromkeys(("blocked", "module missing", "not healthy"), "red"),
    **dict.fromkeys(("interrupted", "not checked", "running", "warning"), "yellow"),
}
_STATE_COLUMNS = {"STATE", "STATUS"}
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
    return "\ufffd" if category in _FOREIGN_CATEGORIES and char not in _KEPT else char


def cut(text: str, columns: int) -> str:
    """The text in at most so many columns of a terminal; an ellipsis ends it if it was cut."""
    from rich.text import Text

    shown = Text(text)
    shown.truncate(max(columns, 1), overflow="ellipsis")
    return shown.plain


def columns_of(text: str) -> int:
    """How many columns of a terminal a text takes: East Asian letters two, accents none."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # without the rest of rich

    return cell_len(text)


def aligned(cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows as lines of plain text, as wide as they are."""
    widths = _widths_of(cells)
    for row in cells:
        gaps = (" " * (width - columns_of(cell)) for cell, width in zip(row, widths, strict=True))
        yield (" " * _GAP).join(map(add, row, gaps)).rstrip()


def fitted(
    cells: Sequence[Sequence[str]], whole: Collection[str], wraps: bool, painter: Console
) -> Iterator[str]:
    """Rows as lines that fit a terminal if they can, below a bold one; states have colours.

    A last column that `wraps` is beside the others, or below them if there is no room.
    """
    from rich.text import Text

    limit, painter.width = painter.width, sys.maxsize  # rich shrinks nothing: it is fitted here
    kept, least = (cells[0][:-1], _LEAST_WRAPPED) if wraps else (whole, 6)
    widths = _widths(cells, kept, limit, least)
    below = [_GAP, max(limit - 2 * _GAP, _LEAST_WRAPPED)] if wraps and not widths[-1] else []
    if below:
        widths[:-1] = _widths([row[:-1] for row in cells], whole, limit, 3)
    wrapping = partial(Text, no_wrap=False, overflow="fold")
    looks = [painted if header in _STATE_COLUMNS else Text for header in cells[0]]
    looks[-1] = wrapping if wraps else looks[-1]
    for number, row in enumerate(cells):
        texts = [
            look(cell) if number else Text.assemble((cell, "bold"))
            for look, cell in zip(looks, row, strict=True)
        ]
        yield from _row(texts, widths, painter)
        if below and row[-1]:
            yield from _row([Text(), wrapping(row[-1])], below, painter)


def _row(texts: Sequence[Text], widths: Sequence[int], painter: Console) -> list[str]:
    """One row of a table; what is in a column of width 0 is left out."""
    from rich.table import Table

    grid = Table.grid(padding=(0, _GAP, 0, 0), pad_edge=True)
    for width in filter(None, widths):
        grid.add_column(width=width, no_wrap=True, overflow="ellipsis")
    grid.add_row(*compress(texts, widths))
    return drawn(grid, painter)


def painted(text: str) -> Text:
    """The text with the state that begins it in its colour."""
    from rich.text import Text

    state = state_of(text)
    return Text.assemble((state, COLOURS.get(state, "")), text[len(state) :])


def drawn(shown: Table | Text, painter: Console) -> list[str]:
    """A table or a text of one line as lines, with the sequences for colours."""
    with painter.capture() as lines:
        painter.print(shown, soft_wrap=True)
    return [line.rstrip() for line in lines.get().split("\n")[:-1]]


def _widths(
    cells: Sequence[Sequence[str]], whole: Collection[str], limit: int, least_width: int
) -> list[int]:
    """Widths of the columns so that rows fit into `limit`, if they can; 0 leaves a column out.

    Those that are `whole` do not shrink, and a column of states keeps its states. Where the others
    have no room at their least width, the last of them are left out. The widest shrink first.
    """
    widths = _widths_of(cells)
    least, rare = widths.copy(), []
    for place, column in enumerate(zip(*cells, strict=True)):
        if column[0] in _STATE_COLUMNS:  # which may get an ellipsis
            least[place] = min(1 + max(map(columns_of, map(state_of, column))), widths[place])
        elif column[0] not in whole:
            least[place] = min(least_width, widths[place])
            rare.append(place)
    while rare and _total(least) > limit:
        place = rare.pop()
        least[place] = widths[place] = 0
    cap = max(widths)
    while _total(widths) > limit and widths != least:
        cap -= 1
        widths = [max(min(width, cap), fewest) for width, fewest in zip(widths, least, strict=True)]
    return widths


def _widths_of(cells: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(columns_of, column)) for column in zip(*cells, strict=True)]


def _total(widths: Iterable[int]) -> int:
    return sum(width + _GAP for width in widths if width) - _GAP


def state_of(text: str) -> str:
    """The state that a text begins with, or its first part: `conflict` of `conflict: two`."""
    return text.partition(":")[0]


def tree_lines(roots: Iterable[Node], limit: int | None) -> Iterator[str]:
    """The lines of a tree; a stack in place of recursion, for it may be deep."""
    for root in roots:
        yield _labelled(root, "", limit)
        waiting = [(pairwise(chain(root.children, [None])), "")]
        while waiting:
            nodes, indent = waiting[-1]
            node, following = next(nodes, (None, None))
            if node is None:
                waiting.pop()
                continue
            yield _labelled(node, indent + ("├─ " if following else "└─ "), limit)
            below = indent + ("│  " if following else "   ")
            waiting.append((pairwise(chain(node.children, [None])), below))


def _labelled(node: Node, indent: str, limit: int | None) -> str:
    text = indent + printable(node.label)
    note = printable(node.note)
    if note and limit is not None:
        note = cut(note, limit - columns_of(text) - 2)
    return f"{text}  {note}" if note else text
