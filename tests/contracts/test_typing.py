"""A type checker finds the mistakes of connector authors.

That it finds none in correct connectors is the session `types`, over tests/typing.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRONG = sorted((ROOT / "tests/typing/wrong").glob("*.py"))
EXPECTED = re.compile(r"# error: ([\w-]+)$")
REPORTED = re.compile(r":(\d+): error: .* \[([\w-]+)\]$")


def expected(path: Path) -> set[tuple[int, str]]:
    """Line and code of each error that a file announces."""
    lines = enumerate(path.read_text("utf-8").splitlines(), start=1)
    return {(number, match[1]) for number, line in lines if (match := EXPECTED.search(line))}


@pytest.mark.parametrize("path", WRONG, ids=[path.stem for path in WRONG])
def test_wrong_use_is_a_type_error(path: Path) -> None:
    """The type checker reports exactly the announced errors, so the public names are precise."""
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--exclude=^$", str(path.relative_to(ROOT))],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    matches = (REPORTED.search(line) for line in run.stdout.splitlines())
    reported = {(int(match[1]), match[2]) for match in matches if match}
    assert expected(path), "the file announces no error"
    assert reported == expected(path), f"{run.stdout}{run.stderr}"
