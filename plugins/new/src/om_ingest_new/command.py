"""`om-ingest new`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from om_ingest import terminal

if TYPE_CHECKING:
    from om_ingest_new.scaffold import Question


def new(
    name: Annotated[str, typer.Argument(help="Of the source, and of its distribution.")],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="An answer; see above.", metavar="KEY=VALUE"),
    ] = None,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Where to make the folder NAME.", metavar="DIR")
    ] = Path(),
    no_input: Annotated[
        bool, typer.Option("--no-input", help="Ask nothing: take the defaults.")
    ] = False,
) -> None:
    """Make the project of a new connector: code, tests, pages.

    What is not set is asked for on a terminal; elsewhere the first one is taken. Keys of --set:

    \b
      service_type  database, dashboard, messaging, pipeline, mlmodel, storage,
                    search, metadata, api, drive, security, mcp, llm
      kind          empty, database, rest, files: how it reads
      author        any text
      license       Apache-2.0, MIT, BSD-3-Clause, Proprietary
      ci            github, gitlab, none
    """  # noqa: D301  # \b keeps click from wrapping the list
    # These read the template and installed distributions: --help can do without.
    from om_ingest_new import next_steps, scaffold

    scaffold.target_folder(name, output)  # before anything is asked
    for warning in scaffold.taken(name):
        terminal.line(f"warning: {warning}", err=True)
    questions = scaffold.questions(name)
    answers = scaffold.parsed_answers(set_ or [], questions)
    if not no_input and sys.stdin.isatty():
        for key, question in questions.items():
            if key not in answers:
                answers[key] = _ask(question)
    folder = scaffold.scaffold(name, answers, output)
    terminal.line(
        f"Made {folder}. It runs, and its tests pass; README.md says what to change first."
    )
    terminal.line()
    for line in next_steps.next_steps(folder, name):
        terminal.line(f"  {line}")


def _ask(question: Question) -> str:
    from om_ingest.errors import WorkflowError

    for choice, meaning in question.choices.items():
        terminal.line(f"  {choice:10} {meaning}".rstrip() if meaning else f"  {choice}")
    while True:
        try:
            said = typer.prompt(question.text, default=question.default)
        except typer.Abort:
            raise KeyboardInterrupt from None  # the same exit code as everywhere
        try:
            return question.answer(said)
        except WorkflowError as error:
            terminal.message(f"{error}")
