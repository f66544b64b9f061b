"""Search, as the client uses it: to find entities of which it knows only a part of the name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metadata.generated.schema.entity.data.container import Container
from metadata.generated.schema.entity.data.table import Table
from metadata.utils import fqn

from driver.kinds import fqn_of, make, request_for
from driver.scene import Scene

PATH = "s3://bucket/only here"


def plays(scene: Scene) -> dict[str, Callable[[], Search]]:
    """One table, and one container."""
    return {"search": lambda: Search(scene)}


def names(entities: Any) -> list[str]:
    """The FQNs of what was found."""
    return [fqn_of(entity) for entity in entities or []]


class Search:
    """The calls of the client that go to the search index."""

    def __init__(self, scene: Scene) -> None:
        self.client = scene.client
        make(self.client, Table, "search")
        request = request_for(self.client, Container, "search")
        self.client.create_or_update(request.model_copy(update={"fullPath": PATH}))

    def by_fqn(self) -> list[str]:
        return names(self.client.es_search_from_fqn(Table, "search.search.search.search"))

    def by_fqn_with_wildcard(self) -> list[str]:
        return names(self.client.es_search_from_fqn(Table, "search.*.search.search"))

    def by_unknown_fqn(self) -> Any:
        return self.client.es_search_from_fqn(Table, "search.search.search.nothing")

    def in_any_service(self) -> Any:
        found = self.client.search_in_any_service(Table, "search.search.search")
        return found and fqn_of(found)

    def by_path(self) -> list[str]:
        return names(self.client.es_search_container_by_path(PATH))

    def by_alias(self) -> Any:
        return self.client.es_search_from_alias(Table, "nobody.calls.it.this")

    def fqn_built(self) -> Any:
        """Of a table, by all four names: search first."""
        return fqn.build(
            self.client,
            Table,
            service_name="search",
            database_name="search",
            schema_name="search",
            table_name="search",
        )

    def fqn_guessed(self) -> Any:
        """Of a table whose database nobody knows."""
        return fqn.build(
            self.client,
            Table,
            service_name="search",
            database_name=None,
            schema_name="search",
            table_name="search",
        )

    def paginated(self) -> bool:
        """Every hit of a query is fetched."""
        found = names(self.client.paginate_es(Table, size=50))
        return len(found) == len(set(found))

    def views(self) -> list[Any]:
        return list(self.client.yield_es_view_def("search"))

    def queries_with_lineage(self) -> Any:
        return self.client.es_get_queries_with_lineage("search")
