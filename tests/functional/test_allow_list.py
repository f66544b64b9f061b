"""An allow-list decides which distributions are imported; the rest is listed, and left alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Connect, Distribute

MARK = "import os, pathlib; pathlib.Path(os.environ['MARKS'], __name__).touch()\n"
EVIL = (
    MARK
    + """
from om_ingest.sinks.console import ConsoleSink
from om_ingest.hookspecs import hookimpl
class EvilSink(ConsoleSink):
    shorthand = "path"
class EvilProcessor(Processor):
    @classmethod
    def create(cls, config_dict, ctx): return cls()
    def process(self, record): return record
def command(): print("hello")
@hookimpl
def om_ingest_workflow_started(context): pass
"""
)
POINTS = """
[om_ingest.sink]
evil = evil:EvilSink
[om_ingest.processor]
evil = evil:EvilProcessor
[om_ingest.command]
evil = evil:command
[om_ingest]
evil = evil
"""
BODY = "def next_record(self): return stock.tables(1)"


@pytest.fixture(autouse=True)
def installed(cli: Cli, connector: Connect, distributed: Distribute) -> None:
    """Connectors `good` and `bad`, loose code, and a distribution `evil` of everything else.

    Each module leaves a mark when it is imported.
    """
    marks = cli.cwd.parent / "marks"
    marks.mkdir()
    cli.env["MARKS"] = str(marks)
    for name in ("good", "bad"):
        connector(name, MARK + BODY)
    loose = cli.site / "metadata/ingestion/source/database/loose.py"
    loose.write_text((loose.parent / "good.py").read_text().replace("Good", "Loose"))
    distributed("evil", EVIL, POINTS)


def imported(cli: Cli) -> set[str]:
    """The modules that left a mark, without the packages above them; takes the marks away."""
    names = set()
    for mark in (cli.cwd.parent / "marks").iterdir():
        names.add(mark.name.rpartition(".")[2])
        mark.unlink()
    return names


def statuses(cli: Cli, allow: str) -> dict[str, str]:
    """Status of each source of this test, with the reason if there is one."""
    sources = cli("list-sources", "--json", env={"OM_INGEST_ALLOW": allow}).succeeded().json
    return {
        source["name"]: f"{source['status']} {source['detail']}".strip()
        for source in sources
        if source["name"] in ("good", "bad", "loose")
    }


NOT_IN = "blocked not in OM_INGEST_ALLOW"


@pytest.mark.parametrize(
    ("allow", "good", "bad"),
    [
        ("", NOT_IN, NOT_IN),
        ("good-connector", "ok", NOT_IN),
        ("Good_Connector==1", "ok", NOT_IN),
        ("good.connector==1.0.0 ,bad-connector==2.0", "ok", NOT_IN),
        ("good-connector==2.0 bad-connector", NOT_IN, "ok"),
        ("good-connector==2.0,good-connector==1.0\nbad-connector", "ok", "ok"),
        ("good", NOT_IN, NOT_IN),
    ],
)
def test_listing(cli: Cli, allow: str, good: str, bad: str) -> None:
    """Names and versions are compared as pip does; what nobody owns is never allowed."""
    assert statuses(cli, allow) == {"good": good, "bad": bad, "loose": NOT_IN}
    assert imported(cli) == set()


def test_blocked_sources_are_not_imported(cli: Cli) -> None:
    """By name, by distribution and name, or by class path: blocked is blocked, exit code 3."""
    place = "metadata.ingestion.source.database"
    env = {"OM_INGEST_ALLOW": "good-connector om-ingest-catalog"}
    for target in (
        "bad-connector:bad",
        f"{place}.bad:BadSource",
        f"{place}.loose:LooseSource",
        "evil:EvilSink",
    ):
        cli("run", target, env=env).refused(3, "may not be loaded: not in OM_INGEST_ALLOW")
    for command in ("show", "check"):
        cli(command, "bad", env=env).refused(3, "may not be loaded: not in OM_INGEST_ALLOW")
    cli.write(
        "w.yaml",
        f"source: {{type: CustomDatabase, serviceName: x, serviceConnection: "
        f"{{config: {{type: CustomDatabase, sourcePythonClass: {place}.bad.BadSource}}}}}}",
    )
    cli("run", "w.yaml", env=env).refused(3, "may not be loaded")
    assert imported(cli) == set()
    cli("run", "good", env=env).succeeded()
    cli("run", f"{place}.good:GoodSource", env=env).succeeded()
    assert imported(cli) == {"good"}


@pytest.mark.full
def test_other_blocked_plugins_are_not_imported(cli: Cli) -> None:
    """Sinks, processors, commands and hooks are listed as blocked, and never loaded."""
    env = {"OM_INGEST_ALLOW": "good-connector om-ingest-catalog"}
    plugins = cli("list-plugins", "--json", env=env).succeeded().json
    status = {(p["kind"], p["name"]): p["status"] for p in plugins}
    assert {kind for kind, name in status if name == "evil"} == {
        "command",
        "hook",
        "processor",
        "sink",
    }
    assert {status[kind, name] for kind, name in status if name == "evil"} == {"blocked"}
    assert status["sink", "catalog"] == status["processor", "add-tags"] == "ok"
    cli("run", "good", "--sink", "evil", env=env).refused(3, "The sink 'evil' of evil 1.0 may not")
    cli.write("w.yaml", "source: {type: good}\nprocessors: [{type: evil}]")
    cli("run", "w.yaml", env=env).refused(3, "The processor 'evil' of evil 1.0 may not")
    assert "evil" not in cli("--help", env=env).succeeded().out
    assert cli("evil", env=env).code != 0
    cli("run", "good", env=env).succeeded()
    cli("doctor", "--import", env=env)
    assert imported(cli) == {"good"}
    cli("run", "good", "--sink", "evil").succeeded()
    assert imported(cli) == {"good", "evil"}


@pytest.mark.full
def test_list_in_the_workflow_file(cli: Cli) -> None:
    """`plugins.allow` blocks the same things, a sink of the command line included."""
    allow = "plugins: {allow: [good-connector, om-ingest-catalog]}\n"
    for name, text in {
        "source.yaml": "source: {type: loose}\n",
        "sink.yaml": "source: {type: good}\nsink: {type: evil}\n",
        "processor.yaml": "source: {type: good}\nprocessors: [{type: evil}]\n",
    }.items():
        cli("run", cli.write(name, text + allow)).refused(3, "not in plugins.allow")
    cli("run", cli.write("w.yaml", "source: {type: good}\n" + allow), "--sink=evil:x").refused(3)
    assert imported(cli) <= {"good"}
    cli("run", "w.yaml").succeeded()
    assert imported(cli) == {"good"}


def test_both_lists(cli: Cli) -> None:
    """With two lists a distribution has to be in both; the message names the one it is not in."""
    allow = "good-connector, bad-connector==2.0, om-ingest-catalog"
    text = f"source: {{{{type: {{}}}}}}\nplugins: {{{{allow: [{allow}]}}}}\n"
    good, bad = (cli.write(f"{name}.yaml", text.format(name)) for name in ("good", "bad"))
    both = {"OM_INGEST_ALLOW": "good-connector==1.0 bad-connector om-ingest-catalog"}
    cli("run", bad, env=both).refused(3, "not in plugins.allow")
    cli("run", good, env={"OM_INGEST_ALLOW": "bad-connector"}).refused(3, "not in OM_INGEST_ALLOW")
    assert imported(cli) == set()
    cli("run", good, env=both).succeeded()
    empty = cli.write("empty.yaml", "source: {type: good}\nplugins: {allow: []}\n")
    cli("run", empty, env=both).refused(3, "not in plugins.allow")


def test_malformed_list(cli: Cli) -> None:
    """What is neither name nor name==version is refused, wherever it stands: exit code 2."""
    said = "is not the name of a distribution"
    for text in ("good>=1", "==1.0", "good;evil", "*"):
        allow = {"OM_INGEST_ALLOW": f"good-connector, {text}"}
        cli("list-sources", env=allow).refused(2, "OM_INGEST_ALLOW", f"{text!r} {said}")
    cli.write("w.yaml", "source: {type: good}\nplugins: {allow: [good-connector, '*']}")
    cli("run", "w.yaml").refused(2, "plugins.allow", said)
    cli("run", "w.yaml", "--sink=evil:x").refused(2, "plugins.allow", said)
    assert imported(cli) == set()


@pytest.mark.parametrize("module", few([True, False], 1))
def test_working_directory_is_not_searched(cli: Cli, module: bool) -> None:
    """Neither `om-ingest` nor `python -m om_ingest` sees a connector in the working directory."""
    folder = cli.cwd / "metadata/ingestion/source/database"
    folder.mkdir(parents=True)
    (folder / "lying.py").write_text(MARK)
    (cli.cwd / "lying.py").write_text(MARK)
    (cli.cwd / "yaml.py").write_text(MARK)
    cli.write("w.yaml", "source: {type: 'lying:Source'}")

    def run(*arguments: str) -> tuple[int, str]:
        if not module:
            result = cli(*arguments)
            return result.code, result.out + result.err
        ran = subprocess.run(
            [sys.executable, "-m", "om_ingest", *arguments],
            cwd=cli.cwd,
            env=cli.env,
            capture_output=True,
            text=True,
        )
        return ran.returncode, ran.stdout + ran.stderr

    code, said = run("list-sources")
    assert code == 0
    assert "good" in said
    assert "lying" not in said
    assert run("run", "w.yaml")[0] == 2
    assert imported(cli) <= {"evil"}


def test_replay_keeps_to_the_list_of_its_run(cli: Cli) -> None:
    """A sink that the workflow of the run did not allow is not imported by a replay either."""
    header = {"format": "om-ingest-dead-letters", "version": 1, "allow": ["good-connector"]}
    cli.write("letters.jsonl", json.dumps(header) + "\n")
    run = cli("replay", "letters.jsonl", "--sink", "evil:x")
    run.refused(3, "may not be loaded: not in plugins.allow")
    assert "evil" not in imported(cli)


def test_the_manifest_for_kubernetes_fits_together(cli: Cli, tmp_path: Path) -> None:
    """The list, the workflow, the variables and the image of the example fit together.

    tests/examples/test_container.py runs it.
    """
    folder = Path(__file__).parents[2] / "examples/kubernetes"
    config, job, _ = yaml.safe_load_all((folder / "cronjob.yaml").read_text("utf-8"))
    token = tmp_path / "token"
    token.write_text("any")
    workflow = tmp_path / "workflow.yaml"
    text = config["data"]["workflow.yaml"].replace("/run/secrets/om-ingest/token", str(token))
    workflow.write_text(text, "utf-8")
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    env = {variable["name"]: variable.get("value", "secret") for variable in container["env"]}
    image = (folder / "requirements.txt").read_text("utf-8")
    assert all(f"{name}[" in image for name in env["OM_INGEST_ALLOW"].split())
    checked = cli("check", workflow, "--sink", "console", env=env)
    assert checked.code == 0, checked.err
