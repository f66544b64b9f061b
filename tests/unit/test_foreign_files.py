"""Workflow files as other people have written them, for OpenMetadata's own command."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from om_ingest.manual.schema import WorkflowSchema
from om_ingest.registry import find_source
from om_ingest.workflow.loaded import load
from om_ingest.workflow.reading import parse

CUSTOM = """\
source:
  type: customDatabase
  serviceName: warehouse
  serviceConnection:
    config:
      type: CustomDatabase
      sourcePythonClass: metadata.ingestion.source.database.sqlite_file.SqliteSource
      connectionOptions: {database_path: shop.db}
"""

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "lineage without its type": (
        CUSTOM + "  sourceConfig: {config: {resultLimit: 500, queryLogDuration: 2}}",
        {"queryLogDuration": 2, "extra": {"resultLimit": 500}},
    ),
    "dbt without its type": (
        CUSTOM + "  sourceConfig: {config: {dbtConfigSource: {dbtCatalogFilePath: c.json}}}",
        {"extra": {"dbtConfigSource": {"dbtCatalogFilePath": "c.json"}}},
    ),
    "dashboards of 1.3": (
        CUSTOM + "  sourceConfig: {config: {dbServiceNames: [mart], includeDataModels: true}}",
        {"type": "DashboardMetadata", "extra": {"dbServiceNames": ["mart"]}},
    ),
    "pipelines of 1.3": (
        CUSTOM + "  sourceConfig: {config: {type: PipelineMetadata, dbServiceNames: [mart]}}",
        {"type": "PipelineMetadata", "extra": {"dbServiceNames": ["mart"]}},
    ),
    "databases of 1.5": (
        CUSTOM + "  sourceConfig: {config: {type: DatabaseMetadata, overrideViewLineage: true}}",
        {"extra": {"overrideViewLineage": True}},
    ),
    "databases of 1.11": (
        CUSTOM + "  sourceConfig: {config: {type: DatabaseMetadata, overrideLineage: true}}",
        {"extra": {"overrideLineage": True}},
    ),
    "flags and patterns of the connection": (
        CUSTOM
        + """\
      supportsMetadataExtraction: true
      supportsProfiler: false
      supportsQueryComment: true
      sampleDataStorageConfig: {config: {bucketName: samples}}
      connectionArguments: {}
      tableFilterPattern: {excludes: [^tmp]}
      databaseFilterPattern:
""",
        {"tableFilterPattern": {"includes": [], "excludes": ["^tmp"]}},
    ),
    "keys with nothing behind them": (
        CUSTOM
        + """\
  sourceConfig:
    config:
      type: DatabaseMetadata
      includeViews:
      schemaFilterPattern:
        includes:
sink:
  type: metadata-rest
  config:
workflowConfig:
  loggerLevel:
  openMetadataServerConfig: {hostPort: "http://h/api", authProvider: , clusterName: }
""",
        {"includeViews": True, "schemaFilterPattern": {"includes": [], "excludes": []}},
    ),
    "steps of another workflow": (
        CUSTOM
        + """\
stage: {type: table-usage, config: {filename: staged}}
bulkSink: {type: metadata-usage, config: {filename: staged}}
workflowConfig: {config: {}, openMetadataServerConfig: {hostPort: "http://h/api"}}
""",
        {},
    ),
}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    """Of the schema that editors get."""
    return Draft202012Validator(WorkflowSchema([find_source("sqlite")]).as_dict())


@pytest.mark.parametrize("form", FORMS)
def test_form(validator: Draft202012Validator, form: str) -> None:
    """A file of this form has no problem, for a run and for an editor, and means what it says."""
    text, expected = FORMS[form]
    workflow, settings, _ = load(parse(text, "flow.yaml"))
    assert workflow.values_for({"database_path"}) == {"database_path": "shop.db"}
    assert {key: settings.model_dump()[key] for key in expected} == expected
    if "nothing" not in form:  # an editor marks a key that is still to be filled in
        assert [error.message for error in validator.iter_errors(yaml.safe_load(text))] == []
