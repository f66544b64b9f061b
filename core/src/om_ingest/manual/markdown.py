"""The documentation page of a connector, in Markdown (CommonMark with the tables of GitHub)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence

import importlib_metadata
from pydantic import BaseModel

from om_ingest.host import loading
from om_ingest.host.hooks import Hooks
from om_ingest.manual import describe
from om_ingest.registry import InstalledSource

_HOW_TO_RUN = """\
`om-ingest init {name}` writes the example into {file}, with a schema for editors beside it.
Fill in what is required, then:"""


def page(source: InstalledSource, hooks: Hooks | None = None) -> str:
    """The page of a source: how to install, configure and run it, and its distribution.

    Imports the source; raises `PluginError` if that fails.
    """
    source_class = loading.source_class(source, hooks)
    config = loading.config_class(source_class)
    package = _Package(source.distribution)
    parts = [f"# {source.name}"]
    parts += [_prose(text) for text in (package.first("Summary"), _doc(source_class)) if text]
    if source.service_type:
        parts.append(f"Service type: {_code(source.service_type)}.")
    if source.distribution:
        parts += ["## Install", _fenced("console", f"$ pip install {source.distribution}")]
    parts += ["## Configuration", *_configuration(config)]
    file = f"{source.name}.yaml"
    parts += [
        "## Example",
        _fenced("yaml", describe.example(source, hooks).rstrip("\n")),
        "## Run",
        _HOW_TO_RUN.format(name=source.name, file=_code(file)),
        _fenced("console", f"$ om-ingest check {file}\n$ om-ingest run {file}"),
    ]
    if rows := list(package.facts()):
        parts += ["## About", _table(("", ""), rows)]
    return "\n\n".join(parts) + "\n"


class _Package:
    """The metadata of a distribution; empty if no distribution owns the source."""

    def __init__(self, name: str) -> None:
        self._metadata = importlib_metadata.metadata(name) if name else None

    def first(self, *headers: str) -> str:
        """The first of these headers that is not empty."""
        return next((value for header in headers for value in self._all(header) if value), "")

    def facts(self) -> Iterator[tuple[str, str]]:
        """Name, Python, requirement, licence, author and links, as far as they are given."""
        if name := self.first("Name"):
            yield "Distribution", _cell(f"{name} {self.first('Version')}")
        if python := self.first("Requires-Python"):
            yield "Python", _code(python)
        for need in self._all("Requires-Dist"):
            if re.match(r"om[-_.]ingest(?![-_.\w])", need):
                yield "om-ingest", _code(need)
        licence = self.first("License-Expression", "License")
        if licence:
            yield "Licence", _cell(licence.partition("\n")[0])
        if author := self.first("Author", "Author-email", "Maintainer", "Maintainer-email"):
            yield "Author", _cell(author)
        links = [line.partition(",")[::2] for line in self._all("Project-URL")]
        if home := self.first("Home-page"):
            links.insert(0, ("Home page", home))
        for label, url in links:
            yield _cell(label.strip()), f"<{url.strip()}>"

    def _all(self, header: str) -> list[str]:
        found = self._metadata.get_all(header) if self._metadata is not None else None
        return [str(value).strip() for value in found or () if str(value).strip() != "UNKNOWN"]


def _configuration(config: type[BaseModel] | None) -> Iterator[str]:
    if config is None:
        yield "This source does not declare its configuration: it takes any keys."
        return
    if not config.model_fields:
        yield "There is nothing to configure."
        return
    yield "The keys below `source.config` of the workflow file."
    yield _keys(config)
    for model in describe.models(config)[1:]:
        yield f"### {_escaped(model.__name__)}"
        if text := _doc(model):
            yield _prose(text)
        yield _keys(model)


def _keys(model: type[BaseModel]) -> str:
    rows = [
        (
            _code(field.name),
            _code(field.type),
            "**required**" if field.required else _code(field.default),
            _cell(field.meaning) + (" *Secret.*" if field.secret else ""),
        )
        for field in describe.fields(model)
    ]
    return _table(("Key", "Type", "Default", "Meaning"), rows)


def _doc(cls: type) -> str:
    return inspect.cleandoc(cls.__doc__ or "")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    """Text for one cell of a table."""
    return _escaped(" ".join(text.split())).replace("|", "\\|")


def _prose(text: str) -> str:
    """Paragraphs of a docstring, with headings, lists and HTML escaped."""
    lines = (re.sub(r"^( {0,3})([#>+=-])", r"\1\\\2", line) for line in text.splitlines())
    return _escaped("\n".join(lines))


def _escaped(text: str) -> str:
    """Text with `<` escaped outside of code."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(
        piece if index % 2 else piece.replace("<", "\\<") for index, piece in enumerate(pieces)
    )


def _code(text: str) -> str:
    """Text as code, also in a table; the fence is longer than backticks in the text."""
    if not text:
        return ""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{' '.join(text.split())}{pad}{fence}".replace("|", "\\|")


def _fenced(language: str, text: str) -> str:
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return f"{fence}{language}\n{text}\n{fence}"
