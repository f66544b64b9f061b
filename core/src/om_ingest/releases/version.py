"""Versions of OpenMetadata servers."""

from __future__ import annotations

import re
from typing import NamedTuple

_NEWEST = 999_999_999


class Version(NamedTuple):
    """The version of a server; ordered by its numbers."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return ".".join(map(str, self))

    @property
    def before(self) -> Version:
        """The newest version before this one, whatever its patch is."""
        if self.patch:
            return Version(self.major, self.minor, self.patch - 1)
        if self.minor:
            return Version(self.major, self.minor - 1, _NEWEST)
        return Version(self.major - 1, _NEWEST, _NEWEST)


def parsed_version(text: object) -> Version | None:
    """The version in a text such as `2.0.7` or `1.12.14.2`; None without one.

    A snapshot, such as `1.6.0-SNAPSHOT`, was made before the release that it is named after: it
    counts as the version before.
    """
    match = re.match(r"(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(.*)", str(text), re.DOTALL)
    if match is None:
        return None
    version = Version(int(match[1]), int(match[2]), int(match[3] or 0))
    return version.before if "-SNAPSHOT" in match[4].upper() else version
