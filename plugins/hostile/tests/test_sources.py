"""Sources that break the contract: one clear message, the right exit code, nothing lost."""

from __future__ import annotations

import json
import signal
import socket
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli

OWNER = "om-ingest-hostile 0.1.0"
SECRET = "hunter-22-swordfish"


class Fate(NamedTuple):
    """What a run of a hostile source comes to."""

    code: int
    said: str
    """Part of the message, beside the name of the source."""

    tables: int = 0
    """How many tables are delivered; all parents are, if there is any."""

    failed: int = 0
    """How many records are set aside."""


BROKEN = {
    "hostile-raises-in-prepare": Fate(1, "died after 0 records: ConnectionError: no route"),
    "hostile-raises-at-first-record": Fate(1, "died after 0 records: ValueError: nothing to read"),
    "hostile-raises-midway": Fate(1, "died after 5 records: RuntimeError: lost", 2),
    "hostile-raises-in-close": Fate(1, "died while it was closed: OSError: already gone", 2),
    "hostile-raises-in-status": Fate(1, "died in get_status: AttributeError: status", 2),
    "hostile-exits": Fate(1, "died after 5 records: SystemExit: 0", 2),
    "hostile-yields-illegal-name": Fate(1, "a name has 1 to 256 characters", 2),
    "hostile-works-in-tests-only": Fate(1, "died after 0 records: RuntimeError: no such thing"),
    "hostile-returns-none": Fate(3, "next_record returned None"),
    "hostile-returns-no-iterable": Fate(3, "next_record returned int"),
    "hostile-status-lies": Fate(3, "its status counts -1 as failure", 2, 1),
    "hostile-status-is-none": Fate(3, "get_status returned NoneType", 2),
}
"""What ends with an error that names source and distribution."""

PARTIAL = {
    "hostile-yields-no-record": Fate(1, "not a record but dict", 2, 3),
    "hostile-yields-orphan": Fate(1, "hostile.db.elsewhere does not exist", 2, 1),
    "hostile-mutates-yielded-record": Fate(1, "the same object was yielded before", 1, 2),
    "hostile-yields-unchecked-name": Fate(1, "a name has 1 to 256 characters", 2, 1),
    "hostile-yields-invalid-record": Fate(1, "the column id occurs twice", 2, 1),
    "hostile-reads-half": Fate(1, "hostile.db.public.t2: permission denied", 2),
}
"""What ends in order, with records set aside."""

HARMLESS = {
    "hostile-yields-parents-late": Fate(0, "success", 2),
    "hostile-not-deterministic": Fate(0, "6 records", 3),
    "hostile-claims-foreign-scope": Fate(0, "5 records", 2),
    "hostile-closes-once-only": Fate(0, "5 records", 2),
    "hostile-eager": Fate(0, "2,003 records", 2000),
    "hostile-grows": Fate(0, "2,003 records", 2000),
    "hostile-undocumented": Fate(0, "5 records", 2),
    "hostile-import-prints": Fate(0, "5 records", 2),
    "hostile-import-slow": Fate(0, "5 records", 2),
    "hostile-changes-yielded-record": Fate(0, "5 records", 2),
    "hostile-goes-on-after-scope": Fate(0, "5 records", 2),
    "hostile-ends-nothing-above": Fate(0, "6 records", 2),
    "hostile-returns-list": Fate(0, "5 records", 2),
    "hostile-ignores-unknown-keys": Fate(0, "5 records", 2),
    "hostile-takes-any-value": Fate(0, "5 records", 2),
    "hostile-eats-its-config": Fate(0, "5 records", 2),
    "hostile-prepares-itself": Fate(0, "5 records", 2),
    "hostile-closes-itself": Fate(0, "5 records", 2),
    "hostile-close-needs-prepare": Fate(0, "5 records", 2),
    "hostile-ignores-limit": Fate(0, "5 records", 2),
    "hostile-status-grows": Fate(0, "5 records", 2),
    "hostile-remembers": Fate(0, "5 records", 2),
    "hostile-bookmarks-early": Fate(0, "7 records", 4),
    "hostile-completes-half": Fate(0, "7 records", 4),
    "hostile-trusts-the-sink": Fate(0, "5 records", 2),
    "hostile-retries-for-ever": Fate(0, "5 records", 2),
    "hostile-in-a-hurry": Fate(0, "5 records", 2),
    "hostile-import-sets-up-logging": Fate(0, "5 records", 2),
    "hostile-import-reads-folder": Fate(0, "5 records", 2),
    "hostile-import-takes-over": Fate(0, "5 records", 2),
    "hostile-asks-framework": Fate(0, "5 records", 2),
    "hostile-import-connects": Fate(0, "5 records", 2),
}
"""What the host has nothing to say against."""

