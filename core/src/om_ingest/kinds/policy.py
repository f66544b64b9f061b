"""Who wins where an entity is there already: the source, or what is there; per kind and field.

A run writes what its source says, and nothing more. A field that a request leaves out stays as it
is; an empty list is a statement. `settling` applies the policies. Facts about servers are from
OpenMetadata REST contract §6.3.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import cache
from typing import Any

from om_ingest.kinds.kind import EntityKind
from om_ingest.kinds.requests import inside
from om_ingest.kinds.table import KINDS


class Policy(str, Enum):
    """What becomes of a field that a request says, of an entity that is there already."""

    SOURCE = "source"
    """What the source says replaces what is there."""

    FIRST = "first"
    """What is there stays; what the source says is written where there is nothing."""

    UNION = "union"
    """What the source says is added to what is there; nothing is taken away."""

    KEYS = "keys"
    """Keys that are not there are added; a value that is there stays."""

    MEMBERS = "members"
    """The source says which parts there are, e.g. columns, and their types. Descriptions, display
    names and owners of a part are `FIRST`, tags `UNION`, its extension `KEYS`. This also holds when
    the type of a part changes."""

    CREATION = "creation"
    """Written when the entity is created, and never changed: not even by `overrideMetadata`."""

    PLACE = "place"
    """Part of the FQN: another value means another entity."""


KEEPING = frozenset({Policy.FIRST, Policy.UNION, Policy.KEYS})
"""Policies of fields that keep what is there, as a whole or in part."""

_ALL: Mapping[str, Policy] = {
    "name": Policy.PLACE,
    "fullyQualifiedName": Policy.PLACE,
    "displayName": Policy.FIRST,
    "description": Policy.FIRST,
    "owners": Policy.FIRST,
    "experts": Policy.FIRST,
    "reviewers": Policy.FIRST,
    "domains": Policy.FIRST,
    "dataProducts": Policy.FIRST,
    "style": Policy.FIRST,
    "tags": Policy.UNION,
    "extension": Policy.KEYS,
    "provider": Policy.CREATION,
    "mutuallyExclusive": Policy.CREATION,
}
"""Fields that mean the same in every kind."""

_FIRST = dict.fromkeys(
    (
        *("email", "profile", "timezone", "externalId", "scimUserName", "defaultPersona"),
        *("parents", "teamType", "isJoinable"),
        *("domainType", "dataProductType", "visibility", "portfolioPriority", "iri"),
        *("autoClassificationConfig", "autoClassificationEnabled", "autoClassificationPriority"),
        *("recognizers", "tableProfilerConfig", "ingestionRunner"),
    ),
    Policy.FIRST,
)
_UNION = dict.fromkeys(
    (
        *("teams", "roles", "personas", "users", "children", "defaultRoles", "policies"),
        *("associatedTags", "synonyms", "relatedTerms", "references", "conceptMappings"),
        *("assets", "relatedMetrics", "dashboards", "charts", "dataModels", "apiEndpoints"),
        *("usedBy", "queryUsedIn"),
    ),
    Policy.UNION,
)
_CREATION = dict.fromkeys(("isAdmin", "isBot", "botName"), Policy.CREATION)
_OF_MOST: Mapping[str, Policy] = {**_ALL, **_FIRST, **_UNION, **_CREATION}

_OF_KIND: Mapping[str, Mapping[str, Policy]] = {
    # People set up and schedule ingestion pipelines in OpenMetadata's pages.
    "ingestionPipeline": dict.fromkeys(
        (
            *("pipelineType", "sourceConfig", "airflowConfig", "loggerLevel", "raiseOnError"),
            *("enableStreamableLogs", "processingEngine"),
        ),
        Policy.FIRST,
    ),
}

TWO_SIDED = frozenset(
    {
        *(("user", "teams"), ("team", "users"), ("team", "children"), ("team", "parents")),
        *(("chart", "dashboards"), ("dashboard", "charts"), ("apiCollection", "apiEndpoints")),
        *(
            ("glossaryTerm", "relatedTerms"),
            ("metric", "relatedMetrics"),
            ("dataProduct", "assets"),
        ),
    }
)
"""Entity types and fields of relations that the other side may say, too. Their policy holds with
`overrideMetadata` as well: if each side took away what the other one says, no run would be the last
that changes something. `dataProducts` of an asset is not among them: they have to fit its domains,
which the source can replace."""

MEMBER_FIELDS = ("displayName", "description", "owners", "tags", "extension")
"""Fields of a part, such as a column, in which the source does not simply win."""

NESTED_MEMBERS = ("children", "featureSources")
"""Fields of a part with parts of its own."""

CREATED_WITH: Mapping[str, Mapping[str, Any]] = {"mlmodel": {"algorithm": "mlmodel"}}
"""Values that servers need to create an entity, and take where a request does not say them, by
entity type (contract §3). A run must not send them for an entity that is there: nobody said them.
"""

NOT_STORED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "table": (("columns", "jsonSchema"),),
    "dashboardDataModel": (("columns", "jsonSchema"),),
    "container": (("dataModel", "columns", "jsonSchema"),),
    "worksheet": (("columns", "jsonSchema"),),
    "file": (("columns", "jsonSchema"),),
    "pipeline": (("tasks", "owners"),),
    "pipelineService": (("scheduleInterval",), ("lifeCycle",)),
    "query": (("usedBy",), ("query_type",), ("exclude_usage",)),
    "database": (("default",),),
}
"""Paths of request fields, by entity type, that servers take and do not store. A list on the way
stands for each of its items, and for those inside of them."""


def policy_of(kind: EntityKind, field: str) -> Policy:
    """The policy of a field of the kind's requests."""
    return _of_requests(kind.entity_type).get(field) or _decided(kind, field)


