"""Storing attachments: which kinds may have which, and under which keys (contract §3.1, §9).

The functions take JSON that is valid against its model, and raise `RefusedError` if it does not
fit the entity. The entity, its version and its history do not change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from om_ingest.kinds import KINDS, unknown_task
from om_ingest.model import AttachmentRequest, encode_reserved
from om_ingest.model.fqn import normalised, quote
from om_ingest.store import Outcome

from om_ingest_catalog.attachments import attachment
from om_ingest_catalog.attachments.usage import put_usage
from om_ingest_catalog.rows.body import Body, member_fqns, member_list, member_name, parse
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.links import entity_id
from om_ingest_catalog.rules.references import ReferenceLookup
from om_ingest_catalog.rules.request import RefusedError, missing
from om_ingest_catalog.rules.validity import check_day, check_time

COLUMN_PROFILE = "columnProfile."
"""Prefix of the name of a column's profiles; the path of the column below its table follows."""

CUSTOM_METRICS = "customMetrics."
"""Prefix of the name of a column's custom metrics; the path of the column follows."""

_VOTES = ("votedUp", "votedDown", "unVoted")

_ORDER = (Outcome.UPDATED, Outcome.CREATED, Outcome.UNCHANGED)


def put_record(file: CatalogFile, targets: ReferenceLookup, record: AttachmentRequest) -> Outcome:
    """Store the attachment of a record with the entity that it refers to."""
    given = record.target
    target = targets.find_reference(given.model_dump())
    row = file.by_id(target.id) if target is not None else None
    field, what, put = _RECORDS[record.entity_type]
    if row is None:
        name = given.fullyQualifiedName or given.id
        reason = f"the {given.type} {name} does not exist; yield it before its {what}"
        raise missing(reason, given.type, name)
    try:
        body = record.model_dump(mode="json", exclude_none=True)
    except ValueError as error:  # of pydantic's serializer
        raise RefusedError(f"cannot be written as JSON: {error}") from None
    return put(file, row, body[field])


def put_sample_data(file: CatalogFile, row: EntityRow, body: Body) -> Outcome:
    """Store rows of a table or container, or messages of a topic or search index."""
    kind = KINDS[row.entity_type]
    check_field(row, "sampleData")
    columns = next((path for path in kind.members if path[-1] == "columns"), None)
    allowed = {"messages"} if columns is None else {"columns", "rows"}
    unknown = body.keys() - allowed
    if unknown:
        raise RefusedError(
            f"sample data of a {row.entity_type} has no {', '.join(sorted(unknown))}"
        )
    if columns is not None:
        body = _checked_rows(row, member_list(parse(row.body), columns), body)
    return attachment.put(file, row, "sampleData", body)


def _checked_rows(row: EntityRow, columns: list[Body], body: Body) -> Body:
    known = {member_name(column) for column in columns}
    names = [name if name in known else encode_reserved(name) for name in body.get("columns", ())]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise RefusedError(f"{row.fqn} has no column {unknown[0]}")
    for values in body.get("rows", ()):
        if len(values) != len(names):
            raise RefusedError(f"a sample row has {len(values)} values for {len(names)} columns")
    return {**body, "columns": names}


def put_pipeline_status(file: CatalogFile, row: EntityRow, body: Body) -> Outcome:
    """Store a run of a pipeline; replaces the run with the same timestamp."""
    _check_kind(row, "pipeline", "status")
    known = {task["name"] for task in parse(row.body).get("tasks", ())}
    for task in body.get("taskStatus", ()):
        if task["name"] not in known:
            raise RefusedError(unknown_task(row.fqn, task["name"]))
    return _put_at(file, row, "pipelineStatus", body)


