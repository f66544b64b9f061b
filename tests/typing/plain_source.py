"""The raw contract of a source, every method spelled out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from om_ingest import (
    CreateDatabaseServiceRequest,
    Record,
    Source,
    SourceStatus,
    WorkflowContext,
    WorkflowError,
)
from om_ingest.model import DatabaseService, DatabaseServiceType


class PlainSource(Source):
    """Yields one service, and looks for it."""

    def __init__(self, name: str, ctx: WorkflowContext) -> None:
        self.name = name
        self.ctx = ctx
        self.status = SourceStatus()
        self.is_open = False

    @classmethod
    def create(
        cls,
        config_dict: dict[str, Any],
        metadata_config_dict: dict[str, Any],
        ctx: WorkflowContext,
    ) -> PlainSource:
        name = config_dict.get("name")
        if not isinstance(name, str):
            raise WorkflowError("There is no name", "Set `name`.")
        return cls(name, ctx)

    def prepare(self) -> None:
        self.is_open = True

    def next_record(self) -> Iterable[Record]:
        request = CreateDatabaseServiceRequest(
            name=self.name, serviceType=DatabaseServiceType.CustomDatabase
        )
        self.status.scanned(request)
        yield request
        service = self.ctx.metadata.get_by_name(DatabaseService, self.name)
        if service is not None and service.version is not None:
            self.ctx.logger.info("version %.1f", service.version)

    def get_status(self) -> SourceStatus:
        return self.status

    def close(self) -> None:
        self.is_open = False


def run(source: Source) -> SourceStatus:
    """A source closes itself behind a `with`, and stays the type it was."""
    with source as opened:
        opened.prepare()
        for record in opened.next_record():
            print(record)
        return opened.get_status()
