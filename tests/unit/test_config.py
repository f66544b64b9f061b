"""The workflow file as a model: what both forms mean."""

from __future__ import annotations

from typing import Any

import pytest
from om_ingest import WorkflowError
from om_ingest.config import (
    DashboardSourceConfig,
    DatabaseSourceConfig,
    FilterPattern,
    SourceConfig,
)
from om_ingest.config.families import FAMILIES, SOURCE_CONFIGS
from om_ingest.workflow.config import Workflow
from om_ingest.workflow.loaded import load
from om_ingest.workflow.reading import Document

LONG: dict[str, Any] = {
    "source": {
        "type": "customDatabase",
        "serviceName": "s",
        "serviceConnection": {
            "config": {
                "type": "CustomDatabase",
                "sourcePythonClass": "my.module.MySource",
                "own": 1,
                "connectionOptions": {"folder": "/data", "own": 2},
            }
        },
    },
    "workflowConfig": {"loggerLevel": "DEBUG"},
}


def loaded(data: dict[str, Any]) -> Workflow:
    return load(Document("x.yaml", data))[0]


def problems(data: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(WorkflowError) as caught:
        load(Document("x.yaml", data))
    return {problem.key: problem.message for problem in caught.value.problems}


def test_short_form() -> None:
    """`type` names the source, `config` is its config."""
    workflow = loaded({"source": {"type": "shop", "config": {"a": 1}}})
    assert (workflow.source_type, workflow.source_values) == ("shop", {"a": 1})
    assert workflow.config_path == ("source", "config")
    assert workflow.sink is None


def test_long_form() -> None:
    """A custom type is its class; `connectionOptions` are flattened and win (class: §12.3)."""
    workflow = loaded(LONG)
    assert workflow.source_type == "my.module:MySource"
    assert workflow.source_values == {"own": 2, "folder": "/data"}
    assert workflow.config_path[-1] == "connectionOptions"


def test_options_of_a_driver() -> None:
    """A connector that declares `connectionOptions` gets them there, and is told of that place."""
    config = {"host": "h", "connectionOptions": {"host": "other", "charset": "utf8"}}
    workflow = loaded({"source": {"type": "x", "serviceConnection": {"config": config}}})
    known = {"host", "port", "connectionOptions"}
    assert workflow.values_for(known) == config
    below = ("source", "serviceConnection", "config")
    for path in (("host",), ("port",), ("connectionOptions", "charset")):
        assert workflow.place_of(path, known) == (*below, *path)
    assert workflow.values_for({"host", "port"}) == {"host": "other", "charset": "utf8"}
    assert workflow.place_of(("host",)) == (*below, "connectionOptions", "host")


def test_class_of_a_type_that_is_not_custom() -> None:
    """`sourcePythonClass` counts for custom types alone."""
    data = {**LONG, "source": {**LONG["source"], "type": "shop"}}
    assert loaded(data).source_type == "shop"


@pytest.mark.parametrize("setting", [None, "text", [1], 5])
def test_wrong_shapes(setting: object) -> None:
    """A block that is no mapping is a problem at its key, never a crash."""
    assert "source" in problems({"source": setting})
    assert "source.config" in problems({"source": {"type": "x", "config": setting or 1}})
    nested = {"type": "x", "sourceConfig": {"config": setting or 1}}
    assert "source.sourceConfig.config" in problems({"source": nested})
    nested = {"type": "x", "serviceConnection": {"config": setting or 1}}
    assert "source.serviceConnection.config" in problems({"source": nested})


@pytest.mark.parametrize("options", ["text", [1], 5])
def test_connection_options_of_a_wrong_shape(options: object) -> None:
    """`connectionOptions` that are no mapping are a problem, too."""
    source = {"type": "x", "serviceConnection": {"config": {"connectionOptions": options}}}
    key = "source.serviceConnection.config.connectionOptions"
    assert key in problems({"source": source})


def test_near_names() -> None:
    """An unknown key comes with the nearest known one, at any depth."""
    found = problems(
        {
            "sorce": {},
            "source": {"type": "x", "sourceConfig": {"config": {"tableFilterPatern": {}}}},
            "workflowConfig": {"openMetadataServerConfig": {"hostport": "x"}},
        }
    )
    assert found["sorce"] == "unknown key; did you mean 'source'?"
    assert "'tableFilterPattern'" in found["source.sourceConfig.config.tableFilterPatern"]
    server = "workflowConfig.openMetadataServerConfig"
    assert "'hostPort'" in found[f"{server}.hostport"]
    assert found[f"{server}.hostPort"] == "this key is required"


def test_one_problem_per_key() -> None:
    """A variable that is not set is the one thing that is wrong with its value."""
    found = problems({"source": {"type": "${NOT_SET_ANYWHERE}"}})
    assert list(found) == ["source.type"]
    assert "NOT_SET_ANYWHERE is not set" in found["source.type"]


def settings_in(config: dict[str, Any]) -> SourceConfig:
    """What a source gets to see of `sourceConfig.config`."""
    source = {"type": "x", "sourceConfig": {"config": config}}
    return load(Document("x", {"source": source}))[1]


def test_source_config_is_typed() -> None:
    """Filter patterns are checked regular expressions, in the settings of any family."""
    pattern = {"includes": ["^a"], "excludes": ["b$"]}
    settings = settings_in({"schemaFilterPattern": pattern})
    assert isinstance(settings, DatabaseSourceConfig)
    assert settings.schemaFilterPattern == FilterPattern(includes=["^a"], excludes=["b$"])
    other = settings_in({"type": "DashboardMetadata", "includeOwners": True})
    assert isinstance(other, DashboardSourceConfig)
    assert (other.includeOwners, other.includeTags) == (True, True)
    block = {"config": {"schemaFilterPattern": {"includes": ["("]}}}
    found = problems({"source": {"type": "x", "sourceConfig": block}})
    (message,) = found.values()
    assert "not a regular expression: '('" in message


@pytest.mark.parametrize("kind", SOURCE_CONFIGS)
def test_every_family_has_its_settings(kind: str) -> None:
    """`type` chooses the settings; without one, the keys do, as in OpenMetadata (§11.3)."""
    family = SOURCE_CONFIGS[kind]
    assert type(settings_in({"type": kind})) is family
    own = next(name for name in family.model_fields if name.endswith("FilterPattern"))
    assert type(settings_in({own: {"includes": ["a"]}})) is family
    source = {"type": "x", "sourceConfig": {"config": {"type": kind, "includeTables": True}}}
    assert "unknown key" in problems({"source": source})["source.sourceConfig.config.includeTables"]


@pytest.mark.parametrize("kind", FAMILIES)
def test_one_unknown_key_is_one_problem(kind: str) -> None:
    """Without a type the kind of workflow is the one that knows most keys, or the nearest ones."""
    own = next(name for name in FAMILIES[kind].model_fields if name.endswith("FilterPattern"))
    for values, near in (
        ({own: {}, "includeTagz": True, "overrideMetadata": True}, ""),
        ({own[:-1]: {}}, f"did you mean {own!r}?"),
    ):
        source = {"type": "x", "sourceConfig": {"config": values}}
        (message,) = problems({"source": source}).values()
        assert message.startswith("unknown key")
        assert near in message


def test_patterns_of_a_connection_are_defaults() -> None:
    """A filter pattern of the connection counts where the settings have none (§11.4)."""
    pattern = {"includes": ["^a"]}
    config = {"tableFilterPattern": pattern, "schemaFilterPattern": pattern}

    def settings(**own: object) -> SourceConfig:
        connection = {"config": {**config, "connectionOptions": {"folder": "f"}}}
        source = {"type": "x", "serviceConnection": connection, "sourceConfig": {"config": own}}
        workflow, found, _ = load(Document("x", {"source": source}))
        assert workflow.source_values == {**config, "folder": "f"}
        assert workflow.values_for({"schemaFilterPattern"}) == {
            "schemaFilterPattern": pattern,
            "folder": "f",
        }
        return found

    found = settings(schemaFilterPattern={"excludes": ["b"]})
    assert isinstance(found, DatabaseSourceConfig)
    assert found.tableFilterPattern == FilterPattern(includes=["^a"])
    assert found.schemaFilterPattern == FilterPattern(excludes=["b"])
    assert settings(type="MessagingMetadata").type == "MessagingMetadata"
    assert settings(type="Profiler").extra == {**config, "type": "Profiler"}
    wrong = {"config": {"tableFilterPattern": {"includes": ["("]}}}
    assert list(problems({"source": {"type": "x", "serviceConnection": wrong}})) == [
        "source.serviceConnection.config.tableFilterPattern.includes"
    ]


def test_settings_without_a_model_are_kept() -> None:
    """Settings of a kind of workflow that has none of its own reach the source as written."""
    config = {"type": "Profiler", "profileSample": 50, "overrideMetadata": True}
    settings = settings_in(config)
    assert (settings.type, settings.overrideMetadata, settings.extra) == ("Profiler", True, config)


def test_filter_pattern() -> None:
    """Patterns match at the start, ignoring case; excludes win; no name is kept (§11.4)."""
    pattern = FilterPattern(includes=["pub", "x"], excludes=["public_old"])
    names = ["public", "PUBLIC_OLD", "republic", "X", ""]
    assert [name for name in names if pattern.keeps(name)] == ["public", "X"]
    assert FilterPattern().keeps("anything")
    assert not FilterPattern().keeps("")


def test_unused_server_settings() -> None:
    """Server settings that only other workflows read are let pass (§11.3)."""
    server = {
        "hostPort": "http://x/api",
        "securityConfig": {"jwtToken": "hunter2"},
        "secretsManagerProvider": "db",
        "includeTopics": True,
        "limitRecords": 10,
    }
    workflow = loaded(
        {"source": {"type": "x"}, "workflowConfig": {"openMetadataServerConfig": server}}
    )
    config = workflow.workflowConfig.openMetadataServerConfig
    assert config is not None
    assert config.hostPort == "http://x/api"
    assert "hunter2" not in repr(workflow)


def test_steps_in_their_order() -> None:
    """`processor` and `processors` are one list."""
    workflow = loaded(
        {
            "source": {"type": "x"},
            "processor": {"type": "one"},
            "processors": [{"type": "two"}, {"type": "three"}],
        }
    )
    assert [(path, step.type) for path, step in workflow.steps] == [
        (("processor",), "one"),
        (("processors", 0), "two"),
        (("processors", 1), "three"),
    ]
