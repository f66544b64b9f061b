"""The table of built-in commands is what the commands say of themselves."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

from om_ingest import cli


def summary(command: str) -> str:
    """The first paragraph of a command's help, where the command itself defines it."""
    name = command.replace("-", "_")
    module = importlib.import_module(f"om_ingest.cli.{name}")
    if hasattr(module, "app"):
        return str(module.app.info.help)
    return " ".join(str(inspect.getdoc(getattr(module, name))).split("\n\n")[0].split())


def test_summaries_are_those_of_the_commands() -> None:
    """`om-ingest --help`, which imports no command, shows the words of each command's own help."""
    assert {command: summary(command) for command in cli.COMMANDS} == cli.COMMANDS


def test_every_command_is_in_the_table() -> None:
    """A module of `om_ingest.cli` that defines a command of its name is in the table."""
    modules = {path.stem for path in Path(str(cli.__file__)).parent.glob("[a-z]*.py")}
    defined = {
        name.replace("_", "-")
        for name in modules
        if {name, "app"} & set(vars(importlib.import_module(f"om_ingest.cli.{name}")))
    }
    assert defined == set(cli.COMMANDS)
