"""A bad record is set aside with its reason; the rest is delivered, and the run says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Connect

ORPHAN = """
def next_record(self):
    yield from stock.parents()
    yield stock.table("lost", schema="shop.db.private")
    yield stock.table("found")
"""


NO_RECORDS = {
    "None": "NoneType",
    "{'name': 'x'}": "dict",
    "Table": "ModelMetaclass",
    "b'\\xff'": "bytes",
}
"""Values that a source may yield by mistake, and how they are called."""


def test_record_that_is_no_record(cli: Cli, connector: Connect) -> None:
    """Something that is no record fails, and the run goes on behind it."""
    values = ", ".join(NO_RECORDS)
    body = f"def next_record(self):\n    yield from ({values})\n    yield from stock.tables(1)"
    connector("odd", body)
    run = cli("run", "odd", "--report", "report.json")
    assert run.code == 1
    for called in NO_RECORDS.values():
        assert run.err.count(f"not a record but {called}") == 1, called
    assert "Traceback" not in run.err
    report = cli.report()
    assert (report["records"]["failed"], report["records"]["created"]) == (len(NO_RECORDS), 4)
    assert report["byEntityType"]["invalid"]["failed"] == len(NO_RECORDS)
    assert cli.tables() == ["t0"]


NAMES = {"::": "a::b", "long": "x" * 257, "no": "", "\\n": "a\\nb"}
"""Names that are illegal; tests/unit/test_naming.py has all of them."""


@pytest.mark.parametrize("name", few(NAMES.values(), 1), ids=NAMES)
def test_illegal_name(cli: Cli, connector: Connect, name: str) -> None:
    """A name that OpenMetadata refuses ends the source, with the rule in the message."""
    connector(
        "odd",
        f"""
        def next_record(self):
            yield from stock.tables(1)
            yield CreateDatabaseRequest(name="{name}", service="shop")
        """,
    )
    said = "a name has 1 to 256 characters, no '::' and no line break"
    cli("run", "odd").refused(1, "died after 4 records", said)
    assert cli.tables() == ["t0"]


def test_name_made_illegal_later(cli: Cli, connector: Connect) -> None:
    """A name is checked again when it is assigned: it cannot spoil the catalog."""
    connector(
        "odd",
        """
        def next_record(self):
            yield from stock.tables(1)
            bad = CreateDatabaseRequest(name="good", service="shop")
            bad.name = "a::b"
            yield bad
        """,
    )
    cli("run", "odd").refused(1, "died after 4 records", "a name has 1 to 256 characters")
    assert cli.tables() == ["t0"]


@pytest.mark.parametrize("sink", ["catalog:out", "jsonl:out", "console"])
def test_record_that_cannot_be_written(cli: Cli, connector: Connect, sink: str) -> None:
    """A record that no JSON can hold fails alone, whatever the sink."""
    connector(
        "odd",
        """
        def next_record(self):
            yield from stock.parents()
            bad = stock.table("bad")
            bad.extension = {"handle": object()}
            yield bad
            yield stock.table("good")
        """,
    )
    run = cli("run", "odd", "--sink", sink, "--report", "report.json")
    assert "Traceback" not in run.err
    assert "table shop.db.public.bad: " in run.err
    report = cli.report()
    assert (run.code, report["records"]["created"], report["records"]["failed"]) == (1, 4, 1)
    assert report["errors"] == []


def test_text_that_no_encoding_holds(cli: Cli, connector: Connect) -> None:
    """Half characters, as in undecodable file names, break neither report nor dead letters."""
    connector(
        "odd",
        """
        def next_record(self):
            yield from stock.tables(1)
            yield "\\udcff"
            self.status.warning("\\udcff", "\\udcff")
            raise RuntimeError("cannot open \\udcff")
        """,
    )
    cli("run", "odd", "--report", "report.json").refused(1, "cannot open \\udcff")
    assert cli.report()["sourceStatus"]["warnings"]["samples"][0]["key"] == "\udcff"
    (letters,) = cli.dead_letters()
    assert json.loads(letters.read_text("utf-8").splitlines()[1])["text"] == "\udcff"


def test_what_no_replay_delivers(cli: Cli, connector: Connect) -> None:
    """A replay is advised for what it can deliver only; the rest is counted, with what to do."""
    body = "def next_record(self):\n    yield from stock.tables(1)\n    yield 'a word'\n"
    connector("wordy", body)
    run = cli("run", "wordy", "--report", "report.json")
    assert run.code == 1
    assert "to look at" in run.err
    assert "om-ingest replay" not in run.err
    assert "1 held a secret, or was no record" in run.err
    assert cli.report()["notReplayable"] == 1
    late = ORPHAN.replace("yield", "yield 'a word'\n    yield", 1)
    connector("both", late)
    run = cli("run", "both")
    assert "deliver all but 1 of them with" in run.err
    assert "om-ingest replay" in run.err


def test_child_of_a_missing_parent(cli: Cli, connector: Connect) -> None:
    """A refused record lies in the dead-letter file until its parent exists; then it arrives."""
    connector("orphan", ORPHAN)
    connector(
        "late",
        """
        def next_record(self):
            yield CreateDatabaseSchemaRequest(name="private", database="shop.db")
        """,
    )
    run = cli("run", "orphan", "--report", "report.json")
    (letters,) = cli.dead_letters()
    assert run.code == 1
    assert f"om-ingest replay {letters.name}" in run.err
    assert cli.report()["deadLetters"] == letters.name
    assert cli.tables() == ["found"]
    head, *lines = map(json.loads, letters.read_text("utf-8").splitlines())
    assert (head["format"], head["source"]) == ("om-ingest-dead-letters", "orphan")
    assert [line["record"]["name"] for line in lines] == ["lost"]
    assert "shop.db.private" in lines[0]["reason"]

    again = cli("replay", letters.name)  # its parent is still missing
    assert again.code == 1
    assert len(cli.dead_letters()) == 2
    cli("run", "late").succeeded()
    cli("replay", letters.name, "--report", "report.json").succeeded()
    assert cli.tables() == ["found", "lost"]
    assert cli.report()["records"]["created"] == 1
    assert len(cli.dead_letters()) == 2


def test_replay_of_something_else(cli: Cli) -> None:
    """A file that holds no dead letters is refused, whatever it is."""
    cli("replay", "gone.jsonl").refused(2, "gone.jsonl", "No such file")
    cli.write("flow.yaml", "source: {type: shop}\n")
    cli("replay", "flow.yaml").refused(2, "flow.yaml is no dead-letter file")
    (cli.cwd / "noise.bin").write_bytes(b"\xff\xfe\x00")
    cli("replay", "noise.bin").refused(2, "noise.bin is no dead-letter file")
    cli("replay", ".").refused(2, "directory")
    head = {"format": "om-ingest-dead-letters", "version": 2}
    cli.write("newer.jsonl", json.dumps(head) + "\n")
    cli("replay", "newer.jsonl").refused(2, "version 2")


def test_replay_of_a_damaged_file(cli: Cli, connector: Connect) -> None:
    """Lines that are damaged or never were records fail; the others are delivered."""
    connector("orphan", ORPHAN + "    yield 'a word'\n")
    connector("shop", "def next_record(self): return stock.parents()")
    cli("run", "orphan", "--sink", "catalog:one.db")
    (letters,) = cli.dead_letters()
    text = letters.read_text("utf-8").replace("shop.db.private", "shop.db.public")
    letters.write_text(text + '{"reason": "cut o\n', "utf-8")
    cli("run", "shop", "--sink", "catalog:two.db").succeeded()
    run = cli("replay", letters.name, "--sink", "catalog:two.db")
    assert run.code == 1
    assert "line 4 is damaged" in run.err
    assert "Traceback" not in run.err
    assert cli.tables("two.db") == ["lost"]


def test_replay_needs_a_sink_that_exists(cli: Cli, connector: Connect) -> None:
    """Replay delivers to the old sink, another with --sink, or says what it lacks."""
    head = {"format": "om-ingest-dead-letters", "version": 1}
    cli.write("letters.jsonl", json.dumps(head) + "\n")
    cli("replay", "letters.jsonl").refused(2, "does not say where its records go", "--sink")
    cli("replay", "letters.jsonl", "--sink", "tape").refused(2, "no sink named 'tape'")
    cli("replay", "letters.jsonl", "--sink", "console").succeeded()


def test_dead_letters_that_cannot_be_written(cli: Cli, connector: Connect) -> None:
    """Failed records that cannot be set aside either are an error of their own."""
    connector("orphan", ORPHAN)
    name = "r" * 250  # no file system takes that and "om-ingest-failed-"
    cli.write("flow.yaml", f"source: {{type: orphan}}\npipelineRunId: {name}\n")
    cli("run", "flow.yaml").refused(1, "could not be set aside", f"om-ingest-failed-{name}.jsonl")
    assert cli.tables() == ["found"]


def test_run_that_is_tried_again(cli: Cli, connector: Connect) -> None:
    """A second run with the same id keeps the failed records of the first."""
    connector("orphan", ORPHAN)
    cli.write("flow.yaml", "source: {type: orphan}\npipelineRunId: run-1\n")
    reported = []
    for _ in range(2):
        assert cli("run", "flow.yaml", "--report", "report.json").code == 1
        reported.append(cli.report()["deadLetters"])
    assert reported == ["om-ingest-failed-run-1.jsonl", "om-ingest-failed-run-1-2.jsonl"]
    assert sorted(path.name for path in cli.dead_letters()) == sorted(reported)


def test_success_threshold(cli: Cli, connector: Connect) -> None:
    """Failed records count unless the workflow says how many may; raiseOnError only mutes them.

    Of five records one fails: 80 % succeed.
    """
    connector("orphan", ORPHAN)
    flow = "source: {type: orphan}\nworkflowConfig: {%s}\n"
    outcomes = {}
    for setting in ("successThreshold: 80", "successThreshold: 81", "raiseOnError: false", ""):
        cli.write("flow.yaml", flow % setting)
        run = cli("run", "flow.yaml", "--report", "report.json")
        outcomes[setting] = (run.code, cli.report()["state"])
    assert outcomes == {
        "successThreshold: 80": (0, "success"),
        "successThreshold: 81": (1, "failed"),
        "raiseOnError: false": (0, "failed"),
        "": (1, "failed"),
    }


def test_failures_are_capped_in_the_report(cli: Cli, connector: Connect) -> None:
    """The report names the first 20 failures and counts all; the file holds them all."""
    connector("bad", "def next_record(self):\n    for n in range(700): yield n")
    run = cli("run", "bad", "--report", "report.json")
    assert "failed: 700, the first 20" in run.err
    failures = cli.report()["failures"]
    assert (failures["total"], len(failures["samples"])) == (700, 20)
    (letters,) = cli.dead_letters()
    assert len(letters.read_text().splitlines()) == 701
