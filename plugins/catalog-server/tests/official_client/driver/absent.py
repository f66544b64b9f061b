"""What OpenMetadata has and the server has not: the client is told so, and is not misled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metadata.generated.schema.api.data.createCustomProperty import CreateCustomPropertyRequest
from metadata.generated.schema.entity.data.table import Table
from metadata.generated.schema.tests.testCase import TestCase
from metadata.generated.schema.tests.testSuite import TestSuite
from metadata.generated.schema.type.pipelineObservability import PipelineObservability
from metadata.ingestion.models.custom_properties import OMetaCustomProperties
from metadata.ingestion.ometa.client import APIError
from metadata.ingestion.ometa.routes import ROUTES

from driver.kinds import make
from driver.scene import Scene, refused

NOT_LISTED = {"/analytics/web/events/collect", "/lineage", "/users/auth-mechanism"}
"""Routes that nobody lists."""


def plays(scene: Scene) -> dict[str, Callable[[], Absent]]:
    """Calls that nobody answers."""
    return {"absent": lambda: Absent(scene)}


class Absent:
    """What the client gets for calls that a development server need not know."""

    def __init__(self, scene: Scene) -> None:
        self.client = scene.client
        self.table: Table = make(self.client, Table, "absent")

    def routes(self) -> dict[str, int]:
        """The status of a list of every collection that the client has a route for."""
        routes = set(ROUTES.values()) - NOT_LISTED
        return {route: self._status(route) for route in sorted(routes)}

    def _status(self, route: str) -> int:
        try:
            self.client.client.get(f"{route}?limit=1")
        except APIError as error:
            return int(error.status_code)
        return 200

    def assets(self) -> dict[str, int]:
        """The status of what the client asks about tags, people and domains."""
        names = {
            "tags": "Sensitivity.Public",
            "glossaryTerms": "Words.Word",
            "users": "ada",
            "teams": "team",
            "domains": "Sales",
            "dataProducts": "Product",
        }
        return {top: self._status(f"/{top}/name/{name}/assets") for top, name in names.items()}

    def observability(self) -> Any:
        """The client itself says only in its log that this failed."""
        observed = PipelineObservability.model_validate(
            {"pipeline": {"id": str(self.table.id.root), "type": "pipeline"}}
        )
        return self.client.add_pipeline_observability(self.table.id, [observed])

    def custom_property(self) -> Any:
        wanted = OMetaCustomProperties(
            entity_type=Table,
            createCustomPropertyRequest=CreateCustomPropertyRequest.model_validate(
                {"name": "colour", "propertyType": {"id": str(self.table.id.root), "type": "type"}}
            ),
        )
        return refused(lambda: self.client.create_or_update_custom_property(wanted))

    def quality_case(self) -> Any:
        return refused(lambda: self.client.get_by_name(TestCase, "a.b"))

    def quality_suite(self) -> Any:
        return refused(lambda: self.client.get_by_name(TestSuite, "a.b"))

    def csv(self) -> Any:
        name = self.table.fullyQualifiedName.root
        return refused(lambda: self.client.export_csv(Table, name))

    def threads(self) -> Any:
        return refused(lambda: self.client.list_threads())
