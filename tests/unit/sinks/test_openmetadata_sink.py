"""What the sink into a server makes of its config, before it has connected to anything."""

from __future__ import annotations

from typing import Any

import pytest
from om_ingest import (
    CreateTableRequest,
    EntityReference,
    ScopeComplete,
    SinkContext,
    WorkflowError,
)
from om_ingest.kinds import Parcel
from om_ingest.model import CreatePipelineRequest, CreateQueryRequest, Table
from om_ingest.sinks.openmetadata import OpenMetadataSink

SERVER = {"hostPort": "http://in-workflow.test/api", "securityConfig": {"jwtToken": "canary-1"}}


def made(server: dict[str, Any] | None = None, **config: Any) -> OpenMetadataSink:
    """The sink of a workflow with this server, closed again."""
    context = SinkContext(server=SERVER if server is None else server)
    with OpenMetadataSink.create(config, context) as sink:
        return sink


def test_its_own_host_port_wins() -> None:
    """`--sink openmetadata:URL` sends the records of a file elsewhere, with its other settings."""
    assert made().target == "openmetadata http://in-workflow.test/api"
    other = made(hostPort="http://other.test/api/")
    assert other.target == "openmetadata http://other.test/api"


def test_a_workflow_without_a_server() -> None:
    """Without any hostPort the error tells both places for it."""
    with pytest.raises(WorkflowError, match="which OpenMetadata server") as raised:
        made({})
    assert "openMetadataServerConfig.hostPort" in raised.value.remedy
    assert "--sink openmetadata:" in raised.value.remedy


def test_keys_of_existing_files() -> None:
    """What OpenMetadata's own sink takes is taken; rows and requests are as asked."""
    sink = made(
        api_endpoint="/v1",
        bulk_sink_batch_size=7,
        enable_async_pipeline=True,
        async_pipeline_workers=3,
        override_metadata=False,
    )
    assert (sink.batch_count, sink.worker_count) == (7, 3)


@pytest.mark.parametrize(
    ("config", "key"),
    [
        ({"bulk_sink_batch_size": 0}, "bulk_sink_batch_size"),
        ({"async_pipeline_workers": 65}, "async_pipeline_workers"),
        ({"batch_size": 10}, "batch_size"),
    ],
)
def test_wrong_config(config: dict[str, Any], key: str) -> None:
    """A value out of range or an unknown key is told with its place in the file."""
    with pytest.raises(WorkflowError) as raised:
        made(**config)
    assert [problem.path for problem in raised.value.problems] == [("sink", "config", key)]


def test_its_context_shows_no_token() -> None:
    """A context that is printed leaves out the settings of the server."""
    assert "canary-1" not in repr(SinkContext(server=SERVER))


OWNERS = [EntityReference(type="user", fullyQualifiedName="jane")]
INNER = {"name": "b", "dataType": "INT", "jsonSchema": "{}"}
JSON = [{"name": "a", "dataType": "STRUCT", "children": [INNER]}]
PLAIN = [{"name": "a", "dataType": "JSON", "description": '"jsonSchema"'}]


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        (CreateTableRequest(name="t", databaseSchema="s.d.p", columns=JSON), "columns.jsonSchema"),
        (CreateTableRequest(name="t", databaseSchema="s.d.p", columns=PLAIN), ""),
        (CreatePipelineRequest(name="p", service="s", owners=OWNERS, tasks=[{"name": "t"}]), ""),
        (
            CreatePipelineRequest(name="p", service="s", tasks=[{"name": "t", "owners": OWNERS}]),
            "tasks.owners",
        ),
        (CreateQueryRequest(query="SELECT 1", service="s", exclude_usage=True), "exclude_usage"),
        (
            CreateQueryRequest(query="SELECT 1", service="s", usedBy=["etl"], query_type="SELECT"),
            "usedBy query_type",
        ),
        (CreateQueryRequest(query="SELECT 1", service="s", exclude_usage=False), ""),
        (ScopeComplete("s.d.p", Table), ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_server_does_not_store(
    record: Any, fields: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Fields that servers drop are warned of once for each kind and field, with their records."""
    context = SinkContext(server=SERVER)
    with OpenMetadataSink.create({}, context) as sink:
        for _ in range(3):
            sink.delivered([Parcel.sealed(record)] * 100)
    keys = [f"{record.entity_type}.{field}" for field in fields.split()]
    assert [(key, count) for key, _, count in context.warnings.noted()] == [
        (key, 300) for key in keys
    ]
    assert len(caplog.records) == len(keys)
