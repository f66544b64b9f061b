"""Records that come before what they refer to, on their way to a server."""

from __future__ import annotations

from pathlib import Path

import pytest
from om_ingest import SinkContext
from om_ingest.kinds import identity_of, kind_of
from om_ingest.model.entity import CreateRequest
from om_ingest.sinks.openmetadata import OpenMetadataSink
from om_ingest_catalog import Catalog

from tests.early import EARLY, Ran, assert_all_there
from tests.functional.delivery.servers import MortalServer
from tests.functional.delivery.trial import SHORT_PAUSES, TOKEN
from tests.selection import few

CASES = [(8, 100), (1, 10), (8, 1), (1, 100)]
"""Workers, and rows of a request."""


@pytest.mark.parametrize(("worker_count", "batch_count"), few(CASES, 1))
@pytest.mark.parametrize("family", EARLY)
def test_early_records_arrive(
    server: MortalServer, tmp_path: Path, family: str, worker_count: int, batch_count: int
) -> None:
    """A record may come before what it refers to, whatever the volume, workers and batches."""
    records = EARLY[family]
    config = {
        "hostPort": server.url,
        "async_pipeline_workers": worker_count,
        "bulk_sink_batch_size": batch_count,
    }
    access = {"securityConfig": {"jwtToken": TOKEN}, **SHORT_PAUSES}
    sink = OpenMetadataSink.create(config, SinkContext(server=access))
    sink.prepare()
    try:
        ran = Ran(tmp_path, records, sink)
        assert ran.pipeline.error is None
        assert ran.set_aside == {}
        with Catalog(server.path, read_only=True) as catalog:
            assert_all_there(catalog, records)
    finally:
        for record in records:
            entity_type, fqn = identity_of(record) or ("", "")
            if isinstance(record, CreateRequest) and record.parent_field is None:
                kind = kind_of(entity_type)
                sink.store.delete(kind.entity, fqn, recursive=True, hard=True)
        sink.close()
