"""What may be put beside which entity, and how it is kept (REST contract §3.1, §9).

Every function takes JSON that its model has validated, and raises `RefusedError` when it
does not fit the entity. The entity itself, its version and its history stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from om_ingest.catalog import attachment
from om_ingest.catalog.body import Body, member_fqns, member_list, member_name, parse
from om_ingest.catalog.file import CatalogFile, Row
from om_ingest.catalog.references import Targets, normalised
from om_ingest.catalog.refusal import RefusedError, missing
from om_ingest.model.entity import AttachmentRequest
from om_ingest.model.fqn import quote
from om_ingest.model.kinds import KINDS
from om_ingest.model.naming import encode_reserved
from om_ingest.sink import Outcome

COLUMN_PROFILE = "columnProfile."
"""Before the path of a column below its table: the name of the column's profiles."""

_EARLIEST_MS = 10**11
"""The first timestamp with 12 digits: a smaller one is in seconds, by mistake (§3.0)."""

_ORDER = (Outcome.UPDATED, Outcome.CREATED, Outcome.UNCHANGED)


def put_record(file: CatalogFile, targets: Targets, record: AttachmentRequest) -> Outcome:
    """Put what a record carries beside the entity that it names."""
    given = record.target
    target = targets.find_reference(given.model_dump())
    row = file.by_id(target.id) if target is not None else None
    if row is None:
        name = given.fullyQualifiedName or given.id
        what = _WORDS[record.entity_type]
        reason = f"the {given.type} {name} does not exist; yield it before its {what}"
        raise missing(reason, given.type, name)
    try:
        body = record.model_dump(mode="json", exclude_none=True)
    except ValueError as error:  # of pydantic's serializer
        raise RefusedError(f"cannot be written as JSON: {error}") from None
    field, put = _PUTS[record.entity_type]
    return put(file, row, body[field])


def put_sample_data(file: CatalogFile, row: Row, body: Body) -> Outcome:
    """Rows of a table or container, or messages of a topic or search index."""
    kind = KINDS[row.entity_type]
    if "sampleData" not in kind.entity.model_fields:
        raise RefusedError(f"a {row.entity_type} has no sample data")
    columns = next((path for path in kind.members if path[-1] == "columns"), None)
    wanted = {"messages"} if columns is None else {"columns", "rows"}
    unknown = body.keys() - wanted
    if unknown:
        raise RefusedError(
            f"sample data of a {row.entity_type} has no {', '.join(sorted(unknown))}"
        )
    if columns is not None:
        body = _checked_rows(row, member_list(parse(row.body), columns), body)
    return attachment.put(file, row, "sampleData", body)


def _checked_rows(row: Row, columns: list[Body], body: Body) -> Body:
    known = {member_name(column) for column in columns}
    names = [name if name in known else encode_reserved(name) for name in body.get("columns", ())]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise RefusedError(f"{row.fqn} has no column {unknown[0]}")
    for values in body.get("rows", ()):
        if len(values) != len(names):
            raise RefusedError(f"a sample row has {len(values)} values for {len(names)} columns")
    return {**body, "columns": names}


def put_pipeline_status(file: CatalogFile, row: Row, body: Body) -> Outcome:
    """A run of a pipeline, in place of the one with its timestamp."""
    _check_kind(row, "pipeline", "status")
    return _put_at(file, row, "pipelineStatus", body)


def put_run_status(file: CatalogFile, row: Row, body: Body) -> Outcome:
    """A run of an ingestion pipeline, in place of the one with its `runId`."""
    _check_kind(row, "ingestionPipeline", "run status")
    run_id, at = body.get("runId"), body.get("timestamp")
    if not run_id:
        raise RefusedError("runId is missing")
    if at is None:
        raise RefusedError("timestamp is missing")
    return attachment.put(file, row, "pipelineStatuses", body, key=run_id, at=check_time(at))


