"""Keys of the connector's config that a command line gives: `--set`, `--set-file`, `--set-env`."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from om_ingest.config.validation import of_text
from om_ingest.errors import WorkflowError
from om_ingest.workflow.secrets import secrets_by_key
from om_ingest.workflow.variables import MAX_FILE_BYTES, is_text

ON_LINE, IN_FILE, IN_ENVIRONMENT = "--set", "--set-file", "--set-env"


class Value(NamedTuple):
    """One key with its value."""

    keys: tuple[str, ...]
    """Outermost first."""

    value: Any
    option: str
    """The option that gave it."""

    @property
    def key(self) -> str:
        """The keys as people write them."""
        return ".".join(self.keys)


def read(
    on_line: Sequence[str], in_files: Sequence[str], in_environment: Sequence[str]
) -> list[Value]:
    """The values of `key=value`, `key=path` and `key=variable`; a dot reaches into nested keys.

    Raises `WorkflowError` for what is none of these, and what cannot be read.
    """
    return [*_on_line(on_line), *_in_files(in_files), *_in_environment(in_environment)]


def warning_of(values: Sequence[Value], secrets: Collection[str] = ()) -> str:
    """What to tell of secrets that stand on the command line; empty if there are none.

    A value is a secret if its key sounds so, if it holds a URL with a password, or if it is one
    of `secrets`.
    """
    found = [
        one.key
        for one in values
        if one.option == ON_LINE and one.value not in ("", None) and _is_secret(one, secrets)
    ]
    if not found:
        return ""
    return (
        f"--set {', '.join(f'{key}=…' for key in found)}: every user of this machine can see the"
        " value in the list of processes, and the shell keeps it in its history. Give it with"
        f" --set-env {found[0]}=VARIABLE or --set-file {found[0]}=FILE, or as ${{VARIABLE}} or"
        " ${file:FILE} in a workflow file."
    )


def _is_secret(one: Value, secrets: Collection[str]) -> bool:
    value = one.value
    if isinstance(value, str) and value.isdecimal():
        value = int(value)  # as YAML reads it: token_count=3 is no token
    return str(one.value) in secrets or any(secrets_by_key({one.keys[-1]: value}))


def _on_line(texts: Sequence[str]) -> Iterator[Value]:
    for text in texts:
        keys, value = _split(text, f"{ON_LINE} KEY=VALUE")
        yield Value(keys, of_text(_text(value, ON_LINE, keys, "the value")), ON_LINE)


def _in_files(texts: Sequence[str]) -> Iterator[Value]:
    for text in texts:
        keys, name = _split(text, f"{IN_FILE} KEY=PATH")
        yield Value(keys, _content(".".join(keys), name), IN_FILE)


def _in_environment(texts: Sequence[str]) -> Iterator[Value]:
    for text in texts:
        keys, name = _split(text, f"{IN_ENVIRONMENT} KEY=VARIABLE")
        if name not in os.environ:
            raise WorkflowError(
                f"{IN_ENVIRONMENT} {'.'.join(keys)}: the environment variable {name!r} is not set",
                "Write the name of a variable, without $, and export it.",
            )
        text = _text(os.environ[name], IN_ENVIRONMENT, keys, f"the environment variable {name}")
        yield Value(keys, text, IN_ENVIRONMENT)


def _text(text: str, option: str, keys: Sequence[str], what: str) -> str:
    """The text, unless it has bytes that the system did not understand."""
    if is_text(text):
        return text
    raise WorkflowError(
        f"{option} {'.'.join(keys)}: {what} is not UTF-8",
        "Give text; binary data is given in base64.",
    )


def _content(key: str, name: str) -> str:
    """The text of a file without the end of its last line."""
    try:
        with Path(name).expanduser().open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
        text = re.sub(r"\r?\n\Z", "", content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        wrong, remedy = "it is not UTF-8", "Name a file of text; binary data is given in base64."
    except (OSError, RuntimeError, ValueError) as error:  # `~nobody/x`, or a NUL
        wrong = (error.strerror if isinstance(error, OSError) else "") or str(error)
        remedy = "Name a file that you may read."
    else:
        if len(content) <= MAX_FILE_BYTES and text:
            return text
        wrong = "it is larger than 1 MiB" if text else "it is empty"
        remedy = "Name the file that holds the value alone."
    raise WorkflowError(f"{IN_FILE} {key}: cannot read {name}: {wrong}", remedy)


def _split(text: str, usage: str) -> tuple[tuple[str, ...], str]:
    """The keys, outermost first, and what follows the sign of equality."""
    key, equals, value = text.partition("=")
    keys = tuple(key.split("."))
    if not equals or not all(keys):
        raise WorkflowError(f"Not a setting: {text!r}", f"Write {usage}.")
    return keys, value
