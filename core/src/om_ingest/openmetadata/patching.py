"""The smallest JSON Patch (RFC 6902) for an entity of a server, and its way there (§6.4).

Only `add`: it sets a member that is absent, and replaces one that is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from om_ingest.kinds import KINDS, EntityKind, Policy, as_request, item_key, policy_of
from om_ingest.openmetadata.evidence import naming_id, reading
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.transport import JSON_PATCH, json_of, path_of
from om_ingest.openmetadata.server import Server

Body = dict[str, Any]

_LINKS = {"domains": "domain", "dataProducts": "dataProduct"}
_RELATED = "relatedTerms"
_RELATION = "relatedTo"


def patched(
    server: Server, kind: EntityKind, document: Mapping[str, Any], changes: Mapping[str, Any]
) -> Answer:
    """The answer to a patch that makes `changes`, values in the form of requests.

    It is 412 if the entity has another version by now than in `document`, on servers that can
    tell. Raises `RecordError` if an entity that a change refers to does not exist, and
    `RequestFailedError`, also if the answer is lost: the patch may have been done then.
    """
    entity_id, version = str(document["id"]), document.get("version")
    operations = list(_operations(server, kind, document, changes))
    has_tag = server.features.has_etag and version is not None
    return server.transport.request(
        "PATCH",
        path_of(kind.collection, entity_id),
        body=json_of(operations),
        content_type=JSON_PATCH,
        repeatable=has_tag,
        evidence=reading(naming_id(kind.entity_type, entity_id)),
        if_match=f'W/"{version}"' if has_tag else None,
    )


def _operations(
    server: Server, kind: EntityKind, document: Mapping[str, Any], changes: Mapping[str, Any]
) -> Iterator[Body]:
    stored = as_request(kind, document)
    for field, value in changes.items():
        shown, path = document.get(field), f"/{field}"
        if policy_of(kind, field) is Policy.KEYS and isinstance(shown, dict):
            old = stored.get(field) or {}
            for key, inner in value.items():
                if key not in old or old[key] != inner:
                    yield _add(f"{path}/{_escaped(key)}", inner)
        elif field == "domains" and kind.has_one_domain(server.features.version):
            yield _add("/domain", _shown(server, kind, field, value[0], shown))
        elif (
            isinstance(value, list)
            and _is_own(stored, field, shown)
            and _extends(stored, field, value)
        ):
            known = {item_key(item) for item in stored.get(field) or ()}
            for item in value:
                if item_key(item) not in known:
                    yield _add(f"{path}/-", _shown(server, kind, field, item, shown))
        elif isinstance(value, list):
            items = [_shown(server, kind, field, item, shown) for item in value]
            yield _add(path, items)
        else:
            yield _add(path, _shown(server, kind, field, value, shown))


def _is_own(stored: Body, field: str, shown: Any) -> bool:
    """Whether a list is the entity's own: a patch that adds to an inherited one would copy it."""
    return isinstance(shown, list) and len(shown) == len(stored.get(field) or ())


def _extends(stored: Body, field: str, value: list[Any]) -> bool:
    """Whether a list has all that is stored: the patches of two ends of a relation add up then."""
    keys = {item_key(item) for item in value}
    return all(item_key(item) in keys for item in stored.get(field) or ())


def _shown(server: Server, kind: EntityKind, field: str, item: Any, shown: Any) -> Any:
    """A value of a request in the form in which the server shows it: references have ids."""
    if field in kind.id_links:
        return {"id": item, "type": kind.id_links[field]}
    entity_type = kind.links.get(field) or _LINKS.get(field)
    if entity_type is None or not isinstance(item, str):
        return item
    fqn = KINDS[entity_type].spelled(item)
    reference = {"id": server.ids.id_of(entity_type, fqn), "type": entity_type}
    if field == _RELATED and _has_relations(server, shown):
        return {"relationType": _RELATION, "term": reference}
    return reference


def _has_relations(server: Server, shown: Any) -> bool:
    """Whether related terms have the type of their relation beside them."""
    if shown:
        return "term" in shown[0]
    return server.features.version >= (2, 0, 0)


def _add(path: str, value: Any) -> Body:
    return {"op": "add", "path": path, "value": value}


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
