"""The matrix as a table, and as the page in the manual."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.install.matrix.cell import BACKENDS, COMPANIONS, OFFICIAL, WAYS, Outcome

_HEAD = """\
# The install matrix

One connector, built by every build backend, installed in every way, beside what else may be
installed. Each cell is an environment of its own: the connector is listed, with its distribution
where one is on record, and delivers its records by name; so does its neighbour; `om-ingest
doctor` finds nothing wrong.

`nox -s install -- --full-matrix` tries all cells and writes this page; `nox -s install` tries a
diagonal with every row, way and neighbour in it. pip installs the connector where it stands alone,
uv, which makes the same files, in the other columns.

The connector has two sources: one is named in an entry point, the other only lies in the
namespace. The framework in the last columns ships an `__init__.py` at every level above a
connector, and none of them can be imported.
"""

_OFFICIAL = """\
## Beside openmetadata-ingestion

The real one, whose `metadata/__init__.py` imports half of it. With `--no-deps` that fails, and
nobody notices: the host does not run it. Its own connectors are not listed as sources.
"""


def render(outcomes: Iterable[Outcome]) -> str:
    """The tables as text, then what does not work and why."""
    return "\n".join(_body(list(outcomes)))


def page(outcomes: Iterable[Outcome]) -> str:
    """The whole page in Markdown."""
    return _HEAD + "\n" + render(outcomes) + "\n"


def _body(outcomes: list[Outcome]) -> Iterator[str]:
    by_name = {str(outcome.cell): outcome for outcome in outcomes}
    rows = [
        (_row(backend, way), [f"{backend}-{way}-{companion}" for companion in COMPANIONS])
        for backend in BACKENDS
        for way in WAYS
    ]
    yield from _table(("Build backend", "Way", *COMPANIONS.values()), rows, by_name)
    yield ""
    backend = {(o.cell.way, o.cell.companion): o.cell.backend for o in outcomes}
    rows = [
        (
            f"| {WAYS[way]} |",
            [f"{backend.get((way, companion))}-{way}-{companion}" for companion in OFFICIAL],
        )
        for way in WAYS
    ]
    yield _OFFICIAL
    yield from _table(("Way", *OFFICIAL.values()), rows, by_name)
    broken = [outcome for outcome in outcomes if outcome.fault]
    if broken:
        yield "\n## What does not work\n"
    for outcome in broken:
        cell = outcome.cell
        yield f"**{BACKENDS[cell.backend]}, {WAYS[cell.way]}, {cell.companion}**\n"
        yield from _quote(outcome.fault)
        if outcome.doctor:
            yield "\n`om-ingest doctor` says:\n"
            yield from _quote(outcome.doctor)
        yield ""


def _row(backend: str, way: str) -> str:
    return f"| {BACKENDS[backend]} | {WAYS[way]} |"


def _table(
    head: tuple[str, ...], rows: list[tuple[str, list[str]]], outcomes: dict[str, Outcome]
) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for begin, names in rows:
        found = [outcomes[name] for name in names if name in outcomes]
        if found:
            marks = ("**no**" if outcome.fault else "yes" for outcome in found)
            yield f"{begin} {' | '.join(marks)} |"


def _quote(text: str) -> Iterator[str]:
    yield "```text"
    yield from text.splitlines()
    yield "```"
