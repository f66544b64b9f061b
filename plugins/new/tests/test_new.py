"""`om-ingest new` makes a connector's project; that it works is shown by `nox -s template`."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from om_ingest import WorkflowError
from om_ingest_new import command, scaffold
from typer.testing import CliRunner

if TYPE_CHECKING:
    from tests.command import Cli


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path there."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_project_is_made(cli: Cli, tmp_path: Path) -> None:
    """The project is complete, the next commands are printed, and the home directory left alone."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".cookiecutterrc").write_text("default_context: {license: MIT}\n", encoding="utf-8")
    (home / ".gitconfig").write_text("[user]\nname = Ada Lovelace\n", encoding="utf-8")
    cli.env |= {"HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    made = cli("new", "acme-crm", "--set", "kind=rest", "--set", "service-type=Drive").succeeded()
    assert "cd acme-crm" in made.out
    assert "pip install -e '.[test]'" in made.out
    files = files_of(cli.cwd / "acme-crm")
    package = "src/metadata/ingestion/source/drive/acme_crm"
    assert {
        f"{package}/__init__.py",
        f"{package}/py.typed",
        f"{package}/retry.py",
        f"{package}/sample.json",
        ".editorconfig",
        ".github/workflows/ci.yml",
        ".gitignore",
        ".vscode/settings.json",
        "AGENTS.md",
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "examples/acme-crm.yaml",
        "pyproject.toml",
        "tests/golden.jsonl",
    } <= files.keys()
    shared = [name for name in files if name.endswith("__init__.py") and package not in name]
    assert shared == [], "no level above the connector has an __init__.py"
    assert b"Apache License" in files["LICENSE"], "cookiecutter's own settings are not read"
    assert b'name = "Ada Lovelace"' in files["pyproject.toml"], "git knows the author"
    assert {path.name for path in home.iterdir()} == {".cookiecutterrc", ".gitconfig"}


def test_plain_cookiecutter_makes_the_same(cli: Cli, tmp_path: Path) -> None:
    """The template works with the command `cookiecutter`, and gives the same files."""
    cli("new", "acme", "--set", "author=Ada", "--set", "ci=gitlab", "--no-input").succeeded()
    env = {**os.environ, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    answers = ["name=acme", "author=Ada", "ci=gitlab"]
    command = [sys.executable, "-m", "cookiecutter", str(scaffold.TEMPLATE), "--no-input"]
    run = subprocess.run(
        [*command, "-o", tmp_path / "plain", *answers], env=env, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert files_of(cli.cwd / "acme") == files_of(tmp_path / "plain/acme")


def test_a_terminal_is_asked(cli: Cli) -> None:
    """On a terminal it asks for what was not set; a wrong answer is asked for again."""
    terminal, other_end = pty.openpty()
    os.write(terminal, b"messages\nmessaging\n\nAda\nmit\nnone\n")
    run = subprocess.run(
        [*cli.program, "new", "acme", "--set", "kind=files"],
        cwd=cli.cwd,
        env=cli.env,
        stdin=other_end,
        capture_output=True,
        text=True,
    )
    os.close(terminal)
    os.close(other_end)
    assert run.returncode == 0, run.stderr
    assert "Did you mean messaging?" in run.stderr
    assert "How does it read?" not in run.stdout, "what is set is not asked"
    assert (cli.cwd / "acme/src/metadata/ingestion/source/messaging/acme/sample.jsonl").is_file()
    assert not (cli.cwd / "acme/.github").exists()
    assert "MIT License" in (cli.cwd / "acme/LICENSE").read_text(encoding="utf-8")


def test_an_existing_folder_is_left_alone(cli: Cli) -> None:
    """A folder of that name is refused before anything is asked or written."""
    (cli.cwd / "acme").mkdir()
    cli("new", "acme").refused(2, "acme exists already", "-o")
    assert files_of(cli.cwd) == {}


def test_cookiecutter_is_asked_for(cli: Cli) -> None:
    """Without cookiecutter, the one message says what to install."""
    (cli.site / "cookiecutter.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'cookiecutter'\", name='cookiecutter')",
        encoding="utf-8",
    )
    cli("new", "acme").refused(2, 'pip install "om-ingest[new]"')
    assert files_of(cli.cwd) == {}


def test_a_folder_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    """Where a file is in the way of the folder, the message says so."""
    (tmp_path / "file").touch()
    with pytest.raises(WorkflowError, match="Cannot write"):
        scaffold.scaffold("acme", {}, tmp_path / "file")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Acme CRM", "For example acme-crm"),
        ("acme_crm", "For example acme-crm"),
        ("acme--crm", "For example acme-crm"),
        ("2acme", "For example acme"),
        ("äöü", "lower case letters"),
        ("", "lower case letters"),
        ("a" * 41, "at most 40"),
        ("class", "class-connector"),
        ("om-ingest", "om-ingest-connector"),
    ],
)
def test_an_illegal_name_is_refused(name: str, said: str, tmp_path: Path) -> None:
    """A name that cannot be a source, a distribution and a module is refused with the rule."""
    with pytest.raises(WorkflowError, match=said):
        scaffold.target_folder(name, tmp_path)


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("kind=databse", "Did you mean database?"),
        ("kid=rest", "Did you mean kind?"),
        ("name=other", "The keys are: service_type, kind"),
        ("license=GPL", "Choose one of: Apache-2.0, MIT"),
        ("kind", "KEY=VALUE"),
        ("author=", "plain text"),
        ("author={{ cookiecutter }}", "plain text"),
    ],
)
def test_a_wrong_answer_is_refused(assignment: str, said: str) -> None:
    """An unknown key or choice is refused with the nearest one, and with all that there are."""
    with pytest.raises(WorkflowError) as refused:
        scaffold.parsed_answers([assignment], scaffold.questions("acme"))
    assert said in str(refused.value)
    assert refused.value.exit_code == 2


