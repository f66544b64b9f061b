"""Checks of the installation: what is wrong with it, and how to fix it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from om_ingest.doctor import declarations, files, misplaced
from om_ingest.doctor.inventory import ERROR, WARNING, Finding, Inventory, take
from om_ingest.doctor.trial import Trial, try_imports

__all__ = ["ERROR", "WARNING", "Finding", "Trial", "diagnose", "is_healthy", "try_imports"]

_CHECKS: tuple[Callable[[Inventory], Iterator[Finding]], ...] = (
    files.shadowed_namespace,
    files.shipped_init,
    files.owned_twice,
    files.missing,
    files.off_the_path,
    declarations.unreadable,
    declarations.sources,
    declarations.plugins,
    declarations.requirements,
    declarations.frameworks,
    misplaced.unreadable,
    misplaced.misspelt,
    files.incomplete,
    files.orphans,
    files.renamed,
    files.installed_twice,
)


def diagnose() -> list[Finding]:
    """Run every check; errors first. Reads files and metadata, and imports no plugin."""
    with _each_folder_once():
        inventory = take()
        findings = [finding for check in _CHECKS for finding in check(inventory)]
    return sorted(dict.fromkeys(findings), key=lambda finding: finding.severity)


@contextmanager
def _each_folder_once() -> Iterator[None]:
    """Leave out of `sys.path` what is the same folder as an earlier entry.

    Many systems have a link `lib64` to `lib`, and search both: what lies there is one thing.
    """
    before = sys.path[:]
    first: dict[str, str] = {}
    for entry in before:
        real = os.path.realpath(entry)
        first.setdefault(real, real if os.pardir in Path(entry).parts else entry)
    sys.path[:] = first.values()
    try:
        yield
    finally:
        sys.path[:] = before


def is_healthy(findings: Iterable[Finding], trials: Iterable[Trial]) -> bool:
    """Whether no finding is an error, and every import that was tried works."""
    return not any(finding.severity == ERROR for finding in findings) and not any(
        trial.failure for trial in trials
    )
