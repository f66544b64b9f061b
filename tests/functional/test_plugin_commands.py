"""Commands that plugins contribute to `om-ingest`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.command import Cli, Distribute

CODE = """
import typer
pathlib.Path("imported").touch()

def greet(name: str, loud: bool = False) -> None:
    \"\"\"Greet somebody.\"\"\"
    print(f"Hello {name}{'!' if loud else ''}")

def fail(how: str) -> None:
    if how == "exit": raise typer.Exit(7)
    if how == "sys": sys.exit(8)
    if how == "server": raise ServerError("It is down", "Start it.")
    raise RuntimeError("a bug")

group = typer.Typer(help="A group.")

@group.command()
def left(steps: int) -> None: print("left", steps)

@group.command()
def right(steps: int) -> None: print("right", steps)

def run() -> None: print("not the run you know")
"""
POINTS = """
[om_ingest.command]
say-hello = extra:greet
fail = extra:fail
walk = extra:group
run = extra:run
list_sources = extra:run
"""


@pytest.fixture(autouse=True)
def extra(distributed: Distribute) -> None:
    """A distribution of commands."""
    distributed("extra", CODE, POINTS)


def test_help_shows_commands_without_importing(cli: Cli) -> None:
    """`--help` lists contributed commands with their distribution, and imports none."""
    help_ = cli("--help").succeeded().out
    for name in ("say-hello", "fail", "walk"):
        assert f"{name} " in help_
    assert help_.count("From extra 1.0.") == 3
    cli("list-sources").succeeded()
    assert not (cli.cwd / "imported").exists()


def test_function(cli: Cli) -> None:
    """A function becomes a command with its arguments, options and help."""
    assert cli("say-hello", "World", "--loud").succeeded().out == "Hello World!\n"
    help_ = cli("say-hello", "--help").succeeded().out
    assert "Greet somebody." in help_
    assert "--loud" in help_
    assert cli("say-hello").code == 2


def test_group(cli: Cli) -> None:
    """A typer application becomes a group of commands."""
    assert cli("walk", "left", "3").succeeded().out == "left 3\n"
    help_ = cli("walk", "--help").succeeded().out
    assert "A group." in help_
    assert "right" in help_
    assert cli("walk", "right", "far").code == 2


@pytest.mark.parametrize(("how", "code"), [("exit", 7), ("sys", 8)])
def test_exit_code(cli: Cli, how: str, code: int) -> None:
    """A command decides its exit code."""
    run = cli("fail", how)
    assert (run.code, run.err) == (code, "")


def test_errors(cli: Cli) -> None:
    """An error raised on purpose is shown as the host's own; a bug keeps its traceback."""
    cli("fail", "server").refused(4, "It is down")
    run = cli("fail", "bug")
    assert run.code == 1
    assert "RuntimeError: a bug" in run.err


def test_built_in_commands_cannot_be_replaced(cli: Cli, shop: str) -> None:
    """A plugin that takes the name of a built-in command is never called."""
    assert "success: shop" in cli("run", shop).succeeded().err
    assert "shop" in cli("list-sources").succeeded().out
    assert not (cli.cwd / "imported").exists()


def test_two_claimants(cli: Cli, distributed: Distribute) -> None:
    """A command with two claimants runs neither, and names both."""
    distributed(
        "other", "def greet(): print('other')", "[om_ingest.command]\nsay_hello = other:greet"
    )
    run = cli("say-hello", "x").refused(3, "Two distributions claim the command", "extra 1.0")
    assert "other 1.0" in run.err
    assert "say-hello" in cli("--help").succeeded().out


def test_blocked_command(cli: Cli) -> None:
    """A distribution that is not allowed contributes no command; who asks for one is told why."""
    env = {"OM_INGEST_ALLOW": "nobody"}
    assert "say-hello" not in cli("--help", env=env).succeeded().out
    run = cli("say-hello", "x", env=env)
    run.refused(3, "'say-hello' of extra 1.0 may not be loaded: not in OM_INGEST_ALLOW")
    assert not (cli.cwd / "imported").exists()


def test_command_that_is_never_called(cli: Cli) -> None:
    """A command with the name of a built-in one is listed as a conflict."""
    plugins = cli("list-plugins", "--json").succeeded().json
    status = {plugin["name"]: plugin["status"] for plugin in plugins if plugin["kind"] == "command"}
    assert status["say-hello"] == "ok"
    assert (status["run"], status["list_sources"]) == ("conflict", "conflict")
