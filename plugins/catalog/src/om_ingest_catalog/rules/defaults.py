"""Values that a server gives to what a request does not say (contract §3.1, §9)."""

from __future__ import annotations

from collections.abc import Collection

from om_ingest_catalog.rows.body import Body

_CLASSIFIED: Body = {"provider": "user", "mutuallyExclusive": False}
_DEFAULTS: dict[str, Body] = {
    "classification": _CLASSIFIED,
    "tag": {**_CLASSIFIED, "deprecated": False},
    "glossary": _CLASSIFIED,
    "glossaryTerm": {**_CLASSIFIED, "synonyms": [], "references": []},
    "user": {"isAdmin": False},
    "team": {"isJoinable": True},
    "database": {"default": False},
    "topic": {"retentionSize": -1},
    "dashboard": {"dashboardType": "Dashboard"},
    "ingestionPipeline": {
        "provider": "user",
        "loggerLevel": "INFO",
        "deployed": False,
        "enabled": True,
        "airflowConfig": {
            "pausePipeline": False,
            "concurrency": 1,
            "pipelineTimezone": "UTC",
            "retries": 0,
            "retryDelay": 300,
            "pipelineCatchup": False,
            "maxActiveRuns": 1,
            "workflowDefaultView": "tree",
            "workflowDefaultViewOrientation": "LR",
        },
    },
}


def add_defaults(entity_type: str, body: Body, known: Collection[str]) -> None:
    """Add the defaults of the `known` fields to a body, in place."""
    defaults = _DEFAULTS.get(entity_type, {})
    for name in defaults.keys() & known:
        default, value = defaults[name], body.get(name)
        if isinstance(default, dict):
            body[name] = {**default, **(value or {})}
        elif value is None:
            body[name] = [] if default == [] else default
