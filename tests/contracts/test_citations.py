"""Every section of the OpenMetadata REST contract that anything cites is there to be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CONTRACT = Path("plugins/catalog/docs/rest-contract")
CITING = {"core", "plugins", "tests", "docs", "benchmarks"}
# A number behind the name or the address of another document is a section of that document.
CITATION = re.compile(r"(?P<other>RFC\s+\d+,?\s+|https?://\S+\s+)?§(?P<section>[1-9]\d*(?:\.\d+)*)")
HEADING = re.compile(r"^#{1,2} §(\d+(?:\.\d+)?) (.+) \{ #([\w-]+) \}$", re.MULTILINE)
LINK = re.compile(r"\]\(([\w.-]*)#(s[\d-]+)\)")


def anchor(section: str) -> str:
    """The anchor of a section: `s6-3` for the third of the sixth page."""
    return "s" + section.replace(".", "-")


@pytest.fixture(scope="module")
def pages(root: Path) -> dict[str, str]:
    """The text of each page of the contract, by its name."""
    return {path.name: path.read_text("utf-8") for path in sorted((root / CONTRACT).glob("*.md"))}


@pytest.fixture(scope="module")
def headings(pages: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """Each section of the contract: its number, title, page and anchor."""
    found = [
        (section, title, name, given)
        for name, text in pages.items()
        for section, title, given in HEADING.findall(text)
    ]
    assert found, "the contract has no sections"
    return found


def test_every_cited_section_exists(
    root: Path, files: list[Path], headings: list[tuple[str, str, str, str]]
) -> None:
    """What code, tests and pages cite is a heading of the contract."""
    there = {section for section, *_ in headings}
    cited: dict[str, str] = {}
    for path in files:
        outside = path.parts[0] not in CITING or CONTRACT in path.parents
        if outside or path.suffix not in {".py", ".md"}:
            continue
        text = (root / path).read_text("utf-8")
        for found in CITATION.finditer(text):
            if found["other"] is None:
                line = text.count("\n", 0, found.start("section")) + 1
                cited[f"{path}:{line}"] = found["section"]
    assert len(cited) > 100, "too few citations were found to prove anything"
    lost = [f"{where} cites {section}" for where, section in cited.items() if section not in there]
    assert not lost, f"Correct the number, or write the section in {CONTRACT}: {lost}"


def test_every_section_has_its_anchor(headings: list[tuple[str, str, str, str]]) -> None:
    """A section stands once, under an anchor that follows from its number."""
    sections = [section for section, *_ in headings]
    assert sorted(sections) == sorted(set(sections))
    wrong = [f"{section}: {given}" for section, _, _, given in headings if given != anchor(section)]
    assert not wrong, f"Write {{ #s6-3 }} behind the heading of the third section of six: {wrong}"


def test_the_index_lists_every_section(
    pages: dict[str, str], headings: list[tuple[str, str, str, str]]
) -> None:
    """The first page has one row per section, with its title and page."""
    rows = [line for line in pages["index.md"].splitlines() if line.startswith("| [§")]
    wanted = [
        f"| [§{section}]({name}#{anchor(section)}) | {title} | `{name}` |"
        for section, title, name, _ in headings
    ]
    lost = [start for start in wanted if not any(row.startswith(start) for row in rows)]
    assert not lost, f"Add to the table of {CONTRACT}/index.md: {lost}"
    assert len(rows) == len(wanted)


def test_links_between_sections_arrive(
    pages: dict[str, str], headings: list[tuple[str, str, str, str]]
) -> None:
    """A link from one section to another names a page that holds the anchor."""
    there = {(name, given) for _, _, name, given in headings}
    links = [
        (source, page or source, target)
        for source, text in pages.items()
        for page, target in LINK.findall(text)
    ]
    assert links
    assert [link for link in links if link[1:] not in there] == []
