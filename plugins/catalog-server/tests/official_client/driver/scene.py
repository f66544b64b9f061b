"""A connected client, and the people, tags and domains that every scenario may refer to."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from metadata.generated.schema.api.classification.createClassification import (
    CreateClassificationRequest,
)
from metadata.generated.schema.api.classification.createTag import CreateTagRequest
from metadata.generated.schema.api.domains.createDomain import CreateDomainRequest
from metadata.generated.schema.api.teams.createUser import CreateUserRequest
from metadata.generated.schema.entity.services.connections.metadata.openMetadataConnection import (
    OpenMetadataConnection,
)
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.generated.schema.type.entityReferenceList import EntityReferenceList
from metadata.generated.schema.type.tagLabel import TagLabel
from metadata.ingestion.ometa.client import APIError
from metadata.ingestion.ometa.ometa_api import OpenMetadata


def token(subject: str, *, bot: bool) -> str:
    """A JSON Web Token that names its bearer; nobody signed it."""

    def part(value: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return ".".join((part({"alg": "RS256"}), part({"sub": subject, "isBot": bot}), "unsigned"))


def connect(
    url: str, jwt: str | None = None, *, compare: bool = True, store_connection: bool = True
) -> OpenMetadata:
    """The official client of the ingestion bot; it compares its version with the server's."""
    return OpenMetadata(
        OpenMetadataConnection.model_validate(
            {
                "hostPort": url,
                "authProvider": "openmetadata",
                "securityConfig": {"jwtToken": jwt or token("ingestion-bot", bot=True)},
                "enableVersionValidation": compare,
                "storeServiceConnection": store_connection,
            }
        )
    )


def refused(call: Callable[[], object]) -> dict[str, Any] | None:
    """Status and message of the error that a call ends with; None if it succeeds."""
    try:
        call()
    except APIError as error:
        return {"status": error.status_code, "message": str(error)}
    return None


class Scene:
    """What scenarios share: the client, a user, a tag, a domain."""

    def __init__(self, url: str, older_url: str) -> None:
        self.url = url
        self.older_url = older_url
        """A server of another release than the client's, which wants a token for writing."""
        self.client = connect(url)
        self.user = self.client.create_or_update(
            CreateUserRequest(name="ada", email="ada@example.org")
        )
        self.client.create_or_update(
            CreateClassificationRequest(name="Sensitivity", description="How secret it is")
        )
        for name in ("Public", "Secret"):
            request = CreateTagRequest(
                classification="Sensitivity", name=name, description=f"It is {name}"
            )
            self.client.create_or_update(request)
        self.domain = self.client.create_or_update(
            CreateDomainRequest(name="Sales", domainType="Aggregate", description="What we sell")
        )

    def label(self, name: str) -> TagLabel:
        """A tag of this scene, as entities carry it."""
        return TagLabel(
            tagFQN=f"Sensitivity.{name}",
            source="Classification",
            labelType="Automated",
            state="Suggested",
        )

    @property
    def owners(self) -> EntityReferenceList:
        """The user of this scene as the owner of something."""
        return EntityReferenceList(root=[EntityReference(id=self.user.id, type="user")])

    @property
    def domains(self) -> EntityReferenceList:
        """The domain of this scene as that of something."""
        return EntityReferenceList(root=[EntityReference(id=self.domain.id, type="domain")])
