"""What the pages show is the real thing: files of examples/, and code that type checkers accept."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

LINK = re.compile(r"^\[`([^`]+)`\]\((\.\./[^ )]+)", re.MULTILINE)
DIRECTIVE = re.compile(r"^(--8<--|:::|<!--)", re.MULTILINE)
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
RELATIVE = re.compile(r"\]\((?![a-z]+:|#)([^)#\s]+)")
MODULE = re.compile(r'^```python title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def test_every_example_is_shown_once(root: Path, files: list[Path]) -> None:
    """Each file for cron, Airflow, Kubernetes and GitHub stands on one page of the site."""
    kept = [
        path.as_posix()
        for path in files
        if path.parts[0] == "examples" and path.parts[1].partition("-")[0] != "sample"
    ]
    shown = [
        name
        for path in files
        if path.suffix == ".md" and path.parts[0] == "docs"
        for name, _ in LINK.findall((root / path).read_text("utf-8"))
        if name.startswith("examples/")
    ]
    assert kept
    assert sorted(shown) == sorted(kept)


def test_pages_are_whole_in_the_repository(root: Path, files: list[Path]) -> None:
    """No page shows a directive of the site's builder; what the site puts in is a link that leads
    somewhere.
    """
    for path in files:
        if path.suffix == ".md" and "docs" in path.parts:
            text = (root / path).read_text("utf-8")
            assert not DIRECTIVE.findall(text), path
            for _, target in LINK.findall(text):
                assert (root / path.parent / target).exists(), f"{path}: {target}"


def test_links_lead_somewhere(root: Path, files: list[Path]) -> None:
    """Every relative link of every page leads to a file or folder of the repository."""
    links = [
        (path, target)
        for path in files
        if path.suffix == ".md" and "templates" not in path.parts
        for target in RELATIVE.findall(BLOCK.sub("", (root / path).read_text("utf-8")))
    ]
    assert len(links) > len({path for path, _ in links})
    broken = [f"{path}: {to}" for path, to in links if not (root / path.parent / to).exists()]
    assert broken == []


def test_pages_that_messages_name_are_there(root: Path, files: list[Path]) -> None:
    """A message that sends its reader to a page of the documentation names one that exists."""
    sources = [path for path in files if path.suffix == ".py" and "src" in path.parts]
    named = {
        page
        for path in sources
        for page in re.findall(r"docs/[\w/-]+\.md", (root / path).read_text("utf-8"))
    }
    assert "docs/explanation/from-metadata-ingest.md" in named
    assert [page for page in sorted(named) if not (root / page).exists()] == []


def test_packages_of_core_are_on_the_page(root: Path) -> None:
    """The table of the page about the architecture has each package and module of core."""
    text = (root / "docs/explanation/architecture.md").read_text("utf-8")
    (rows,) = re.findall(r"^\| package \|.*?\n\|-.*?\n((?:\|.*\n)+)", text, re.MULTILINE)
    names = [
        name for row in rows.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])
    ]
    found = {
        path.stem for path in root.glob("core/src/om_ingest/[a-z]*") if path.suffix != ".typed"
    }
    assert sorted(names) == sorted(found)


def test_decisions_are_listed_in_order(root: Path) -> None:
    """Each decision has a number of its own, without gaps, and stands in the site's navigation."""
    names = sorted(path.name for path in root.glob("docs/adr/0*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    heads = [(root / "docs/adr" / name).read_text("utf-8").split()[1] for name in names]
    assert [int(head.strip(".:")) for head in heads] == list(range(1, len(names) + 1))
    shown = re.findall(r"- adr/(0.*\.md)$", (root / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    assert shown == names


def test_code_on_how_to_pages_is_typed(root: Path, tmp_path: Path) -> None:
    """Mypy, strict, accepts the modules on the how-to pages."""
    saved = []
    for page in sorted(root.glob("docs/how-to/*.md")):
        for title, code in MODULE.findall(page.read_text("utf-8")):
            saved.append(tmp_path / Path(title).name)
            assert not saved[-1].exists(), f"two pages have {title}"
            saved[-1].write_text(code, "utf-8")
    assert saved
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", *map(str, saved)]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
