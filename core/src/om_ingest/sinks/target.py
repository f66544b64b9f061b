"""For sinks that write a file: their config, and checks that the file can be written."""

from __future__ import annotations

import os
from pathlib import Path

from om_ingest.config.settings import Settings
from om_ingest.errors import WorkflowError


class FileConfig(Settings):
    """Config of a sink that writes one file."""

    path: Path
    """The file; a relative path starts at the working directory of the run."""


def check_file(path: Path) -> None:
    """Raise `WorkflowError` if a file at this path could not be written; writes nothing."""
    if path.is_dir():
        raise WorkflowError(f"{path} is a directory", "Name a file for the sink.")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise WorkflowError(f"There is no folder {folder}", "Create it, or name another file.")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise WorkflowError(f"No permission to write {path}", "Name a file that you may write.")


def check_replaceable(path: Path, beginning: bytes) -> None:
    """Raise `WorkflowError` if the file exists and does not start with `beginning`.

    A typing error in a path must not overwrite a database, or the data of the source.
    """
    if not path.is_file() or path.stat().st_size == 0:
        return
    with path.open("rb") as file:
        if file.read(len(beginning)) != beginning:
            raise WorkflowError(
                f"{path} holds something else, and would be lost",
                "Name another file, or remove this one first.",
            )
