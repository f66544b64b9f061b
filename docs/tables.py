"""Tables in Markdown, and what stands in their cells."""

from __future__ import annotations

import ast
import html
import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from types import ModuleType

_ESCAPES = {"<": "&lt;", "_": "\\_", "*": "\\*"}


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """A Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    for row in rows:
        yield f"| {' | '.join(_cell(' '.join(text.split())) for text in row)} |"


def _cell(text: str) -> str:
    """The text without a bar that would end its cell; Markdown cannot escape one in code."""
    if "|" not in text:
        return text
    if text.startswith("`") and text.endswith("`"):
        text = f"<code>{html.escape(text.strip('`'))}</code>"
    return text.replace("|", "&#124;")


def codes(names: Iterable[str]) -> str:
    """Names as code, with commas between them."""
    return ", ".join(f"`{name}`" for name in names)


def prose(text: str) -> str:
    """The text without what Markdown would take for a tag or for emphasis; code stays code."""
    return re.sub(r"`[^`]*`|[<_*]", lambda found: _ESCAPES.get(found[0], found[0]), text)


def meanings_in(described: type | ModuleType) -> dict[str, str]:
    """The docstring of each name that a class or module assigns, such as a member of an enum."""
    tree = ast.parse(inspect.getsource(described))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else tree.body
    return {
        ast.unparse(target): str(text.value.value)
        for item, text in pairwise(body)
        if isinstance(item, ast.Assign) and isinstance(text, ast.Expr)
        if isinstance(text.value, ast.Constant)
        for target in item.targets
    }
