"""What a fresh OpenMetadata server holds before anybody writes to it.

The sources are upstream's files of initial data (`json/data/tags`, `json/data/botUser`, and the
root of all teams in `TeamRepository`); the descriptions are our own. Releases in which a part came
are known for bots whose pipelines or fields have one; `memory-bot` and `ontology-bot` (AI agents of
2.x) and the tags of the knowledge center are left out, because their release is not established.
Roles and policies are no kinds of a catalog.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from om_ingest.kinds import KINDS, Identity, Parcel

from om_ingest_catalog.rows.body import Body, parse
from om_ingest_catalog.rows.file import EntityRow
from om_ingest_catalog.rules.changes import FIRST_VERSION
from om_ingest_catalog.rules.merge import Release
from om_ingest_catalog.rules.references import ReferenceLookup
from om_ingest_catalog.rules.request import PreparedRequest, RefusedError, prepared
from om_ingest_catalog.writing.options import Actor

ADMIN = Actor("admin", is_bot=False)
"""Who has written it, as on a server."""

ORGANIZATION = "Organization"
"""The team above all teams."""

_SYSTEM = "system"
_RULES = frozenset({"provider", "mutuallyExclusive"})
"""What the own classification or tag of a source has only if the source says it."""

_TEXTS = frozenset({"description", "email"})
"""What a source says in place of the built-in text; flags such as `isAdmin` are no text."""

_MAIL = "open-metadata.org"
_ALWAYS: Release = (0, 0)

_BOTS: Mapping[str, Release] = {
    **dict.fromkeys(
        ("ingestion-bot", "lineage-bot", "profiler-bot", "testsuite-bot", "usage-bot"), _ALWAYS
    ),
    "autoClassification-bot": (1, 6),  # with the pipeline type
    "governance-bot": (1, 6),  # with governance workflows
    "scim-bot": (1, 8),  # with `scimUserName`
    "McpApplicationBot": (1, 8),  # the application came then; the bot is not established
}

_TAGS: Mapping[tuple[str, str, Release], Mapping[str, str]] = {
    ("PII", "Whether data identifies a person.", _ALWAYS): {
        "None": "Does not identify a person.",
        "NonSensitive": "Identifies a person, and is no secret, such as a postal code.",
        "Sensitive": "Identifies a person, and does harm where it gets lost.",
    },
    ("PersonalData", "Personal data in the sense of the GDPR.", _ALWAYS): {
        "Personal": "Identifies a person, directly or with other data (Art. 4 GDPR).",
        "SpecialCategory": "Special categories of personal data (Art. 9 GDPR).",
    },
    ("Tier", "How important data is, from 1, the most, to 5.", _ALWAYS): {
        "Tier1": "Critical to the business of the organization.",
        "Tier2": "Important to the business of the organization.",
        "Tier3": "Important to a department.",
        "Tier4": "Important to a team.",
        "Tier5": "Without an owner or without use.",
    },
    # With `certification` of assets; the patch release is not established.
    ("Certification", "How far data can be relied on.", (1, 6)): {
        "Bronze": "Certified as bronze.",
        "Silver": "Certified as silver.",
        "Gold": "Certified as gold.",
    },
}


def fresh_items(release: Release) -> list[PreparedRequest]:
    """All that a fresh server of this release holds, parents before children."""
    return [item for item, since in _known().values() if since <= release]


def lacking_part(
    refusal: RefusedError, release: Release, targets: ReferenceLookup
) -> PreparedRequest | None:
    """What a refused request refers to, if a fresh server holds it and the catalog does not.

    The caller adds it: tags such as `PII.Sensitive` come into a catalog with their first use. No
    tag comes below a classification of a source or a person, which says itself what tags it has.
    What was deleted for good comes back otherwise: a catalog does not remember it.
    """
    part, since = _known().get(refusal.missing or ("", ""), (None, release))
    if part is None or since > release or targets.find(part.entity_type, str(part.fqn)):
        return None
    above = targets.find("classification", part.parent) if isinstance(part.parent, str) else None
    if above is not None and above.body.get("provider") != _SYSTEM:
        return None
    return part


def without_built_in(row: EntityRow, stored: Body, said: Body) -> Body:
    """What is stored, without what gives way to a record of a run: it may be `stored` itself.

    That is what a fresh server says of an entity that nobody has changed since: it is no word of
    a person. A part may come before the record of a source that makes it.
    """
    if row.updated_by != ADMIN.name or row.version != FIRST_VERSION:
        return stored
    part, _ = _known().get((row.entity_type, row.fqn), (None, None))
    if part is None or stored.get("description") != parse(part.text).get("description"):
        return stored
    gone = _RULES | (_TEXTS & said.keys())
    return {name: value for name, value in stored.items() if name not in gone}


@cache
def _known() -> Mapping[Identity, tuple[PreparedRequest, Release]]:
    found: dict[Identity, tuple[PreparedRequest, Release]] = {}
    for entity_type, since, body in _bodies():
        item = prepared(Parcel.sealed(KINDS[entity_type].request.model_validate(body)))
        assert isinstance(item, PreparedRequest), body
        found[entity_type, str(item.fqn)] = item, since
    return MappingProxyType(found)


def _bodies() -> Iterator[tuple[str, Release, dict[str, Any]]]:
    about = "The root of all teams."
    yield "team", _ALWAYS, {"name": ORGANIZATION, "teamType": ORGANIZATION, "description": about}
    yield "user", _ALWAYS, {**_user("admin"), "isAdmin": True}
    for name, since in _BOTS.items():
        yield "user", since, {**_user(name), "isBot": True}
    for (name, described, since), tags in _TAGS.items():
        yield "classification", since, {**_governed(name, described), "mutuallyExclusive": True}
        for tag, meaning in tags.items():
            yield "tag", since, {**_governed(tag, meaning), "classification": name}


def _user(name: str) -> dict[str, Any]:
    return {"name": name, "email": f"{name.lower()}@{_MAIL}"}


def _governed(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "description": description, "provider": _SYSTEM}
