"""What the checks of `SinkSuite` observe: runs of a sink, each in an empty folder."""

from __future__ import annotations

import copy
import functools
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from om_ingest.delivery import SinkContext
from om_ingest.errors import OmIngestError
from om_ingest.host import loading
from om_ingest.kinds import Parcel, encode
from om_ingest.masking import Redactor
from om_ingest.model.database import (
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    Database,
    DatabaseSchema,
    DatabaseService,
    DatabaseServiceType,
)
from om_ingest.model.datatype import DataType
from om_ingest.model.entity import Entity
from om_ingest.model.records import Record, ScopeComplete
from om_ingest.model.table import Column, CreateTableRequest, Table
from om_ingest.registry import installed_plugins
from om_ingest.sink import Sink
from om_ingest.store import WriteResult
from om_ingest.workflow.secrets import secrets_by_key, secrets_by_type

from om_ingest_testing.verdict import UnseenError

SCHEMA = "kit.db.public"


ABOVE: dict[type[Entity], str] = {
    DatabaseService: "kit",
    Database: "kit.db",
    DatabaseSchema: SCHEMA,
}
"""What lies above the tables, with its FQN."""


def table(name: str, *columns: str, schema: str = SCHEMA) -> CreateTableRequest:
    """A table as the checks write it, with the column `id` and these."""
    return CreateTableRequest(
        name=name,
        databaseSchema=schema,
        columns=[Column(name=column, dataType=DataType.INT) for column in ("id", *columns)],
    )


def parents() -> list[Record]:
    """A service, a database and the schema that the tables lie in."""
    kind = DatabaseServiceType.CustomDatabase
    return [
        CreateDatabaseServiceRequest(name="kit", serviceType=kind),
        CreateDatabaseRequest(name="db", service="kit"),
        CreateDatabaseSchemaRequest(name="public", database="kit.db"),
    ]


def everything() -> list[Record]:
    """What a whole run writes."""
    return [*parents(), table("orders"), table("people"), ScopeComplete(SCHEMA, Table)]


def files_here() -> dict[str, tuple[int, bytes]]:
    """Every file below the working directory: time of its last change, and content."""
    return {
        str(path.relative_to(Path.cwd())): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(Path.cwd().rglob("*"))
        if path.is_file()
    }


@dataclass
class SinkRun:
    """A whole run: two batches, then `flush`, then `flush` again."""

    records: list[Record]
    results: list[WriteResult] = field(default_factory=list)
    late: list[WriteResult] = field(default_factory=list)
    """What came with the second `flush`."""

    error: Exception | None = None
    """What `write` or `flush` raised."""

    changed: list[Record] = field(default_factory=list)
    """The records that differ from what they were."""


class SinkObservations:
    """Creates and runs the sink on request; caches the run that several checks share."""

    def __init__(
        self, sink: type[Sink] | str, config: Mapping[str, Any], broken: Mapping[str, Any] | None
    ) -> None:
        self._sink = sink
        self.config = config
        self.broken_config = broken
        self.title = sink if isinstance(sink, str) else sink.__qualname__

    @functools.cached_property
    def entry_point(self) -> str | None:
        """The name of the entry point that leads to the sink; None if there is none."""
        sinks = [plugin for plugin in installed_plugins() if plugin.kind == "sink"]
        for plugin in sinks:
            with suppress(OmIngestError):
                if self._sink == plugin.name or loading.sink_class(plugin.name) is self._sink:
                    return plugin.name
        return None

    @functools.cached_property
    def sink_class(self) -> type[Sink]:
        """The class; raises `UnseenError` if there is none."""
        if not isinstance(self._sink, str):
            return self._sink
        try:
            return loading.sink_class(self._sink)
        except OmIngestError:
            raise UnseenError("the class cannot be loaded: see test_entry_point") from None

    @property
    def mask(self) -> Redactor:
        """Masks the secrets in the config."""
        typed = None
        try:
            model = self.sink_class.config_class
        except UnseenError:
            model = None
        with suppress(Exception):  # test_creates reports a config that is refused
            typed = model.model_validate(dict(self.config)) if model else None
        return Redactor({*secrets_by_type(typed), *secrets_by_key(dict(self.config))})

    def create(self, config: Mapping[str, Any]) -> Any:
        """What `create` returns for this config; raises what it raises."""
        context = SinkContext(
            run_id="kit", source="kit", service_name="kit", scratch=loading.scratch_store
        )
        return self.sink_class.create(copy.deepcopy(dict(config)), context)

    def created(self) -> Sink:
        """A new sink; raises `UnseenError` if it cannot be created."""
        with suppress(Exception):  # test_creates reports it
            sink = self.create(self.config)
            if isinstance(sink, Sink):
                return sink
        raise UnseenError("the sink cannot be created: see test_creates")

    @contextmanager
    def opened(self) -> Iterator[Sink]:
        """A prepared sink, closed afterwards; raises `UnseenError` if it cannot be opened."""
        sink = self.created()
        try:
            try:
                sink.prepare()
            except Exception:  # noqa: BLE001  # test_opens reports it
                raise UnseenError("the sink cannot be opened: see test_opens") from None
            yield sink
        finally:
            with suppress(Exception):  # test_closes_whatever_happened reports it
                sink.close()

    def run(self, records: Sequence[Record] | None = None) -> SinkRun:
        """A run of a new sink in the current folder."""
        run = SinkRun(everything() if records is None else list(records))
        before = [encode(record) for record in run.records]
        with self.opened() as sink:
            try:
                half = len(run.records) // 2
                for batch in (run.records[:half], run.records[half:]):
                    run.results += sink.write_parcels([Parcel.sealed(record) for record in batch])
                run.results += sink.flush()
                run.late += sink.flush()
            except Exception as error:  # noqa: BLE001  # test_settles_once reports it
                run.error = error
        pairs = zip(run.records, before, strict=True)
        run.changed = [record for record, line in pairs if encode(record) != line]
        return run

    @functools.cached_property
    def whole(self) -> SinkRun:
        """A whole run in a folder of its own."""
        with empty_folder():
            return self.run()

    @property
    def sound(self) -> SinkRun:
        """A whole run without an error; raises `UnseenError` otherwise."""
        if self.whole.error is not None:
            raise UnseenError("the sink cannot be written to: see test_settles_once")
        return self.whole


@contextmanager
def empty_folder() -> Iterator[None]:
    """An empty working directory: relative paths in the config lie there."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)