def put_table_profile(file: CatalogFile, row: Row, body: Body) -> Outcome:
    """Measurements of a table, its columns and its statements at some times."""
    _check_kind(row, "table", "profile")
    paths = column_paths(row)
    found = [("tableProfile", body["tableProfile"], "")]
    found += [
        (f"{COLUMN_PROFILE}{column_path(row, paths, item['name'])}", item, "")
        for item in body.get("columnProfile", ())
    ]
    for item in body.get("systemProfile", ()):
        if "timestamp" not in item:
            raise RefusedError("systemProfile: timestamp is missing")
        found.append(("systemProfile", item, f" {item.get('operation', '')}"))
    for _, item, _ in found:  # all of them, or none
        check_time(item["timestamp"])
    outcomes = [_put_at(file, row, *one) for one in found]
    return next(outcome for outcome in _ORDER if outcome in outcomes)


def put_usage(file: CatalogFile, row: Row, body: Body, *, add: bool = False) -> Outcome:
    """How often an entity was used on a day; `add` counts it in addition."""
    if "usageSummary" not in KINDS[row.entity_type].entity.model_fields:
        raise RefusedError(f"the use of a {row.entity_type} is not counted")
    day, count = check_day(body["date"]), body["count"]
    if count < 0:
        raise RefusedError(f"count is {count}: a number of uses is not negative")
    if add:
        count += attachment.find(file, row, "usage", day) or 0
    outcome = attachment.put(file, row, "usage", count, key=day)
    if outcome is not Outcome.UNCHANGED:  # where it ranks has to be worked out anew
        last = (date.fromisoformat(day) + timedelta(days=29)).isoformat()
        attachment.remove_between(file, row, "usagePercentile", day, last)
    return outcome


def put_joins(file: CatalogFile, row: Row, body: Body) -> Outcome:
    """What a table and its columns were joined with from `startDate` on."""
    _check_kind(row, "table", "joins")
    day = check_day(body.get("startDate") or "")
    if body.get("dayCount", 1) < 1:
        raise RefusedError("dayCount is less than 1")
    paths = column_paths(row)
    for joins in body.get("columnJoins", ()):
        column_path(row, paths, joins.get("columnName", ""))
    return attachment.put(
        file, row, "joins", {**body, "dayCount": body.get("dayCount", 1)}, key=day
    )


def column_paths(row: Row) -> set[str]:
    """The path of each column below its table, nested ones included: `a`, `"b.c".d`."""
    members = KINDS[row.entity_type].members
    start = len(row.fqn) + 1
    return {fqn[start:] for fqn in member_fqns(members, row.fqn, parse(row.body))}


def column_path(row: Row, paths: set[str], given: str) -> str:
    """The path of a column that was given by its name, its path or its FQN."""
    for path in (quote(given) if given else "", normalised(given) if given else None):
        if path is not None:
            if path in paths:
                return path
            below = path.removeprefix(f"{row.fqn}.")
            if below in paths:
                return below
    raise RefusedError(f"{row.fqn} has no column {given}")


def check_time(at: int) -> int:
    """The timestamp, which has to be in ms since 1970 and not in seconds (§3.0)."""
    if at < _EARLIEST_MS:
        raise RefusedError(f"timestamp is {at}: give it in milliseconds since 1970")
    return at


def check_day(day: str) -> str:
    """The day, which has to be a real one, written as YYYY-MM-DD (§3.0)."""
    try:
        if date.fromisoformat(day).isoformat() == day:
            return day
    except ValueError:
        pass
    raise RefusedError(f"{day!r} is no date: write it as YYYY-MM-DD")


def _check_kind(row: Row, entity_type: str, what: str) -> None:
    if row.entity_type != entity_type:
        raise RefusedError(f"a {row.entity_type} has no {what}: only a {entity_type} has")


def _put_at(file: CatalogFile, row: Row, name: str, body: Body, more: str = "") -> Outcome:
    at = check_time(body["timestamp"])
    return attachment.put(file, row, name, body, key=f"{at}{more}", at=at)


_PUTS: dict[str, tuple[str, Callable[[CatalogFile, Row, Any], Outcome]]] = {
    "sampleData": ("sampleData", put_sample_data),
    "pipelineStatus": ("pipelineStatus", put_pipeline_status),
    "tableProfile": ("profile", put_table_profile),
    "usage": ("usage", put_usage),
}
_WORDS = {
    "sampleData": "sample data",
    "pipelineStatus": "status",
    "tableProfile": "profile",
    "usage": "usage",
}
