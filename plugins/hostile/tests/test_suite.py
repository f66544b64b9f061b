"""`SourceSuite` catches each hostile source by the checks that it concerns, and no others."""

from __future__ import annotations

import os
import re
import subprocess
import textwrap
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

import pytest
from om_ingest_testing import RULES

from tests.command import PYTEST
from tests.selection import few

SECRET = "hunter-22-swordfish"

CATCHES: dict[str, dict[str, str]] = {
    # what is raised
    "hostile-raises-in-create": {"creates": "could not be created: KeyError: 'host'"},
    "hostile-raises-in-prepare": {"reads-to-the-end": "raised in prepare, after 0 records"},
    "hostile-raises-at-first-record": {"reads-to-the-end": "ValueError: nothing to read"},
    "hostile-raises-midway": {"reads-to-the-end": "raised in next_record, after 5 records"},
    "hostile-raises-in-close": {"closed-once": "OSError: already gone"},
    "hostile-raises-in-status": {"status-makes-sense": "raised in get_status after a run"},
    "hostile-exits": {"reads-to-the-end": "SystemExit: 0"},
    # what is yielded
    "hostile-yields-no-record": {"bare-records": "yielded {'name': 't'}, which is not a record"},
    "hostile-yields-illegal-name": {
        "names-legal": "gave the name 'a::b'",
        "reads-to-the-end": "not a valid CreateDatabaseRequest: name",
    },
    "hostile-yields-orphan": {"parents-first": "hostile.db.elsewhere.orphan too early"},
    "hostile-yields-parents-late": {"parents-first": "hostile.db.public.t0 too early"},
    "hostile-mutates-yielded-record": {"records-left-alone": "one object as record 4 and as 5"},
    "hostile-not-deterministic": {"same-twice": "yielded as record 6 first"},
    "hostile-claims-foreign-scope": {"scopes-own": "ended the scope hostile.db.elsewhere"},
    "hostile-yields-unchecked-name": {"names-legal": "gave the name 'a\\nb'"},
    "hostile-yields-invalid-record": {"records-valid": "the column id occurs twice"},
    "hostile-changes-yielded-record": {"records-left-alone": "changed record 4"},
    "hostile-goes-on-after-scope": {"scopes-own": "hostile.db.public.t1 after it had ended"},
    "hostile-ends-nothing-above": {"scopes-above": "2 scopes of tables below hostile.db"},
    # what methods return
    "hostile-returns-none": {"returns-iterator": "returned None"},
    "hostile-returns-no-iterable": {"returns-iterator": "returned 5 (int)"},
    "hostile-creates-something-else": {"creates": "returned 'a source, believe me'"},
    "hostile-status-lies": {
        "status-makes-sense": "counted -1 as failure",
        "parents-first": "hostile.db.elsewhere.orphan too early",
    },
    "hostile-status-is-none": {"status-makes-sense": "returned None from get_status"},
    "hostile-returns-list": {
        "returns-iterator": "(list) from next_record",
        "lazy": "had built all 5 records",
        "memory-flat": "still held 4 of 4 records",
    },
    "hostile-limits-are-text": {
        "limits-are-lines": "answered 'views are not read'",
        "runs-by-name": "limits answers text instead of lines",
    },
    "hostile-limits-raise": {
        "limits-are-lines": "KeyError: 'limits'",
        "runs-by-name": "KeyError: 'limits'",
    },
    # conduct of a guest
    "hostile-prints": {"prints-nothing": "the first: 'printed by create'"},
    "hostile-leaks-secret": {
        "secrets-hidden": "showed a secret in what it logs: 'logged **********'",
        "prints-nothing": "the first: 'printed **********'",
        "parents-first": "hostile.db.**********.orphan too early",
        "reads-to-the-end": "RuntimeError: raised **********",
        "closed-once": "SourceError: closed with **********",
    },
    "hostile-connects-in-create": {"create-stays-local": "connected while it was created"},
    "hostile-closes-once-only": {},  # nobody may close it twice: there is nothing to catch
    "hostile-eager": {
        "lazy": "had built all 2003 records when the first one arrived",
        "memory-flat": "still held 2002 of 2002 records",
    },
    "hostile-grows": {"memory-flat": "still held 2002 of 2002 records"},
    "hostile-undocumented": {"config-documented": "'who_knows' of SilentConfig"},
    # carelessness
    "hostile-ignores-unknown-keys": {"unknown-key-refused": "the unknown key 'no_such_key'"},
    "hostile-takes-any-value": {"wrong-value-refused": "of the key 'port'"},
    "hostile-eats-its-config": {"config-left-alone": "from {'table_count': 2} to {}"},
    "hostile-prepares-itself": {"prepared-once": "was prepared 2 times"},
    "hostile-closes-itself": {"closed-once": "was closed 2 times"},
    "hostile-close-needs-prepare": {"closed-after-failure": "when it was closed without prepare"},
    "hostile-ignores-limit": {"stops-at-limit": "generator ignored GeneratorExit"},
    "hostile-reads-half": {"no-failures": "reported a failure: hostile.db.public.t2: permission"},
    "hostile-status-grows": {"status-stays-small": "kept 50 notes in status.warnings"},
    "hostile-remembers": {
        "same-twice": "yielded 5 records first, and 3 at the second reading",
        "counts-add-up": "yielded 5 records in one run, and 3 in another",
    },
    # how far it has read
    "hostile-bookmarks-early": {
        "goes-on-from-state": "left table hostile.db.public.t0 out when it began with",
    },
    "hostile-completes-half": {
        "goes-on-from-state": "and left hostile.db.public.t0 out: that would be deleted",
    },
    # what is expected of a sink
    "hostile-trusts-the-sink": {"survives-refusals": "AttributeError: 'NoneType' object"},
    "hostile-retries-for-ever": {"survives-stopped-sink": "had not ended"},
    "hostile-in-a-hurry": {"survives-slow-sink": "TimeoutError: the session has expired"},
    "hostile-works-in-tests-only": {"runs-by-name": "ended with exit code 1"},
    # endless waiting
    "hostile-hangs": {
        "reads-to-the-end": "had not ended",
        "stops-when-cancelled": "after ctx.cancelled was set",
    },
    "hostile-swallows-interrupt": {
        "lets-interrupts-through": "swallowed an interrupt",
        "reads-to-the-end": "had not ended",
        "stops-when-cancelled": "after ctx.cancelled was set",
        "stops-at-limit": "generator ignored GeneratorExit",
    },
    # what happens at import
    "hostile-import-raises": {"entry-point": "RuntimeError: this module cannot be imported"},
    "hostile-import-exits": {"entry-point": "SystemExit: 0"},
    "hostile-import-prints": {"quiet-import": "'printed by the import\\n'"},
    "hostile-import-needs-more": {"entry-point": "'om_ingest_hostile_has_forgotten_this'"},
    "hostile-import-slow": {"quick-import": "s to import"},
    "hostile-import-sets-up-logging": {"quiet-import": "set up logging while it was imported"},
    "hostile-import-reads-folder": {"quiet-import": "accessed the working directory"},
    "hostile-import-connects": {"quiet-import": "connected while it was imported"},
    "hostile-import-takes-over": {"quiet-import": "set up logging while it was imported"},
    "hostile-asks-framework": {"quiet-import": "printed by a hook"},
    "hostile-needs-broken-module": {"entry-point": "RuntimeError: this stand-in is broken"},
    "hostile-needs-broken-framework": {"entry-point": "'hostile_broken_framework'"},
    # what leads nowhere
    "hostile-no-module": {"entry-point": "there is no module"},
    "hostile-no-class": {"entry-point": "has no 'Gone'"},
    "hostile-no-source": {"entry-point": "is no subclass of om_ingest.Source"},
}
"""Source → the checks that must fail, each with a part of its message; no other may fail."""