@cache
def _of_requests(entity_type: str) -> Mapping[str, Policy]:
    return dict(policies(KINDS[entity_type]))


def _decided(kind: EntityKind, field: str) -> Policy:
    if field in kind.place_fields or field == kind.parent_field:
        return Policy.PLACE
    if any(path[0] == field for path in kind.members):
        return Policy.MEMBERS
    return _OF_KIND.get(kind.entity_type, {}).get(field) or _OF_MOST.get(field, Policy.SOURCE)


def gives_way(kind: EntityKind, field: str) -> bool:
    """Whether the source wins in a field with `overrideMetadata`, and not without."""
    return policy_of(kind, field) in KEEPING and (kind.entity_type, field) not in TWO_SIDED


def member_policy(field: str) -> Policy:
    """The policy of a field of a part, such as a column."""
    return _ALL[field] if field in MEMBER_FIELDS else Policy.SOURCE


def not_stored(entity_type: str, content: bytes) -> Iterator[str]:
    """Fields that a request says and that servers do not store, e.g. `columns.jsonSchema`.

    `content` is the request as JSON.
    """
    body: dict[str, Any] | None = None
    for path in NOT_STORED.get(entity_type, ()):
        if f'"{path[-1]}"'.encode() not in content:  # reading the JSON would take longer
            continue
        body = json.loads(content) if body is None else body
        places = inside(body, path[:-1])
        for place in places:  # grows: columns in columns
            places += place.get("children") or ()
        if any(place.get(path[-1]) for place in places):
            yield ".".join(path)


def storable(entity_type: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the body of a request without what servers take and do not store."""
    result: Any = dict(body)
    for path in NOT_STORED.get(entity_type, ()):
        result = _without(result, path)
    assert isinstance(result, dict)
    return result


def _without(value: Any, path: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_without(item, path) for item in value]
    if not isinstance(value, dict):
        return value
    name, *inner = path
    if not inner:
        kept = {field: given for field, given in value.items() if field != name}
        return (
            {**kept, "children": _without(kept["children"], path)} if "children" in kept else kept
        )
    return {**value, name: _without(value[name], tuple(inner))} if name in value else value


def overridable(kinds: Iterable[EntityKind]) -> list[str]:
    """Fields of any of these kinds in which `overrideMetadata` lets the source win.

    Those of most kinds come first; fields with members, such as `columns`, are not among them.
    """
    counts = Counter(
        field for kind in kinds for field, _ in policies(kind) if gives_way(kind, field)
    )
    return [field for field, _ in counts.most_common()]


def policies(kind: EntityKind) -> Iterator[tuple[str, Policy]]:
    """Every field of the kind's requests with its policy, in the order of the model."""
    return ((field, _decided(kind, field)) for field in kind.request.model_fields)
