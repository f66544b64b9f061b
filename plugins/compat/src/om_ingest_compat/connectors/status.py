"""What the steps of a connector report, in the shapes of all releases (REST contract §12.1, §12.2).

Every status counts into the report of the run. Its lists can be read, and hold no more than the
first entries: a status does not grow with the data.
"""

from __future__ import annotations

import json
import pprint
import time
from collections.abc import Iterable
from inspect import isfunction
from typing import Any, Generic, SupportsIndex, TypeVar

from om_ingest.kinds import label
from pydantic import BaseModel, ConfigDict, Field

from om_ingest_compat import running
from om_ingest_compat.connectors.failures import failure_of, pairs

LENGTH = 20
"""Entries that each list of a status keeps."""

T = TypeVar("T")

Entity = TypeVar("Entity", bound=BaseModel)
"""What steps pass on; only annotations use it."""


class StackTraceError(BaseModel):
    """One failure; releases up to 1.1 have `stack_trace`, later ones `stackTrace`."""

    name: str
    error: str
    stackTrace: str | None = None
    stack_trace: str | None = None


class Either(BaseModel, Generic[T]):
    """A failure on the left, or a record on the right."""

    left: Any = None
    right: T | None = None


class Counted(list[Any]):
    """A list of a status: what is appended goes to the report, and the first entries are kept."""

    def __init__(self, sort: str) -> None:
        super().__init__()
        self.of = sort
        self.total = 0
        """How many entries there were."""

    def append(self, entry: Any, /) -> None:
        """Count and report an entry."""
        self.total += 1
        report(self.of, entry)
        if len(self) < LENGTH:
            super().append(entry)

    def extend(self, entries: Iterable[Any], /) -> None:
        """Count and report several entries."""
        for entry in entries:
            self.append(entry)

    def insert(self, place: SupportsIndex, entry: Any, /) -> None:
        """Count and report an entry; the place is not kept."""
        self.append(entry)

    def __iadd__(self, entries: Iterable[Any]) -> Counted:  # type: ignore[misc]  # as list's
        self.extend(entries)
        return self


LISTS = ("records", "updated_records", "warnings", "failures", "filtered")
"""The lists of a status."""


def report(sort: str, entry: Any) -> None:
    """Put an entry of one of the `LISTS` into the report of the run, if one is going on."""
    if not running.is_running():
        return
    run = running.current()
    status = run.status
    if sort == "warnings":
        for key, reason in pairs(entry):
            status.warning(key, reason)
    elif sort == "filtered":
        for key, reason in pairs(entry):
            status.filter(key, reason)
    elif sort == "failures":
        status.failure(*failure_of(entry))
    elif sort in ("records", "updated_records"):
        run.count_scanned()


def adopt(status: Any) -> None:
    """Let the plain lists of a status report, beginning with what they hold."""
    for sort in LISTS:
        value = getattr(status, sort, None)
        if type(value) is list:
            counted = Counted(sort)
            counted.extend(value)
            _assign(status, sort, counted)


def _assign(status: Any, name: str, value: Any) -> None:
    own = getattr(status, "__dict__", {})
    if name in own:
        own[name] = value  # a model that validates what is assigned would make a list of it
        return
    try:
        setattr(status, name, value)
    except (AttributeError, TypeError, ValueError):  # frozen: what it held has been reported
        return


