"""Text of a workflow file → plain data, with the line and column of every key.

YAML, TOML and JSON; foreign parser errors become `WorkflowError` with a position. Variables are
replaced afterwards (`om_ingest.workflow.variables`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from om_ingest.config.validation import KeyPath
from om_ingest.errors import Problem, WorkflowError

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 8 * 1024 * 1024
"""Largest workflow file: a bigger one is data, given by mistake."""

MAX_VALUES = 100_000
"""Most values in a YAML file; a few aliases of aliases can stand for billions."""


_SYNTAX = {
    "unhashable": "a mapping is no key; where {{ a template }} was meant, write ${NAME}",
    "determine a constructor": "this tag is unknown; put a value that begins with ! in quotes",
    "undefined alias": "this alias is unknown; put a value that begins with * in quotes",
}
"""What is said of some errors of the parser, by a part of its own words."""

_MERGE = "tag:yaml.org,2002:merge"
_NULL = "tag:yaml.org,2002:null"


@dataclass
class Document:
    """A parsed file: its data, and where in the text each key stands."""

    name: str
    """What messages call it: the path as given, or `<stdin>`."""

    data: dict[str, Any]
    """The mapping at the root."""

    positions: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    """Line and column, both from 1, of each key path."""

    remedy: str = "Correct the file and run `om-ingest check` on it."
    """What to do about a problem."""

    problems: list[Problem] = field(default_factory=list)
    """Problems that the parser accepts: keys given twice."""

    nulls: dict[KeyPath, str] = field(default_factory=dict)
    """Values that are written, and mean that there is none: `~` and `null`."""

    digest: str | None = None
    """SHA-256 of the file's bytes, as `sha256:<hex>`; None for what is no file."""

    def locate(self, problem: Problem) -> str:
        """One line for a problem: `file:line:column: key.path: message`."""
        where = ":".join(map(str, (self.name, *self._position(problem))))
        word = self.nulls.get(problem.path)
        hint = f"; {word} is read as no value: put it in quotes if it is a text" if word else ""
        return f"{where}: {problem.key}: {problem.message}{hint}"

    def error(self, problems: list[Problem], remedy: str | None = None) -> WorkflowError:
        """All problems as one error, in the order of the file; its remedy unless one is given."""
        lines = [self.locate(problem) for problem in sorted(problems, key=self._position)]
        count = f"{len(lines)} problems" if len(lines) > 1 else "a problem"
        said = "\n  ".join((f"The workflow has {count}:", *lines))
        return WorkflowError(said, remedy or self.remedy, tuple(problems))

    def _position(self, problem: Problem) -> tuple[int, ...]:
        """Line and column of its key, or of the nearest one above it; empty if unknown."""
        path: KeyPath = problem.path
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path, ())


