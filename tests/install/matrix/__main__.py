"""`python -m tests.install.matrix`: try every cell, print the table, keep it in the docs."""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.install.matrix import table
from tests.install.matrix.cell import Outcome, every_cell
from tests.install.matrix.trial import try_cell
from tests.install.matrix.workshop import ROOT, Workshop

PAGE = ROOT / "docs/reference/install-matrix.md"


def main() -> int:
    """Exit code 0 if every cell works."""
    parser = argparse.ArgumentParser(prog="python -m tests.install.matrix", description=__doc__)
    parser.add_argument("--only", default="", help="cells with this text in their name")
    parser.add_argument("--jobs", type=int, default=2, help="cells at a time (default: 2)")
    options = parser.parse_args()
    cells = [cell for cell in every_cell() if options.only in str(cell)]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        workshop = Workshop(Path(folder))
        outcomes: list[Outcome] = []
        for outcome in pool.map(lambda cell: try_cell(cell, workshop), cells):
            outcomes.append(outcome)
            result = outcome.fault or "works"
            print(f"{outcome.elapsed_s:5.1f} s  {outcome.cell}  {result}", flush=True)
    print()
    print(table.render(outcomes))
    if not options.only:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(table.page(outcomes), encoding="utf-8")
    return 1 if any(outcome.fault for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
