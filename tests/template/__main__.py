"""`python -m tests.template`: try every service type x kind, and print the table.

Each cell is what a connector author does in the first quarter of an hour: `om-ingest new`, an
environment, the checks of the new project, a run by name, a wheel.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.install.matrix.workshop import Workshop
from tests.template.cell import KINDS, Cell, Outcome, every_cell
from tests.template.trial import try_cell


def main() -> int:
    """Exit code 0 if every cell works."""
    parser = argparse.ArgumentParser(prog="python -m tests.template", description=__doc__)
    parser.add_argument("--only", default="", help="cells with this text in their name")
    parser.add_argument("--jobs", type=int, default=2, help="cells at a time (default: 2)")
    parser.add_argument(
        "--update-golden", action="store_true", help="take the records as they are now"
    )
    options = parser.parse_args()
    cells = [cell for cell in every_cell() if options.only in str(cell)]
    if options.update_golden:
        cells = _one_per_golden(cells)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        workshop = Workshop(Path(folder))
        outcomes: list[Outcome] = []
        for outcome in pool.map(
            lambda cell: try_cell(cell, workshop, update_golden=options.update_golden), cells
        ):
            outcomes.append(outcome)
            steps = "  ".join(f"{step} {took:.1f}" for step, took in outcome.steps.items())
            result = outcome.fault or "works"
            print(f"{outcome.green_s:5.1f} s  {outcome.cell}  {result}  ({steps})", flush=True)
    print(f"\n{_table(outcomes)}")
    return 1 if any(outcome.fault for outcome in outcomes) else 0


def _one_per_golden(cells: Iterable[Cell]) -> list[Cell]:
    """Kinds of one service type yield the same records: one cell is enough for each file."""
    return list({cell.golden: cell for cell in cells}.values())


def _table(outcomes: list[Outcome]) -> str:
    """Seconds from `om-ingest new` to green, service type by kind; with pip where marked."""
    by_cell = {(outcome.cell.service_type, outcome.cell.kind): outcome for outcome in outcomes}
    lines = [f"{'':10}" + "".join(f"{kind:>12}" for kind in KINDS)]
    for service_type in dict.fromkeys(cell for cell, _ in by_cell):
        row = f"{service_type:10}"
        for kind in KINDS:
            row += f"{_entry(by_cell.get((service_type, kind))):>12}"
        lines.append(row)
    return "\n".join([*lines, "seconds from `om-ingest new` to green; * made with pip"])


def _entry(outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    if outcome.fault:
        return "FAILS"
    return f"{outcome.green_s:.1f}{'*' if outcome.cell.real_pip else ' '}"


if __name__ == "__main__":
    sys.exit(main())
