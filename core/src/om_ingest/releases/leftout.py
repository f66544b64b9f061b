"""What a record says and a server cannot hold."""

from __future__ import annotations

from typing import NamedTuple

from om_ingest.releases.known import Span

OLDEST = "1.5.0"
"""The oldest version of which the table tells what it knows."""

REST = "[1:]"
"""The end of a path to a list of which a server takes the first item alone."""


class LeftOut(NamedTuple):
    """One field or value of a record that a server does not know."""

    path: str
    """Where it is, without places in lists: `tableConstraints.relationshipType`."""

    value: str = ""
    """The value of an enumeration; empty if it is the field itself."""

    instead: str = ""
    """What is sent in its place; empty if nothing is."""

    span: Span | None = None
    """Versions that know it; None if a server refused it, whatever its version."""

    blocks: bool = False
    """Whether no record can be sent without it."""

    @property
    def key(self) -> str:
        """What it is: the path, with the value."""
        return f"{self.path}={self.value}" if self.value else self.path

    def told(self, server: str) -> str:
        """What becomes of it, in one sentence; `server` is the version that the server tells."""
        what = f"the value {self.value!r} of" if self.value else "the field"
        what = f"{what} {self.path}"
        if self.path.endswith(REST):
            what = f"more than one of {self.path.removesuffix(REST)}"
        verb = "refuses" if self.span is None else "does not know"
        said = f"server {server} {verb} {what}{self._since}"
        if self.blocks:
            return f"{said}, and the record cannot do without it: say a value that it knows"
        if self.instead:
            return f"{said}: it gets {self.instead!r}."
        fate = "all but the first are" if self.path.endswith(REST) else "it is"
        return f"{said}: {fate} left out."

    @property
    def _since(self) -> str:
        return f" ({history(self.span)})" if self.span else ""


def history(span: Span) -> str:
    """Which versions know something: `new in 1.13.6, not in 2.0.0, again in 2.0.1`."""
    words = "new in"
    told = []
    for one in span:
        if one[0] != OLDEST:
            told.append(f"{words} {one[0]}")
        if one[1:]:
            told.append(f"not in {one[1]}" if one is not span[-1] else f"removed in {one[1]}")
        words = "again in"
    return ", ".join(told)
