"""Computed fields: those that are not in the row of an entity, read only on request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

from om_ingest.kinds import KINDS

from om_ingest_catalog.attachments import attachment, usage
from om_ingest_catalog.attachments.putting import COLUMN_PROFILE, CUSTOM_METRICS
from om_ingest_catalog.documents import derived
from om_ingest_catalog.documents.derived import Reader
from om_ingest_catalog.documents.projection import EVERYTHING
from om_ingest_catalog.rows.body import Body, all_columns
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.links import reference

LONG_COUNT = 1000
"""Maximum length of a list of children that `fields=*` includes."""

RUN_COUNT = 5
"""Number of runs that an ingestion pipeline shows, and that a list without a range has (§9)."""

_JOIN_DAYS = 30


def attach(file: CatalogFile, row: EntityRow, document: Body, names: Collection[str]) -> None:
    """Add the named fields to the JSON of an entity and of its columns, in place."""
    for name, read in readers_of(row.entity_type).items():
        value = read(file, row) if name in names else None
        if value is not None:
            document[name] = value
    if "customMetrics" in names and row.entity_type == "table":
        metrics = attachment.names_from(file, row, CUSTOM_METRICS)
        _each_column(row, document, metrics, "customMetrics", _metrics(file, row))


def attach_profiles(file: CatalogFile, row: EntityRow, document: Body) -> None:
    """Add the latest profiles of the columns to the JSON of a table, in place."""
    profiles = attachment.names_from(file, row, COLUMN_PROFILE)
    _each_column(
        row, document, profiles, "profile", lambda name: attachment.latest(file, row, name)
    )


@cache
def readers_of(entity_type: str) -> Mapping[str, Reader]:
    """The readers of the computed fields of a kind, by field."""
    attachments = {name: _ATTACHMENTS[name] for name in attachment_fields(entity_type)}
    return {**attachments, **derived.readers_of(entity_type)}


@cache
def attachment_fields(entity_type: str) -> frozenset[str]:
    """The fields of a kind that show attachments: samples, usage, runs …"""
    return frozenset(_ATTACHMENTS.keys() & KINDS[entity_type].entity.model_fields.keys())


def requested_fields(file: CatalogFile, row: EntityRow, fields: Collection[str] | None) -> set[str]:
    """The computed fields that `fields` selects.

    `*` selects all except long lists of children, which must be named.
    """
    named = readers_of(row.entity_type).keys() & set(fields or ())
    if EVERYTHING in (fields or ()):
        long = {
            name
            for name in derived.lists_below(row.entity_type)
            if derived.length(file, row, name) > LONG_COUNT
        }
        named |= readers_of(row.entity_type).keys() - long
    return named


def _each_column(
    row: EntityRow, document: Body, names: Collection[str], field: str, read: Callable[[str], Any]
) -> None:
    """Add attachments with names `<prefix>.<path of a column>` to a field of that column."""
    columns = {
        column.get("fullyQualifiedName"): column
        for column in all_columns(KINDS[row.entity_type].members, document)
    }
    for name in names:
        column = columns.get(f"{row.fqn}.{name.partition('.')[2]}")
        if column is not None:
            column[field] = read(name)


def _metrics(file: CatalogFile, row: EntityRow) -> Callable[[str], list[Body]]:
    return lambda name: list(attachment.each(file, row, name).values())


def _only(name: str) -> Reader:
    return lambda file, row: attachment.find(file, row, name)


def _latest(name: str) -> Reader:
    return lambda file, row: attachment.latest(file, row, name)


def _runs(file: CatalogFile, row: EntityRow) -> list[Body] | None:
    return attachment.series(file, row, "pipelineStatuses", limit=RUN_COUNT) or None


def _joins(file: CatalogFile, row: EntityRow) -> Body | None:
    """Sums of the joins of a table in the 30 days up to the latest one with joins."""
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
    """Joins in descending order of their counts."""
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"fullyQualifiedName": fqn, "joinCount": count} for fqn, count in most]


def _followers(file: CatalogFile, row: EntityRow) -> list[Body]:
    return _users(file, list(attachment.each(file, row, "followers")))


def _votes(file: CatalogFile, row: EntityRow) -> Body:
    votes = attachment.each(file, row, "votes")
    up = _users(file, [user for user, vote in votes.items() if vote == "votedUp"])
    down = _users(file, [user for user, vote in votes.items() if vote == "votedDown"])
    return {"upVotes": len(up), "downVotes": len(down), "upVoters": up, "downVoters": down}


def _users(file: CatalogFile, ids: Collection[str]) -> list[Body]:
    """References to the live users."""
    rows = (file.by_id(user) for user in ids)
    return [reference("user", row.fqn) for row in rows if row is not None and not row.deleted]


_ATTACHMENTS: dict[str, Reader] = {
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
}
"""Field with attachments -> its reader, which returns None if there are none."""
