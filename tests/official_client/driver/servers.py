"""The first contact: versions, health, whose token it is, and a server of another release."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metadata.ingestion.ometa.ometa_api import OpenMetadata

from driver.scene import Scene, connect


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

    def trailing_slash(self) -> bool:
        """Which the client does not strip."""
        return connect(f"{self.scene.url}/").health_check()

    def from_environment(self) -> bool:
        """Configured by nothing but variables."""
        return OpenMetadata.from_env().health_check()

    def who_am_i(self) -> list[Any]:
        people = (self.scene.client, connect(self.scene.url, "ada", bot=False))
        return [client.client.get("/users/loggedInUser")["name"] for client in people]
