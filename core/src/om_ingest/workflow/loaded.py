"""A document → the workflow in it and the settings of its source."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from typing import Any, NamedTuple

from pydantic import ValidationError

from om_ingest import wording
from om_ingest.config.choice import DEFAULT_PATTERNS, source_config
from om_ingest.config.settings import SourceConfig
from om_ingest.config.validation import KeyPath, checked, explain
from om_ingest.errors import Problem
from om_ingest.workflow.config import CONNECTION, OPTIONS, SETTINGS, Workflow
from om_ingest.workflow.reading import Document
from om_ingest.workflow.variables import Interpolation

Override = Callable[[dict[str, Any]], None]
"""Changes the data of a file in place."""


class Loaded(NamedTuple):
    """What a document holds."""

    workflow: Workflow
    settings: SourceConfig
    """`sourceConfig.config`, typed."""

    secrets: set[str]
    """What files held."""

    problems: list[Problem]
    """What is wrong, one problem per key; the workflow lacks those keys."""


def load(
    document: Document, override: Override = lambda data: None
) -> tuple[Workflow, SourceConfig, set[str]]:
    """The workflow in a document, the source's settings, and secrets found in files.

    `override` may change the data once variables are replaced: a shell has done so already
    in what stands on the command line. Raises `WorkflowError` with every problem at once,
    each with its position.
    """
    workflow, settings, secrets, problems = examine(document, override)
    if problems:
        raise document.error(problems)
    return workflow, settings, secrets


def examine(
    document: Document,
    override: Override = lambda data: None,
    replaced: Collection[KeyPath] = (),
) -> Loaded:
    """As `load`, but a workflow with problems comes without the keys that are wrong.

    So the plugins that it names can still be asked about their part. Variables below the keys
    `replaced`, whose values `override` gives, need not be set. Raises `WorkflowError` if it is
    unclear which plugins may be imported.
    """
    source = document.data.get("source")
    long_form = "workflowConfig" in document.data or (
        isinstance(source, dict) and "serviceConnection" in source
    )
    interpolation = Interpolation()
    data = interpolation.apply(document.data, bare=long_form)
    override(data)
    workflow, settings, found = _validated(data)
    needed = (
        problem
        for problem in interpolation.problems
        if not any(problem.path[: len(path)] == path for path in replaced)
    )
    wrong = [*needed, *found]
    problems = _unique([*document.problems, *wrong])
    if any(_is_about_plugins(problem) for problem in problems):
        raise document.error(problems)
    for _ in range(_ATTEMPTS):
        if not wrong:
            break
        for owner, key, instead in [_place(data, problem.path) for problem in wrong]:
            if instead is None:
                owner.pop(key, None)
            else:
                owner[key] = instead
        workflow, settings, wrong = _validated(data)
    if workflow is None or wrong:
        raise document.error(problems)
    return Loaded(workflow, settings, interpolation.secrets, problems)


UNKNOWN = "?"
"""The type of a source, sink or processor whose own is wrong."""

_ATTEMPTS = 5
"""How often what is wrong is taken out: what is left may lack a key that is required."""


def _is_about_plugins(problem: Problem) -> bool:
    """Whether a problem leaves open which distributions may be imported."""
    first = str(problem.path[0]) if problem.path else ""
    return first == "plugins" or (
        len(problem.path) == 1 and bool(get_close_matches(first, ["plugins"]))
    )


def _place(data: dict[str, Any], path: KeyPath) -> tuple[Any, Any, dict[str, Any] | None]:
    """What to take out of the data for a problem: the mapping or list that holds it, and its key.

    For a problem with an item that is the whole list, and for a key that is missing the mapping
    that lacks it. A source, sink or processor is not taken out: the third value replaces it, and
    has the type `UNKNOWN` if its own type is wrong. It is None for everything else.
    """
    head = path[: 2 if path[:1] == ("processors",) else 1]
    holder = _below(data, head[:-1])
    is_item = len(head) == 2 and isinstance(holder, list)
    if path in (head, (*head, "type")) and (is_item or head in _BLOCKS):
        block = holder[head[1]] if is_item else holder.get(head[0])
        return holder, head[-1], {**(block if isinstance(block, dict) else {}), "type": UNKNOWN}
    owner: dict[str, Any] = {}
    key: Any = None
    inner: Any = data
    for part in path:
        if isinstance(inner, dict) and part in inner:
            owner, key = inner, part
        elif not (isinstance(inner, list) and isinstance(part, int) and part < len(inner)):
            break
        inner = inner[part]
    return owner, key, None


_BLOCKS = (("source",), ("sink",), ("processor",))


def _validated(data: dict[str, Any]) -> tuple[Workflow | None, SourceConfig, list[Problem]]:
    """The workflow, or None if it is not valid; the settings of its source; and all problems."""
    problems: list[Problem] = []
    if not isinstance(_below(data, OPTIONS), dict | None):
        problems.append(Problem(OPTIONS, wording.MAPPING))
    workflow: Workflow | None = None
    try:
        workflow = checked(Workflow, data)
    except ValidationError as error:
        problems += explain(error, Workflow)
    settings, found = _settings(_below(data, SETTINGS), _below(data, CONNECTION))
    return workflow if not problems else None, settings, [*problems, *found]


def _settings(given: Any, connection: Any) -> tuple[SourceConfig, list[Problem]]:
    """The settings of a source, and what is wrong with them.

    A filter pattern of the connection counts where they have none (contract §11.4).
    """
    own = given if isinstance(given, dict) else {}
    defaults = {
        key: value
        for key, value in (connection.items() if isinstance(connection, dict) else ())
        if key in DEFAULT_PATTERNS and own.get(key) is None
    }
    if not own and not defaults:
        return SourceConfig(), []
    family, values = source_config(own or defaults)
    if family is SourceConfig:
        return SourceConfig(**{**values, "extra": {**defaults, **own}}), []
    values |= {key: value for key, value in defaults.items() if key in family.model_fields}
    problems = [Problem((*SETTINGS, "extra"), "unknown key")] if "extra" in own else []
    try:
        settings = checked(family, values)
    except ValidationError as error:
        found = explain(error, family)
        for problem in found:
            place = CONNECTION if problem.path[0] in defaults else SETTINGS
            problems.append(Problem((*place, *problem.path), problem.message))
        return SourceConfig(), problems
    return settings, problems


def _below(data: Any, path: KeyPath) -> Any:
    """The value at a key path; None if there is none."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _unique(problems: Iterable[Problem]) -> list[Problem]:
    """One problem per key: an unset variable also leaves a value that fits no type."""
    seen: dict[KeyPath, Problem] = {}
    for problem in problems:
        seen.setdefault(problem.path, problem)
    return list(seen.values())
