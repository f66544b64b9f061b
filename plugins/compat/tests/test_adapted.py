"""Connectors of every generation run as sources of the host, however `create` is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from om_ingest.errors import PluginFaultError

from tests.selection import few

if TYPE_CHECKING:
    from written_connectors import Connectors

STEPS = """
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import InvalidSourceException, Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata

class Connector(Source):
    def __init__(self, config, metadata):
        super().__init__()
        self.config, self.metadata = config, metadata
    def prepare(self): ...
    def test_connection(self): raise AssertionError("nobody has asked for it")
    def close(self): ...
    def _iter(self):
        assert isinstance(self.metadata, OpenMetadata), self.metadata
        yield Either(right=CreateDatabaseRequest(name="d", service=self.config["serviceName"]))
    @classmethod
"""

CREATES = {
    "name-of-the-connection": "(cls, c, metadata_config): a = c, metadata_config",
    "required-third": "(cls, config_dict, metadata, pipeline_name): a = config_dict, metadata",
    "star": "(cls, *a): a = a[:2]",
    "keywords": "(cls, *, pipeline_name, metadata, config_dict): a = config_dict, metadata",
    "more": "(cls, c, metadata, *, kind='x', **kw): a = c, {'x': metadata}[kind]",
    "positions": "(cls, config_dict, metadata, /): a = config_dict, metadata",
}


@pytest.mark.parametrize("name", few(list(CREATES), 3))
def test_create(connectors: Connectors, name: str) -> None:
    """`create` gets the client whatever its parameters are called, and as much as it takes."""
    ran = connectors.run(f"{STEPS}    def create{CREATES[name]}; return cls(*a)")
    assert ran.fqns("database") == ["shop.d"], ran.errors
    assert ran.code == 0


@pytest.mark.full
def test_four_arguments(connectors: Connectors) -> None:
    """A `create` that needs more than any release passes is told with its file, before the run."""
    with pytest.raises(PluginFaultError) as told:
        connectors.run(f"{STEPS}    def create(cls, config_dict, metadata, name, more): ...")
    assert "create(config_dict, metadata, name, more) needs more arguments" in told.value.what
    assert told.value.what.endswith("the name of the pipeline, at connector.py:17 in create")


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("not a Lake", "Correct source.serviceConnection.config in the workflow file."),
        ("CustomLakeConnection wanted", "Write type: CustomLake in source.serviceConnection"),
        ("no LakeConnection", "LakeConnection is only imitated, and no connection is one: install"),
    ],
)
def test_wrong_connection(connectors: Connectors, said: str, remedy: str) -> None:
    """`InvalidSourceException` is a mistake of who wrote the workflow, who is told what to write;
    unless the class that is expected is only imitated.
    """
    place = "metadata.generated.schema.entity.services.connections.database.lakeConnection"
    ran = connectors.run(
        f"{STEPS}    def create(cls, c, m):\n        from {place} import LakeConnection\n"
        f"        raise InvalidSourceException({said!r})"
    )
    assert (ran.code, ran.fqns("database")) == (2, [])
    assert f"The config does not fit the connector: {said}" in ran.errors
    assert remedy in ran.errors


PULLED = """
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.services.connections.metadata.openMetadataConnection import (
    OpenMetadataConnection,
)
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.source import Source, SourceStatus
from metadata.ingestion.ometa.ometa_api import OpenMetadata

class Connector(Source[CreateDatabaseRequest]):
    def __init__(self, config, metadata_config):
        self.status = SourceStatus()
        self.metadata_config = metadata_config
        self.metadata = OpenMetadata(metadata_config)
        self.service = config.serviceName

    @classmethod
    def create(cls, config_dict, metadata_config: OpenMetadataConnection):
        return cls(WorkflowSource.parse_obj(config_dict), metadata_config)

    def prepare(self): ...

    def next_record(self):
        yield CreateDatabaseRequest(name="d", service=self.service)
        assert self.metadata.get_by_name(entity=Database, fqn=f"{self.service}.d").name.__root__
        self.status.scanned("d")
        self.status.warning("w", self.metadata_config.hostPort)
        self.status.failed("f", "broken", "trace")
        self.status.filter("x", "left out")

    def get_status(self): return self.status
    def test_connection(self): ...
    def close(self): ...
"""


@pytest.mark.parametrize(
    ("server", "host"),
    [(None, "http://localhost:8585/api"), ({"hostPort": "http://om:1/api"}, "http://om:1/api")],
    ids=["defaults", "server"],
)
def test_first_releases(connectors: Connectors, server: Any, host: str) -> None:
    """A source of release 1.1 gets the connection, makes its client of it, and keeps a status."""
    ran = connectors.run(PULLED, server=server)
    assert ran.fqns("database") == ["shop.d"], ran.errors
    assert ran.warnings == [f"w: {host}"]
    assert ran.failures == ["f: broken"]
    assert ran.report.source_status.filtered_count == 1
    assert ran.report.source_status.scanned_count == 1
    assert ran.code == 1


DUCK = """
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest

