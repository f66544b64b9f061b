"""Services of every family, made from the `source` of a workflow file."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from metadata.generated.schema.api.services.createLLMService import CreateLLMServiceRequest
from metadata.generated.schema.entity.services.llmService import LLMService
from metadata.ingestion.ometa.utils import get_entity_type

from driver.kinds import fqn_of
from driver.scene import Scene, connect
from driver.services import CONNECTIONS, workflow_source


def plays(scene: Scene) -> dict[str, Callable[[], object]]:
    """A service per family; and one of a family that the client has no route for."""
    made: dict[str, Callable[[], object]] = {
        f"connection of {get_entity_type(service)}": functools.partial(Connection, scene, service)
        for service in CONNECTIONS
    }
    return {**made, "connections": functools.partial(LanguageModels, scene)}


class Connection:
    """What the client does about the service of a workflow, and what it gets back."""

    def __init__(self, scene: Scene, service: type[Any]) -> None:
        self.client = scene.client
        self.bare = connect(scene.url, store_connection=False)
        self.service = service
        self.sent = CONNECTIONS[service]
        self.name = f"connection of {service.__name__}"

    def created(self) -> dict[str, Any]:
        """Made by the first call, found by the second."""
        source = workflow_source(self.service, self.name)
        made = self.client.get_service_or_create(self.service, source)
        found = self.client.get_service_or_create(self.service, source)
        return {"fqn": fqn_of(made), "type": made.serviceType.value, "same": found.id == made.id}

    def stored(self) -> dict[str, Any]:
        """Of the connection, what was sent; passwords are not hidden from a bot."""
        path = f"{self.client.get_suffix(self.service)}/name/{self.name}"
        config = self.client.client.get(path)["connection"]["config"]
        return {name: config[name] == value for name, value in self.sent.items()}

    def without_connection(self) -> Any:
        """A service whose connection is kept elsewhere."""
        source = workflow_source(self.service, f"{self.name} without")
        return self.bare.create_service_from_source(self.service, source).connection


class LanguageModels:
    """A service of language models: the client has models for it, and no route."""

    def __init__(self, scene: Scene) -> None:
        self.client = scene.client

    def language_models(self) -> dict[str, Any]:
        """What the server answers fits the client's model."""
        request = CreateLLMServiceRequest(name="talk", serviceType="CustomLLM")
        answer = self.client.client.put(
            "/services/llmServices", data=request.model_dump_json(exclude_none=True)
        )
        made = LLMService.model_validate(answer)
        return {"fqn": fqn_of(made), "type": made.serviceType.value}