UNUSABLE = {
    "hostile-raises-in-create": Fate(1, "could not be created: KeyError: 'host'"),
    "hostile-creates-something-else": Fate(3, "create returned str"),
    "hostile-import-raises": Fate(3, "RuntimeError: this module cannot be imported"),
    "hostile-import-exits": Fate(3, "SystemExit: 0"),
    "hostile-import-needs-more": Fate(3, "'om_ingest_hostile_has_forgotten_this'"),
    "hostile-needs-broken-module": Fate(3, "RuntimeError: this stand-in is broken"),
    "hostile-needs-broken-framework": Fate(3, "'hostile_broken_framework', which is not installed"),
    "hostile-limits-are-text": Fate(3, "limits answers text instead of lines"),
    "hostile-limits-raise": Fate(3, "KeyError: 'limits'"),
    "hostile-no-module": Fate(3, "there is no module"),
    "hostile-no-class": Fate(3, "has no 'Gone'"),
    "hostile-no-source": Fate(3, "is no subclass of om_ingest.Source"),
}
"""What cannot even begin."""


def delivered(cli: Cli, fate: Fate) -> None:
    """Assert that the catalog and the report hold what `fate` says, and add up."""
    counts = cli.report()["records"]
    assert (counts["failed"], counts["filtered"]) == (fate.failed, 0)
    assert len(cli.tables()) == fate.tables
    assert counts["created"] + counts["unchanged"] >= fate.tables
    lines = [line for file in cli.dead_letters() for line in file.read_text().splitlines()[1:]]
    assert len(lines) == fate.failed


@pytest.mark.parametrize(("name", "fate"), few(BROKEN.items(), 3), ids=BROKEN)
def test_source_that_breaks(cli: Cli, name: str, fate: Fate) -> None:
    """The run fails and says whose fault it is; what was yielded before is delivered."""
    run = cli("run", name, "--report", "report.json").refused(fate.code, fate.said)
    assert run.err.count("error: ") == 1
    assert f"The source {name} of {OWNER} " in run.err
    delivered(cli, fate)


@pytest.mark.parametrize(("name", "fate"), few(PARTIAL.items(), 3), ids=PARTIAL)
def test_source_that_yields_what_it_must_not(cli: Cli, name: str, fate: Fate) -> None:
    """Bad records are counted and set aside with a reason; the others are delivered."""
    run = cli("run", name, "--report", "report.json")
    assert run.code == fate.code
    assert fate.said in run.err
    assert f"failed: {name} " in run.err
    assert "Traceback" not in run.err
    delivered(cli, fate)


@pytest.mark.parametrize(("name", "fate"), few(HARMLESS.items(), 2, ids=lambda case: str(case[0])))
def test_source_that_harms_only_itself(cli: Cli, name: str, fate: Fate) -> None:
    """What breaks no promise to the user is delivered in full."""
    run = cli("run", name, "--report", "report.json").succeeded()
    assert f"success: {name} " in run.err
    assert fate.said in run.err
    delivered(cli, fate)


