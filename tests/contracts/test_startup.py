"""Commands that look around start fast: what they import is counted, not how long they take."""

from __future__ import annotations

import contextlib
import importlib.util
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("om-ingest")
HEAVY = {
    "email.parser": "the parser of e-mail: headers are read by om_ingest.distributions",
    "httpx": "the HTTP client",
    "metadata": "a connector",
    "om_ingest_catalog": "the embedded catalog",
    "om_ingest_compat": "what stands in for another framework",
    "om_ingest.releases": "the table of what servers know",
    "openlineage.client": "the client of OpenLineage",
    "opentelemetry": "the tracing of runs",
    "packaging": "the comparison of versions: most connectors ask for plain bounds",
    "pydantic": "the models",
    "rich": "the painter of terminals",
    "sqlite3": "the journal of runs, and the catalog",
    "yaml": "the reader of workflow files",
}


def imported(*arguments: str) -> set[str]:
    """The modules that one run of the installed command imports; its output is no terminal."""
    # -v tells every import; -X importtime leaves out those by `importlib.import_module`.
    run = subprocess.run(
        [sys.executable, "-v", str(COMMAND), *arguments], capture_output=True, text=True
    )
    if run.returncode != 0:
        said = [line for line in run.stderr.splitlines() if not line.startswith(("#", "import "))]
        pytest.fail("\n".join([run.stdout, *said]))
    return set(re.findall(r"^import '([\w.]+)' #", run.stderr, re.MULTILINE))


@pytest.mark.parametrize("arguments", [("list-sources",), ("--help",), ("--version",)])
def test_looking_around_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    """Listing, help and version import no HTTP client, no models and no connector."""
    modules = imported(*arguments)
    assert "om_ingest.cli" in modules, "the run was not observed"
    found = {name: why for name, why in HEAVY.items() if name in modules}
    assert not found, f"om-ingest {' '.join(arguments)} needs none of these: {found}"
    assert "logging" not in modules or arguments == ("list-sources",)


def test_run_into_a_file_imports_no_store(tmp_path: Path) -> None:
    """A run into a file that reads nothing back imports no catalog and no HTTP client.

    Nor does it keep what was yielded: a file that is written anew has no stale entities. Nobody
    observes it, although those who could are installed.
    """
    state = ("--state", str(tmp_path), "--quiet")
    with contextlib.closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        database.execute("CREATE TABLE article (id INTEGER)")
    config = ("--set", f"database_path={tmp_path}/shop.db")
    modules = imported("run", "sqlite", *config, "--sink", f"jsonl:{tmp_path}/out.jsonl", *state)
    assert "om_ingest.sinks.jsonl" in modules, "the run was not observed"
    assert "httpx" not in modules
    assert "om_ingest.releases" not in modules
    assert "om_ingest.workflow.seen" not in modules
    assert "om_ingest.workflow.late" not in modules
    assert "om_ingest.context" not in modules
    assert importlib.util.find_spec("opentelemetry.sdk"), "it would prove nothing"
    assert not {"om_ingest.run.asked_observers", "om_ingest.run.told", "opentelemetry"} & modules
    assert not {"om_ingest.wording.words", "om_ingest.wording.choices"} & modules  # no mistakes
    assert not [name for name in modules if name.startswith("om_ingest_catalog")]
    assert not {"om_ingest_compat", "pluggy"} & modules  # a native source needs no framework


def test_run_into_a_catalog_reads_no_table_of_servers(tmp_path: Path) -> None:
    """A run that asks no server does not import what servers know, nor an HTTP client."""
    state = ("--state", str(tmp_path), "--quiet")
    modules = imported("run", "sample-tables", "--sink", f"catalog:{tmp_path}/shop.db", *state)
    assert "om_ingest_catalog" in modules, "the run was not observed"
    assert not {"httpx", "om_ingest.releases"} & modules
