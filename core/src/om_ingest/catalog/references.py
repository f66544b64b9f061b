"""What a record points at: parents, tags and owners, looked up once and remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from om_ingest.catalog.assemble import reference
from om_ingest.catalog.body import Body, all_columns, parse
from om_ingest.catalog.file import CatalogFile, Row
from om_ingest.model import fqn as names

_REMEMBERED_COUNT = 2048
_WITH_BODY = frozenset({"tag", "classification", "team"})
_OWNER_TYPES = frozenset({"user", "team"})
_OWNERS_MAX = 5


class Target(NamedTuple):
    """An entity that something points at."""

    id: str
    entity_type: str
    fqn: str
    deleted: bool
    body: Body
    """Only for the kinds whose rules need it; empty for the others."""


class Targets:
    """Finds entities by FQN or id; keeps the most recently used ones in memory.

    `before_lookup` is called before the file is asked, so that rows still held back
    can be written first. Whoever changes an entity calls `forget`.
    """

    def __init__(self, file: CatalogFile, before_lookup: Callable[[], None]) -> None:
        self._file = file
        self._before_lookup = before_lookup
        self._remembered: dict[tuple[str, str], Target] = {}
        self._data_version: int | None = None

    def refresh(self) -> None:
        """Forget everything if another process has changed the file; called in a transaction."""
        data_version = self._file.data_version()
        if data_version != self._data_version:
            self._data_version = data_version
            self.forget_all()

    def forget_all(self) -> None:
        """Look everything up afresh."""
        self._remembered.clear()

    def forget(self, entity_type: str, fqn: str) -> None:
        """Look this entity up afresh."""
        self._remembered.pop((entity_type, fqn), None)

    def find(self, entity_type: str, fqn: str) -> Target | None:
        """The entity with this FQN, deleted or not."""
        key = (entity_type, fqn)
        target = self._remembered.pop(key, None)
        if target is None:
            self._before_lookup()
            row = self._file.by_fqn(entity_type, fqn)
            if row is None:
                return None
            target = _target(row)
            if len(self._remembered) >= _REMEMBERED_COUNT:
                del self._remembered[next(iter(self._remembered))]
        self._remembered[key] = target  # the last one in is the most recently used
        return target

    def find_reference(self, given: Any) -> Target | None:
        """What a reference (`{"type", "id"}` or with an FQN) points at, if it is live."""
        target: Target | None = None
        if given.get("id") is not None:
            self._before_lookup()
            row = self._file.by_id(str(given["id"]))
            target = _target(row) if row is not None else None
        elif given.get("fullyQualifiedName"):
            fqn = normalised(given["fullyQualifiedName"])
            target = self.find(given["type"], fqn) if fqn is not None else None
        if target is None or target.deleted or target.entity_type != given["type"]:
            return None
        return target


def _target(row: Row) -> Target:
    body = parse(row.body) if row.entity_type in _WITH_BODY else {}
    return Target(row.id, row.entity_type, row.fqn, bool(row.deleted), body)


def normalised(text: str) -> str | None:
    """The FQN in its one spelling; None when it is none."""
    try:
        text.encode()  # SQLite takes no half of a surrogate pair
        if text and '"' not in text and ".." not in text and text[0] != "." != text[-1]:
            return text
        return names.join(*names.split(text))
    except (names.FqnError, UnicodeEncodeError):
        return None


def resolve_people(body: Body, targets: Targets) -> str | None:
    """Complete owners and reviewers in place; the reason when one does not exist (§3.0)."""
    for field in ("owners", "reviewers"):
        given = body.get(field)
        if not given:
            continue
        resolved = []
        for person in given:
            target = targets.find_reference(person)
            if target is None or target.entity_type not in _OWNER_TYPES:
                name = person.get("fullyQualifiedName") or person.get("id")
                return f"{field}: the {person['type']} {name} does not exist; yield it first"
            resolved.append(target)
        problem = _ownership_problem(resolved) if field == "owners" else None
        if problem is not None:
            return problem
        body[field] = [reference(target.entity_type, target.fqn) for target in resolved]
    return None


def _ownership_problem(owners: list[Target]) -> str | None:
    teams = [owner for owner in owners if owner.entity_type == "team"]
    if len(owners) > (1 if teams else _OWNERS_MAX):
        return f"owners: give up to {_OWNERS_MAX} users, or one team"
    if teams and teams[0].body.get("teamType") != "Group":
        return f"owners: the team {teams[0].fqn} is no Group; only a Group can own data"
    return None


def check_tags(body: Body, targets: Targets) -> tuple[str | None, set[str]]:
    """The reason why the tags cannot stand there, and the classifications met that exclude.

    Every tag of a classification must exist; two that exclude each other cannot stand
    on one thing. Glossary terms are not checked (contract §3.0).
    """
    exclusive: set[str] = set()
    for labels in _label_lists(body):
        seen: dict[str, str] = {}
        for label in labels:
            if label["source"] != "Classification":
                continue
            fqn = normalised(label["tagFQN"])
            tag = targets.find("tag", fqn) if fqn is not None else None
            if tag is None or tag.deleted:
                return f"the tag {label['tagFQN']} does not exist; yield it first", exclusive
            if tag.body.get("disabled"):
                return f"the tag {tag.fqn} is disabled", exclusive
            label["tagFQN"] = tag.fqn
            above = names.parent(tag.fqn) or ""
            if _excludes(above, targets):
                exclusive.add(above)
                other = seen.setdefault(above, tag.fqn)
                if other != tag.fqn:
                    return f"the tags {other} and {tag.fqn} exclude each other", exclusive
    return None, exclusive


def _label_lists(body: Body) -> list[list[Body]]:
    return [holder["tags"] for holder in (body, *all_columns(body)) if "tags" in holder]


def _excludes(fqn: str, targets: Targets) -> bool:
    for entity_type in ("classification", "tag"):
        target = targets.find(entity_type, fqn)
        if target is not None and target.body.get("mutuallyExclusive"):
            return True
    return False
