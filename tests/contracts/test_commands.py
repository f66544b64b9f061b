"""The table of built-in commands is what the commands say; pages agree with the commands."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from om_ingest import cli
from typer.main import get_command

CODE = re.compile(r"^```\w*.*?\n(.*?)^```$|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"^(?:\$ |.*[/&] ?)?om-ingest ([a-z][a-z-]*)((?: [^\s|;&<>#]+)*)", re.MULTILINE)
COMPANIONS = ("catalog", "lineage", "new", "serve")
"""Commands of plugins of this repository that pages tell to type."""

SHARED = {"--catalog", "--help", "--json"}
"""Options of all commands of a catalog, which its page tells once."""


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


def test_no_summary_is_cut(root: Path) -> None:
    """Each line of `--help` has its whole sentence where the terminal has 80 columns."""
    found = commands()
    columns = 80 - 2 - 6
    for name, group in found.items():
        inner = getattr(group, "commands", {})
        limit = columns - max(map(len, inner), default=0)
        cut = [one.get_short_help_str(limit) for one in inner.values()]
        assert not [text for text in cut if text.endswith("...")], name
    limit = columns - max(map(len, [*cli.COMMANDS, *COMPANIONS]))
    summaries = [*cli.COMMANDS.values()]
    for package in ("catalog", "catalog-server", "lineage", "new"):
        text = (root / "plugins" / package / "pyproject.toml").read_text("utf-8")
        summaries += re.findall('^description = "(.*)"$', text, re.MULTILINE)
    assert len(summaries) == len(cli.COMMANDS) + len(COMPANIONS)
    assert [text for text in summaries if len(text) > limit] == []


def test_every_command_is_in_the_table() -> None:
    """A module of `om_ingest.cli` that defines a command of its name is in the table."""
    modules = {path.stem for path in Path(str(cli.__file__)).parent.glob("[a-z]*.py")}
    defined = {
        name.replace("_", "-")
        for name in modules
        if {name, "app"} & set(vars(importlib.import_module(f"om_ingest.cli.{name}")))
    }
    assert defined == set(cli.COMMANDS)


def commands() -> dict[str, Any]:
    """Every command, and each one of a group under both words: `catalog tables`."""
    built_in: Any = get_command(cli.build(list(cli.COMMANDS)))
    contributed: list[Any] = [get_command(cli.build([name])) for name in COMPANIONS]
    found = {name: built_in.commands[name] for name in cli.COMMANDS}
    found |= {name: app.commands[name] for name, app in zip(COMPANIONS, contributed, strict=True)}
    inner = {
        f"{name} {word}": command
        for name, group in found.items()
        for word, command in getattr(group, "commands", {}).items()
    }
    return found | inner


def calls(page: Path) -> Iterator[tuple[str, str]]:
    """The command and the rest of each call of `om-ingest` in the code of a page."""
    for block, word in CODE.findall(page.read_text("utf-8")):
        yield from CALL.findall(block or word)


def test_pages_name_commands_and_options_that_exist(root: Path, files: list[Path]) -> None:
    """What README, the pages and those of plugins tell to type is there, with its options."""
    known, seen = commands(), 0
    for path in files:
        if path.suffix != ".md" or "adr" in path.parts or path.name == "CHANGELOG.md":
            continue
        for name, rest in calls(root / path):
            words = rest.split()
            assert name in known, f"{path}: om-ingest {name}"
            command = known.get(f"{name} {words[0]}" if words else name, known[name])
            options = {name for param in command.params for name in (*param.opts, "--help")}
            given = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert given <= options, f"{path}: om-ingest {name}{rest}"
            seen += 1
    assert seen > 100


def test_pages_of_plugins_name_every_option(root: Path) -> None:
    """The row of each command of a catalog has its own options, the README of the server its."""
    catalog = (root / "plugins/catalog/docs/index.md").read_text("utf-8")
    for name, command in commands().items():
        options = {name for param in command.params for name in param.opts if name[:2] == "--"}
        if name.startswith("catalog "):
            (row,) = re.findall(rf"^\| `om-ingest {name}\b.*", catalog, re.MULTILINE)
            assert {option for option in options if option not in row} <= SHARED, name
        elif name == "serve":
            readme = (root / "plugins/catalog-server/README.md").read_text("utf-8")
            assert {option for option in options if f"`{option}" not in readme} <= SHARED


def test_readme_lists_every_command(root: Path) -> None:
    """The table of README has a row for each command, also of this repository's plugins."""
    rows = re.findall(r"^\| (.*?) \|", (root / "README.md").read_text("utf-8"), re.MULTILINE)
    listed = {name for row in rows for name, _ in CALL.findall(row.replace("`", ""))}
    assert {*cli.COMMANDS, *COMPANIONS} <= listed
