"""A document → the workflow in it and the settings of its source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from pydantic import ValidationError

from om_ingest.config.choice import DEFAULT_PATTERNS, source_config
from om_ingest.config.settings import SourceConfig
from om_ingest.config.validation import KeyPath, checked, explain
from om_ingest.errors import Problem
from om_ingest.wording import MAPPING
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


def load(document: Document, override: Override = lambda data: None) -> Loaded:
    """The workflow in a document that has no problem.

    `override` may change the data once variables are replaced: a shell has done so already
    in what stands on the command line. Raises `WorkflowError` with every problem at once,
    each with its position.
    """
    source = document.data.get("source")
    long_form = "workflowConfig" in document.data or (
        isinstance(source, dict) and "serviceConnection" in source
    )
    interpolation = Interpolation()
    data = interpolation.apply(document.data, bare=long_form)
    override(data)
    workflow, settings, found = _validated(data)
    problems = _unique([*document.problems, *interpolation.problems, *found])
    if workflow is None or problems:
        raise document.error(problems)
    return Loaded(workflow, settings, interpolation.secrets)


def _validated(data: dict[str, Any]) -> tuple[Workflow | None, SourceConfig, list[Problem]]:
    """The workflow, or None if it is not valid; the settings of its source; and all problems."""
    problems: list[Problem] = []
    if not isinstance(_below(data, OPTIONS), dict | None):
        problems.append(Problem(OPTIONS, MAPPING))
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