class Status:
    def __init__(self):
        self.warnings, self.failures, self.filtered, self.records = [], [], [], []

class Connector:
    @classmethod
    def create(cls, {parameters}):
        made = cls()
        made.given = ({parameters})
        made.status = Status()
        return made
    def get_status(self): return self.status
    def {reader}(self):
        self.status.warnings.append({{"w": type(self.given[1]).__name__}})
        self.status.failures.append({{"name": "f", "error": str(self.given[0].get("greeting"))}})
        yield CreateDatabaseRequest(name="d", service="shop")
"""


@pytest.mark.parametrize(
    ("parameters", "reader", "second", "greeting"),
    [
        ("config, metadata_config", "next_record", "OpenMetadataConnection", "None"),
        ("config, metadata_config", "_iter", "OpenMetadata", "None"),
        ("config, metadata, pipeline_name", "next_record", "OpenMetadata", "None"),
        ("config_dict, metadata_config_dict, ctx", "next_record", "dict", "hello"),
    ],
    ids=["pulled", "steps", "positional", "native"],
)
def test_class_without_base(
    connectors: Connectors, parameters: str, reader: str, second: str, greeting: str
) -> None:
    """A class that derives from nothing is recognised by its methods; its own status counts."""
    ran = connectors.run(
        DUCK.format(parameters=parameters, reader=reader),
        source={
            "type": "connector:Connector",
            "serviceName": "shop",
            "config": {"greeting": "hello"},
        },
    )
    assert ran.fqns("database") == ["shop.d"], ran.errors
    assert ran.warnings == [f"w: {second}"]
    assert ran.failures == [f"f: {greeting}"]


NATIVE_STATUS = """
from om_ingest import SourceStatus
from om_ingest.model import CreateDatabaseRequest

class Connector:
    @classmethod
    def create(cls, config_dict, metadata_config_dict, ctx):
        return cls()
    def prepare(self):
        self.kept = SourceStatus()
        self.kept.warning("w", "early")
    def get_status(self): return self.kept
    def next_record(self):
        self.kept.failure("f", "broken")
        yield CreateDatabaseRequest(name="d", service="shop")

class Later(Connector):
    def get_status(self):
        made = SourceStatus()
        if hasattr(self, "kept") and self.kept.failures:
            made.failure("f", "broken")
        return made
    def next_record(self):
        yield from super().next_record()
        yield from "no records, but twenty-six letters, or so it seems"
"""


def test_status_of_the_host(connectors: Connectors) -> None:
    """A status of om-ingest's own class that `get_status` gives becomes the report."""
    ran = connectors.run(NATIVE_STATUS)
    assert (ran.warnings, ran.failures) == (["w: early"], ["f: broken"]), ran.errors
    assert ran.report.source_status.scanned_count == 1

    ran = connectors.run(source={"type": "connector:Later", "serviceName": "shop"})
    status = ran.report.source_status
    assert (status.scanned_count, status.failure_count, len(status.failures)) == (1, 51, 20)


def test_create_without_a_source(connectors: Connectors) -> None:
    """A `create` that returns something else is told with the file."""
    ran = connectors.run(f"{STEPS}    def create(cls, c, m): return None")
    assert "create of Connector in connector.py returned NoneType, not a source" in ran.errors
    assert ran.code == 3


LACKING = {
    "create": ("class Connector(Source):\n    def _iter(self): ...", "does not implement create"),
    "reader": (
        "class Connector(Source):\n    @classmethod\n    def create(cls, a, b): ...",
        "does not implement _iter, or next_record",
    ),
    "abstract": (
        "import abc\nclass Connector(Source):\n    @abc.abstractmethod\n    def more(self): ...",
        "does not implement more",
    ),
}


@pytest.mark.parametrize("name", LACKING)
def test_incomplete(connectors: Connectors, name: str) -> None:
    """A class that lacks a method is told with its file, before the run."""
    code, said = LACKING[name]
    with pytest.raises(PluginFaultError, match=f"connector.Connector in connector.py {said}"):
        connectors.run(f"from metadata.ingestion.api.steps import Source\n{code}", check=True)


def test_nothing_is_made_by_check(connectors: Connectors) -> None:
    """`check` makes no object of the connector: its `__init__` may connect."""
    code = f"{STEPS}    def create(cls, c, m): raise AssertionError('made')"
    assert connectors.run(code, check=True).code == 0


def test_two_runs(connectors: Connectors) -> None:
    """Two runs in one process are alike, and the client works in none of the time between."""
    code = f"{STEPS}    def create(cls, c, m): return cls(c, m)"
    assert [connectors.run(code).code for _ in range(2)] == [0, 0]
    from om_ingest_compat.client import OpenMetadata

    with pytest.raises(PluginFaultError, match="used outside of a run"):
        OpenMetadata().get_by_name(entity="database", fqn="shop.d")
