"""The class of a connector is found where upstream looks, and gets the block that it expects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from om_ingest.errors import OmIngestError

from tests.selection import few

if TYPE_CHECKING:
    from written_connectors import Connectors

CODE = """
import json
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.ingestion.api.steps import Source

class {name}(Source):
    @classmethod
    def create(cls, config_dict, metadata, pipeline_name=None):
        with open("block.json", "w") as file:
            json.dump(config_dict, file)
        return cls()
    def _iter(self):
        yield CreateDatabaseRequest(name="{name}", service="shop")
"""

PLACE = "metadata/ingestion/source/database/lake"
MODULE = "metadata.ingestion.source.database.lake"
SPEC = """
from metadata.utils.service_spec import BaseSpec
{more}
ServiceSpec = BaseSpec(metadata_source_class={given})
"""

LAYOUTS: dict[str, dict[str, str]] = {
    "metadata": {"metadata": CODE.format(name="LakeSource")},
    "one-class-of-any-name": {"__init__": CODE.format(name="OfALake")},
    "named-among-several": {
        "metadata": CODE.format(name="LakeSource") + CODE.format(name="OtherSource")
    },
    "base-and-class": {
        "metadata": CODE.format(name="Base")
        + "class LakeSource(Base):\n    def _iter(self):\n"
        + "        yield CreateDatabaseRequest(name='LakeSource', service='shop')\n"
    },
    "spec-with-a-path": {
        "parts/reader": CODE.format(name="Reader"),
        "service_spec": SPEC.format(more="", given=f"'{MODULE}.parts.reader.Reader'"),
    },
    "spec-with-a-class": {
        "reader": CODE.format(name="Reader"),
        "service_spec": SPEC.format(more=f"from {MODULE}.reader import Reader", given="Reader"),
    },
}


def write(connectors: Connectors, modules: dict[str, str]) -> None:
    """A connector in the namespace, of these modules."""
    for name, code in {"__init__": "", **modules}.items():
        connectors.write(f"{PLACE}/{name}.py", code)


@pytest.mark.parametrize("name", few(list(LAYOUTS), 3))
def test_by_name(connectors: Connectors, name: str) -> None:
    """A connector in the namespace is run by its name, wherever its class is in it."""
    write(connectors, LAYOUTS[name])
    ran = connectors.run(source={"type": "lake", "serviceName": "shop"})
    (found,) = ran.fqns("database")
    assert found in ("shop.LakeSource", "shop.OfALake", "shop.Reader")


def test_folder_without_init(connectors: Connectors) -> None:
    """A folder needs no `__init__.py`: several of upstream's own had none."""
    connectors.write(f"{PLACE}/metadata.py", CODE.format(name="LakeSource"))
    connectors.write("metadata/ingestion/source/database/notes/text.py", "")
    ran = connectors.run(source={"type": "lake", "serviceName": "shop"})
    assert ran.fqns("database") == ["shop.LakeSource"]
    with pytest.raises(OmIngestError, match="no source named 'notes'"):
        connectors.run(source={"type": "notes", "serviceName": "shop"})


LOST: dict[str, tuple[dict[str, str], str]] = {
    "several": (
        {"metadata": CODE.format(name="OneSource") + CODE.format(name="OtherSource")},
        f"Several classes of {MODULE}.metadata may be the source: OneSource, OtherSource",
    ),
    "spec-that-leads-nowhere": (
        {"service_spec": SPEC.format(more="", given=f"'{MODULE}.reader.Reader'")},
        f"metadata_source_class of the ServiceSpec in {MODULE} is '{MODULE}.reader.Reader'",
    ),
    "no-class": ({"metadata": "x = 1"}, f"which class of {MODULE} is the source?"),
    "broken-submodule": (
        {"metadata": "import not_there"},
        "it needs the module 'not_there', which is not installed, at metadata.py:1 in <module>",
    ),
}


@pytest.mark.parametrize("name", few(list(LOST), 3))
def test_lost(connectors: Connectors, name: str) -> None:
    """A class that cannot be told is one clear message before the run."""
    modules, told = LOST[name]
    write(connectors, modules)
    with pytest.raises(OmIngestError) as raised:
        connectors.run(source={"type": "lake", "serviceName": "shop"})
    assert told in str(raised.value)
    assert raised.value.exit_code == 3


def block(connectors: Connectors, source: dict[str, Any], **options: Any) -> Any:
    """What `create` gets for the `source` block of a workflow."""
    connectors.write("my_connector.py", CODE.format(name="My"))
    assert connectors.run(source=source, **options).errors == ""
    return json.loads(Path("block.json").read_text("utf-8"))


CUSTOM = {"type": "CustomDatabase", "sourcePythonClass": "my_connector.My"}


