"""What commands print: foreign texts cannot move a cursor, and tables fit into a terminal."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
from collections.abc import Iterator

import pytest
from om_ingest import layout, terminal
from om_ingest.terminal import Node

FOREIGN = {
    "ANSI": "a\x1bb",
    "a line end": "a\nb",
    "a carriage return": "a\rb",
    "C1": "a\x9bb",
    "DEL": "a\x7fb",
    "bidirectional": "a\u202eb",
    "an isolate": "a\u2066b",
    "a line separator": "a\u2028b",
    "zero width": "a\u200bb",
    "a byte order mark": "a\ufeffb",
}
FQN = "shop.prod.public.orders_2026"


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Somebody looks at it."""
        return True


@contextlib.contextmanager
def screen() -> Iterator[Screen]:
    """Standard output and error as one terminal."""
    shown = Screen()
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
        yield shown


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that asks for nothing; the terminal has 80 columns."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")


def test_half_characters_are_escaped() -> None:
    """A byte of a file name that is not UTF-8 is told by its number."""
    with screen() as shown:
        terminal.line("cannot open stra\udcdfe.db")
    assert shown.getvalue() == "cannot open stra\\udcdfe.db\n"


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_control_characters_are_replaced(text: str) -> None:
    """Lines, messages, tables and trees show U+FFFD for each; JSON escapes it, and keeps it."""
    with screen() as shown:
        terminal.line(text)
        terminal.message(text)
        terminal.table(("NAME",), [(text,)])
        terminal.tree([Node(text, [Node(text, note=text)])])
    plain = shown.getvalue().replace("\x1b[1mNAME\x1b[0m", "").replace("a\n  b", "a\ufffdb")
    assert plain.count("a\ufffdb") == 6
    assert plain.replace("\n", "").isprintable()
    with screen() as shown:
        terminal.as_json({text: [text]})
    assert shown.getvalue().replace("\n", "").isprintable()
    assert json.loads(shown.getvalue()) == {text: [text]}


def test_letters_of_every_script_stay() -> None:
    """Joiners, spaces that do not break, emoji and accents are no control characters."""
    text = "क\u094d\u200d 5\u00a0km 👩\u200d👧 caf\u0065\u0301 表"
    assert terminal.printable(text) == text


def test_what_looks_like_markup_stays_as_it_is() -> None:
    """Texts in the data are not read as styles, emoji or links, and numbers get no colours."""
    text = "ok: [red]1[/red] :smile: [link=x] 'y'"
    with screen() as shown:
        terminal.line(text)
        terminal.table(("NAME", "STATUS"), [(text, text)])
        terminal.tree([Node(text, note=text)])
    plain = shown.getvalue().replace("\x1b[32mok\x1b[0m", "ok")
    assert plain.count(text) == 5


@pytest.mark.parametrize("columns", [40, 80])
def test_narrow_table_keeps_what_is_copied(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The FQN stays whole; the description is cut, and left out where there is no room at all."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    with screen() as shown:
        terminal.table(
            ("TYPE", "FQN", "DESCRIPTION"),
            [("table", FQN, "Orders of 表 customers. " * 9), ("database", "shop", "A shop.")],
            whole=("FQN",),
        )
    header, first, second = shown.getvalue().splitlines()
    assert FQN in first
    assert first.endswith("…" if columns == 80 else FQN)
    assert layout.columns_of(first) <= columns
    assert second.index("shop") == first.index("shop") == header.index("FQN")


@pytest.mark.parametrize("columns", [40, 120])
def test_wrapped_column_loses_nothing(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that is to be read is wrapped, beside its row or below it."""
    monkeypatch.setenv("COLUMNS", str(columns))
    meaning = "Seconds to wait for a program that has locked the file, which is seldom. " * 2
    with screen() as shown:
        terminal.table(("KEY", "MEANING"), [("timeout_of_the_lock_s", meaning)], wrapped=True)
    _, *lines = shown.getvalue().splitlines()
    said = " ".join(lines).split()
    said.remove("timeout_of_the_lock_s")
    assert said == ["MEANING"] * (columns == 40) + meaning.split()
    assert max(map(layout.columns_of, lines)) <= columns


def test_a_tree_is_drawn() -> None:
    """Children hang below their parents; labels stay whole, and notes are cut."""
    deep = Node("end", note="far away " * 30)
    for _ in range(1500):  # deeper than Python can recurse
        deep = Node("x", [deep])
    with screen() as shown:
        terminal.tree(
            [Node("shop", (n for n in [Node("db", [Node("orders")]), Node("files")])), deep]
        )
    lines = shown.getvalue().splitlines()
    assert lines[:4] == ["shop", "├─ db", "│  └─ orders", "└─ files"]
    assert lines[-1].endswith("└─ end  …")


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"COLUMNS": "0"}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
    ids=str,
)
def test_states_are_coloured_on_a_terminal(
    environment: dict[str, str],
    coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """NO_COLOR, FORCE_COLOR and a dumb terminal decide, in this order; else the stream does."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with screen() as stream:
        terminal.line("failed: 3")
        terminal.table(("NAME", "STATUS"), [("ok", "conflict: two claim it")])
    shown = stream.getvalue()
    assert ("\x1b[31mfailed\x1b[0m: 3" in shown) == coloured
    assert ("ok    \x1b[31mconflict\x1b[0m: two" in shown) == coloured
    assert ("\x1b" in shown) == coloured
    assert not terminal.colours(io.StringIO()) or "FORCE_COLOR" in environment


def test_a_stream_of_another_encoding_gets_what_it_can_hold() -> None:
    """In an ASCII locale lines are drawn with ASCII, and letters are escaped; JSON stays JSON."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, "ascii")
    with contextlib.redirect_stdout(stream):
        terminal.tree([Node("straße", [Node("db")])])
        terminal.as_json(["straße", "👧"])
    tree, _, document = raw.getvalue().decode().partition("db\n")
    assert tree == "stra\\xdfe\n`- "
    assert json.loads(document) == ["straße", "👧"]


def test_a_stream_that_is_not_there_is_no_error() -> None:
    """A process that began without standard output prints nothing, and goes on."""
    with contextlib.redirect_stdout(None):
        terminal.table(("NAME",), [("shop",)])
        terminal.as_json([])


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("values", [[], [1], ["straße\u202e", {}, []], [{"a": [1, {"b": "ü"}]}, 2]])
def test_an_array_is_printed_as_it_is_made(values: list[object], encoding: str) -> None:
    """Each value is taken when those before it are written; the text is that of the whole list."""
    whole, parts = io.BytesIO(), io.BytesIO()
    with contextlib.redirect_stdout(io.TextIOWrapper(whole, encoding)):
        terminal.as_json(values)
        text = whole.getvalue()
    sizes: list[int] = []
    stream = io.TextIOWrapper(parts, encoding, write_through=True)

    def taken() -> Iterator[object]:
        for value in values:
            sizes.append(len(parts.getvalue()))
            yield value

    with contextlib.redirect_stdout(stream):
        terminal.json_array(taken())
    assert parts.getvalue() == text
    assert all(one < other for one, other in itertools.pairwise(sizes))
