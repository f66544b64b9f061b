"""What README.md and docs/index.md tell to type."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.selection import few

FOLDER = Path(__file__).parents[1]
README = FOLDER / "README.md"
PAGE = FOLDER / "docs/index.md"


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a page, without lines that install something."""
    found = re.findall(
        rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    texts = (re.sub(r"^pip install .*\n", "", block, flags=re.MULTILINE) for block in found)
    return [text for text in texts if text]


def run(*command: str, folder: Path) -> str:
    """The output of a command in a folder; a failure shows what it said."""
    environment = {"PATH": str(Path(sys.executable).parent) + ":/usr/bin:/bin"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("page", few([README, PAGE], 1), ids=["README", "docs"])
def test_commands(page: Path, tmp_path: Path) -> None:
    """The commands of a page run one after the other, and show what the sample connector yields."""
    (script,) = blocks(page, "sh")
    said = run("sh", "-ec", script, folder=tmp_path)
    assert "sample-tables.commerce.reporting.calendar" in said
    assert "Orders and revenue per day" in said
    assert re.search(r"^columns$", said, re.MULTILINE)


def test_python_example(tmp_path: Path) -> None:
    """The Python example prints each table of a file with its number of columns."""
    run("om-ingest", "run", "sample-tables", "--sink", "catalog:shop.db", folder=tmp_path)
    (example,) = blocks(PAGE, "python")
    said = run(sys.executable, "-c", example, folder=tmp_path)
    assert "sample-tables.commerce.reporting.daily_revenue 3" in said
    assert "SearchHit" in said