def test_long_form(connectors: Connectors) -> None:
    """The block of an existing workflow file arrives as it is; `--set` changes its options."""
    source: dict[str, Any] = {
        "type": "customDatabase",
        "serviceName": "shop",
        "serviceConnection": {"config": {**CUSTOM, "connectionOptions": {"a": "1", "b": "2"}}},
        "sourceConfig": {"config": {"type": "DatabaseMetadata", "includeTags": False}},
    }
    assert block(connectors, source) == source
    source["serviceConnection"]["config"]["connectionOptions"]["b"] = "3"
    assert block(connectors, source, values=["b=3"]) == source


def test_short_form(connectors: Connectors) -> None:
    """What the short form has in `config` becomes options of a custom connection."""
    source = {"type": "my_connector:My", "config": {"a": "1"}, "serviceName": "shop"}
    assert block(connectors, source) == {
        "type": "my_connector:My",
        "serviceName": "shop",
        "serviceConnection": {"config": {**CUSTOM, "connectionOptions": {"a": "1"}}},
        "sourceConfig": {"config": {"type": "DatabaseMetadata"}},
    }


SERVICES = {
    "lake": "CustomDatabase",
    "redshift": "Redshift",
    "big_query": "BigQuery",
}


@pytest.mark.parametrize("name", few(list(SERVICES), 2))
def test_service(connectors: Connectors, name: str) -> None:
    """The workflow's service is created before the first record in it, with the type it names."""
    connectors.write(f"metadata/ingestion/source/database/{name}.py", CODE.format(name="ASource"))
    ran = connectors.run(source={"type": name, "serviceName": "shop"})
    assert ran.get("databaseService", "shop").serviceType.value == SERVICES[name]
    again = connectors.run(source={"type": name, "serviceName": "shop"})
    assert again.report.tally.yielded == 1


CONNECTED = """
from metadata.generated.schema.entity.services.connections.database.customDatabaseConnection \
    import CustomDatabaseConnection
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.steps import Source
from metadata.ingestion.source.connections import get_connection, get_test_connection_fn

class Lake(Source):
    @classmethod
    def create(cls, config_dict, metadata, pipeline_name=None):
        made = cls()
        made.config = WorkflowSource.model_validate(config_dict).serviceConnection.root.config
        assert isinstance(made.config, CustomDatabaseConnection)
        return made
    def prepare(self):
        connection = get_connection(self.config)
        get_test_connection_fn(self.config)(self.metadata, connection, self.config)
    def _iter(self): return []
"""


def test_type_by_the_class(connectors: Connectors) -> None:
    """The short form of a source's block has the type of connection that its code asks for."""
    code = CONNECTED.replace("ections.database.customDatabase", "ections.messaging.customMessaging")
    code = code.replace("CustomDatabaseConnection", "CustomMessagingConnection")
    code += "class Topics(Lake):\n    def prepare(self): ...\n"
    ran = connectors.run(code, source={"type": "connector:Topics", "serviceName": "shop"})
    assert (ran.code, ran.errors) == (0, "")


FUNCTIONS = """
def get_connection(connection):
    return connection.connectionOptions.root["path"]

def test_connection(metadata, client, service_connection, automation_workflow=None):
    return {"no": False, "yes": True, "none": None}[client]
"""


@pytest.mark.parametrize("place", ["lakes/source", "lakes/connection"])
@pytest.mark.parametrize("answer", few(["no", "yes", "none"], 1))
def test_connection_functions(connectors: Connectors, place: str, answer: str) -> None:
    """They are found in the module of the class or beside it, and only False is a failure."""
    connectors.write("lakes/__init__.py", "")
    connectors.write("lakes/source.py", CONNECTED)
    with (connectors.folder / f"{place}.py").open("a") as file:
        file.write(FUNCTIONS)
    config = {
        "type": "CustomDatabase",
        "sourcePythonClass": "lakes.source.Lake",
        "connectionOptions": {"path": answer},
    }
    ran = connectors.run(
        source={
            "type": "customDatabase",
            "serviceName": "shop",
            "serviceConnection": {"config": config},
            "sourceConfig": {"config": {"type": "DatabaseMetadata"}},
        }
    )
    assert ran.errors == ""
    assert len(ran.failures) == (answer == "no")


def test_connection_functions_missing(connectors: Connectors) -> None:
    """A connector without one is told where it was looked for."""
    connectors.write("lakes.py", CONNECTED)
    config = {"type": "CustomDatabase", "sourcePythonClass": "lakes.Lake"}
    ran = connectors.run(
        source={
            "type": "customDatabase",
            "serviceName": "shop",
            "serviceConnection": {"config": config},
        }
    )
    assert "has no get_connection: there is none in lakes or lakes.connection" in ran.errors
    assert ran.code == 3
