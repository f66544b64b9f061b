"""Fields of an entity that lie beside it: read only when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, timedelta
from functools import cache
from typing import Any, TypeAlias

from om_ingest.catalog import attachment, usage
from om_ingest.catalog.assemble import chosen_parent, reference
from om_ingest.catalog.beside import COLUMN_PROFILE, CUSTOM_METRICS
from om_ingest.catalog.body import Body, all_columns
from om_ingest.catalog.file import CatalogFile, Row
from om_ingest.model.kinds import KINDS

RUN_COUNT = 5
"""Runs that an ingestion pipeline shows, and that are listed without a range (§9)."""

_JOIN_DAYS = 30
_PIPELINE_COUNT = 100

Reader: TypeAlias = Callable[[CatalogFile, Row], Any]


def attached(file: CatalogFile, row: Row, names: Collection[str]) -> Body:
    """Those of the named fields that the entity has, without the ones of its columns."""
    found = {}
    for name in attached_fields(row.entity_type):
        if name in names:
            value = _READERS[name](file, row)
            if value is not None:
                found[name] = value
    return found


def attach(file: CatalogFile, row: Row, document: Body, names: Collection[str]) -> None:
    """Put the named fields into the JSON of an entity, in place; also those of its columns."""
    document.update(attached(file, row, names))
    if "customMetrics" in names and row.entity_type == "table":
        metrics = attachment.names_from(file, row, CUSTOM_METRICS)
        _each_column(row, document, metrics, "customMetrics", _metrics(file, row))


def attach_profiles(file: CatalogFile, row: Row, document: Body) -> None:
    """Put the latest profiles of the columns into the JSON of a table, in place."""
    profiles = attachment.names_from(file, row, COLUMN_PROFILE)
    _each_column(
        row, document, profiles, "profile", lambda name: attachment.latest(file, row, name)
    )


@cache
def attached_fields(entity_type: str) -> frozenset[str]:
    """The fields of a kind that lie beside its entities."""
    return frozenset(_READERS.keys() & KINDS[entity_type].entity.model_fields.keys())


def asked_for(entity_type: str, fields: Collection[str] | None) -> frozenset[str]:
    """Those of the fields beside an entity that `fields` names; `*` names all of them."""
    names = attached_fields(entity_type)
    return frozenset() if fields is None else names if "*" in fields else names & set(fields)


def _each_column(
    row: Row, document: Body, names: Collection[str], field: str, read: Callable[[str], Any]
) -> None:
    """Put what lies under `<word>.<path of a column>` into a field of that column."""
    for name in names:
        _, _, path = name.partition(".")
        for column in all_columns(KINDS[row.entity_type].members, document):
            if column.get("fullyQualifiedName") == f"{row.fqn}.{path}":
                column[field] = read(name)


def _metrics(file: CatalogFile, row: Row) -> Callable[[str], list[Body]]:
    return lambda name: list(attachment.each(file, row, name).values())


def _only(name: str) -> Reader:
    return lambda file, row: attachment.find(file, row, name)


def _latest(name: str) -> Reader:
    return lambda file, row: attachment.latest(file, row, name)


def _runs(file: CatalogFile, row: Row) -> list[Body] | None:
    return attachment.series(file, row, "pipelineStatuses", limit=RUN_COUNT) or None


def _joins(file: CatalogFile, row: Row) -> Body | None:
    """What a table was joined with in the 30 days up to the latest that is known, added up."""
    last = attachment.last_key(file, row, "joins")
    if last is None:
        return None
    first = (date.fromisoformat(last) - timedelta(days=_JOIN_DAYS - 1)).isoformat()
    days = attachment.between(file, row, "joins", first, last)
    start = next(iter(days))
    length = date.fromisoformat(last) - date.fromisoformat(start)
    columns: dict[str, dict[str, int]] = {}
    tables: dict[str, int] = {}
    for joins in days.values():
        _add(tables, joins.get("directTableJoins", ()))
        for column in joins.get("columnJoins", ()):
            name = column.get("columnName", "")
            _add(columns.setdefault(name, {}), column.get("joinedWith", ()))
    return {
        "startDate": start,
        "dayCount": length.days + int(days[last]["dayCount"]),
        "columnJoins": [
            {"columnName": name, "joinedWith": _counted(counts)} for name, counts in columns.items()
        ],
        "directTableJoins": _counted(tables),
    }


def _add(counts: dict[str, int], joined: Collection[Body]) -> None:
    for other in joined:
        fqn = other["fullyQualifiedName"]
        counts[fqn] = counts.get(fqn, 0) + other["joinCount"]


def _counted(counts: dict[str, int]) -> list[Body]:
    """The most frequent first."""
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"fullyQualifiedName": fqn, "joinCount": count} for fqn, count in most]


def _followers(file: CatalogFile, row: Row) -> list[Body]:
    return _users(file, list(attachment.each(file, row, "followers")))


def _votes(file: CatalogFile, row: Row) -> Body:
    votes = attachment.each(file, row, "votes")
    up = _users(file, [user for user, vote in votes.items() if vote == "votedUp"])
    down = _users(file, [user for user, vote in votes.items() if vote == "votedDown"])
    return {"upVotes": len(up), "downVotes": len(down), "upVoters": up, "downVoters": down}


def _users(file: CatalogFile, ids: Collection[str]) -> list[Body]:
    """References to those of the users that are live."""
    rows = (file.by_id(user) for user in ids)
    return [reference("user", row.fqn) for row in rows if row is not None and not row.deleted]


def _pipelines(file: CatalogFile, row: Row) -> list[Body] | None:
    """The ingestion pipelines of a service, the first hundred of them."""
    kind = KINDS["ingestionPipeline"]
    page = file.page(kind.entity_type, row.fqn, None, _PIPELINE_COUNT, "deleted = 0")
    own = (below for below in page if chosen_parent(kind, below) == row.entity_type)
    return [reference(kind.entity_type, below.fqn) for below in own] or None


_READERS: dict[str, Reader] = {
    "sampleData": _only("sampleData"),
    "testConnectionResult": _only("testConnectionResult"),
    "tableProfilerConfig": _only("tableProfilerConfig"),
    "profile": _latest("tableProfile"),
    "pipelineStatus": _latest("pipelineStatus"),
    "pipelineStatuses": _runs,
    "customMetrics": lambda file, row: _metrics(file, row)("customMetrics") or None,
    "usageSummary": usage.summary,
    "joins": _joins,
    "followers": _followers,
    "votes": _votes,
    "pipelines": _pipelines,
}
"""Field of an entity -> how it is read; None means that the entity has none."""
