"""Usage of entities: counts per day, sums and percentile ranks (contract §3.1)."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, timedelta
from typing import Any

from om_ingest.kinds import KINDS
from om_ingest.store import Outcome

from om_ingest_catalog.attachments import attachment
from om_ingest_catalog.rows.body import Body, dump
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rules.request import RefusedError
from om_ingest_catalog.rules.validity import check_day

_SPANS = {"dailyStats": 1, "weeklyStats": 7, "monthlyStats": 30}
"""Field of a usage summary -> number of days that it covers, up to and including the day."""

_COUNT, _RANKS = "usage", "usagePercentile"

_SUMS = """
    SELECT attachment.entity, sum(CAST(attachment.body AS INTEGER))
    FROM attachment JOIN entity ON entity.rowid = attachment.entity
    WHERE attachment.name = ? AND attachment.key >= ? AND attachment.key <= ?
        AND entity.entity_type = ? AND entity.deleted = 0
    GROUP BY attachment.entity HAVING max(attachment.key) = ?
    ORDER BY 2
"""


def put_usage(file: CatalogFile, row: EntityRow, body: Body, *, add: bool = False) -> Outcome:
    """Store the usage count of an entity on a day; with `add`, add to the stored count.

    Percentile ranks that depend on this day are removed until `rank` computes them again.
    """
    if "usageSummary" not in KINDS[row.entity_type].entity.model_fields:
        raise RefusedError(f"the use of a {row.entity_type} is not counted")
    day, count = check_day(body["date"]), body["count"]
    if count < 0:
        raise RefusedError(f"count is {count}: it must not be negative")
    if add:
        count += attachment.find(file, row, _COUNT, day) or 0
    outcome = attachment.put(file, row, _COUNT, count, key=day)
    if outcome is not Outcome.UNCHANGED:
        last = _days_later(day, max(_SPANS.values()) - 1)
        attachment.remove_between(file, row, _RANKS, day, last)
    return outcome


def summary(file: CatalogFile, row: EntityRow) -> Body | None:
    """Usage on the latest day with a count, and in the week and month up to it.

    It includes `percentileRank` if `rank` has computed it for that day.
    """
    day = attachment.last_key(file, row, _COUNT)
    return None if day is None else _of_day(file, row, day)


def of_days(file: CatalogFile, row: EntityRow, last: str, count: int) -> list[Body]:
    """Summaries of the days with a count among so many up to the last, latest first."""
    first = _days_later(check_day(last), 1 - count)
    days = attachment.between(file, row, _COUNT, first, last)
    return [_of_day(file, row, day) for day in sorted(days, reverse=True)]


def _of_day(file: CatalogFile, row: EntityRow, day: str) -> Body:
    ranks = attachment.find(file, row, _RANKS, day) or {}
    result: dict[str, Any] = {"date": day}
    for field, days in _SPANS.items():
        counts = attachment.between(file, row, _COUNT, _days_later(day, 1 - days), day)
        result[field] = {"count": sum(counts.values())}
        if field in ranks:
            result[field]["percentileRank"] = ranks[field]
    return result


def rank(file: CatalogFile, entity_type: str, day: str) -> int:
    """Compute percentile ranks of the live entities of a kind used on a day; how many.

    A rank is the percentage of the other entities that were used less; 0 if there are none.
    """
    found: dict[int, Body] = {}
    for field, days in _SPANS.items():
        first = _days_later(check_day(day), 1 - days)
        sums = file.query(_SUMS, (_COUNT, first, day, entity_type, day))
        counts = [count for _, count in sums]
        others = max(len(sums) - 1, 1)
        for rowid, count in sums:
            less = bisect_left(counts, count)
            found.setdefault(rowid, {})[field] = round(100 * less / others, 2)
    rows = ((rowid, _RANKS, day, dump(ranks)) for rowid, ranks in found.items())
    file.execute_many(
        "INSERT OR REPLACE INTO attachment (entity, name, key, body) VALUES (?, ?, ?, ?)", rows
    )
    return len(found)


def _days_later(day: str, days: int) -> str:
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except OverflowError:  # before year 1 or after year 9999
        return day