def put_run_status(file: CatalogFile, row: EntityRow, body: Body) -> Outcome:
    """Store a run of an ingestion pipeline; replaces the run with the same `runId`."""
    _check_kind(row, "ingestionPipeline", "run status")
    run_id, at = body.get("runId"), body.get("timestamp", body.get("startDate"))
    if not run_id:
        raise RefusedError("runId is missing: it identifies the run")
    if at is None:
        raise RefusedError("timestamp is missing")
    return attachment.put(file, row, "pipelineStatuses", body, key=run_id, at=check_time(at))


def put_table_profile(file: CatalogFile, row: EntityRow, body: Body) -> Outcome:
    """Store profiles of a table, its columns and its DML statements."""
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


def put_joins(file: CatalogFile, row: EntityRow, body: Body) -> Outcome:
    """Store the joins of a table and its columns from `startDate` on."""
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


def put_custom_metric(file: CatalogFile, row: EntityRow, body: Body) -> Outcome:
    """Store a custom metric of a table, or of the column `columnName`, by its name."""
    _check_kind(row, "table", "custom metrics")
    name = body.get("name")
    if not isinstance(name, str) or not name:
        raise RefusedError("name is missing")
    holder = metric_name(row, body.get("columnName"))
    metric = {"id": entity_id("customMetric", f"{row.fqn} {holder} {name}"), **body}
    return attachment.put(file, row, holder, metric, key=name)


def metric_name(row: EntityRow, column: str | None) -> str:
    """The attachment name of custom metrics of a table, or of one of its columns."""
    if not column:
        return "customMetrics"
    return f"{CUSTOM_METRICS}{column_path(row, column_paths(row), column)}"


def put_vote(file: CatalogFile, row: EntityRow, user_id: str, vote: str) -> Outcome:
    """Store the vote of a user; replaces an earlier one."""
    check_field(row, "votes")
    if vote not in _VOTES:
        raise RefusedError(f"{vote!r} is no vote: use one of {', '.join(_VOTES)}")
    if vote != "unVoted":
        return attachment.put(file, row, "votes", vote, key=user_id)
    removed = attachment.remove(file, row, "votes", user_id)
    return Outcome.UPDATED if removed else Outcome.UNCHANGED


def check_field(row: EntityRow, field: str) -> None:
    """Raise `RefusedError` if entities of the kind do not have the field."""
    if field not in KINDS[row.entity_type].entity.model_fields:
        raise RefusedError(f"a {row.entity_type} has no {field}")


def column_paths(row: EntityRow) -> set[str]:
    """The path of each column below its table, including nested ones: `a`, `"b.c".d`."""
    members = KINDS[row.entity_type].members
    start = len(row.fqn) + 1
    return {fqn[start:] for fqn in member_fqns(members, row.fqn, parse(row.body))}


def column_path(row: EntityRow, paths: set[str], given: str) -> str:
    """The path of a column that is given by name, path or FQN."""
    for path in (quote(given) if given else "", normalised(given) if given else None):
        if path is not None:
            if path in paths:
                return path
            below = path.removeprefix(f"{row.fqn}.")
            if below in paths:
                return below
    raise RefusedError(f"{row.fqn} has no column {given}")


def _check_kind(row: EntityRow, entity_type: str, what: str) -> None:
    if row.entity_type != entity_type:
        raise RefusedError(f"a {row.entity_type} has no {what}: only a {entity_type} has")


def _put_at(file: CatalogFile, row: EntityRow, name: str, body: Body, more: str = "") -> Outcome:
    at = check_time(body["timestamp"])
    return attachment.put(file, row, name, body, key=f"{at}{more}", at=at)


# Type of a record -> its field with the attachment, the attachment's name in messages, function.
_RECORDS: dict[str, tuple[str, str, Callable[[CatalogFile, EntityRow, Any], Outcome]]] = {
    "sampleData": ("sampleData", "sample data", put_sample_data),
    "pipelineStatus": ("pipelineStatus", "status", put_pipeline_status),
    "tableProfile": ("profile", "profile", put_table_profile),
    "usage": ("usage", "usage", put_usage),
}
