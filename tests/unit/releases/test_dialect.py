"""What a server of some version knows, and what is sent to it of a record."""

from __future__ import annotations

from typing import Any

import pytest
from om_ingest.releases import Dialect, parsed_version

TABLE: dict[str, Any] = {
    "name": "t",
    "locationPath": "s3://x",
    "domains": ["a", "b"],
    "tableType": "SemanticView",
    "aliases": ["u"],
    "columns": [
        {"name": "s", "dataType": "STRUCT", "children": [{"name": "k", "dataType": "KPI"}]},
        {"name": "m", "dataType": "INT", "extension": {"a": 1}, "tags": [{"reason": "x"}]},
    ],
    "tableConstraints": [{"constraintType": "UNIQUE", "relationshipType": "ONE_TO_ONE"}],
}

SINCE_1_6_7 = (
    "aliases columns.dataType=KPI columns.extension columns.tags.reason tableType=SemanticView"
)


def dialect(version: str) -> Dialect:
    """The dialect of a server of a version."""
    parsed = parsed_version(version)
    assert parsed is not None
    return Dialect(parsed, version)


def copied(value: Any) -> Any:
    """A deep copy of JSON."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("version", "left_out"),
    [
        ("2.0.7", ""),
        ("2.0.0", "aliases"),
        ("1.13.6", "tableType=SemanticView"),
        ("1.12.0", "aliases tableType=SemanticView"),
        ("1.10.0", "aliases columns.extension tableType=SemanticView"),
        (
            "1.8.9",
            "aliases columns.extension columns.tags.reason domains[1:] tableType=SemanticView",
        ),
        ("1.6.0", f"{SINCE_1_6_7} domains[1:]"),
        ("1.5.8", f"{SINCE_1_6_7} domains[1:] tableConstraints.relationshipType"),
        ("1.5.7", f"{SINCE_1_6_7} domains[1:] tableConstraints.relationshipType locationPath"),
    ],
)
def test_what_is_left_out(version: str, left_out: str) -> None:
    """What the version of a server does not know is named, and removed; nothing else is."""
    body = copied(TABLE)
    lost = dialect(version).fit("CreateTableRequest", body)
    assert sorted({one.key for one in lost}) == sorted(left_out.split(" ") if left_out else [])
    assert dialect(version).fit("CreateTableRequest", body) == []
    for field in TABLE:
        assert (field in body) is not any(one.path == field and not one.value for one in lost)


@pytest.mark.parametrize(
    ("class_name", "field", "value", "version", "sent"),
    [
        ("CreateTableRequest", "tableType", "SemanticView", "1.13.0", "View"),
        ("CreateTableRequest", "tableType", "Stream", "1.6.0", None),
        ("CreateChartRequest", "chartType", "Heatmap", "1.6.0", "Other"),
        ("CreateChartRequest", "chartType", "Heatmap", "1.9.1", "Heatmap"),
        ("CreateDashboardServiceRequest", "serviceType", "Grafana", "1.6.0", "CustomDashboard"),
        ("CreateDatabaseServiceRequest", "serviceType", "BurstIQ", "1.11.12", "BurstIQ"),
        ("CreateDatabaseServiceRequest", "serviceType", "BurstIQ", "1.12.0", "CustomDatabase"),
        ("CreateApiServiceRequest", "serviceType", "Rest", "1.5.3", "REST"),
        ("CreateContainerRequest", "fileFormats", ["csv", "MF4"], "1.6.0", ["csv"]),
        ("TagLabel", "labelType", "Generated", "1.7.0", "Automated"),
    ],
)
def test_values(class_name: str, field: str, value: Any, version: str, sent: Any) -> None:
    """A newer value gets the nearest one that the server knows, or is left out where it may be."""
    body = {field: copied(value)}
    lost = dialect(version).fit(class_name, body)
    assert body.get(field) == sent
    assert bool(lost) is (sent != value)
    assert not any(one.blocks for one in lost)


def test_a_value_without_a_substitute_blocks() -> None:
    """A record that needs a value which the server does not know names value and version."""
    (lost,) = dialect("1.6.0").fit("CreateMetadataServiceRequest", {"serviceType": "Collibra"})
    assert lost.blocks
    assert "'Collibra'" in lost.told("1.6.0")
    assert "new in 1.10.5" in lost.told("1.6.0")


def test_a_connection_goes_with_its_type_of_service() -> None:
    """A service whose type is replaced loses the connection, which has the form of that type."""
    body = {"serviceType": "Grafana", "connection": {"config": {"type": "Grafana"}}}
    lost = dialect("1.6.0").fit("CreateDashboardServiceRequest", body)
    assert body == {"serviceType": "CustomDashboard"}
    assert [one.key for one in lost] == ["serviceType=Grafana", "connection"]


@pytest.mark.parametrize(
    ("entity_type", "version", "lacks"),
    [
        ("metric", "1.5.15", True),
        ("metric", "1.6.0", False),
        ("securityService", "1.8.8", True),
        ("securityService", "1.8.9", False),
        ("file", "1.8.12", True),
        ("mcpService", "1.12.14", True),
        ("mcpService", "1.13.0-SNAPSHOT", True),
        ("mcpService", "1.13.0", False),
        ("table", "1.5.0", False),
    ],
)
def test_kinds(entity_type: str, version: str, lacks: bool) -> None:
    """A kind is there from the release on that brought it."""
    assert dialect(version).lacks(entity_type) is lacks


def test_references_to_kinds_that_a_server_lacks() -> None:
    """A reference to an entity of a newer kind is left out, and the others stay."""
    body = {"assets": [{"type": "worksheet"}, {"type": "table"}], "owners": [{"type": "user"}]}
    (lost,) = dialect("1.6.0").fit("CreateDataProductRequest", body)
    assert lost.key == "assets=worksheet"
    assert body == {"assets": [{"type": "table"}], "owners": [{"type": "user"}]}
    trigger = {"triggeredBy": {"type": "metric"}}
    spoken = dialect("2.0.7")
    assert spoken.fit("CreateQueryRequest", trigger) == []
    spoken.note_kind("metric", is_there=False)
    (lost,) = spoken.fit("CreateQueryRequest", trigger)
    assert lost.key == "triggeredBy=metric"
    assert trigger == {}


def test_old_spellings() -> None:
    """Until 1.8 an entity has one domain, in a field of another name."""
    body = {"name": "t", "domains": ["a"]}
    assert dialect("1.8.0").spelled("CreateTableRequest", body) == {"name": "t", "domain": "a"}
    assert dialect("1.9.0").spelled("CreateTableRequest", body) == body
    assert dialect("1.8.0").spelled("CreateTeamRequest", body) == body


def test_refusals_are_learned() -> None:
    """What a server has refused is left out from then on, whatever its version knows."""
    spoken = dialect("2.0.7")
    assert spoken.refuse("Column", "dataTypeDisplay")
    assert not spoken.refuse("Column", "dataTypeDisplay")
    body = {"columns": [{"name": "a", "dataTypeDisplay": "int"}]}
    (lost,) = spoken.fit("CreateTableRequest", body)
    assert lost.key == "columns.dataTypeDisplay"
    assert body == {"columns": [{"name": "a"}]}
    assert spoken.refuse("CreateChartRequest", "chartType", "Map")
    chart = {"chartType": "Map"}
    spoken.fit("CreateChartRequest", chart)
    assert chart == {"chartType": "Other"}
    spoken.note_kind("metric", is_there=False)
    assert spoken.lacks("metric")
