"""How often entities are used: counts per day, and what follows from them (contract §3.1)."""

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
"""Field of a summary -> how many days it covers, the day itself included."""

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
    """How often an entity was used on a day; `add` counts it in addition.

    Where the entity ranks in the days that this one counts for is forgotten until
    `rank` works it out again.
    """
    if "usageSummary" not in KINDS[row.entity_type].entity.model_fields:
        raise RefusedError(f"the use of a {row.entity_type} is not counted")
    day, count = check_day(body["date"]), body["count"]
    if count < 0:
        raise RefusedError(f"count is {count}: a number of uses is not negative")
    if add:
        count += attachment.find(file, row, _COUNT, day) or 0
    outcome = attachment.put(file, row, _COUNT, count, key=day)
    if outcome is not Outcome.UNCHANGED:
        last = _days_later(day, max(_SPANS.values()) - 1)
        attachment.remove_between(file, row, _RANKS, day, last)
    return outcome


def summary(file: CatalogFile, row: EntityRow) -> Body | None:
    """Use on the latest day that is known, and in the week and month up to it.

    `percentileRank` is in it once `rank` has worked it out for that day.
    """
    day = attachment.last_key(file, row, _COUNT)
    if day is None:
        return None
    ranks = attachment.find(file, row, _RANKS, day) or {}
    result: dict[str, Any] = {"date": day}
    for field, days in _SPANS.items():
        counts = attachment.between(file, row, _COUNT, _days_later(day, 1 - days), day)
        result[field] = {"count": sum(counts.values())}
        if field in ranks:
            result[field]["percentileRank"] = ranks[field]
    return result


def rank(file: CatalogFile, entity_type: str, day: str) -> int:
    """Work out where the live entities of a kind rank that were used on a day; how many.

    A rank is the percentage of the others that were used less; 0 where there are no others.
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
    except OverflowError:  # at one of the two ends of the calendar
        return day
