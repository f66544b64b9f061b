"""Fully qualified names: `metadata.utils.fqn` (OpenMetadata REST contract §8).

What the client of a server looks up in its search engine is looked up in the store of the run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from om_ingest import fqn as core
from om_ingest.kinds import EntityKind
from om_ingest.model.fqn import FqnError
from pydantic import BaseModel, ConfigDict, Field

from om_ingest_compat.shims.entities import kind_named, spelled, text_of

FQN_SEPARATOR = "."


class FQNBuildingException(FqnError):  # noqa: N818  # its name upstream
    """Parts of an FQN are missing, or there is no rule for its entity."""

    def __init__(self, what: object = "", remedy: str = "Give every part a name.") -> None:
        super().__init__(str(what), remedy)


class SplitTestCaseFqn(BaseModel):
    """The parts of the FQN of a test case."""

    model_config = ConfigDict(populate_by_name=True, defer_build=True)

    service: str | None = None
    database: str | None = None
    schema_: str | None = Field(default=None, alias="schema")
    table: str | None = None
    column: str | None = None
    test_case: str | None = None


def split(str_: Any) -> list[str]:
    """The parts of an FQN, outermost first, with the quotes that they have.

    Raises `FqnError`, a `ValueError`, for empty parts and unbalanced quotes.
    """
    text, start, parts = text_of(str_), 0, []
    for name in core.split(text):
        is_quoted = text.startswith('"', start)
        end = start + len(name) + (2 if is_quoted else 0)
        end += name.count('"') if is_quoted else 0  # doubled within quotes
        parts.append(text[start:end])
        start = end + 1
    return parts


def quote_name(name: Any) -> str:
    """The name as a part of an FQN, quoted if it needs that; one that is quoted stays so."""
    text = text_of(name)
    return core.quote(_unquoted(text)) if text else text


def unquote_name(name: Any) -> str:
    """The plain name of a part of an FQN."""
    return core.unquote(text_of(name))


def joined(*args: Any, quote: bool = True) -> str:
    """The FQN of names, or of parts that are quoted already if not `quote`."""
    return FQN_SEPARATOR.join(map(quote_name if quote else text_of, args))


def _unquoted(text: str) -> str:
    quoted = len(text) > 2 and text[0] == text[-1] == '"' and '"' not in text[1:-1]
    return text[1:-1] if quoted else text


def build(metadata: Any, entity_type: Any, **kwargs: Any) -> Any:
    """The FQN of an entity from keyword parts; `kwargs` are those of contract §8.4.

    A table or schema whose database or schema is None is looked up; the FQN is None if there is
    none, and a list with `fetch_multiple_entities`. Users and teams are looked up, too. Raises
    `FQNBuildingException` for missing parts, and for an entity that has no rule.
    """
    several = bool(kwargs.pop("fetch_multiple_entities", False))
    searches = not kwargs.pop("skip_es_search", False)
    if "tag_category_name" in kwargs:  # up to 0.13
        kwargs["classification_name"] = kwargs.pop("tag_category_name")
    parts = {name: _part(value) for name, value in kwargs.items()}
    name = entity_type if isinstance(entity_type, str) else entity_type.__name__
    kind = kind_named(entity_type)
    if name in _BY_HAND:
        return _BY_HAND[name](**parts)
    try:
        if kind is None:
            built = core.build(entity_type=entity_type if name != "Column" else _COLUMN, **parts)
            return [built] if several else built
        optional = _OPEN.get(kind.entity_type, ())
        if kind.entity_type in ("user", "team") and metadata is not None:
            return _found(metadata, kind, [str(parts.get(kind.fqn_keyword or ""))], several)
        if any(part in parts and not parts[part] for part in optional):
            if not parts.get(kind.fqn_keyword or ""):
                raise FQNBuildingException(f"The name of the {kind.entity_type} is missing")
            wanted = [str(parts.get(part) or "*") for part in kind.fqn_keywords]
            if metadata is None or not searches:
                return None
            return _found(metadata, kind, wanted, several)
        if parts.get("parent_container"):
            parts["parent_container"] = _below(parts["service_name"], parts["parent_container"])
        elif "parent_container" in parts:
            del parts["parent_container"]
        built = core.build(entity_type=kind.entity, **parts)
    except FqnError as error:
        if isinstance(error, FQNBuildingException):
            raise
        raise FQNBuildingException(error.what, error.remedy) from error
    return [built] if several else built


class _COLUMN:
    entity_type = "column"


_OPEN: dict[str, tuple[str, ...]] = {
    "table": ("service_name", "database_name", "schema_name"),
    "databaseSchema": ("service_name", "database_name"),
}
"""Parts that may be None: the entity is then looked up."""


def _part(value: Any) -> Any:
    """A part as plain text; a list of names, such as a path of directories, as plain texts."""
    if value is None or isinstance(value, list | tuple):
        return value if value is None else [_unquoted(text_of(item)) for item in value]
    return _unquoted(text_of(value))


def _below(service: str, parent: str) -> str:
    """The FQN of a container, which may be given without its service."""
    prefix = core.quote(service)
    return parent if parent == prefix or parent.startswith(f"{prefix}.") else f"{prefix}.{parent}"


def _found(metadata: Any, kind: EntityKind, parts: Iterable[str], several: bool) -> Any:
    """The FQNs of what matches the parts, of which `*` is any name: the first, or all."""
    found = metadata.es_search_from_fqn(
        entity_type=kind.entity, fqn_search_string=joined(*parts), size=100 if several else 1
    )
    fqns = [str(entity.fullyQualifiedName) for entity in found or ()]
    if several:
        return fqns or None
    return fqns[0] if fqns else None


def _test_suite(table_fqn: str) -> str:
    return f"{table_fqn}.testSuite"


def _test_case(
    service_name: str,
    database_name: str,
    schema_name: str,
    table_name: str,
    test_case_name: str,
    column_name: str | None = None,
) -> str:
    column = [column_name] if column_name else []
    return joined(service_name, database_name, schema_name, table_name, *column, test_case_name)


def _dbt_model(service_name: str, database_name: str, schema_name: str, model_name: str) -> str:
    return joined(service_name, database_name, schema_name, model_name)


_BY_HAND: dict[str, Callable[..., str]] = {
    "TestSuite": _test_suite,
    "TestCase": _test_case,
    "DataModel": _dbt_model,
}
"""Rules for what no store keeps as an entity of its own."""


def split_table_name(table_name: Any) -> dict[str, str | None]:
    """Database, schema and table of a name as SQL has it; None for what it leaves out."""
    parts: list[str | None] = [*core.split(text_of(table_name).replace('"', ""))]
    database, schema, table = ([None] * (3 - len(parts)) + parts)[-3:]
    return {"database": database, "database_schema": schema, "table": table}


def split_test_case_fqn(test_case_fqn: Any) -> SplitTestCaseFqn:
    """The parts of the FQN of a test case; `column` is None for one of the whole table."""
    parts: list[str | None] = [*split(test_case_fqn)]
    if len(parts) not in (5, 6):
        raise ValueError(f"{test_case_fqn} is not the FQN of a test case")
    if len(parts) == 5:
        parts.insert(4, None)
    names = ("service", "database", "schema_", "table", "column", "test_case")
    return SplitTestCaseFqn(**dict(zip(names, parts, strict=True)))


def build_es_fqn_search_string(
    database_name: Any, schema_name: Any, service_name: Any, table_name: Any
) -> str:
    """The FQN of a table with `*` for what is None; raises without a `table_name`."""
    if not table_name:
        raise FQNBuildingException("The name of the table is missing")
    return joined(service_name or "*", database_name or "*", schema_name or "*", table_name)


def prefix_entity_for_wildcard_search(entity_type: Any, fqn: Any) -> str:
    """An FQN with `*` for every part that it lacks on the left."""
    kind, parts = kind_named(entity_type), core.split(text_of(fqn))
    missing = max(0, kind.depth - len(parts)) if kind else 0
    return joined(*["*"] * missing, *parts)


def _search(metadata: Any, entity: str, parts: list[Any], several: bool, fields: Any) -> Any:
    if not parts[-1]:
        raise FQNBuildingException(f"The name of the {entity} is missing")
    kind = kind_named(entity)
    assert kind is not None, "only kinds are given"
    found = metadata.es_search_from_fqn(
        entity_type=spelled(kind.entity),
        fqn_search_string=joined(*(part or "*" for part in parts)),
        fields=fields,
    )
    if several or not found:
        return found or None
    return found[0]


def search_table_from_es(
    metadata: Any,
    database_name: Any,
    schema_name: Any,
    service_name: Any,
    table_name: Any,
    fetch_multiple_entities: bool = False,
    fields: Any = None,
) -> Any:
    """The table, or the list of tables, with these names; None stands for any name."""
    parts = [service_name, database_name, schema_name, table_name]
    return _search(metadata, "table", parts, fetch_multiple_entities, fields)


def search_database_schema_from_es(
    metadata: Any,
    database_name: Any,
    schema_name: Any,
    service_name: Any,
    fetch_multiple_entities: bool = False,
    fields: Any = None,
) -> Any:
    """The schema, or the list of schemas, with these names; None stands for any name."""
    parts = [service_name, database_name, schema_name]
    return _search(metadata, "databaseSchema", parts, fetch_multiple_entities, fields)


def search_database_from_es(
    metadata: Any,
    database_name: Any,
    service_name: Any,
    fetch_multiple_entities: bool = False,
    fields: Any = None,
) -> Any:
    """The database, or the list of databases, with these names; None stands for any name."""
    parts = [service_name, database_name]
    return _search(metadata, "database", parts, fetch_multiple_entities, fields)


def search_topic_from_es(
    metadata: Any, topic_name: Any, service_name: Any, fields: Any = None
) -> Any:
    """The topic with these names; None stands for any service."""
    return _search(metadata, "topic", [service_name, topic_name], False, fields)


def get_query_checksum(query: str) -> str:
    """The MD5 of a query, which is its name."""
    return hashlib.md5(query.encode(), usedforsecurity=False).hexdigest()
