"""What the pages show is the real thing: files of examples/, and code that type checkers accept."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SNIPPET = re.compile(r'^--8<-- "([^"]+)"$', re.MULTILINE)
MODULE = re.compile(r'^```python title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def test_every_example_is_shown_once(root: Path, files: list[Path]) -> None:
    """Each file for cron, Airflow, Kubernetes and GitHub stands on one page, as it is."""
    kept = [
        path.as_posix()
        for path in files
        if path.parts[0] == "examples" and path.parts[1].partition("-")[0] != "sample"
    ]
    shown = [
        name
        for path in files
        if path.suffix == ".md" and path.parts[0] == "docs"
        for name in SNIPPET.findall((root / path).read_text("utf-8"))
    ]
    assert kept
    assert sorted(shown) == sorted(kept)


def test_code_on_how_to_pages_is_typed(root: Path, tmp_path: Path) -> None:
    """Mypy, strict, accepts the modules on the how-to pages."""
    saved = []
    for page in sorted(root.glob("docs/how-to/*.md")):
        for title, code in MODULE.findall(page.read_text("utf-8")):
            if SNIPPET.search(code) is None:
                saved.append(tmp_path / Path(title).name)
                assert not saved[-1].exists(), f"two pages have {title}"
                saved[-1].write_text(code, "utf-8")
    assert saved
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", *map(str, saved)]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
