"""One thing that is wrong with the installation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from om_ingest.doctor.inventory import Installed

ERROR = "error"
"""Something does not work, or will break when something is uninstalled."""

WARNING = "warning"
"""Odd, but the host copes with it."""


@dataclass(frozen=True)
class Finding:
    """What is wrong, who is to blame, and the fix."""

    kind: str
    """Short name of the sort of finding, e.g. `shadowed namespace`."""

    what: str
    """What is wrong, in one sentence."""

    fix: str
    """What to do about it."""

    distribution: str = ""
    """The distribution to blame; empty if none is known."""

    version: str = ""
    """Its version."""

    file: str = ""
    """The file or folder concerned; empty if there is none."""

    severity: str = ERROR
    """`error` or `warning`; only errors make the installation unhealthy."""


def blame(
    kind: str,
    what: str,
    fix: str,
    dist: Installed | None,
    file: Path | None = None,
    *,
    severity: str = ERROR,
) -> Finding:
    """A finding about a distribution; `dist` is None if nobody owns the file."""
    return Finding(
        kind=kind,
        what=what,
        fix=fix,
        distribution=dist.name if dist else "",
        version=dist.version if dist else "",
        file=str(file) if file else "",
        severity=severity,
    )
