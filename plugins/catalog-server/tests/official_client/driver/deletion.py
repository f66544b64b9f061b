"""What goes with an entity that is deleted, and what comes back with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.table import Table
from metadata.generated.schema.entity.services.databaseService import DatabaseService

from driver.kinds import make
from driver.scene import Scene, refused

_PATIENCE_S = 30.0

FQN = "deletion.deletion.deletion.deletion"


def plays(scene: Scene) -> dict[str, Callable[[], Deletion]]:
    """A service, and one table in it."""
    return {"deletion": lambda: Deletion(scene)}


class Deletion:
    """Deleting and restoring what has children."""

    def __init__(self, scene: Scene) -> None:
        self.client = scene.client
        self.table: Table = make(self.client, Table, "deletion")
        self.database = self.client.get_by_name(Database, "deletion.deletion")

    def _there(self) -> list[bool]:
        """Whether the service, the database and the table are there."""
        return [
            self.client.get_by_name(entity, name) is not None
            for entity, name in (
                (DatabaseService, "deletion"),
                (Database, "deletion.deletion"),
                (Table, FQN),
            )
        ]

    def not_empty(self) -> Any:
        return refused(lambda: self.client.delete(Database, self.database.id))

    def recursive(self) -> list[bool]:
        self.client.delete(Database, self.database.id, recursive=True)
        return self._there()

    def restored(self) -> list[bool]:
        self.client.restore(Database, self.database.id)
        return self._there()

    def restored_by_put(self) -> dict[str, Any]:
        """What is sent again comes back as the entity that it was."""
        self.client.delete(Database, self.database.id, recursive=True)
        again = make(self.client, Table, "deletion")
        return {"there": self._there(), "same": again.id == self.table.id}

    def deleted_in_the_background(self) -> dict[str, Any]:
        answer = self.client.delete_async(Database, self.database.id, recursive=True)
        return {"answer": sorted(answer), "there": self._soon([True, False, False])}

    def restored_in_the_background(self) -> dict[str, Any]:
        answer = self.client.restore_async(Database, self.database.id)
        return {"answer": sorted(answer), "there": self._soon([True, True, True])}

    def _soon(self, wanted: list[bool]) -> list[bool]:
        """What is there once the server has got round to it; what is there by then if not."""
        deadline = time.monotonic() + _PATIENCE_S
        while (there := self._there()) != wanted and time.monotonic() < deadline:
            time.sleep(0.05)
        return there

    def hard(self) -> dict[str, Any]:
        """A service with all that is in it; the next one of its name is another."""
        service = self.client.get_by_name(DatabaseService, "deletion")
        self.client.delete(DatabaseService, service.id, recursive=True, hard_delete=True)
        there = self._there()
        again = make(self.client, Table, "deletion")
        return {"there": there, "version": again.version.root}

    def unknown(self) -> Any:
        nobody = "00000000-0000-4000-8000-000000000000"
        restored = self.client.restore(Table, nobody)
        return [refused(lambda: self.client.delete(Table, nobody)), restored]