@pytest.mark.parametrize(("name", "fate"), few(UNUSABLE.items(), 2), ids=UNUSABLE)
def test_source_that_cannot_begin(cli: Cli, name: str, fate: Fate) -> None:
    """The message says why, with the distribution, before any sink is opened."""
    run = cli("run", name).refused(fate.code, name, fate.said, OWNER)
    assert run.err.count("error: ") == 1
    assert not (cli.cwd / "om-ingest.db").exists()


def test_list_shows_them_all(cli: Cli) -> None:
    """Nobody's misbehaviour disturbs the list, and none of them is imported for it."""
    began = time.monotonic()
    sources = {source["name"]: source for source in cli("list-sources", "--json").succeeded().json}
    assert time.monotonic() - began < 300, "something was waited for"
    names = {*BROKEN, *PARTIAL, *HARMLESS, *UNUSABLE}
    assert {sources[name]["distribution"] for name in names} == {"om-ingest-hostile"}
    assert {name for name in names if sources[name]["status"] != "ok"} == {"hostile-no-module"}


def test_foreign_scope_deletes_nothing(cli: Cli) -> None:
    """The end of a scope that a source never read deletes nothing that others delivered."""
    cli("run", "hostile-not-deterministic").succeeded()
    cli("run", "hostile-claims-foreign-scope").succeeded()
    assert len(cli.tables()) == 3


@pytest.mark.parametrize("name", few(["hostile-prints", "hostile-import-prints"], 1))
def test_standard_output_holds_records_only(cli: Cli, name: str) -> None:
    """What a source prints goes to standard error, at import and during the run."""
    run = cli("run", name, "--sink", "console").succeeded()
    assert "printed by" in run.err
    assert [json.loads(line)["type"] for line in run.out.splitlines()][-2:] == ["table", "table"]
    assert cli("show", name, "--json-schema").succeeded().json["type"] == "object"


def test_secret_is_nowhere(cli: Cli) -> None:
    """A secret that its own source leaks is masked in logs, prints, errors and every file."""
    run = cli(
        *("run", "hostile-leaks-secret", "--set", f"password={SECRET}", "--report", "report.json"),
        *("--log-level", "debug"),
    )
    assert run.code == 1
    texts = [run.out, run.err, (cli.cwd / "report.json").read_text()]
    (letters,) = cli.dead_letters()
    texts.append(letters.read_text())
    assert [text for text in texts if SECRET in text] == []
    assert len(cli.tables()) == 2
    for said in ("logged", "printed", "printed to stderr", "noted", "raised", "closed with"):
        assert f"{said} **********" in run.err, said


def test_source_that_connects_too_early(cli: Cli) -> None:
    """A source that connects while it is created fails in `check`, where others do not."""
    with socket.socket() as taken:
        taken.bind(("localhost", 0))  # nobody listens: a connection is refused
        port = taken.getsockname()[1]
        for command in ("check", "run"):
            run = cli(command, "hostile-connects-in-create", "--set", f"port={port}")
            run.refused(1, f"hostile-connects-in-create of {OWNER} could not be created")
    assert not (cli.cwd / "om-ingest.db").exists()


def test_key_without_a_meaning(cli: Cli) -> None:
    """A config key that nobody explained is shown with name, type and default."""
    assert "who_knows  int   3" in cli("show", "hostile-undocumented").succeeded().out
    assert "# who_knows: 3" in cli("show", "hostile-undocumented", "--example").succeeded().out


@pytest.mark.parametrize("name", ["hostile-hangs", "hostile-swallows-interrupt"])
def test_source_that_does_not_stop(cli: Cli, name: str) -> None:
    """One signal ends it, and what it yielded is delivered."""
    process = cli.start("run", name, "--set", "started=started", "--report", "report.json")
    cli.wait_for("started")
    process.send_signal(signal.SIGTERM)
    run = cli.ended(process)
    assert run.code == 143, run.err
    assert f"interrupted: {name} " in run.err
    assert "Traceback" not in run.err
    assert cli.tables() == ["t0", "t1"]
    assert cli.report()["records"]["failed"] == 0
