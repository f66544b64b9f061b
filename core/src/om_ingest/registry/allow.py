"""The allow-list: which distributions may be imported."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from om_ingest.distributions import normalize
from om_ingest.errors import WorkflowError

VARIABLE = "OM_INGEST_ALLOW"
"""Environment variable: names, or `name==version`, separated by commas or spaces."""

_HOST = "om-ingest"


@dataclass(frozen=True)
class AllowList:
    """Names of allowed distributions, each with one allowed version or any.

    The host itself is always allowed. Code that no distribution owns is refused as soon as
    there is a list, because a list names distributions.
    """

    lists: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    """Origin of each list, and its names with versions; an empty version allows any.

    A distribution has to be in every list; without a list everything is allowed.
    """

    @classmethod
    def from_environment(cls) -> AllowList:
        """The list in `OM_INGEST_ALLOW`; allows everything if that is not set.

        Raises `WorkflowError` for a malformed entry.
        """
        text = os.environ.get(VARIABLE)
        words = None if text is None else filter(None, re.split(r"[\s,]+", text))
        return cls().narrowed(words, VARIABLE)

    def narrowed(self, texts: Iterable[str] | None, origin: str) -> AllowList:
        """This list together with a second one, which must allow a distribution as well.

        Without `texts` the list stays as it is. Raises `WorkflowError` for a malformed entry.
        """
        if texts is None:
            return self
        return AllowList((*self.lists, (origin, tuple(_parsed(text, origin) for text in texts))))

    def allows(self, distribution: str, version: str) -> bool:
        """Whether this distribution, in this version, may be imported."""
        return not self.refusal(distribution, version)

    def refusal(self, distribution: str, version: str) -> str:
        """Why it may not be imported, e.g. `not in OM_INGEST_ALLOW`; empty if it may."""
        name = normalize(distribution)
        for origin, entries in self.lists:
            if name != _HOST and not any(
                name == allowed and (not pinned or _same_version(pinned, version))
                for allowed, pinned in entries
            ):
                return f"not in {origin}"
        return ""


def _parsed(text: str, origin: str) -> tuple[str, str]:
    match = re.fullmatch(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:==([\w.!+-]+))?", text.strip())
    if match is None:
        raise WorkflowError(
            f"{origin}: {text!r} is not the name of a distribution", "Write name or name==version."
        )
    return normalize(match[1]), match[2] or ""


def _same_version(one: str, other: str) -> bool:
    from packaging.version import InvalidVersion, Version  # only where a version is pinned

    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other
