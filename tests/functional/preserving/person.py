"""What a person sets: every field of an entity that a PATCH can change."""

from __future__ import annotations

from typing import Any

from om_ingest.config import fields_of
from om_ingest.kinds import EntityKind
from om_ingest.kinds.policy import Policy, policy_of

from tests.functional.preserving.cases import Case, optional
from tests.functional.preserving.values import Body, Values

_IDENTITY = {
    *("id", "name", "fullyQualifiedName", "version", "updatedAt", "updatedBy", "impersonatedBy"),
    *("href", "deleted", "changeDescription", "incrementalChangeDescription", "sourceHash"),
}
_PROFILE = {"user", "team"}
"""Kinds whose `profile` is not that of data."""

_SHOWN = {
    *("children", "childrenCount", "termCount", "usageCount", "userCount", "owns", "follows"),
    *("inheritedRoles", "inheritedPersonas", "descendantTeams", "pipelines", "service"),
    *("testConnectionResult", "databaseSchemas", "tables", "usageSummary", "sampleData", "joins"),
    *("profile", "testSuite", "customMetrics", "queries", "pipelineObservability", "models"),
    *("pipelineStatus", "pipelineStatuses", "serviceType", "database", "databaseSchema"),
    *("worksheets", "apiEndpoints", "checksum", "processedLineage", "lastLoginTime"),
    *("lastActivityTime", "dataContract", "openMetadataServerConnection", "deployed"),
    *("followers", "votes", "consumesFrom", "providesTo", "namespaces", "code", "lastModifiedBy"),
}
"""Fields that follow from other entities, or have a path of their own."""

_OTHERS: dict[str, set[str]] = {
    "user": {"email", "isBot", "botName"},
    "domain": {"assets"},
    "query": {"query"},
    "metric": {"derivedFrom"},
    "table": {"location", "tableProfilerConfig"},
    "database": {"location"},
}
"""Fields that a person of these tests leaves alone, by entity type."""


_DEFAULTED = {"isJoinable", "default", "retentionSize", "dashboardType", "loggerLevel"}
"""Fields that nobody can take away: then a server shows its default."""


def settable(kind: EntityKind) -> list[str]:
    """The fields of an entity that a person sets."""
    taken = _IDENTITY | _SHOWN | kind.place_fields | {kind.nested_field, kind.nested_answer}
    taken |= _OTHERS.get(kind.entity_type, set())
    if kind.entity_type in _PROFILE:
        taken -= {"profile"}
    return [field for field in fields_of(kind.entity) if field not in taken]


def own(value: Any) -> Any:
    """The value of an entity itself; None for references of an entity above it."""
    listed = value if isinstance(value, list) else ()
    inherited = any(isinstance(item, dict) and item.get("inherited") for item in listed)
    return None if inherited else value


def edits(case: Case, document: Body, values: Values) -> list[Body]:
    """The JSON Patch of a person, for an entity as it is now."""
    kind = case.kind
    if case.variant == "cleared":
        return [
            {"op": "remove", "path": f"/{field}"}
            for field in optional(kind)
            if field not in _DEFAULTED and own(document.get(field)) is not None
        ]
    return [
        {"op": "add", "path": f"/{field}", "value": value}
        for field in settable(kind)
        if (value := _edited(kind, field, document.get(field), values)) is not None
    ]


def _edited(kind: EntityKind, field: str, now: Any, values: Values) -> Any:
    mine = values.of(kind.entity, field, "person", kind)
    policy = policy_of(kind, field)
    if policy is Policy.MEMBERS and now:
        return _members(now, values, _texts(kind))
    if policy is Policy.UNION and isinstance(now, list):
        return [*now, *mine]
    if policy is Policy.KEYS and isinstance(now, dict):
        return {**dict.fromkeys(now, "person"), **mine}
    if isinstance(mine, bool):
        return not now  # the opposite of what is there
    return mine


def _texts(kind: EntityKind) -> Body:
    """The texts of a member that a person sets; features of models have no display name."""
    texts = {"description": "description person", "displayName": "displayName person"}
    return {"description": texts["description"]} if kind.entity_type == "mlmodel" else texts


def _members(now: Any, values: Values, texts: Body) -> Any:
    """Members, such as columns, with texts and labels of a person."""
    if isinstance(now, list):
        return [_members(item, values, texts) for item in now]
    if not isinstance(now, dict):
        return now
    if "name" not in now:  # the object around a list of members
        return {name: _members(value, values, texts) for name, value in now.items()}
    edited = {**now, "tags": [*now.get("tags", []), values.label("person")], **texts}
    if "children" in now:
        edited["children"] = _members(now["children"], values, texts)
    return edited
