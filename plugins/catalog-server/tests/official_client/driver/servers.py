"""The first contact: versions, health, whose token it is, and a server of another release."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from metadata.generated.schema.api.teams.createUser import CreateUserRequest
from metadata.generated.schema.entity.teams.user import User
from metadata.ingestion.ometa.ometa_api import OpenMetadata

from driver.scene import Scene, connect, refused, token


def plays(scene: Scene) -> dict[str, Callable[[], Servers]]:
    """Connecting, in the ways that people do."""
    return {"servers": lambda: Servers(scene)}


class Servers:
    """Clients at their start."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def health(self) -> bool:
        return self.scene.client.health_check()

    def versions(self) -> list[str]:
        """Of the server and of the client: they go together."""
        client = self.scene.client
        client.validate_versions()
        return [client.get_server_version(), client.client_version]

    def another_release(self) -> list[Any]:
        """Refused by a client that compares, and good enough for one that does not."""
        try:
            connect(self.scene.older_url)
        except Exception as error:  # noqa: BLE001 - its class is what is asked for
            refusal = type(error).__name__
        else:
            refusal = "none"
        careless = connect(self.scene.older_url, compare=False)
        return [refusal, careless.get_server_version()]

    def tokens(self) -> list[Any]:
        """Writing with a token that the server does not know, and with one that it does."""
        request = CreateUserRequest(name="ada", email="ada@example.org")
        outcomes = []
        for jwt in ("made up", "let me in"):
            write = connect(self.scene.older_url, jwt, compare=False).create_or_update
            refusal = refused(functools.partial(write, request))
            outcomes.append(refusal and refusal["status"])
        reader = connect(self.scene.older_url, "made up", compare=False)
        return [*outcomes, reader.get_by_name(User, "ada").name.root]

    def trailing_slash(self) -> bool:
        """Which the client does not strip."""
        return connect(f"{self.scene.url}/").health_check()

    def from_environment(self) -> bool:
        """Configured by nothing but variables."""
        return OpenMetadata.from_env().health_check()

    def who_am_i(self) -> list[Any]:
        people = (self.scene.client, connect(self.scene.url, token("ada", bot=False)))
        return [client.client.get("/users/loggedInUser")["name"] for client in people]
