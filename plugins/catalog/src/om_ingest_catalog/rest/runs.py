"""Runs of pipelines and of ingestion pipelines over REST (contract §3.1, §9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from om_ingest import model
from om_ingest.errors import NotFoundError

from om_ingest_catalog.attachments import attachment, putting
from om_ingest_catalog.documents.computed_fields import RUN_COUNT
from om_ingest_catalog.rest.access import EntityAccess
from om_ingest_catalog.rows.body import Body
from om_ingest_catalog.rows.reading import Key
from om_ingest_catalog.rules.request import checked


class RunStatuses(EntityAccess):
    """Statuses of runs: part of `Attachments`."""

    def put_pipeline_status(self, key: Key, *bodies: Mapping[str, Any]) -> Body:
        """Store runs of a pipeline by their timestamps; the pipeline with the latest run."""
        statuses = [checked(model.PipelineStatus, body) for body in bodies]
        with self._changing("pipeline", key) as row:
            for status in statuses:
                putting.put_pipeline_status(self._file, row, status)
        return self._entity(row, "pipelineStatus")

    def pipeline_statuses(
        self,
        key: Key,
        start: int | None = None,
        end: int | None = None,
        limit: int | None = None,
    ) -> list[Body]:
        """Runs of a pipeline from `start` to `end`, at most `limit`."""
        row = self._row("pipeline", key)
        return attachment.series(self._file, row, "pipelineStatus", start, end, limit)

    def delete_pipeline_status(self, key: Key, at: int) -> Body:
        """Delete the run with this timestamp; raises `NotFoundError` if there is none."""
        with self._changing("pipeline", key) as row:
            if not attachment.remove_at(self._file, row, "pipelineStatus", at):
                raise NotFoundError.of("pipelineStatus", str(at))
        return self._entity(row, "pipelineStatus")

    def put_run_status(self, key: Key, body: Mapping[str, Any]) -> Body:
        """Store a run of an ingestion pipeline by its `runId`; the pipeline with its last runs."""
        status = checked(model.RunStatus, body)
        with self._changing("ingestionPipeline", key) as row:
            putting.put_run_status(self._file, row, status)
        return self._entity(row, "pipelineStatuses")

    def run_status(self, key: Key, run_id: str) -> Body | None:
        """One run of an ingestion pipeline; None if there is none with this id."""
        row = self._row("ingestionPipeline", key)
        found: Body | None = attachment.find(self._file, row, "pipelineStatuses", run_id)
        return found

    def run_statuses(
        self,
        key: Key,
        start: int | None = None,
        end: int | None = None,
        limit: int | None = None,
    ) -> list[Body]:
        """Runs of an ingestion pipeline from `start` to `end`; without a range, the latest 5."""
        if start is None and end is None and limit is None:
            limit = RUN_COUNT
        row = self._row("ingestionPipeline", key)
        return attachment.series(self._file, row, "pipelineStatuses", start, end, limit)

    def delete_run_status(self, key: Key, run_id: str | None = None) -> Body:
        """Delete one run of an ingestion pipeline, or all; the pipeline with its last runs."""
        return self._remove("ingestionPipeline", key, "pipelineStatuses", run_id)
