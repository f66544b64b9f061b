"""The rows of the attachment table.

`name` is the type of an attachment, e.g. `sampleData`. `key` tells several of one type apart;
it is empty if there can be only one. `at` is the time in ms since 1970 in a time series.
Attachments do not change the entity itself.
"""

from __future__ import annotations

from typing import Any

from om_ingest.store import Outcome
from pydantic_core import from_json

from om_ingest_catalog.rows.body import Body, dump
from om_ingest_catalog.rows.file import CatalogFile, EntityRow

ONLY = ""
"""The key of an attachment that an entity has at most once."""

_PUT = (
    "INSERT INTO attachment (entity, name, key, at, body) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (entity, name, key) DO UPDATE SET at = excluded.at, body = excluded.body"
)
_ONE = "SELECT body FROM attachment WHERE entity = ? AND name = ? AND key = ?"
_SERIES = (
    "SELECT body FROM attachment WHERE entity = ? AND name = ? AND at IS NOT NULL"
    " AND at >= ? AND at <= ? ORDER BY at DESC, key"
)
_ALL = "SELECT key, body FROM attachment WHERE entity = ? AND name = ?"
_EVERYTHING = 2**63 - 1

_PROFILE: Body = {"profileSampleType": "PERCENTAGE"}
_STEP: Body = {
    **dict.fromkeys(("records", "updated_records", "warnings", "errors", "filtered"), 0),
    "failures": [],
}


def put(
    file: CatalogFile,
    row: EntityRow,
    name: str,
    body: Any,
    *,
    key: str = ONLY,
    at: int | None = None,
) -> Outcome:
    """Create or replace the attachment with this name and key."""
    text = dump(body)
    stored = file.query(_ONE, (row.rowid, name, key))
    if stored and stored[0][0] == text:
        return Outcome.UNCHANGED
    file.execute(_PUT, (row.rowid, name, key, at, text))
    return Outcome.UPDATED if stored else Outcome.CREATED


def find(file: CatalogFile, row: EntityRow, name: str, key: str = ONLY) -> Any:
    """The attachment with this name and key; None if there is none."""
    stored = file.query(_ONE, (row.rowid, name, key))
    return _shown(name, stored[0][0]) if stored else None


def series(
    file: CatalogFile,
    row: EntityRow,
    name: str,
    start: int | None = None,
    end: int | None = None,
    limit: int | None = None,
) -> list[Any]:
    """A time series from `start` to `end`, both included, latest first, at most `limit`."""
    first = 0 if start is None else start
    last = _EVERYTHING if end is None else end
    sql = _SERIES if limit is None else f"{_SERIES} LIMIT {limit:d}"
    return [_shown(name, body) for (body,) in file.query(sql, (row.rowid, name, first, last))]


def _shown(name: str, text: str) -> Any:
    """An attachment with the defaults that a server gives to it (§9), which are not stored."""
    body = from_json(text)
    if name == "tableProfile":
        return {**_PROFILE, **body}
    if name == "pipelineStatuses" and "status" in body:
        body["status"] = [{**_STEP, **step} for step in body["status"]]
    return body


def latest(file: CatalogFile, row: EntityRow, name: str) -> Any:
    """The latest attachment of a time series; None if it is empty."""
    found = series(file, row, name, limit=1)
    return found[0] if found else None


def each(file: CatalogFile, row: EntityRow, name: str) -> dict[str, Any]:
    """All attachments with this name by key, in order of keys."""
    return {
        key: from_json(body) for key, body in file.query(f"{_ALL} ORDER BY key", (row.rowid, name))
    }


def names_from(file: CatalogFile, row: EntityRow, prefix: str) -> list[str]:
    """The names that start with a prefix, which ends in a dot, in order."""
    sql = "SELECT DISTINCT name FROM attachment WHERE entity = ? AND name > ? AND name < ?"
    bounds = (row.rowid, prefix, f"{prefix[:-1]}/")
    return [name for (name,) in file.query(f"{sql} ORDER BY name", bounds)]


def remove(file: CatalogFile, row: EntityRow, name: str, key: str | None = ONLY) -> bool:
    """Remove one attachment, or all with this name if `key` is None; False if there is none."""
    sql = "DELETE FROM attachment WHERE entity = ? AND name = ?"
    if key is None:
        return file.execute(sql, (row.rowid, name)) > 0
    return file.execute(f"{sql} AND key = ?", (row.rowid, name, key)) > 0


def remove_at(file: CatalogFile, row: EntityRow, name: str, at: int) -> bool:
    """Remove the attachments of a time series at one time; False if there is none."""
    sql = "DELETE FROM attachment WHERE entity = ? AND name = ? AND at = ?"
    return file.execute(sql, (row.rowid, name, at)) > 0


def remove_all(file: CatalogFile, row: EntityRow) -> None:
    """Remove all attachments of an entity; of a user, also its votes and follows elsewhere."""
    file.execute("DELETE FROM attachment WHERE entity = ?", (row.rowid,))
    if row.entity_type == "user":
        for name in ("followers", "votes"):
            file.execute("DELETE FROM attachment WHERE name = ? AND key = ?", (name, row.id))


def between(file: CatalogFile, row: EntityRow, name: str, first: str, last: str) -> dict[str, Any]:
    """Attachments with keys from `first` to `last`, both included, in order."""
    sql = f"{_ALL} AND key >= ? AND key <= ? ORDER BY key"
    found = file.query(sql, (row.rowid, name, first, last))
    return {key: from_json(body) for key, body in found}


def last_key(file: CatalogFile, row: EntityRow, name: str) -> str | None:
    """The greatest key among attachments with this name; None if there is none."""
    sql = "SELECT max(key) FROM attachment WHERE entity = ? AND name = ?"
    return file.query(sql, (row.rowid, name))[0][0]  # type: ignore[no-any-return]  # the column is TEXT


def remove_between(file: CatalogFile, row: EntityRow, name: str, first: str, last: str) -> None:
    """Remove attachments with keys from `first` to `last`, both included."""
    sql = "DELETE FROM attachment WHERE entity = ? AND name = ? AND key >= ? AND key <= ?"
    file.execute(sql, (row.rowid, name, first, last))
