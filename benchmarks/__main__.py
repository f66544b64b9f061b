"""Measures everything, or what is named, and prints one table."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from benchmarks.measurements import MEASUREMENTS
from benchmarks.process import MeasurementError
from benchmarks.table import QUICK, Row, Scale

HEADS = Row("what", "measured", "beside it, in the same run", "budget")


def machine() -> str:
    """The machine in words: nothing that names it."""
    implementation = platform.python_implementation()
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, "
        f"{implementation} {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"om-ingest {version('om-ingest')}, pydantic {version('pydantic')}"
    )


def cells(row: Row) -> tuple[str, str, str, str]:
    """A row as text."""
    return row.what, row.measured, row.beside, row.budget


def as_text(rows: list[Row]) -> str:
    """Aligned columns, for a terminal."""
    table = [cells(row) for row in (HEADS, *rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    )
    return "\n".join(lines)


def as_markdown(rows: list[Row]) -> str:
    """A table for docs/benchmarks.md."""
    lines = [f"| {' | '.join(cells(row))} |" for row in (HEADS, *rows)]
    return "\n".join([lines[0], "|---|---|---|---|", *lines[1:]])


def main() -> int:
    """Read the command line, measure, print; 1 if something could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"some of: {', '.join(MEASUREMENTS)}")
    parser.add_argument("--quick", action="store_true", help="a tenth of the data or less")
    parser.add_argument("--markdown", action="store_true", help="print a table for the docs")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(MEASUREMENTS))
    if unknown:
        parser.error(f"no such measurement: {', '.join(unknown)}")
    rows: list[Row] = []
    broken = False
    for name in options.names or MEASUREMENTS:
        print(f"measuring: {name} …", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="om-ingest-bench-") as work:
            try:
                rows += MEASUREMENTS[name](QUICK if options.quick else Scale(), Path(work))
            except MeasurementError as error:  # the other figures are still worth having
                print(error, file=sys.stderr, flush=True)
                broken = True
    print(f"\n{machine()}\n")
    print((as_markdown if options.markdown else as_text)(rows))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
