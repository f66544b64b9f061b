"""TAB in a shell: commands, sources, sinks, keys and files; errors offer nothing."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.command import COMMAND, Cli
from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Connect

PRESSED = """
source ./completion.sh
while IFS= read -r words; do
    IFS=' ' read -r -a COMP_WORDS <<< "$words"
    [[ $words == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
    _om_ingest_completion om-ingest
    echo "${COMPREPLY[*]}"
done
"""
"""Does what bash does with each line of its input; words are divided as bash divides them."""
OFFERED = {
    "om-ingest run my-sh": "my-shop",
    "om-ingest run my-shop --set po": "port= port=VALUE",
    "om-ingest run my-shop --set ": "host= port=",
    "om-ingest list-s": "list-sources",
    "om-ingest run sh": "shop.yaml",
    "om-ingest check my-shop --sink json": "jsonl: jsonl:VALUE",
    "om-ingest run --sink catalog : om": "",
    "om-ingest run my-shop --set host = sh": "",
    "om-ingest catalog sea": "search",
    "om-ingest init my": "my-shop",
    "om-ingest run folder/": "",
    "om-ingest show --path folder aw": "away",
    "om-ingest run --path folder away --set ": "height= height=VALUE",
    "om-ingest run --path no-folder my": "",
    "om-ingest run my-shop --log-level w": "warning",
    "om-ingest run no-such-source --set ": "",
    "om-ingest run broken --set ": "",
    "om-ingest run hangs --set ": "",
    "om-ingest runs show ": "",
    "om-ingest list-sources --service-type mes": "messaging",
    "om-ingest run 'unclosed ": "",
}
"""What is typed, and what replaces its last word; what is empty leaves it to the shell: files."""

AWAY = """
from om_ingest import ConfiguredSource, ConnectorConfig
class Config(ConnectorConfig):
    height: int = 1
class AwaySource(ConfiguredSource[Config]):
    def next_record(self): return ()
"""

HANGS = """
import ctypes, signal
signal.alarm(0)
mutex, lock = ctypes.create_string_buffer(64), ctypes.PyDLL(None).pthread_mutex_lock
lock(mutex)
lock(mutex)  # never returns, and no other thread of Python runs
"""
FILES = {
    "shop.yaml": "source: {type: my-shop}\n",
    "shop.schema.json": '{"properties": {"source": {}}}',
    "shops.yml": "site_name: source: no\nnav: {source_url: x}\n",
    "shops.toml": "[tool.source]\nname = 'x'\n",
}
"""The first is a workflow file."""


@pytest.fixture
def shops(cli: Cli, connector: Connect) -> None:
    """A connector with two keys that prints, one that cannot be imported, one that hangs; files."""
    loud = "print('noise'); os.write(1, b'noise\\n'); os.system('echo noise')"
    connector("my-shop", config=f"host: str = ''\nport: int = 1\nimport os; {loud}; del os")
    connector("hangs", module=HANGS)
    connector("broken", module="import sys\nprint('printed')\nsys.exit('broken')\n")
    for name, text in FILES.items():
        cli.write(name, text)
    place = cli.cwd / "folder/metadata/ingestion/source/database"
    place.mkdir(parents=True)
    (place / "away.py").write_text(AWAY)


@pytest.mark.parametrize(
    "lines", few([[*OFFERED][:2], [*OFFERED]], 1, ids=lambda lines: f"{len(lines)} lines")
)
def test_bash_offers_what_can_come_next(cli: Cli, shops: None, lines: list[str]) -> None:
    """A real bash is given what it puts in place of the last word, and nothing is printed."""
    env = {**cli.env, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    env["PATH"] = f"{COMMAND.parent}{os.pathsep}{env['PATH']}"
    script = cli("--show-completion", "bash", env=env).succeeded().out
    cli.write("completion.sh", script)
    run = subprocess.run(
        ["bash", "-c", PRESSED],
        cwd=cli.cwd,
        env=env,
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=60,
    )
    offered = dict(zip(lines, run.stdout.splitlines(), strict=True))
    assert offered == {line: OFFERED[line] for line in lines}
    assert run.stderr == ""


@pytest.mark.full
@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_names_with_their_meaning(cli: Cli, shops: None, shell: str) -> None:
    """Zsh and fish ask in another way, and are answered in theirs."""
    asked = {
        "_OM_INGEST_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "om-ingest run my-shop --set po",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    answered = cli(env=asked).succeeded()
    assert "port=" in answered.out
    assert answered.err == ""
    assert cli(env={**asked, "_TYPER_COMPLETE_ARGS": "om-ingest run broken --set p"}).err == ""


def test_completion_that_cannot_be_installed_is_an_error(cli: Cli) -> None:
    """`--install-completion` writes into the home folder, and says what to do if it cannot."""
    cli.write("a-file", "")
    disabled = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    home = {**disabled, "HOME": str(cli.cwd)}
    cli("--install-completion", "bash", env=home).succeeded()
    assert ".bash_completions" in (cli.cwd / ".bashrc").read_text("utf-8")
    home["HOME"] = str(cli.cwd / "a-file")
    cli("--install-completion", "bash", env=home).refused(2, "--show-completion")


@pytest.mark.parametrize("command", few(["run", "catalog search", "new", "serve", "runs show"], 0))
def test_h_is_help(cli: Cli, command: str) -> None:
    """`-h` is `--help` in every command, also in those of plugins."""
    assert cli(*command.split(), "-h").succeeded().out == cli(*command.split(), "--help").out
