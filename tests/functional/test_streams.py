"""Standard streams that are closed, full, or read by somebody who has left."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from typing import TYPE_CHECKING

import pytest

from tests.command import COMMAND, Cli
from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Connect

PRINTING = (
    "list-sources",
    "--help",
    "catalog tables",
    "doctor",
    "--version",
    "show shop",
    "schema shop",
    "check shop",
    "list-plugins",
    "runs",
    "catalog --help",
    "init shop -o new.yaml",
    "new my-shop --no-input",
)
SAYING = ("list-sources --no-such-option", "run no-such-source", "catalog show nothing")
PRINTING_BODY = """
def next_record(self):
    print("printed by the connector")
    sys.stdout.buffer.write(b"as bytes")
    yield from stock.tables(3)
"""


def piped(cli: Cli, words: str, redirections: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a command behind redirections of a shell."""
    run = subprocess.run(
        ["sh", "-c", f'"$@" {redirections}', "sh", str(COMMAND), *words.split()],
        cwd=cli.cwd,
        env=cli.env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return run.returncode, run.stdout, run.stderr


def without_reader(cli: Cli, words: str) -> tuple[int, str]:
    """Exit code and errors of a command whose output goes into a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    run = cli.start(*words.split(), stdout=writer)
    os.close(writer)
    _, said = run.communicate(timeout=60)
    return run.returncode, said.decode()


@pytest.fixture
def shop(cli: Cli, connector: Connect) -> None:
    """A connector that prints."""
    connector("shop", PRINTING_BODY)


@pytest.fixture
def words(cli: Cli, shop: None, request: pytest.FixtureRequest) -> str:
    """A command; with tables in the catalog, and a run, if it shows them."""
    if request.param in {"catalog tables", "runs"}:
        cli("run", "shop", "--sink", "catalog:om-ingest.db").succeeded()
    return str(request.param)


@pytest.mark.parametrize("words", few(PRINTING, 2), indirect=True)
def test_full_output_is_an_error_of_the_command(cli: Cli, words: str) -> None:
    """What cannot be printed is told once on standard error, and the exit code is 1."""
    code, _, said = piped(cli, words, "> /dev/full")
    assert code == 1
    assert said.count("error: Cannot write to standard output: No space left on device") == 1
    assert "Traceback" not in said


@pytest.mark.parametrize("words", few(PRINTING, 0), indirect=True)
def test_reader_that_left_is_no_error(cli: Cli, words: str) -> None:
    """A command whose reader has seen enough ends with 0, and says nothing."""
    assert without_reader(cli, words) == (0, "")


@pytest.mark.parametrize("words", few(PRINTING, 1), indirect=True)
def test_closed_output_is_wanted_by_nobody(cli: Cli, words: str) -> None:
    """With standard output closed, or all three streams, a command does its work all the same."""
    assert piped(cli, words, ">&-") == (0, "", "")
    (cli.cwd / "new.yaml").unlink(missing_ok=True)
    words = words.replace("my-shop", "your-shop").replace("new.yaml", "newer.yaml")
    assert piped(cli, words, "<&- >&- 2>&-") == (0, "", "")


@pytest.mark.parametrize("words", few(SAYING, 1))
@pytest.mark.parametrize(
    "redirection", ["2>&-", pytest.param("2>/dev/full", marks=pytest.mark.full)]
)
def test_lost_errors_leave_the_exit_code(
    cli: Cli, shop: None, words: str, redirection: str
) -> None:
    """The exit code is the same when nobody can be told why."""
    assert piped(cli, words, redirection) == (2, "", "")


def test_run_of_a_daemon_without_streams(cli: Cli, shop: None) -> None:
    """A run whose three streams are closed delivers: no file takes the number of a stream."""
    run = "run shop --sink jsonl:out.jsonl --report report.json"
    assert piped(cli, run, "<&- >&- 2>&-") == (0, "", "")
    assert cli.report()["records"]["created"] == len(cli.records("out.jsonl")) > 3


@pytest.mark.parametrize("redirection", few(["2>/dev/full", "2>&-", ">&-", "> /dev/full"], 0))
def test_run_survives_what_nobody_reads(cli: Cli, shop: None, redirection: str) -> None:
    """A log that is full or closed ends no run, and a connector may print into it."""
    run = "run shop --sink jsonl:out.jsonl --report report.json"
    assert piped(cli, run, redirection)[0] == 0
    assert cli.report()["state"] == "success"


def test_console_stops_when_its_reader_leaves(cli: Cli, connector: Connect) -> None:
    """`--sink console | head -1` is a run that ends early: nothing failed, nothing set aside."""
    connector(
        "endless",
        """
        def next_record(self):
            yield from stock.parents()
            for number in range(10**9): yield stock.table(f"t{number}")
        """,
    )
    code, said = without_reader(cli, "run endless --sink console --report report.json")
    assert (code, cli.dead_letters()) == (0, [])
    assert "Nobody reads on: the run ends here" in said
    report = cli.report()
    assert (report["state"], report["readToEnd"], report["errors"]) == ("success", False, [])
    counts = report["records"]
    assert (counts["created"], counts["failed"]) == (0, 0)
    assert counts["leftOut"] == counts["yielded"]


@pytest.mark.parametrize(
    ("redirection", "why"),
    few(
        [
            ("> /dev/full", "Cannot write to standard output: No space left on device"),
            (">&-", "Nothing can be printed: standard output is closed"),
        ],
        1,
    ),
)
def test_console_that_cannot_print_is_one_error(
    cli: Cli, shop: None, redirection: str, why: str
) -> None:
    """A console without room, or without a stream, is one error, of the sink; exit code 1."""
    code, _, said = piped(cli, "run shop --sink console", redirection)
    assert (code, cli.dead_letters()) == (1, [])
    assert said.count(f"error: {why}") == 1
    assert "died" not in said


def on_terminal(cli: Cli, columns: int, words: str) -> list[str]:
    """The lines that a command shows on a terminal of so many columns."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    cli.env.pop("COLUMNS")
    streams = {"stdout": follower, "stderr": follower}
    process = cli.start(*words.split(), env={"TERM": "xterm"}, **streams)
    os.close(follower)
    shown = b""
    with os.fdopen(leader, "rb", buffering=0) as screen, contextlib.suppress(OSError):
        while part := screen.read(10_000):  # an error once the other side is closed
            shown += part
    assert process.wait(60) == 0
    return shown.decode().replace("\r\n", "\n").splitlines()


@pytest.mark.parametrize("columns", few([40, 80], 1))
def test_narrow_terminal_keeps_names_and_states(cli: Cli, connector: Connect, columns: int) -> None:
    """A real terminal shows the name and the state of a source whole, in rows that fit."""
    connector("my-shop-with-a-long-name")
    header, *rows = on_terminal(cli, columns, "list-sources")
    (row,) = (row for row in rows if "my-shop" in row)
    assert "my-shop-with-a-long-name  " in row
    assert "\x1b[32mok\x1b[0m" in row
    assert max(len(re.sub("\x1b.*?m", "", line)) for line in (header, *rows)) <= columns


@pytest.mark.full
def test_report_fits_a_narrow_terminal(cli: Cli, shop: None) -> None:
    """The counts of a run fit into 40 columns: without the columns that hold only zeros."""
    lines = on_terminal(cli, 40, "run shop --sink jsonl:out.jsonl")
    place = lines.index("ENTITY TYPE      CREATED  FAILED")
    assert re.fullmatch("total +[0-9]+ +0", lines[place + 5])
    assert any(line.startswith("\x1b[32msuccess\x1b[0m: shop") for line in lines)
