"""Many entities: created in bulk, listed page by page, and swept away when no longer seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metadata.generated.schema.api.data.bulkCreateTable import BulkCreateTable
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.table import Table
from metadata.generated.schema.entity.services.databaseService import DatabaseService

from driver.kinds import make
from driver.scene import Scene, refused

COUNT = 250
"""More than two pages of the client's default size."""
COLUMNS: list[Any] = [{"name": "id", "dataType": "INT"}]


def plays(scene: Scene) -> dict[str, Callable[[], Lists]]:
    """One service with many tables."""
    return {"lists": lambda: Lists(scene)}


def table(name: str, schema: str = "lists.db.many", **fields: Any) -> CreateTableRequest:
    """The request for a small table."""
    return CreateTableRequest.model_validate(
        {"name": name, "databaseSchema": schema, "columns": COLUMNS, **fields}
    )


def names(entities: Any) -> list[str]:
    """The names of entities, in their order."""
    return [each.name.root for each in entities]


class Lists:
    """The calls of the client that are about more than one entity."""

    def __init__(self, scene: Scene) -> None:
        self.client = scene.client
        make(self.client, DatabaseService, "lists")

    def bulk(self) -> dict[str, Any]:
        """Children before parents: the client puts them in order."""
        tables = [table(f"t{number:03}", sourceHash=f"{number}") for number in range(COUNT)]
        few = [table(f"f{number}", "lists.db.few") for number in range(3)]
        schemas = [
            CreateDatabaseSchemaRequest(name=name, database="lists.db") for name in ("many", "few")
        ]
        database = CreateDatabaseRequest(name="db", service="lists")
        result = self.client.bulk_create_or_update([*tables, *few, *schemas, database])
        return self._counts(result)

    def _counts(self, result: Any) -> dict[str, Any]:
        return {
            "status": result.status.value,
            "processed": result.numberOfRowsProcessed.root,
            "failed": result.numberOfRowsFailed.root,
            "done": [row.request for row in result.successRequest][:2],
        }

    def bulk_again(self) -> dict[str, Any]:
        return self._counts(self.client.bulk_create_or_update([table("t000", sourceHash="0")]))

    def bulk_partly(self) -> dict[str, Any]:
        """One row of three names a schema that does not exist."""
        rows = [table("p0"), table("p1", "lists.db.none"), table("p2")]
        result = self.client.bulk_create_or_update(rows)
        failed = [[row.status, row.message] for row in result.failedRequest]
        there = [
            bool(self.client.get_by_name(Table, f"lists.db.many.{name}")) for name in ("p0", "p2")
        ]
        for name in ("p0", "p2"):
            found = self.client.get_by_name(Table, f"lists.db.many.{name}")
            self.client.delete(Table, found.id, hard_delete=True)
        return {**self._counts(result), "rows": failed, "there": there}

    def bulk_tables(self) -> dict[str, Any]:
        rows = BulkCreateTable(tables=[table("f0", "lists.db.few"), table("f1", "lists.db.few")])
        return self._counts(self.client.bulk_create_or_update_tables(rows))

    def bulk_override(self) -> list[str]:
        """What a person wrote: kept by a bot's bulk, and replaced when it says so."""
        found = self.client.get_by_name(Table, "lists.db.few.f0")
        self.client.patch_description(Table, found, "By a person")
        seen = []
        for override in (False, True):
            row = table("f0", "lists.db.few", description="By the bot")
            self.client.bulk_create_or_update([row], override_metadata=override)
            seen.append(self.client.get_by_name(Table, "lists.db.few.f0").description.root)
        return seen

    def pages(self) -> dict[str, Any]:
        """Forward to the end by pages of 100, and one page back."""
        params = {"databaseSchema": "lists.db.many"}
        pages = [self.client.list_entities(Table, params=params)]
        while pages[-1].after:
            pages.append(self.client.list_entities(Table, params=params, after=pages[-1].after))
        back = self.client.list_entities(Table, params=params, before=pages[-1].before)
        seen = [name for page in pages for name in names(page.entities)]
        return {
            "sizes": [len(page.entities) for page in pages],
            "totals": sorted({page.total for page in pages}),
            "every one": sorted(seen) == [f"t{number:03}" for number in range(COUNT)],
            "in order": seen == sorted(seen),
            "back": names(back.entities) == names(pages[-2].entities),
            "first has no page before": pages[0].before is None,
        }

    def everything(self) -> dict[str, Any]:
        """All tables of one schema, in small pages; of a database; of a service."""
        list_all = self.client.list_all_entities
        few = list_all(Table, params={"databaseSchema": "lists.db.few"}, limit=2)
        database = list_all(Table, params={"database": "lists.db"}, fields=["tags", "owners"])
        schemas = list_all(DatabaseSchema, params={"database": "lists.db"})
        databases = list_all(Database, params={"service": "lists"})
        return {
            "few": names(few),
            "database": len(list(database)),
            "schemas": names(schemas),
            "databases": names(databases),
            "none": names(list_all(Table, params={"databaseSchema": "lists.db.none"})),
        }

    def services(self) -> bool:
        return "lists" in names(self.client.list_services(DatabaseService))

    def limits(self) -> dict[str, Any]:
        """A page of nothing, and pages that nobody gets."""
        nothing = self.client.list_entities(
            Table, params={"databaseSchema": "lists.db.few"}, limit=0
        )
        refusals = [
            refused(lambda: self.client.list_entities(Table, limit=-1)),
            refused(lambda: self.client.list_entities(Table, after="no-cursor")),
            refused(lambda: self.client.list_entities(Table, fields=["colour"])),
        ]
        statuses = [refusal and refusal["status"] for refusal in refusals]
        return {"total": nothing.total, "rows": len(nothing.entities), "refused": statuses}

    def stale(self) -> dict[str, Any]:
        """Two of three tables were seen in this run."""
        seen = [f"lists.db.few.{name}" for name in ("f0", "f1")]
        result = self.client.delete_stale_entities(
            Table, {"databaseSchema": "lists.db.few"}, seen, recursive=True
        )
        params = {"databaseSchema": "lists.db.few"}
        live = names(self.client.list_all_entities(Table, params=params))
        gone = names(self.client.list_all_entities(Table, params=params, include="deleted"))
        return {"rows": result.numberOfRowsProcessed.root, "live": live, "deleted": gone}

    def stale_without_evidence(self) -> dict[str, Any]:
        """A run that saw nothing deletes nothing."""
        result = self.client.delete_stale_entities(Table, {"database": "lists.db"}, [])
        left = self.client.list_entities(Table, params={"database": "lists.db"}, limit=0)
        return {"rows": result.numberOfRowsProcessed.root, "left": left.total}

    def stale_in_a_service(self) -> dict[str, Any]:
        """A database that was not seen goes, and all that is in it."""
        extra = CreateDatabaseRequest(name="old", service="lists")
        self.client.create_or_update(extra)
        schema = CreateDatabaseSchemaRequest(name="s", database="lists.old")
        self.client.create_or_update(schema)
        self.client.delete_stale_entities(Database, {"service": "lists"}, ["lists.db"])
        left = names(self.client.list_all_entities(Database, params={"service": "lists"}))
        inside = self.client.get_by_name(DatabaseSchema, "lists.old.s")
        return {"left": left, "inside": inside}
