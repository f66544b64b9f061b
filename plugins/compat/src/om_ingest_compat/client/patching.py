"""What the client changes in entities: JSON Patches (RFC 6902) from two states of an entity."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from enum import Enum
from types import SimpleNamespace
from typing import Any

from om_ingest_compat import running
from om_ingest_compat.client.attaching import Attaching
from om_ingest_compat.client.json_patch import difference, is_allowed
from om_ingest_compat.client.rest_errors import APIError
from om_ingest_compat.shims.entities import as_asked, json_of, kind_named, reference_to, text_of


class PatchOperation(str, Enum):
    """What a patch does with a member."""

    ADD = "add"
    REPLACE = "replace"
    REMOVE = "remove"


class Patching(Attaching):
    """The patching methods of the client.

    Each returns the changed entity, or None if there is none, or nothing to change. What a store
    refuses is a failure of the source, and None.
    """

    def patch(
        self,
        entity: Any,
        source: Any,
        destination: Any,
        allowed_fields: Collection[str] | None = None,
        restrict_update_fields: Collection[str] | None = None,
        array_entity_fields: Any = None,
        override_metadata: bool | None = False,
        **_: Any,
    ) -> Any:
        """Make an entity that is like `source` like `destination`.

        `allowed_fields` are the only ones to change; those of `restrict_update_fields` are set
        where they are empty, and are changed only with `override_metadata`.
        """
        states = [_fields(state, allowed_fields) for state in (source, destination)]
        operations = [
            operation
            for operation in difference("", *states)
            if is_allowed(operation, restrict_update_fields or (), bool(override_metadata))
        ]
        return self._apply(entity, source, operations)

    def _apply(self, entity: Any, source: Any, operations: list[dict[str, Any]]) -> Any:
        kind = kind_named(entity) or kind_named(type(source))
        if kind is None or not operations:
            return None
        fqn = text_of(source.fullyQualifiedName)
        try:
            found = self.apply(kind, fqn, operations)
        except APIError as error:  # the client of a server tells it in the log only
            running.current().status.failure(fqn, f"a change was refused: {error.what}")
            return None
        return None if found is None else as_asked(found, entity)

    def _changed(self, entity: Any, source: Any, change: Callable[[Any], Any]) -> Any:
        """Patch the entity as it is now by a change of its JSON."""
        live = self.get_by_id(entity, source.id)
        if live is None:
            return None
        before, after = json_of(live), json_of(live)
        if change(after) is False:
            return None
        return self._apply(entity, live, list(difference("", before, after)))

    def patch_description(
        self,
        entity: Any,
        source: Any = None,
        description: Any = "",
        force: bool = False,
        entity_id: Any = None,
        **_: Any,
    ) -> Any:
        """Set the description; one that is there is kept unless `force`."""
        source = source or SimpleNamespace(id=entity_id)

        def change(fields: dict[str, Any]) -> bool:
            return _set(fields, "description", text_of(description), force)

        return self._changed(entity, source, change)

    def patch_tags(
        self,
        entity: Any,
        source: Any,
        tag_labels: Iterable[Any],
        operation: Any = "add",
        **_: Any,
    ) -> Any:
        """Add labels to an entity, or remove them with the operation `remove`."""
        labels = [json_of(label) for label in tag_labels]
        return self._changed(entity, source, lambda fields: _label(fields, labels, operation))

    def patch_tag(
        self, entity: Any, source: Any, tag_label: Any, operation: Any = "add", **_: Any
    ) -> Any:
        """As `patch_tags` with one label."""
        return self.patch_tags(entity, source, [tag_label], operation)

    def patch_owner(
        self,
        entity: Any,
        source: Any = None,
        owners: Any = None,
        force: bool = False,
        owner: Any = None,
        entity_id: Any = None,
    ) -> Any:
        """Set the owners, or the one `owner`; owners that are there are kept unless `force`."""
        source = source or SimpleNamespace(id=entity_id)
        given = owners if owners is not None else owner
        given = getattr(given, "root", given) or []
        listed = given if isinstance(given, list | tuple) else [given]
        references = [json_of(reference_to(one)) for one in listed]
        wanted = [{"id": one["id"], "type": one["type"]} for one in references]
        return self._changed(entity, source, lambda fields: _set(fields, "owners", wanted, force))

    def patch_domain(
        self, entity: Any, source: Any = None, domains: Any = None, domain: Any = None
    ) -> Any:
        """Put an entity into domains: `(class, entity, domains)`, or `(entity, domain)`."""
        if not isinstance(entity, type):
            entity, source, domains = type(entity), entity, domain or source
        given = getattr(domains, "root", domains) or []
        listed = given if isinstance(given, list | tuple) else [given]
        wanted = [{"id": text_of(one.id), "type": "domain"} for one in listed]
        return self._changed(entity, source, lambda fields: _set(fields, "domains", wanted, True))

    def patch_custom_properties(
        self, entity: Any, entity_id: Any, custom_properties: Any, force: bool = False
    ) -> Any:
        """Set custom properties; those that are there are kept unless `force`."""

        def change(fields: dict[str, Any]) -> None:
            old, new = fields.get("extension") or {}, json_of(custom_properties)
            fields["extension"] = {**old, **new} if force else {**new, **old}

        return self._changed(entity, SimpleNamespace(id=entity_id), change)

    def patch_life_cycle(self, entity: Any, life_cycle: Any) -> Any:
        """Set when the data of an entity was created, changed and used."""
        wanted = json_of(life_cycle)
        return self._changed(
            type(entity), entity, lambda fields: _set(fields, "lifeCycle", wanted, True)
        )

    def patch_table_constraints(self, table: Any, constraints: Iterable[Any]) -> Any:
        """Set the constraints of a table."""
        wanted = [json_of(one) for one in constraints]
        return self._changed(
            type(table), table, lambda fields: _set(fields, "tableConstraints", wanted, True)
        )

    def patch_column_descriptions(
        self, table: Any, column_descriptions: Iterable[Any], force: bool = False
    ) -> Any:
        """Set descriptions of columns, each an object with `column_fqn` and `description`."""
        wanted = {
            text_of(one.column_fqn).lower(): text_of(one.description) for one in column_descriptions
        }

        def change(fields: dict[str, Any]) -> None:
            for column in _columns(fields):
                text = wanted.get(str(column.get("fullyQualifiedName")).lower())
                if text is not None:
                    _set(column, "description", text, force)

        return self._changed(type(table), table, change)

    def patch_column_description(
        self, table: Any, column_fqn: Any, description: Any, force: bool = False
    ) -> Any:
        """As `patch_column_descriptions` for one column."""

        def change(fields: dict[str, Any]) -> None:
            for column in _columns(fields, text_of(column_fqn)):
                _set(column, "description", text_of(description), force)

        return self._changed(type(table), table, change)

    def patch_column_tags(
        self,
        table: Any = None,
        column_tags: Iterable[Any] = (),
        operation: Any = "add",
        entity: Any = None,
    ) -> Any:
        """Label columns, each by an object with `column_fqn` and `tag_label`."""
        table = table if table is not None else entity
        wanted = [(text_of(one.column_fqn), json_of(one.tag_label)) for one in column_tags]

        def change(fields: dict[str, Any]) -> None:
            for fqn, label in wanted:
                for column in _columns(fields, fqn):
                    _label(column, [label], operation)

        return self._changed(type(table), table, change)

    def patch_column_tag(
        self, table: Any, column_fqn: Any, tag_label: Any, operation: Any = "add"
    ) -> Any:
        """As `patch_column_tags` for one column."""

        def change(fields: dict[str, Any]) -> None:
            for column in _columns(fields, text_of(column_fqn)):
                _label(column, [json_of(tag_label)], operation)

        return self._changed(type(table), table, change)

    def restore(self, entity: Any, entity_id: Any) -> Any:
        """Undo that an entity was marked as deleted; raises `APIError` if there is none."""
        kind = kind_named(entity)
        found = None
        if kind is not None:
            wanted = text_of(entity_id)
            gone = self._store.get_by_id(kind.entity, wanted, include_deleted=True)
            found = gone and self._store.restore(kind.entity, str(gone.fullyQualifiedName))
        if found is None:
            raise APIError({"code": 404, "message": f"There is nothing to restore: {entity_id}"})
        assert kind is not None, "only what is of a kind is found"
        self._count_change("restored", kind.entity_type, str(found.fullyQualifiedName))
        return as_asked(found, entity)


def _fields(state: Any, allowed: Collection[str] | None) -> dict[str, Any]:
    fields = json_of(state)
    return {name: value for name, value in fields.items() if not allowed or name in allowed}


def _set(fields: dict[str, Any], name: str, value: Any, force: bool) -> bool:
    """Set a field that is empty, or any with `force`; whether it was set."""
    if fields.get(name) and not force:
        return False
    fields[name] = value
    return True


def _label(fields: dict[str, Any], labels: list[Any], operation: Any) -> None:
    """Add labels to what has `tags`, or remove them."""
    fqns = {label["tagFQN"] for label in labels}
    others = [one for one in fields.get("tags") or () if one["tagFQN"] not in fqns]
    fields["tags"] = others if text_of(operation) == "remove" else [*others, *labels]


def _columns(fields: Mapping[str, Any], fqn: str | None = None) -> Iterator[dict[str, Any]]:
    """Columns at any depth, or the one with an FQN, in whatever case."""
    for column in fields.get("columns") or fields.get("children") or ():
        if fqn is None or str(column.get("fullyQualifiedName")).lower() == fqn.lower():
            yield column
        yield from _columns({"children": column.get("children")}, fqn)
