"""Filters: `metadata.utils.filters` (OpenMetadata REST contract §11.4).

Every function tells whether a name is to be left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from om_ingest_compat import running
from om_ingest_compat.shims.entities import text_of


class InvalidPatternException(Exception):  # noqa: N818  # its name upstream
    """A regular expression of a filter pattern is malformed."""


def validate_regex(regex_list: Iterable[Any] | None) -> None:
    """Raise `InvalidPatternException` for the first malformed regular expression."""
    for regex in regex_list or ():
        _compiled(text_of(regex))


def _compiled(regex: str) -> re.Pattern[str]:
    try:
        return re.compile(regex, re.IGNORECASE)
    except re.error as error:
        raise InvalidPatternException(f"Invalid regex [{regex}]: {error}") from error


def _matches(regexes: Iterable[Any], name: str) -> bool:
    patterns = [_compiled(text_of(regex)) for regex in regexes]
    return any(pattern.match(name) for pattern in patterns)


def _of(filter_pattern: Any, name: str) -> list[Any]:
    if isinstance(filter_pattern, Mapping):
        return filter_pattern.get(name) or []
    return getattr(filter_pattern, name, None) or []


def _filter(filter_pattern: Any, name: Any) -> bool:
    """Whether a name is to be left out by a pattern, a model or a dict; None leaves out nothing.

    A name is kept if it begins with a match of one of `includes`, if there are any, and with none
    of `excludes`, in upper or lower case. An empty name is left out by any pattern.
    """
    if not filter_pattern:
        return False
    text = "" if name is None else text_of(name)
    is_left_out = not text or _is_left_out(filter_pattern, text)
    if running.is_running():
        running.current().ask(text, is_left_out=is_left_out)
    return is_left_out


def _is_left_out(filter_pattern: Any, name: str) -> bool:
    includes, excludes = _of(filter_pattern, "includes"), _of(filter_pattern, "excludes")
    is_included = _matches(includes, name) if includes else True
    return _matches(excludes, name) or not is_included


def filter_by_fqn(fqn_filter_pattern: Any, fqn: Any) -> bool:
    """Whether an FQN is to be left out."""
    return _filter(fqn_filter_pattern, fqn)


def filter_by_database(database_filter_pattern: Any, database_name: Any) -> bool:
    """Whether a database is to be left out."""
    return _filter(database_filter_pattern, database_name)


def filter_by_schema(schema_filter_pattern: Any, schema_name: Any) -> bool:
    """Whether a schema is to be left out."""
    return _filter(schema_filter_pattern, schema_name)


def filter_by_table(table_filter_pattern: Any, table_name: Any) -> bool:
    """Whether a table is to be left out."""
    return _filter(table_filter_pattern, table_name)


def filter_by_stored_procedure(stored_procedure_filter_pattern: Any, name: Any) -> bool:
    """Whether a stored procedure is to be left out."""
    return _filter(stored_procedure_filter_pattern, name)


def filter_by_chart(chart_filter_pattern: Any, chart_name: Any) -> bool:
    """Whether a chart is to be left out."""
    return _filter(chart_filter_pattern, chart_name)


def filter_by_dashboard(dashboard_filter_pattern: Any, dashboard_name: Any) -> bool:
    """Whether a dashboard is to be left out."""
    return _filter(dashboard_filter_pattern, dashboard_name)


def filter_by_datamodel(datamodel_filter_pattern: Any, datamodel_name: Any) -> bool:
    """Whether a data model is to be left out."""
    return _filter(datamodel_filter_pattern, datamodel_name)


def filter_by_project(project_filter_pattern: Any, project_name: Any) -> bool:
    """Whether a project of dashboards is to be left out."""
    return _filter(project_filter_pattern, project_name)


def filter_by_topic(topic_filter_pattern: Any, topic_name: Any) -> bool:
    """Whether a topic is to be left out."""
    return _filter(topic_filter_pattern, topic_name)


def filter_by_pipeline(pipeline_filter_pattern: Any, pipeline_name: Any) -> bool:
    """Whether a pipeline is to be left out."""
    return _filter(pipeline_filter_pattern, pipeline_name)


def filter_by_mlmodel(mlmodel_filter_pattern: Any, mlmodel_name: Any) -> bool:
    """Whether an ML model is to be left out."""
    return _filter(mlmodel_filter_pattern, mlmodel_name)


def filter_by_container(container_filter_pattern: Any, container_name: Any) -> bool:
    """Whether a container is to be left out."""
    return _filter(container_filter_pattern, container_name)


def filter_by_search_index(search_index_filter_pattern: Any, search_index_name: Any) -> bool:
    """Whether a search index is to be left out."""
    return _filter(search_index_filter_pattern, search_index_name)


def filter_by_collection(collection_filter_pattern: Any, collection_name: Any) -> bool:
    """Whether a collection of an API is to be left out."""
    return _filter(collection_filter_pattern, collection_name)


def filter_by_endpoint(endpoint_filter_pattern: Any, endpoint_name: Any) -> bool:
    """Whether an endpoint of an API is to be left out."""
    return _filter(endpoint_filter_pattern, endpoint_name)


def filter_by_directory(directory_filter_pattern: Any, directory_name: Any) -> bool:
    """Whether a directory of a drive is to be left out."""
    return _filter(directory_filter_pattern, directory_name)


def filter_by_file(file_filter_pattern: Any, file_name: Any) -> bool:
    """Whether a file of a drive is to be left out."""
    return _filter(file_filter_pattern, file_name)


def filter_by_spreadsheet(spreadsheet_filter_pattern: Any, spreadsheet_name: Any) -> bool:
    """Whether a spreadsheet of a drive is to be left out."""
    return _filter(spreadsheet_filter_pattern, spreadsheet_name)


def filter_by_worksheet(worksheet_filter_pattern: Any, worksheet_name: Any) -> bool:
    """Whether a worksheet of a drive is to be left out."""
    return _filter(worksheet_filter_pattern, worksheet_name)


def filter_by_classification(classification_filter_pattern: Any, tags: Any) -> bool:
    """Whether something with these labels is to be left out.

    Any label that is excluded leaves it out; otherwise one that is included keeps it.
    """
    if not classification_filter_pattern:
        return False
    fqns = [text_of(getattr(label, "tagFQN", label)) for label in tags or ()]
    includes = _of(classification_filter_pattern, "includes")
    excludes = _of(classification_filter_pattern, "excludes")
    if any(_matches(excludes, fqn) for fqn in fqns):
        return True
    return bool(includes) and not any(_matches(includes, fqn) for fqn in fqns)
