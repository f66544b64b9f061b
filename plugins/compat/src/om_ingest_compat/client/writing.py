"""What the client writes: entities and services, at once, where the records of the run go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from om_ingest.errors import ConflictError, RecordError
from om_ingest.kinds import kind_of
from om_ingest.model import CreateRequest
from om_ingest.model.secrets import is_secret, secrets_in

from om_ingest_compat import running
from om_ingest_compat.client.rest_errors import APIError
from om_ingest_compat.client.searching import Searching
from om_ingest_compat.shims.entities import (
    as_asked,
    as_request,
    in_framework_class,
    json_of,
    kind_named,
    spelled,
    text_of,
)

_MASK = "*********"
"""What a server shows in place of a secret; written back, it keeps the secret (contract §2)."""


class Writing(Searching):
    """The writing methods of the client."""

    config: Any

    def create_or_update(self, data: Any) -> Any:
        """Write one create request now and return the entity; raises `APIError` if refused."""
        record = as_request(data)
        if not isinstance(record, CreateRequest):
            what = f"Not a create request: {type(data).__name__}"
            raise APIError({"code": 400, "message": what})
        try:
            written = self._store.create_or_update(record)
        except RecordError as error:
            raise APIError.of(error) from error
        fqn = str(written.fullyQualifiedName)
        running.current().count_change("written", kind_of(record).entity_type, fqn)
        return in_framework_class(as_asked(written, spelled(kind_of(record).entity)))

    def create(self, data: Any) -> Any:
        """As `create_or_update`; raises `APIError` with code 409 if the entity exists."""
        record = as_request(data)
        if isinstance(record, CreateRequest):
            try:
                fqn = self._store.fqn_of(record)
                if self._store.get_by_name(kind_of(record).entity, fqn) is not None:
                    raise ConflictError(f"{fqn} exists already", "Update it.")
            except RecordError as error:
                raise APIError.of(error) from error
        return self.create_or_update(record)

    def delete(
        self, entity: Any, entity_id: Any, recursive: bool = False, hard_delete: bool = False
    ) -> None:
        """Mark an entity as deleted, or remove it for good; raises `APIError` if it cannot be."""
        include = "all" if hard_delete else None
        found = self.get_by_id(entity, entity_id, nullable=False, include=include)
        fqn = text_of(found.fullyQualifiedName)
        cls = kind_of(kind_named(entity) or entity).entity
        try:
            self._store.delete(cls, fqn, recursive=recursive, hard=hard_delete)
        except RecordError as error:
            raise APIError.of(error) from error
        run = running.current()
        run.count_deleted(kind_of(cls), fqn, recursive=recursive, hard=hard_delete)
        self._tell_unwritten(fqn)

    def _count_change(self, change: str, entity_type: str, fqn: str) -> None:
        """Count a change; warns if the sink does not write it."""
        running.current().count_change(change, entity_type, fqn)
        self._tell_unwritten(fqn)

    @staticmethod
    def _tell_unwritten(fqn: str) -> None:
        """Warn of a change that the sink does not write, since it only has what is yielded."""
        run = running.current()
        if not run.context.metadata.delivers_changes():
            run.status.warning(fqn, "a change of it was made that this sink does not write")

    def get_create_service_from_source(self, entity: Any, config: Any) -> Any:
        """The request for the service that the `source` block of a workflow names.

        `config` is that block as a model or a dict. The secrets of the connection are masked:
        a store keeps those that it has. The connection is left out where
        `storeServiceConnection` of the server's config is false.
        """
        kind = kind_named(entity)
        if kind is None or kind.segment is None:
            raise APIError({"code": 400, "message": f"Not a class of services: {entity!r}"})
        connection = without_secrets(_connection_of(config))
        values: dict[str, Any] = {
            "name": text_of(_item(config, "serviceName")),
            "serviceType": str(connection.get("type") or _item(config, "type")),
        }
        if connection and getattr(self.config, "storeServiceConnection", True) is not False:
            values["connection"] = {"config": connection}
        return spelled(kind.request).model_validate(values)

    def create_service_from_source(self, entity: Any, config: Any) -> Any:
        """Write the service of a `source` block, and return it."""
        return self.create_or_update(self.get_create_service_from_source(entity, config))

    def get_service_or_create(self, entity: Any, config: Any) -> Any:
        """The service of a `source` block; created first if there is none."""
        found = self.get_by_name(entity, _quoted(text_of(_item(config, "serviceName"))))
        return found or as_asked(self.create_service_from_source(entity, config), entity)


def _quoted(name: str) -> str:
    return f'"{name}"' if "." in name and '"' not in name else name


def _item(config: Any, name: str) -> Any:
    return config.get(name) if isinstance(config, Mapping) else getattr(config, name, None)


def _connection_of(config: Any) -> dict[str, Any]:
    """The `serviceConnection.config` of a block; that of the running workflow by default."""
    for block in (config, running.current().block):
        connection = json_of(_item(block, "serviceConnection"))
        if isinstance(connection, Mapping) and connection.get("config"):
            return {str(name): value for name, value in connection["config"].items()}
    return {}


def without_secrets(value: Any, key: str = "") -> Any:
    """JSON values with a mask in place of every secret."""
    if isinstance(value, Mapping):
        return {name: without_secrets(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_secrets(inner, key) for inner in value]
    if is_secret(key, value):
        return _MASK
    if isinstance(value, str):
        for secret in sorted(secrets_in(value), key=len, reverse=True):
            value = value.replace(secret, _MASK)
    return value