PATIENCE = "config = {'started': FOLDER + '/%s'}\n    patience_s = 3.0"
SPECIAL = {
    "hostile-leaks-secret": f"config = {{'password': '{SECRET}'}}",
    "hostile-connects-in-create": "config = {'port': SERVER.getsockname()[1]}",
    "hostile-eats-its-config": "config = {'table_count': 2}",
    "hostile-hangs": PATIENCE % "hangs",
    "hostile-swallows-interrupt": PATIENCE % "swallows",
    "hostile-retries-for-ever": "config = {}\n    patience_s = 3.0",
    "hostile-in-a-hurry": "config = {}\n    sink_pause_s = 2.5",
}
"""What the suite of a source says, if it is more than an empty config."""

HEAD = """
import socket, tempfile
from om_ingest_testing import SourceSuite

FOLDER = tempfile.mkdtemp(dir=".")
SERVER = socket.create_server(("localhost", 0), backlog=512)
"""


class Outcome(NamedTuple):
    """What became of one check of one source."""

    state: str
    message: str


def suite_of(name: str) -> str:
    """The class that an author would write."""
    body = SPECIAL.get(name, "config = {}")
    return f"\nclass {camel(name)}(SourceSuite):\n    source = {name!r}\n    {body}\n"


def camel(name: str) -> str:
    """The name of that class."""
    return "Test" + "".join(word.capitalize() for word in name.split("-"))