class Status(BaseModel):
    """The status of a step."""

    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)

    source_start_time: float = Field(default_factory=time.time)
    records: list[Any] = Field(default_factory=lambda: Counted("records"))
    updated_records: list[Any] = Field(default_factory=lambda: Counted("updated_records"))
    warnings: list[Any] = Field(default_factory=lambda: Counted("warnings"))
    filtered: list[Any] = Field(default_factory=lambda: Counted("filtered"))
    failures: list[Any] = Field(default_factory=lambda: Counted("failures"))

    @classmethod
    def __pydantic_init_subclass__(cls, **config: Any) -> None:
        """Keep how it is built: the first connectors put `@dataclass` on their own status.

        They also gave methods the names of our lists, which pydantic takes for defaults.
        """
        methods = {name: field.default for name, field in cls.model_fields.items()}
        methods = {name: found for name, found in methods.items() if isfunction(found)}
        for name, method in methods.items():
            del cls.model_fields[name]
            type.__setattr__(cls, name, method)
        if methods:
            cls.model_rebuild(force=True)
        above = cls.__init__
        if "__init__" not in vars(cls):  # else a dataclass leaves it alone
            setattr(cls, "__init__", lambda self, *args, **named: above(self, *args, **named))  # noqa: B010  # mypy refuses the assignment

    def scanned(self, record: Any) -> None:
        """Count something that was looked at."""
        self._add("records", _named(record))

    def scanned_all(self, records: Iterable[Any]) -> None:
        """Count several things that were looked at."""
        for record in records:
            self.scanned(record)

    def updated(self, record: Any) -> None:
        """Count something that was changed."""
        self._add("updated_records", _named(record))

    def warning(self, key: Any, reason: Any = "") -> None:
        """Report something odd."""
        self._add("warnings", {key: reason})

    def filter(self, key: Any, reason: Any = "") -> None:
        """Report something that was left out."""
        self._add("filtered", {key: reason})

    def failed(self, error: Any = None, *details: Any, **named: Any) -> None:
        """Report a failure: one object from release 1.2 on, name, error and trace before."""
        if details or named:
            named.setdefault("error" if "name" in named else "name", error)
            named.update(zip(("error", "stack_trace"), details))  # noqa: B905  # there may be one
            trace = named.get("stack_trace", named.get("stackTrace"))
            error = StackTraceError(
                name=str(named["name"]), error=str(named.get("error", "")), stack_trace=trace
            )
        self._add("failures", error)

    def failure(self, key: Any, reason: Any = "") -> None:
        """Report a failure as the first releases do."""
        self._add("failures", {key: reason})

    def fail_all(self, failures: Iterable[Any]) -> None:
        """Report several failures."""
        for failure in failures:
            self._add("failures", failure)

    def _add(self, sort: str, entry: Any) -> None:
        kept = self.__dict__.get(sort)
        if isinstance(kept, list):
            kept.append(entry)
        else:
            report(sort, entry)

    def increment_record_count(self, count: int = 1) -> None:
        """Nothing: the run counts the records that are yielded."""

    @property
    def record_count(self) -> int:
        """Things that were counted by hand."""
        return _count(self.records)

    def calculate_success(self) -> float:
        """Share of what did not fail, in percent."""
        done = max(_count(self.records) + _count(self.updated_records), 1)
        return round(done * 100 / (done + _count(self.failures)), 2)

    def as_obj(self) -> dict[str, Any]:
        """The fields."""
        return self.__dict__

    def as_string(self) -> str:
        """The fields as text."""
        return pprint.pformat(self.as_obj(), width=150)

    def as_json(self) -> str:
        """The fields as JSON."""
        return json.dumps(self.as_obj(), default=str)


def _count(entries: list[Any]) -> int:
    return entries.total if isinstance(entries, Counted) else len(entries)


def _named(record: Any) -> Any:
    """What a status keeps of a record: a text, for a record may be large."""
    if isinstance(record, str):
        return record
    return label(record)


class SourceStatus(Status):
    """The status of a source, up to release 1.1."""

    success: list[Any] = Field(default_factory=lambda: Counted("success"))


class SinkStatus(Status):
    """The status of a processor, stage or sink, up to release 1.1."""

    def records_written(self, record: Any) -> None:
        """Count what was written."""
        self.records.append(_named(record))

    processed = records_written

    def warning(self, key: Any, reason: Any = "") -> None:
        """Report something odd, of which there is one text mostly."""
        self.warnings.append({key: reason} if reason else key)


class ConfigModel(BaseModel):
    """Base of the settings of a step: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")


class DynamicTypedConfig(ConfigModel):
    """A step by its type, with its settings."""

    type: str
    config: Any | None = None
