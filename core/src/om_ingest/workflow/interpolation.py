"""`${VAR}`, `${VAR:-default}` and `${file:path}` in the values of a workflow file.

Replaced in values after parsing, never in the raw text: a value cannot break the file.
`$${` writes a literal `${`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from om_ingest.config.validation import KeyPath
from om_ingest.errors import Problem

_REFERENCE = re.compile(
    r"\$(\$\{)|\$\{(?:file:(?P<file>[^}]+)|(?P<name>\w+)(?::-(?P<default>[^}]*))?)\}|(?P<broken>\$\{)"
)
_BARE = re.compile(r"\$(\w+)")


class Interpolation:
    """Replaces references, and collects problems and the secrets that files held."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self.environment = os.environ if environment is None else environment
        self.problems: list[Problem] = []
        self.secrets: set[str] = set()
        """Contents of `${file:…}`: a value in a file of its own is treated as a secret."""

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
            if match[1]:
                return "${"
            if match["file"]:
                return self._file(match["file"], path)
            if match["broken"]:
                self._problem(
                    path,
                    "a '${' that is no ${VAR}, ${VAR:-default} or ${file:path}; "
                    "write '$${' for the text itself",
                )
                return ""
            name, default = match["name"], match["default"]
            value = self.environment.get(name)
            if default is not None:
                return value or default  # as in a shell, ":-" also stands in for an empty one
            if value is None:
                self._problem(
                    path,
                    f"the environment variable {name} is not set; "
                    f"write ${{{name}:-default}} if it may be missing",
                )
                return ""
            return value

        # Bare names first: text that comes out of a replacement is never looked at again.
        if bare:
            text = _BARE.sub(
                lambda match: self.environment.get(match[1], match[0]).replace("${", "$${"), text
            )
        return _REFERENCE.sub(replace, text)

    def _file(self, name: str, path: KeyPath) -> str:
        try:
            content = Path(name).expanduser().read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            self._problem(path, f"cannot read the file {name}: {reason}")
            return ""
        self.secrets.add(content)
        return content

    def _problem(self, path: KeyPath, message: str) -> None:
        self.problems.append(Problem(path, message))