def read_document(path: str) -> Document:
    """Parse a file, or standard input for `-`; raises `WorkflowError`."""
    name = "<stdin>" if path == "-" else path
    try:
        with sys.stdin.buffer if path == "-" else Path(path).expanduser().open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise WorkflowError(
            f"Cannot read the workflow file {name}: {error.strerror}", "Check the path."
        ) from None
    if len(content) > MAX_BYTES:
        raise WorkflowError(
            f"{name} is larger than {MAX_BYTES // 1024 // 1024} MiB: this is no workflow file",
            "Give the path of a YAML, TOML or JSON file.",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WorkflowError(
            f"{name} is not UTF-8 text: {error.reason} at byte {error.start}",
            "Give the path of a YAML, TOML or JSON file.",
        ) from None
    document = parse(text, name)
    document.digest = digest_of(content)
    return document


def digest_of(content: bytes) -> str:
    """What identifies the text of a file in reports."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def parse(text: str, name: str) -> Document:
    """Parse by the file's ending; without a known one, JSON if it opens with `{`, else YAML."""
    ending = Path(name).suffix.lower()
    if ending == ".toml":
        document = _parse_toml(text, name)
    elif ending == ".json" or (ending not in (".yaml", ".yml") and text.lstrip().startswith("{")):
        document = _parse_json(text, name)
    else:
        document = _parse_yaml(text, name)
    if not isinstance(document.data, dict):
        raise WorkflowError(
            f"{name} holds no mapping at its root", "A workflow file begins with `source:`."
        )
    return document


def _syntax(name: str, line: int, column: int, message: str) -> WorkflowError:
    return WorkflowError(f"{name}:{line}:{column}: {message}", "Correct the file's syntax.")


def _parse_yaml(text: str, name: str) -> Document:
    import yaml  # takes longer than a short run by name, which needs no file

    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        document = Document(name, None)  # type: ignore[arg-type]  # parse() checks what comes of it
        if node is not None:
            if _size(node, {}) > MAX_VALUES:
                raise _syntax(name, 1, 1, "aliases (*) make it endless, or far too large")
            _walk(node, (), document)  # before merge keys (<<) are resolved, in place
            document.data = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = ", ".join(filter(None, (error.context, error.problem)))  # a password may be *x or !x
        said = re.sub(r"(alias|tag) '.*'", r"\1", said)
        said = next((words for part, words in _SYNTAX.items() if part in said), said)
        raise _syntax(name, line, column, said) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise _syntax(name, line, column, f"{error.reason}: {error.character!a}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _syntax(name, 1, 1, str(error).splitlines()[0]) from None
    return document


def _size(node: yaml.Node, known: dict[yaml.Node, float]) -> float:
    """Number of values in a YAML node once aliases are followed; infinite for a cycle."""
    if node not in known:
        known[node] = float("inf")  # while its own parts are counted
        below = node.value if isinstance(node.value, list) else ()
        parts = (part for item in below for part in (item if isinstance(item, tuple) else (item,)))
        known[node] = 1 + sum(_size(part, known) for part in parts)
    return known[node]


def _walk(
    node: yaml.Node | None, path: KeyPath, document: Document, *, is_merged: bool = False
) -> None:
    """Note the position of every key and item below a YAML node, and keys given twice.

    Keys become texts, as in JSON and TOML: `no` and `2024` would be none. What a merge key (`<<`)
    brings stands where it is written.
    """
    import yaml  # see _parse_yaml

    entries: list[tuple[str | int, yaml.Node, yaml.Node]] = []
    merged: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.tag == _MERGE:
                merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
                continue
            if isinstance(key, yaml.ScalarNode):
                key.tag = yaml.resolver.Resolver.DEFAULT_SCALAR_TAG
            entries.append((str(key.value), key, value))
    elif isinstance(node, yaml.SequenceNode):
        entries = [(index, item, item) for index, item in enumerate(node.value)]
    for name, marked, value in entries:
        below, mark = (*path, name), marked.start_mark
        if isinstance(name, str) and below in document.positions:
            first = document.positions[below][0]
            if not is_merged:
                document.problems.append(
                    Problem(below, f"given twice: first on line {first}, again on {mark.line + 1}")
                )
            continue
        document.positions[below] = (mark.line + 1, mark.column + 1)
        if isinstance(value, yaml.ScalarNode) and value.tag == _NULL and value.value:
            document.nulls[below] = value.value
        _walk(value, below, document)
    for mapping in merged:
        _walk(mapping, path, document, is_merged=True)


def _parse_json(text: str, name: str) -> Document:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise _syntax(name, error.lineno, error.colno, error.msg) from None
    except RecursionError:
        raise _syntax(name, 1, 1, "nested too deeply") from None
    document = Document(name, data)
    import yaml  # see _parse_yaml

    # JSON is YAML but for tabs, which JSON allows only between tokens.
    with contextlib.suppress(yaml.YAMLError, RecursionError):  # only the positions are lost
        _walk(yaml.compose(text.replace("\t", " "), Loader=yaml.SafeLoader), (), document)
    return document


def _parse_toml(text: str, name: str) -> Document:
    try:
        if sys.version_info >= (3, 11):
            import tomllib
        else:
            import tomli as tomllib  # type: ignore[import-not-found]  # optional extra
    except ModuleNotFoundError:
        raise WorkflowError(
            f"{name}: reading TOML needs Python 3.11 or newer, or the package tomli",
            "Install the extra om-ingest[toml], or write the workflow in YAML.",
        ) from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        place = re.search(r"\(at line (\d+), column (\d+)\)", said)
        line, column = (int(place[1]), int(place[2])) if place else (1, 1)
        raise _syntax(name, line, column, said.partition(" (at ")[0]) from None
    return Document(name, data, _toml_positions(text))


def _toml_positions(text: str) -> dict[KeyPath, tuple[int, int]]:
    """Positions of tables and bare keys, which the parser does not give."""
    positions: dict[KeyPath, tuple[int, int]] = {}
    table: KeyPath = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[{1,2}\s*([\w.\-\" ]+?)\s*\]{1,2}", line)
        key = re.match(r"\s*([\w\-\".]+)\s*=", line)
        if header:
            table = tuple(part.strip(' "') for part in header[1].split("."))
            positions.setdefault(table, (number, line.index("[") + 1))
        elif key:
            path = (*table, *(part.strip('"') for part in key[1].split(".")))
            positions.setdefault(path, (number, key.start(1) + 1))
    return positions
