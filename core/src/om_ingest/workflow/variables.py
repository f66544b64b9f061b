"""Variables in the values of a workflow file: `${VAR}`, `${VAR:-default}`, `${file:path}`.

They are replaced after parsing, never in the raw text: a value cannot break the file. `$${` writes
`${` itself, and `${$}` a `$`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from om_ingest.config.validation import KeyPath, structured
from om_ingest.errors import Problem

MAX_FILE_BYTES = 1024 * 1024
"""Largest file behind `${file:…}`: a bigger one is data, given by mistake."""

_REFERENCE = re.compile(
    r"\$(?P<brace>\$\{)|(?P<dollar>\$\{\$\})"
    r"|\$\{(?:file:(?P<file>[^}]+)|(?P<name>\w+)(?::-(?P<default>[^}]*))?)\}|(?P<broken>\$\{)"
)
_BARE = re.compile(r"\$(\w+)")


def is_text(text: str) -> bool:
    """Whether a text of the system is UTF-8; PEP 383 says what stands for its other bytes."""
    return not re.search("[\ud800-\udfff]", text)


class Interpolation:
    """Replaces references, and collects problems and the secrets that files held."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self.environment = os.environ if environment is None else environment
        self.problems: list[Problem] = []
        self.secrets: set[str] = set()
        """Contents of `${file:…}`: a value in a file of its own is treated as a secret, and so
        is each value of a list or mapping there."""

    def apply(self, value: Any, path: KeyPath = (), *, bare: bool = False) -> Any:
        """A copy of `value` with all references replaced, to any depth.

        With `bare`, `$VAR` is replaced too if it is set, and stays as it is if not:
        the rule of `metadata ingest` (OpenMetadata REST contract §11.1).
        """
        if isinstance(value, str):
            return self._text(value, path, bare) if "$" in value else value
        if isinstance(value, dict):
            return {
                key: self.apply(item, (*path, str(key)), bare=bare) for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.apply(item, (*path, index), bare=bare) for index, item in enumerate(value)]
        return value

    def _text(self, text: str, path: KeyPath, bare: bool) -> str:
        def replace(match: re.Match[str]) -> str:
            if match["brace"]:
                return "${"
            if match["dollar"]:
                return "$"
            if match["file"]:
                return self._file(match["file"], path)
            if match["broken"]:
                return self._problem(
                    path,
                    "a '${' that is no ${VAR}, ${VAR:-default} or ${file:path}; "
                    "write '$${' for the text itself",
                )
            name, default = match["name"], match["default"]
            value = self.environment.get(name)
            if value is not None and not is_text(value):
                return self._problem(path, f"the environment variable {name} is not UTF-8 text")
            if default is not None:
                return value or default  # as in a shell, ":-" also stands in for an empty one
            if value is None:
                return self._problem(
                    path,
                    f"the environment variable {name} is not set; "
                    f"write ${{{name}:-default}} if it may be missing",
                )
            return value

        # Bare names first: text that comes out of a replacement is never looked at again.
        if bare:
            text = _BARE.sub(
                lambda match: self.environment.get(match[1], match[0]).replace("${", "$${"), text
            )
        return _REFERENCE.sub(replace, text)

    def _file(self, name: str, path: KeyPath) -> str:
        """The text of a file, without one line break at its end."""
        try:
            with Path(name).expanduser().open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
        except (OSError, RuntimeError, ValueError) as error:  # `~nobody/x`, or a NUL
            reason = error.strerror if isinstance(error, OSError) else str(error)
            return self._problem(path, f"cannot read the file {name}: {reason}")
        if len(content) > MAX_FILE_BYTES:
            return self._problem(
                path, f"the file {name} is larger than 1 MiB: is it the right one?"
            )
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            form = "text in UTF-8, or binary data in base64"
            return self._problem(
                path, f"cannot read the file {name}, which has to be {form}: not UTF-8 text"
            )
        text = re.sub(r"\r?\n\Z", "", text)
        if not text:
            return self._problem(path, f"the file {name} is empty")
        self.secrets.update({text, *map(str, _leaves(structured(text)))})
        return text

    def _problem(self, path: KeyPath, message: str) -> str:
        """Keep a problem; what stands in for the value."""
        self.problems.append(Problem(path, message))
        return ""


def _leaves(value: Any) -> Iterator[Any]:
    """The texts and numbers in a list or mapping, to any depth."""
    if isinstance(value, (list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _leaves(part)
    elif value is not None and not isinstance(value, bool):
        yield value
