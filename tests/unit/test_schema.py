"""The schema of the workflow file, as a validator of JSON Schema sees it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from om_ingest import ConfiguredSource, ConnectorConfig, Record
from om_ingest.manual import describe
from om_ingest.manual.schema import WorkflowSchema
from om_ingest.registry import find_source
from om_ingest.workflow.loaded import load
from om_ingest.workflow.reading import parse
from pydantic import Field, SecretStr

ROOT = Path(__file__).parents[2]
SOURCE = "source: {type: sqlite, config: {database_path: x}}\n"


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    """Of the schema for sample-tables and sqlite, which is a schema itself."""
    schema = WorkflowSchema([find_source("sample-tables"), find_source("sqlite")]).as_dict()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def problems(validator: Draft202012Validator, text: str) -> list[tuple[str, str]]:
    """Key path and message of everything that the schema finds wrong."""
    found = validator.iter_errors(yaml.safe_load(text))
    return sorted((".".join(map(str, error.absolute_path)), error.message) for error in found)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda path: path.name
)
def test_examples(validator: Draft202012Validator, path: Path) -> None:
    """Every example of this repository is valid."""
    assert problems(validator, path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "source: {type: sample-tables}",
        "source: {type: sample_tables}\nsink:",
        "source: {type: 'om-ingest-sqlite:SQLite', config: {database_path: x}}",
        "source: {type: 'my.module:Source', config: {any: thing}}",
        "source: {type: sqlite, config: {database_path: x, timeout_s: '${T:-5}'}}",
        "source: {type: sqlite, config: {database_path: x, include_views: $VIEWS}}",
        "source: {type: sqlite, config: {database_path: x, timeout_s: '7.5'}}",
        SOURCE + "workflowConfig: {loggerLevel: '${LEVEL}', successThreshold: '${N}'}",
        SOURCE + "sink: {type: catalog}",
        SOURCE + "sink: {type: Console, config: {}}",
        SOURCE + "processors: [{type: add_tags, config: {tags: [PII.Sensitive]}}]",
        (
            "source: {type: sqlite, serviceConnection: {config: "
            "{type: Sqlite, timeout_s: 3, connectionOptions: {database_path: x}}}}"
        ),
        (
            "source: {type: sample-tables, sourceConfig: {config: {type: DatabaseMetadata, "
            "includeViews: false, tableFilterPattern: {includes: [a]}}}}"
        ),
        "source: {type: sample-tables, sourceConfig: {config: {type: Unheard, any: 1}}}",
        SOURCE + "workflowConfig: {openMetadataServerConfig: {hostPort: 'http://h/api', "
        "type: OpenMetadata, includeUsers: true, securityConfig: {jwtToken: '${T}'}}}",
    ],
)
def test_accepted(validator: Draft202012Validator, text: str) -> None:
    """What a run takes, the schema takes: short form, long form, variables and spellings."""
    assert problems(validator, text) == []
    if "'${" not in text:
        load(parse(text, "flow.yaml"))


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        ("source: {type: sqlit}", "source.type", "sqlit"),
        ("source: {type: sqlite}", "source", "'config' is a required"),
        ("source: {type: sqlite, config: {}}", "source.config", "'database_path' is a required"),
        ("source: {type: sqlite, config: {database_path: x, nope: 1}}", "source.config", "'nope'"),
        (
            "source: {type: sqlite, config: {database_path: x, timeout_s: soon}}",
            "source.config.timeout_s",
            "soon",
        ),
        (
            "source: {type: sqlite, config: {database_path: x, table_filter: {includes: [1]}}}",
            "source.config.table_filter.includes.0",
            "not of type 'string'",
        ),
        ("source: {type: sample-tables, confg: {}}", "source", "'confg'"),
        ("source: {type: sample-tables}\nsnik: {}", "", "'snik'"),
        ("source: {type: sample-tables}\nsink: {type: jsonl}", "sink", "'config' is a required"),
        (
            "source: {type: sample-tables}\nsink: {type: jsonl, config: {path: 1}}",
            "sink.config.path",
            "not of type 'string'",
        ),
        (
            "source: {type: sample-tables}\nprocessors: [{type: add-tags, config: {tags: []}}]",
            "processors.0.config.tags",
            "non-empty",
        ),
        (
            (
                "source: {type: sample-tables, sourceConfig: {config: "
                "{type: DatabaseMetadata, includeView: true}}}"
            ),
            "source.sourceConfig.config",
            "'includeView'",
        ),
        (
            SOURCE + "workflowConfig: {openMetadataServerConfig: {hostPort: h, hostPrt: x}}",
            "workflowConfig.openMetadataServerConfig",
            "'hostPrt'",
        ),
        (
            (
                "source: {type: sqlite, serviceConnection: {config: {database_path: x, "
                "connectionOptions: {a: 1}}}}"
            ),
            "source.serviceConnection.config.connectionOptions",
            "'a'",
        ),
        (
            "source: {type: sqlite, serviceConnection: {config: {timeout_s: 1}}}",
            "source.serviceConnection.config",
            "not valid",
        ),
        (
            (
                "source: {type: customDatabase, serviceConnection: {config: {database_path: [], "
                "sourcePythonClass: metadata.ingestion.source.database.sqlite_file.SqliteSource}}}"
            ),
            "source.serviceConnection.config.database_path",
            "not of type 'string'",
        ),
    ],
)
def test_refused(validator: Draft202012Validator, text: str, path: str, said: str) -> None:
    """An unknown key, a wrong type or a missing key is found where it is, and only there."""
    found = problems(validator, text)
    assert [(where, said in message) for where, message in found] == [(path, True)], found


def test_hovering_shows_the_manual(validator: Draft202012Validator) -> None:
    """Keys are described by their docstrings, also those of models that do not collect them."""
    defs: dict[str, Any] = validator.schema["$defs"]
    timeout = defs["source:sqlite"]["properties"]["timeout_s"]
    assert timeout["description"] == "Seconds to wait for a program that has locked the file."
    keeps = defs["source:sqlite.FilterPattern"]["properties"]["includes"]["description"]
    assert keeps.startswith("Keep a name that one of these matches")
    assert defs["sink:jsonl"]["properties"]["path"]["description"].startswith("The file;")
    assert defs["workflow.SourceBlock"]["properties"]["serviceName"]["description"]


def test_names_are_offered_with_where_they_come_from(validator: Draft202012Validator) -> None:
    """An editor completes `type` with the installed names, and says what each one is."""
    (listed, _) = validator.schema["$defs"]["workflow.SourceBlock"]["properties"]["type"]["anyOf"]
    told = dict(zip(listed["enum"], listed["enumDescriptions"], strict=True))
    assert told["sqlite"].startswith("om-ingest-sqlite 0.1.0: Reads the schema of one SQLite file")


class DriverConfig(ConnectorConfig):
    host: str
    token: SecretStr | None = None
    secrets: dict[str, SecretStr] = {}
    scheme: str | None = Field(default=None, json_schema_extra={"deprecated": True})
    connectionOptions: dict[str, str] = {}


class DriverSource(ConfiguredSource[DriverConfig]):
    """Declares options of a driver."""

    def next_record(self) -> list[Record]:
        return []


@pytest.mark.parametrize(
    ("connection", "paths"),
    [
        ("{host: h, connectionOptions: {any: thing}}", []),
        ("{host: h, connectionOptions: {any: []}}", ["connectionOptions.any"]),
        ("{connectionOptions: {host: h}}", [""]),
    ],
)
def test_options_of_a_driver(connection: str, paths: list[str]) -> None:
    """`connectionOptions` that a connector declares hold other keys than its config."""
    name = f"{DriverSource.__module__}:DriverSource"
    validator = Draft202012Validator(WorkflowSchema([find_source(name)]).as_dict())
    text = f"source: {{type: '{name}', serviceConnection: {{config: {connection}}}}}"
    place = "source.serviceConnection.config"
    found = [path for path, _ in problems(validator, text)]
    assert found == [f"{place}.{path}".rstrip(".") for path in paths]


def test_optional_keys_of_an_example() -> None:
    """An optional secret is a variable; a key that is kept for existing files is left out."""
    example = describe.example(find_source(f"{DriverSource.__module__}:DriverSource"))
    keys = re.findall(r"^    # (\w+): (.*)$", example, re.MULTILINE)
    assert [key for key, _ in keys] == ["token", "secrets", "connectionOptions"]
    assert re.fullmatch(r"\$\{\w+_TOKEN\}", keys[0][1])
    assert keys[1][1] == "{}"
