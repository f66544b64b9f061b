"""What a distribution put into the folders that all connectors share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from om_ingest import namespace
from om_ingest.distributions import installed, normalize, project_of, text_of

_TREE = tuple(namespace.ROOT.split("."))
_DEEPEST = len(_TREE) + 1
"""How many folders of a path are shared at most: those of the root, and the service type."""

_LAYOUTS = ("src", ".")
"""Where a project keeps what it ships."""


def foreign_files(distribution: str) -> list[str]:
    """Files of a distribution that lie in a shared folder, relative to where it is installed.

    A module beside others in the folder of its service type is a connector, and is fine.
    """
    found: list[str] = []
    for dist in installed():
        if normalize(str(dist.metadata["Name"])) != normalize(distribution):
            continue
        project = project_of(dist)
        files = _in_project(Path(project)) if project else _in_record(text_of(dist, "RECORD") or "")
        found += [str(path) for path in files if _is_foreign(path)]
    return sorted(dict.fromkeys(found))


def _is_foreign(path: PurePosixPath) -> bool:
    folder = path.parts[:-1]
    if not folder or folder != (*_TREE, *folder[len(_TREE) :])[: len(folder)]:
        return False
    if len(folder) < _DEEPEST:
        return True
    return len(folder) == _DEEPEST and (path.stem == "__init__" or path.suffix != ".py")


def _in_record(record: str) -> Iterator[PurePosixPath]:
    for line in record.splitlines():
        path = line.rpartition(",")[0].rpartition(",")[0].strip('"')
        yield PurePosixPath(path)


def _in_project(project: Path) -> Iterator[PurePosixPath]:
    """The files below `metadata` in a project, as they would lie when installed."""
    for layout in _LAYOUTS:
        top = project / layout
        for path in (top / _TREE[0]).glob("**/*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield PurePosixPath(path.relative_to(top).as_posix())
