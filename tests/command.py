"""The real command in a process of its own, and connectors that a test makes up for it.

A connector becomes a distribution: modules below `metadata/ingestion/source` and a
`.dist-info` beside them, in a folder on the PYTHONPATH of the command.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import om_ingest
import om_ingest.model
import pytest
from om_ingest.model import Table
from om_ingest_catalog import Catalog
from om_ingest_testing import Command, CommandResult
from om_ingest_testing.command import Argument

from tests import warm

COMMAND = Path(sys.executable).with_name("om-ingest")
STOCK = Path(__file__).with_name("stock")
PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error")
PYTEST += ("-p", "no:hypothesispytest", "-p", "no:anyio")  # more than half the time of its start
"""An author's pytest: a process of its own that leaves nothing behind."""

# A shell starts a background job with SIGINT ignored, which every child inherits: the commands
# of these tests could then not be interrupted.
signal.signal(signal.SIGINT, signal.default_int_handler)


class Cli(Command):
    """Runs `om-ingest` in a working directory, where the test's connectors are installed."""

    program = (COMMAND,)

    def __init__(self, cwd: Path, site: Path) -> None:
        super().__init__(cwd)
        self.site = site
        self.env["PYTHONPATH"] = os.pathsep.join([str(site), str(STOCK)])
        self.env["XDG_CACHE_HOME"] = f"{cwd}-cache"

    def __call__(
        self,
        *arguments: Argument,
        stdin: str | bytes = b"",
        env: dict[str, str] | None = None,
        **options: Any,
    ) -> CommandResult:
        environment = {**self.env, **(env or {})}
        data = stdin.encode() if isinstance(stdin, str) else stdin
        if not options.keys() <= {"cwd"} or not warm.can_run(environment, data):
            return super().__call__(*arguments, stdin=stdin, env=env, **options)
        words = [os.fspath(word) for word in arguments]
        folder = os.fspath(options.get("cwd", self.cwd))
        code, out, err = warm.run(words, environment, folder, data, self.patience_s)
        return CommandResult(code, out.decode(), err.decode())

    def wait_for(self, name: str) -> None:
        """Wait until a file with this name lies in the working directory."""
        deadline = time.monotonic() + self.patience_s
        while not (self.cwd / name).exists():
            assert time.monotonic() < deadline, f"nobody wrote {name}"
            time.sleep(0.01)

    def tables(self, catalog: str = "om-ingest.db") -> list[str]:
        """Names of the tables in a catalog file, sorted."""
        with Catalog(self.cwd / catalog, read_only=True) as store:
            return sorted(table.name for table in store.list_entities(Table))

    def records(self, path: str) -> list[dict[str, Any]]:
        """The records of a jsonl file, without the lines that open and end it."""
        lines = (self.cwd / path).read_text("utf-8").splitlines()
        records = [json.loads(line) for line in lines[1:]]
        return [record for record in records if record["type"] != "end"]

    def report(self, name: str = "report.json") -> dict[str, Any]:
        """A report that `--report` wrote; its numbers add up."""
        report: dict[str, Any] = json.loads((self.cwd / name).read_text("utf-8"))
        counts = dict(report["records"])
        assert counts.pop("yielded") == sum(counts.values()), report["records"]
        return report

    def dead_letters(self) -> list[Path]:
        """The dead-letter files in the working directory."""
        return sorted(self.cwd.glob("om-ingest-failed-*.jsonl"))


def installed_into(folder: Path, project: Path) -> Path:
    """The folder, with a distribution in it that pip has built there from its project."""
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    install += ["--disable-pip-version-check", "--no-build-isolation", "--target", str(folder)]
    run = subprocess.run([*install, str(project)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    """The command, in an empty working directory."""
    for name in ("work", "site"):
        (tmp_path / name).mkdir()
    with Cli(tmp_path / "work", tmp_path / "site") as command:
        yield command


_HEAD = """\
import os, pathlib, sys, time
from typing import Any
import stock
from pydantic import SecretStr
"""

_CLASS = """
class Config(ConnectorConfig):
{config}

class {camel}Source(ConfiguredSource[Config]):
{body}
"""

Connect = Callable[..., Path]
Distribute = Callable[[str, str, str], None]


@pytest.fixture
def connector(cli: Cli) -> Connect:
    """Makes up a connector: `connector(name, body)`, the body being that of the source class.

    `config` is the body of its config model; `module` replaces the whole module.
    """

    def make(
        name: str,
        body: str = "    def next_record(self): return stock.tables(2)",
        *,
        config: str = "",
        module: str | None = None,
        distribution: str | None = None,
        requires: str = "om-ingest",
        entry_points: str | None = None,
    ) -> Path:
        slug = name.replace("-", "_")
        camel = "".join(word.capitalize() for word in name.split("-"))
        if module is None:
            config, body = _indented(config or "pass"), _indented(body)
            module = _headed(_CLASS.format(camel=camel, config=config, body=body))
        if entry_points is None:
            target = f"metadata.ingestion.source.database.{slug}:{camel}Source"
            entry_points = f"[metadata.ingestion.source]\n{name} = {target}\n"
        folder = cli.site / "metadata/ingestion/source/database"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{slug}.py"
        path.write_text(textwrap.dedent(module), encoding="utf-8")
        distribute(cli.site, distribution or f"{name}-connector", requires, entry_points, path)
        return path

    return make


def distribute(site: Path, name: str, requires: str, entry_points: str, *files: Path) -> None:
    """Write the metadata of a distribution, version 1.0, as pip would leave it."""
    for file in files:  # a second version of it is read, even if it is as old and as long
        Path(cache_from_source(file)).unlink(missing_ok=True)
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: {requires}\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    (info / "entry_points.txt").write_text(textwrap.dedent(entry_points), encoding="utf-8")
    record = "".join(f"{file.relative_to(site).as_posix()},,\n" for file in files)
    (info / "RECORD").write_text(record, encoding="utf-8")


def _headed(code: str) -> str:
    """The code with the imports that it needs: whatever else there is costs each start."""
    words = set(re.findall(r"\w+", code))
    head = _HEAD
    for package in (om_ingest, om_ingest.model):
        if used := sorted(words.intersection(package.__all__)):
            head += f"from {package.__name__} import {', '.join(used)}\n"
    return head + code


def _indented(code: str) -> str:
    return textwrap.indent(textwrap.dedent(code).strip("\n"), "    ")


@pytest.fixture
def distributed(cli: Cli) -> Distribute:
    """Makes up a distribution of plugins: `distributed(name, module code, entry points)`."""

    def make(name: str, code: str, entry_points: str) -> None:
        path = cli.site / f"{name.replace('-', '_')}.py"
        path.write_text(_headed(textwrap.dedent(code)), encoding="utf-8")
        distribute(cli.site, name, "om-ingest", entry_points, path)

    return make


@pytest.fixture
def without_compat(cli: Cli) -> None:
    """Hide om-ingest-compat behind a distribution of its name, which stands in for nothing."""
    distribute(cli.site, "om-ingest-compat", "om-ingest", "[om_ingest.framework]\n")


@pytest.fixture
def shop(connector: Connect) -> str:
    """A connector that works: five records, two of them tables `t0` and `t1`."""
    connector("shop")
    return "shop"
