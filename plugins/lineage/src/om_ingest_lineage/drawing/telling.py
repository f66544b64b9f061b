"""What a run tells of its lineage: numbers, doubts, and a file with all of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from om_ingest import ProcessorStatus

from om_ingest_lineage.analysis.results import Confidence, Doubt
from om_ingest_lineage.drawing.edges import Drawing

_COUNTS = {
    Confidence.EXACT: "edgesWithAllColumns",
    Confidence.PARTIAL: "edgesWithSomeColumns",
    Confidence.TABLE: "edgesOfTablesOnly",
}


class Telling:
    """Counts, and writes lines into the file of `report`."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: TextIO | None = None
        self.status = ProcessorStatus()

    def count(self, name: str, number: int = 1) -> None:
        """Count something; the name is in camelCase."""
        self.status.count(name, number)

    def doubt(self, about: str, what: str, reason: str) -> None:
        """Tell of something that could not be told, of an asset or a file."""
        self.status.warning(about, f"{what}: {reason}")
        self._write({"about": about, "doubt": what, "reason": reason})

    def examined(self, owner: str, doubts: Sequence[Doubt], *, was_kept: bool) -> None:
        """Tell of a statement that was read, and what could not be told of it."""
        self.count("statements")
        if was_kept:
            self.count("keptResults")
        for doubt in doubts:
            self.doubt(owner, doubt.what, doubt.reason)

    def drawn(self, drawing: Drawing) -> None:
        """Tell of an edge that is yielded."""
        self.count(_COUNTS[drawing.confidence])
        self._write(
            {
                "from": drawing.source,
                "to": drawing.target,
                "confidence": drawing.confidence.value,
                "columns": len(drawing.columns),
            }
        )

    def begin(self) -> None:
        """Empty the file: the run has begun."""
        self._into_file("")

    def _write(self, entry: dict[str, Any]) -> None:
        if self._path is not None:
            self._into_file(json.dumps(entry, ensure_ascii=False) + "\n")

    def _into_file(self, text: str) -> None:
        if self._path is None:
            return
        try:
            if self._file is None:
                self._file = self._path.open("w", encoding="utf-8")
            self._file.write(text)
        except OSError as error:
            path, self._path = self._path, None
            self.status.warning(str(path), f"the file of `report` is not written: {error.strerror}")

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