def run_suites(names: Sequence[str], folder: Path, site: Path) -> dict[str, dict[str, Outcome]]:
    """Run the suite over hostile sources in one session; outcomes by class and rule."""
    module, report = folder / "test_hostile.py", folder / "report.xml"
    module.write_text(HEAD + "".join(map(suite_of, names)), encoding="utf-8")
    command = [*PYTEST, "--junitxml", str(report), "-n", "2", "--dist", "loadscope"]
    command += ["--rootdir", str(folder), str(module)]
    # What the suite covers, it covers for the connectors of this repository, too; measured
    # here, it would take twice the time.
    env = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
    env["PYTHONPATH"] = str(site)
    run = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert report.exists(), run.stdout + run.stderr
    found: dict[str, dict[str, Outcome]] = defaultdict(dict)
    for case in ElementTree.parse(report).iter("testcase"):
        state, message = "passed", ""
        for child in case:
            if child.tag in ("failure", "error", "skipped"):
                state, message = child.tag, f"{child.get('message')}\n{child.text}"
        rule = str(case.get("name")).removeprefix("test_").replace("_", "-")
        found[str(case.get("classname")).rpartition(".")[2]][rule] = Outcome(state, message)
    return found


def complaints(name: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Where the suite differs from what the table says of one source."""
    wanted = CATCHES[name]
    wrong = []
    for key in RULES:
        if key == "golden":
            continue  # not collected without a golden file
        state, message = outcomes[key]
        blamed = re.search(r"see test_(\w+)", message)
        if key in wanted and state != "failure":
            wrong.append(f"{name}: {key} {state} {message}")
        elif key in wanted and not all(
            part in message for part in (name, wanted[key], RULES[key].wants, RULES[key].place)
        ):
            wrong.append(f"{name}: {key} says {message}")
        elif key not in wanted and state in ("failure", "error"):
            wrong.append(f"{name}: {key} {state} {message}")
        elif state == "skipped" and not (blamed and blamed[1].replace("_", "-") in wanted):
            wrong.append(f"{name}: {key} is skipped for no failure: {message}")
        if SECRET in message:
            wrong.append(f"{name}: {key} shows the secret")
    return wrong


def test_every_source_is_in_the_table(site: Path) -> None:
    """The table says of each hostile source how the suite catches it."""
    (installed,) = distributions(path=[str(site)])
    declared = installed.entry_points.select(group="metadata.ingestion.source")
    assert set(CATCHES) == {point.name for point in declared}


def test_every_check_catches_something() -> None:
    """Each check fails for a hostile source; two are about what lies around the source."""
    caught = {key for checks in CATCHES.values() for key in checks}
    assert set(RULES) - caught == {"golden", "shared-levels"}  # plugins/testing/tests


@pytest.mark.parametrize("names", few([[*CATCHES][::28], [*CATCHES]], 1), ids=["some", "all"])
def test_suite_catches_each_of_them(names: list[str], site: Path, tmp_path: Path) -> None:
    """For each source exactly the checks in the table fail, and say what it did, what is wanted
    and where that is written; what cannot be looked at then is skipped with a reference to them.
    """
    outcomes = run_suites(names, tmp_path, site)
    wrong = [text for name in names for text in complaints(name, outcomes[camel(name)])]
    assert not wrong, "\n".join(textwrap.shorten(text, 500) for text in wrong)