def test_help_names_every_answer() -> None:
    """`om-ingest new -h` lists the keys of `--set`, and the values of those that have choices."""
    app = typer.Typer(rich_markup_mode=None)
    app.command()(command.new)
    said = CliRunner().invoke(app, ["--help"]).stdout
    told = dict(re.findall(r"^    (\w+)  +((?:.*\n {10})*.*)", said, re.MULTILINE))
    asked = scaffold.questions("acme")
    assert told.keys() == asked.keys(), said
    for key, question in asked.items():
        if question.choices:
            listed = re.split(r",\s+", told[key].partition(":")[0])
            assert listed == list(question.choices)


def test_nothing_is_left_of_half_a_project(cli: Cli) -> None:
    """A project whose making is interrupted leaves nothing that is in the way of the next."""
    (cli.site / "cookiecutter").mkdir()
    (cli.site / "cookiecutter/__init__.py").touch()
    (cli.site / "cookiecutter/prompt.py").write_text("def prompt_for_config(*_, **__): return {}")
    (cli.site / "cookiecutter/generate.py").write_text(
        """
import pathlib, time
def generate_context(*_, **__): return {"cookiecutter": {}}
def generate_files(template, context, output_dir, **_):
    (pathlib.Path(output_dir) / "acme").mkdir()
    pathlib.Path("begun").touch()
    time.sleep(60)
"""
    )
    process = cli.start("new", "acme", "--no-input")
    cli.wait_for("begun")
    process.send_signal(signal.SIGINT)
    assert cli.ended(process).code == 130
    assert {path.name for path in cli.cwd.iterdir()} == {"begun"}


def test_name_in_another_encoding(cli: Cli) -> None:
    """A user name that git holds in Latin-1 is left out, not a traceback."""
    (cli.cwd / ".gitconfig").write_bytes(b"[user]\n\tname = M\xfcller\n")
    cli("new", "acme", "--no-input", env={"HOME": str(cli.cwd)}).succeeded()
