"""The check against the golden file."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from om_ingest.testing.verdict import Checks, check, shown

OPTION = "--update-golden"


class GoldenCheck(Checks):
    """The records are those that somebody has looked at before."""

    golden: ClassVar[Path | None]

    @abstractmethod
    def normalised(self, document: dict[str, Any]) -> dict[str, Any]:
        """One record as the golden file holds it."""

    @check
    def test_golden(self, request: pytest.FixtureRequest) -> Iterator[str]:
        lines = [
            json.dumps(self.normalised(json.loads(seen.sent)), ensure_ascii=False)
            for seen in self.observations.sound.records
            if seen.sent is not None
        ]
        path = Path(self.golden or "")
        if request.config.getoption(OPTION, default=False):
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            return
        if not path.exists():
            yield f"has no golden file {path.name} yet: `pytest {OPTION}` writes it; look it over"
            return
        wanted = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
        for number, (line, want) in enumerate(zip(lines, wanted), start=1):  # noqa: B905  # lengths are compared below
            if _ordered(line) != _ordered(want):
                yield (
                    f"yielded as record {number} {_difference(_ordered(line), _ordered(want))} "
                    f"(`pytest {OPTION}` accepts all changes)"
                )
                return
        if len(lines) != len(wanted):
            yield (
                f"yielded {len(lines)} records; {path.name} holds {len(wanted)} (`pytest {OPTION}` "
                "accepts all changes)"
            )


def _ordered(line: str) -> str:
    """The line with sorted keys: the order of keys is not part of a record."""
    try:
        return json.dumps(json.loads(line), ensure_ascii=False, sort_keys=True)
    except ValueError:  # a golden file that somebody edited; the difference shows the line
        return line


def _difference(line: str, want: str) -> str:
    """Both lines from shortly before the first character that differs."""
    same = next((i for i, (a, b) in enumerate(zip(line, want)) if a != b), 0)  # noqa: B905  # as above
    start = max(0, same - 40)
    return f"{shown(line[start:])}, not {shown(want[start:])}"
