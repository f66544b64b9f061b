"""A new connector's project, from the template in `templates/connector`.

The template is plain data for cookiecutter, and works with that command as well. Here its
parts are used one by one: cookiecutter's own entry point would read the user's
`~/.cookiecutterrc`, and leave a replay file in the home directory.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.metadata
import json
import keyword
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from om_ingest.errors import WorkflowError

TEMPLATE = Path(__file__).with_name("templates") / "connector"
NAME_MAX_CHARS = 40  # so that no line of the project is too long for its own linter

_TAKEN = frozenset(
    ("om-ingest", "hatchling", "httpx", "mypy", "pydantic", "pytest", "ruff", "sqlalchemy")
)
"""Dependencies of a connector: a distribution of that name would depend on itself."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NAME_RULE = (
    f"A name is lower case letters and digits with single hyphens between them, begins with "
    f"a letter, and has at most {NAME_MAX_CHARS} characters."
)


@dataclass(frozen=True)
class Question:
    """One question about a new connector."""

    key: str
    """Key for `--set`."""

    text: str
    """The question."""

    default: str

    choices: Mapping[str, str]
    """Allowed answers with their meaning; empty if any text is allowed."""

    def answer(self, text: str) -> str:
        """The answer in `text`; raises `WorkflowError` if it is not allowed."""
        wanted = text.strip()
        if not self.choices:
            if not wanted.isprintable() or not wanted or "{" in wanted:
                raise WorkflowError(
                    f"{self.key}: {text!r} cannot be used", "Write a line of plain text."
                )
            return wanted
        known = {choice.lower(): choice for choice in self.choices}
        if wanted.lower() not in known:
            raise WorkflowError(
                f"{self.key}: there is no {text!r}",
                f"{_nearest(wanted.lower(), known)}Choose one of: {', '.join(self.choices)}.",
            )
        return known[wanted.lower()]


def questions(name: str) -> dict[str, Question]:
    """The questions about a connector called `name`, by key, in the order of the template."""
    template = _template()
    prompts = template["__prompts__"]
    found = {}
    for key, value in template.items():
        if key.startswith("_") or key == "name":
            continue
        prompt = prompts[key]
        if isinstance(value, list):
            meanings = prompt if isinstance(prompt, dict) else {}
            text = meanings.get("__prompt__", prompt)
            choices = {choice: meanings.get(choice, "") for choice in value}
            found[key] = Question(key, str(text), value[0], choices)
        else:
            default = value.replace("{{ cookiecutter.name }}", name)
            found[key] = Question(key, prompt, (key == "author" and _git_user()) or default, {})
    return found


def parsed_answers(assignments: list[str], asked: Mapping[str, Question]) -> dict[str, str]:
    """`KEY=VALUE` texts as answers; raises `WorkflowError` for an unknown key or choice."""
    answers = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        key = key.strip().replace("-", "_")
        if not equals:
            raise WorkflowError(f"--set {assignment}: no value", "Write --set KEY=VALUE.")
        if key not in asked:
            raise WorkflowError(
                f"--set {assignment}: there is no key {key!r}",
                f"{_nearest(key, asked)}The keys are: {', '.join(asked)}.",
            )
        answers[key] = asked[key].answer(value)
    return answers


def target_folder(name: str, output: Path) -> Path:
    """Folder of the new project.

    Raises `WorkflowError` for a name that is not allowed, and for an existing folder.
    """
    if not _NAME.fullmatch(name) or len(name) > NAME_MAX_CHARS:
        legal = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-0123456789")
        hint = f" For example {legal}." if _NAME.fullmatch(legal) and legal != name else ""
        raise WorkflowError(f"{name!r} is not a valid name for a connector", _NAME_RULE + hint)
    if keyword.iskeyword(name) or name in _TAKEN:
        raise WorkflowError(
            f"{name!r} cannot be the name of a connector",
            f"Python, om-ingest or what a connector needs has it; how about {name}-connector?",
        )
    try:
        importlib.import_module("cookiecutter")  # an extra: only this command needs it
    except ModuleNotFoundError:
        raise WorkflowError(
            "A new connector is made by cookiecutter, which is not installed",
            'pip install "om-ingest[new]"',
        ) from None
    folder = output / name
    if folder.exists():
        raise WorkflowError(
            f"{folder} exists already", "Choose another name, or another folder with -o."
        )
    return folder


def taken(name: str) -> Iterator[str]:
    """What is installed already and has the name of a new connector; nothing is imported."""
    from om_ingest import registry  # looks at every distribution

    for source in registry.installed_sources():
        if source.name == name:
            owner = source.distribution or source.target
            yield (
                f"a source {name!r} is installed already, from {owner}. Where both are installed,"
                " neither runs by that name alone: choose another name, or uninstall the other."
            )
            return
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return
    yield (
        f"a distribution {name} {version} is installed already. A connector of that name takes its"
        " place where it is installed: choose another name."
    )


def scaffold(name: str, answers: Mapping[str, str], output: Path) -> Path:
    """Write the project of a new connector into `output`; its folder.

    `answers` holds answers to some of `questions`; the others get their defaults. Raises
    `WorkflowError` for what `target_folder` does, for a missing cookiecutter, and for a folder that
    cannot be written to.
    """
    folder = target_folder(name, output)
    from cookiecutter import generate, prompt  # slow to import: only where it is used

    chosen = {key: question.default for key, question in questions(name).items()}
    context = generate.generate_context(
        str(TEMPLATE / "cookiecutter.json"), extra_context={"name": name, **chosen, **answers}
    )
    context["cookiecutter"].update(prompt.prompt_for_config(context, no_input=True))
    try:
        output.mkdir(parents=True, exist_ok=True)
        # In one step, so that an interrupt or a full disk leaves no half of a project.
        with tempfile.TemporaryDirectory(dir=output, prefix=f".{name}-") as made:
            generate.generate_files(str(TEMPLATE), context, output_dir=made, accept_hooks=False)
            (Path(made) / name).rename(folder)
    except OSError as error:
        cause = error if error.strerror else error.__cause__  # cookiecutter wraps some
        if not isinstance(cause, OSError):
            raise  # jinja's TemplateNotFound: a mistake in the template
        raise WorkflowError(
            f"Cannot write {folder}: {cause.strerror}", "Name a folder that you may write to."
        ) from None
    return folder


def _template() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((TEMPLATE / "cookiecutter.json").read_bytes())
    return document


def _git_user() -> str:
    """The user's name in git's config; empty if it is not known."""
    try:
        said = subprocess.run(
            ["git", "config", "user.name"], capture_output=True, encoding="utf-8", timeout=5
        )
    except (OSError, UnicodeDecodeError, subprocess.TimeoutExpired):
        return ""
    name = said.stdout.strip()
    return name if name.isprintable() and "{" not in name else ""


def _nearest(text: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(text, known, n=1)
    return f"Did you mean {close[0]}? " if close else ""
