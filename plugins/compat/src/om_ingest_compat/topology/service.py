"""What the base classes of all service families have in common."""

from __future__ import annotations

import inspect
from abc import ABC
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from om_ingest.kinds import KINDS
from om_ingest.model import ScopeComplete, encode_reserved, fqn as names, is_legal

from om_ingest_compat import running
from om_ingest_compat.client import OpenMetadata
from om_ingest_compat.client.connections import raise_test_connection_exception
from om_ingest_compat.connectors.connecting import get_connection, get_test_connection_fn
from om_ingest_compat.connectors.status import Either
from om_ingest_compat.connectors.steps import Source
from om_ingest_compat.connectors.wrapped import OMetaLineageRequest
from om_ingest_compat.topology.registered import SourceState
from om_ingest_compat.topology.runner import TopologyRunnerMixin


class _ServiceType:
    """`name`: the type of the service, unless the connector sets another one."""

    def __get__(self, source: Any, owner: Any = None) -> Any:
        if source is None:
            return self
        kind = source.service_connection.type
        return str(getattr(kind, "value", kind))


class ServiceSource(TopologyRunnerMixin, Source, ABC):
    """A source of one service: it yields the service, and what lies in it, by its topology."""

    STATES: ClassVar[Mapping[str, str]] = {}
    """The attributes where a source registers what it has found, by entity type."""
    name: Any = _ServiceType()
    source_config: Any
    config: Any
    service_connection: Any

    def prepare(self) -> None:
        """Nothing to do unless overridden."""

    def close(self) -> None:
        """Nothing to do unless overridden."""

    def get_services(self) -> Iterable[Any]:
        """The `source` block of the workflow: it names the one service."""
        yield self.config

    def test_connection(self) -> None:
        """Check the connection with the function of the connector's package."""
        test = get_test_connection_fn(self.service_connection)
        client = getattr(self, "connection_obj", None)
        result = test(self.metadata, client, self.service_connection)
        if hasattr(result, "steps"):
            raise_test_connection_exception(result)

    def _service(self, entity: type[Any], config: Any) -> Iterator[Any]:
        yield Either(
            right=self.metadata.get_create_service_from_source(entity=entity, config=config)
        )

    def _setting(self, key: str, default: Any = None) -> Any:
        """A setting of `sourceConfig.config`; the default where there is none."""
        settings = getattr(self, "source_config", None)
        if settings is None:
            settings = running.current().context.source_config
        value = getattr(settings, key, None)
        return default if value is None else value

    def _complete(
        self, entity: type[Any], flag: str, *above: Any, default: bool = True
    ) -> Iterator[Any]:
        """Say that everything of a kind below `above` was listed, unless the flag is off."""
        if not self._setting(flag, default):
            return
        yield ScopeComplete(names.join(*map(str, above)), entity)

    def source_state(self, entity_type: str) -> SourceState | None:
        """Where records of a kind are registered."""
        attribute = self.STATES.get(entity_type)
        return getattr(self, attribute) if attribute else None

    def all_read(self) -> None:
        """Note what was registered and not yielded, and tell where filters say too little."""
        service = running.current().context.service_name
        for kind in self._names.unknown():
            flag = KINDS[kind].mark_deleted_flag
            if flag and self._setting(flag, kind not in ("database", "databaseSchema")):
                running.current().status.warning(
                    names.quote(service),
                    f"no {kind} is taken for gone: a filter leaves some out by names that are not"
                    f" seen to be those of the {kind} entities",
                )
        for entity_type, attribute in self.STATES.items():
            running.current().keep(entity_type, getattr(self, attribute).take())

    def _listing(self, method: str, *entities: type[Any]) -> Iterable[Any]:
        """What lies right in the service, by a method that may return None: it knows nothing."""
        found: Iterable[Any] | None = getattr(self, method)()
        if found is None:
            kinds = [entity.entity_type for entity in entities]
            self.not_listed(method, kinds, names.quote(running.current().context.service_name))
            return ()
        return found

    def _keeps(self, keep_out: Any, pattern: str, entity_name: Any, what: str) -> bool:
        """Whether a pattern of the workflow keeps an element; notes it if it does not.

        `keep_out` is the function of `metadata.utils.filters` for the kind.
        """
        running.current().ask(str(entity_name), is_left_out=False)
        if not keep_out(self._setting(pattern), entity_name):
            return True
        self.status.filter(self._in_service(entity_name), f"{what} Filtered Out")
        return False

    @staticmethod
    def _in_service(name: Any) -> str:
        """The FQN of something that lies right in the service, as it is stored."""
        text = str(name)
        stored = text if is_legal(text) else encode_reserved(text)
        return names.join(running.current().context.service_name, stored)


class ConnectedSource(ServiceSource):
    """A service source whose `__init__` connects, as those of all families but databases do."""

    def __init__(self, config: Any, metadata: Any, *_: Any, **__: Any) -> None:
        """`metadata` is the client, or the config of the server that it is built with."""
        super().__init__()
        self.config = config
        self.metadata = self.metadata_client = client_of(metadata)
        self.metadata_config = self.metadata.config
        self.service_connection = config.serviceConnection.root.config
        self.source_config = config.sourceConfig.config
        self.connection = get_connection(self.service_connection)
        self.client = self.connection_obj = self.connection
        self.test_connection()

    # Lineage to the tables of other services

    def _linked_services(self, key: str, old_key: str = "") -> list[str]:
        """Names of services to search for tables, as the releases have written them."""
        information = self._setting("lineageInformation", {})
        if isinstance(information, dict):
            found = information.get(key)
        else:
            found = getattr(information, key, None)
        return list(found or (self._setting(old_key) if old_key else None) or [])

    def get_db_service_names(self) -> list[str]:
        """Database services to search for the tables of the edges."""
        return self._linked_services("dbServiceNames", "dbServiceNames")

    def get_db_service_prefixes(self) -> list[str]:
        """Services, databases, schemas or tables to search for the tables of the edges."""
        return self._linked_services("dbServicePrefixes") or self.get_db_service_names()

    def parse_db_service_prefix(self, db_service_prefix: str | None) -> list[str | None]:
        """Service, database, schema and table of a prefix; None for each that it does not have."""
        parts: list[str | None] = (
            list(names.split(db_service_prefix)) if db_service_prefix else [""]
        )
        return [*parts, None, None, None][:4]

    def yield_lineage_request(self, lineage: Any = None) -> Iterator[Any]:
        """Yield an edge, which replaces those of earlier runs if the workflow says so."""
        edge = getattr(lineage, "right", lineage)
        if edge is None or not self._setting("overrideLineage", False):
            if lineage is not None:
                yield lineage
            return
        yield Either(right=OMetaLineageRequest(lineage_request=edge, override_lineage=True))

    def _edges(self, found: Iterable[Any] | None) -> Iterator[Any]:
        for lineage in found or ():
            yield from self.yield_lineage_request(lineage)

    def _edges_by_service(self, method: Any, details: Any) -> Iterator[Any]:
        """The edges that a method finds in each database service of the workflow.

        Without any, a method that allows it searches in all, as in release 2.0.
        """
        prefixes: list[Any] = self.get_db_service_prefixes()
        last = list(inspect.signature(method).parameters.values())[-1:]
        if not prefixes and last and last[0].default is None:
            prefixes = [None]
        for prefix in prefixes:
            yield from self._edges(method(details, prefix))


def client_of(given: Any) -> Any:
    """The client, or one for the config of a server that connectors up to release 1.1 get."""
    return given if hasattr(given, "get_by_name") else OpenMetadata(given)
