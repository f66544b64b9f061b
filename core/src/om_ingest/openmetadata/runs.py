"""Runs of ingestion pipelines, as a server shows them (REST contract §9)."""

from __future__ import annotations

from om_ingest.errors import RecordError
from om_ingest.model.ingestion_pipeline import RunStatus
from om_ingest.openmetadata.network.transport import json_of, path_of
from om_ingest.openmetadata.reading.parsing import parsed
from om_ingest.openmetadata.server import Server
from om_ingest.openmetadata.writing.bodies import dumped

_COLLECTION = "services/ingestionPipelines"


class Runs:
    """Reports and reads the state of runs; any thread may use it."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def put(self, pipeline_fqn: str, status: RunStatus) -> None:
        """Report a run; raises `RecordError` when there is no such pipeline."""
        answer = self._server.transport.request(
            "PUT",
            f"{path_of(_COLLECTION, pipeline_fqn)}/pipelineStatus",
            body=json_of(dumped(status)),
        )
        if not answer.is_done:
            raise RecordError(
                f"The run cannot be reported to {pipeline_fqn}: {answer.reason}",
                "Create the ingestion pipeline, or correct ingestionPipelineFQN.",
            )

    def get(self, pipeline_fqn: str, run_id: str) -> RunStatus | None:
        """What was reported of a run; None if nothing was."""
        below = f"{path_of(_COLLECTION, pipeline_fqn)}/pipelineStatus"
        answer = self._server.get(path_of(below, run_id))
        if answer.status == 404 or answer.body is None:
            return None
        if not answer.is_done:
            raise RecordError(
                f"The run {run_id} of {pipeline_fqn} cannot be read: {answer.reason}",
                "Correct ingestionPipelineFQN.",
            )
        return parsed(RunStatus, answer.body)
