"""What a server has beside entities already: samples, profiles, runs and usage (§3.0, §3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from om_ingest.kinds import KINDS, kind_of
from om_ingest.kinds.comparing import is_shown
from om_ingest.kinds.requests import inside
from om_ingest.model import fqn as names
from om_ingest.model.attachment import (
    AddPipelineStatusRequest,
    AddSampleDataRequest,
    AddTableProfileRequest,
    AddUsageRequest,
)
from om_ingest.model.entity import AttachmentRequest, EntityReference
from om_ingest.openmetadata.evidence import (
    is_series,
    missing_in,
    naming,
    naming_id,
    reading,
    usage_of,
)
from om_ingest.openmetadata.existing import Existing
from om_ingest.openmetadata.network.answers import Evidence
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.openmetadata.network.transport import path_of
from om_ingest.openmetadata.server import Server
from om_ingest.store import Outcome

Body = dict[str, Any]
RecordT = TypeVar("RecordT", bound=AttachmentRequest)

_PARTS = ("columnProfile", "systemProfile")
"""Lists of a profile, beside that of the table."""

_MONTH = timedelta(days=30)
"""Usage that a server shows at once; it keeps no more (contract §3.0)."""


class Beside:
    """Compares the attachments of one batch with what the server has. Not thread-safe.

    One request tells of all runs of a pipeline, and of a month of usage. Nothing is asked about
    what this run has created, about times after its start, and where reading would take more
    requests than writing.
    """

    def __init__(
        self,
        server: Server,
        existing: Existing,
        records: Sequence[AttachmentRequest],
        unreadable: set[str],
        begun_ms: float,
    ) -> None:
        """`unreadable` says what the server does not show, and grows; `begun_ms` is the start of
        the run in milliseconds since 1970.
        """
        self._server = server
        self._existing = existing
        self._records = records
        self._unreadable = unreadable
        self._begun_ms = begun_ms
        self._read: dict[str, Any] = {}

    def outcome(self, record: AttachmentRequest, said: Body) -> Outcome:
        """What a write of a record comes to: `UNCHANGED` if there is nothing to write, `WRITTEN`
        if that is not known. `said` is the record as JSON. Raises `RecordError`.
        """
        if self._is_new(record):
            return Outcome.WRITTEN
        try:
            if isinstance(record, AddSampleDataRequest):
                return self._sample(record, said["sampleData"])
            if isinstance(record, AddPipelineStatusRequest):
                return self._run(record, said["pipelineStatus"])
            if isinstance(record, AddTableProfileRequest):
                return self._profile(record, said["profile"])
            if isinstance(record, AddUsageRequest):
                return self._usage(record, said["usage"])
        except _NotShownError:
            pass
        return Outcome.WRITTEN

    def wrote(self) -> None:
        """Note that something was written: what was read is no longer so."""
        self._read.clear()

    def _is_new(self, record: AttachmentRequest) -> bool:
        """Whether this run has created the entity, or is older than what a record tells of it."""
        if isinstance(record, AddPipelineStatusRequest):
            at = record.pipelineStatus.timestamp
        elif isinstance(record, AddTableProfileRequest):
            at = record.profile.tableProfile.timestamp
        else:
            at = 0
        target = record.target
        fqn = target.fullyQualifiedName
        fqn = fqn or self._server.ids.known_fqn(target.type, str(target.id))
        is_created = fqn is not None and self._existing.has_created(target.type, fqn)
        return is_created or at >= self._begun_ms

    def _sample(self, record: AddSampleDataRequest, said: Body) -> Outcome:
        kind = kind_of(record.target.type)
        reference = record.target.model_dump(mode="json", exclude_none=True)
        entity_id = self._server.ids.resolved(reference)["id"]
        check = reading(naming_id(kind.entity_type, entity_id))
        path = f"{kind.collection}/{entity_id}/sampleData"
        body = self._asked(f"samples of {kind.collection}", path, check)
        stored: Body = body.get("sampleData") or {}
        return _compared([stored] if stored or not any(said.values()) else (), said)

    def _run(self, record: AddPipelineStatusRequest, said: Body) -> Outcome:
        times = [other.pipelineStatus.timestamp for other in self._alike(record)]
        path = f"{path_of('pipelines', names.spelled(record.pipeline))}/status"
        return _compared(self._series(path, times, said), said)

    def _profile(self, record: AddTableProfileRequest, said: Body) -> Outcome:
        others = self._alike(record)
        table, columns = names.spelled(record.table), said.get("columnProfile") or ()
        latest: dict[str, list[Body]] | None = None
        if len(others) <= len(columns):  # a request for each column would be too many
            latest = self._latest(table)
            at = said["tableProfile"]["timestamp"]
            if any(profile.get("timestamp", 0) > at for profile in latest[""]):
                return Outcome.WRITTEN  # nothing older is shown
        times = [time for other in others for time in _times(other)]

        def stored(field: str, part: Body) -> list[Body]:
            if latest is not None and field != "systemProfile":
                return _of_time(latest.get(part.get("name", ""), ()), part)
            fqn = f"{table}.{names.quote(part['name'])}" if field == "columnProfile" else table
            return self._series(f"{path_of('tables', fqn)}/{field}", times, part)

        found = _compared(stored("tableProfile", said["tableProfile"]), said["tableProfile"])
        parts = ((field, part) for field in _PARTS for part in said.get(field) or ())
        if found is not Outcome.UNCHANGED or all(
            _compared(stored(*part), part[1]) is Outcome.UNCHANGED for part in parts
        ):
            return found
        return Outcome.UPDATED

    def _usage(self, record: AddUsageRequest, said: Body) -> Outcome:
        target, day = record.target, date.fromisoformat(said["date"])
        months: dict[date, list[Body]] = self._read.setdefault(f"usage of {target}", {})
        last = next((last for last in months if timedelta() <= last - day < _MONTH), None)
        if last is None:
            days = (day_in(other.usage.date) for other in self._alike(record))
            last = max((other for other in days if other and other - day < _MONTH), default=day)
            months[last] = self._counts(target, last)
        return _compared([item for item in months[last] if item["date"] == said["date"]], said)

    def _counts(self, target: EntityReference, last: date) -> list[Body]:
        """How often an entity was used on the days of a month, up to the last."""
        kind = kind_of(target.type)
        if target.fullyQualifiedName:
            fqn = kind.spelled(target.fullyQualifiedName)
            path, check = path_of("usage", target.type, "name", fqn), naming(kind, fqn)
        else:
            path = path_of("usage", target.type, str(target.id))
            check = naming_id(kind.entity_type, str(target.id))
        month: dict[str, Any] = {"date": last.isoformat(), "days": _MONTH.days}
        body = self._asked(f"usage of {kind.collection}", path, usage_of(check), **month)
        return [
            {"date": item["date"], "count": item["dailyStats"]["count"]} for item in body["usage"]
        ]

    def _latest(self, table: str) -> dict[str, list[Body]]:
        """The latest profiles of a table, as "", and of its columns by their names."""
        path = f"{path_of('tables', table)}/tableProfile/latest"
        if path not in self._read:
            body = self._asked("latest profiles", path, reading(naming(KINDS["table"], table)))
            found: dict[str, list[Body]] = {"": [body["profile"]] if body.get("profile") else []}
            columns = inside(body, ["columns"])
            for column in columns:  # grows: columns in columns
                columns += column.get("children") or ()
                if profile := column.get("profile"):
                    found.setdefault(profile.get("name"), []).append(profile)
            self._read[path] = found
        latest: dict[str, list[Body]] = self._read[path]
        return latest

    def _series(self, path: str, times: Sequence[int], said: Body) -> list[Body]:
        """What a time series has at the time of `said`; all `times` before the run are read."""
        if path not in self._read:
            old = [time for time in (said["timestamp"], *times) if time < self._begun_ms]
            if not old:
                return []
            what = path.rpartition("/")[2]
            body = self._asked(what, path, is_series, startTs=min(old), endTs=max(old))
            self._read[path] = body["data"]
        return _of_time(self._read[path], said)

    def _alike(self, record: RecordT) -> list[RecordT]:
        """The records of the batch that tell the same of the same entity."""
        return [
            other
            for other in self._records
            if isinstance(other, type(record)) and other.target == record.target
        ]

    def _asked(self, what: str, path: str, check: Evidence, **query: str | int) -> Body:
        """The answer to a GET of something; raises `_NotShownError` if it is not shown."""
        if what in self._unreadable:
            raise _NotShownError
        try:
            answer = self._server.transport.request(
                "GET", path, query=query or None, evidence=check, expendable=True
            )
        except RequestFailedError:
            self._unreadable.add(what)
            raise _NotShownError from None
        if not answer.is_done:
            if missing_in(answer.status, answer.body) is None:
                self._unreadable.add(what)
            raise _NotShownError
        body: Body = answer.body
        return body


class _NotShownError(Exception):
    """The server does not show what is beside an entity."""


def _of_time(items: Iterable[Body], said: Body) -> list[Body]:
    return [item for item in items if item.get("timestamp") == said["timestamp"]]


def _compared(stored: Sequence[Body], said: Body) -> Outcome:
    """What `said` is beside what is there of the same time."""
    if any(is_shown(item, said) for item in stored):
        return Outcome.UNCHANGED
    return Outcome.UPDATED if stored else Outcome.CREATED


def day_in(text: str) -> date | None:
    """The day in a text of the form YYYY-MM-DD; None for any other text."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.isoformat() == text else None


def _times(record: AddTableProfileRequest) -> Iterator[int]:
    profile = record.profile
    yield profile.tableProfile.timestamp
    for part in (*(profile.columnProfile or ()), *(profile.systemProfile or ())):
        if part.timestamp is not None:
            yield part.timestamp
