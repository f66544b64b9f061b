"""Services of every family, made by the official client from a workflow file's `source`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

Step: TypeAlias = Callable[..., Any]

TYPES = {
    "databaseService": "CustomDatabase",
    "dashboardService": "CustomDashboard",
    "messagingService": "CustomMessaging",
    "pipelineService": "CustomPipeline",
    "mlmodelService": "CustomMlModel",
    "storageService": "CustomStorage",
    "searchService": "CustomSearch",
    "driveService": "CustomDrive",
    "apiService": "Rest",
    "metadataService": "Atlas",
    "securityService": "Ranger",
    "mcpservice": "Mcp",  # spelled so by the client
}
every_family = pytest.mark.parametrize("family", TYPES)


@every_family
def test_created(seen: Step, family: str) -> None:
    """A service is made for the first run, and found by the next."""
    made = seen("created", f"connection of {family}")
    assert (made["type"], made["same"]) == (TYPES[family], True)
    assert made["fqn"].lower() == f"connection of {family}".lower()


@every_family
def test_stored(seen: Step, family: str) -> None:
    """A bot gets the connection back as it was sent, secrets included."""
    stored = seen("stored", f"connection of {family}")
    assert stored
    assert all(stored.values()), stored


@every_family
def test_without_a_connection(seen: Step, family: str) -> None:
    """A service may be made without its connection."""
    assert seen("without_connection", f"connection of {family}") is None


def test_language_models(seen: Step) -> None:
    """A service that the client has no route for fits its model."""
    assert seen("language_models") == {"fqn": "talk", "type": "CustomLLM"}
