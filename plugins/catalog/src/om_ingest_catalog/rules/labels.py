"""Rules of tag labels: which may be put, which exclude each other, which follow from terms."""

from __future__ import annotations

from collections.abc import Collection

from om_ingest.model import fqn as names
from om_ingest.model.fqn import normalised

from om_ingest_catalog.rows.body import Body, MemberPaths, all_members
from om_ingest_catalog.rules.references import ReferenceLookup
from om_ingest_catalog.rules.request import RefusedError, missing


def check_tags(
    members: MemberPaths, body: Body, targets: ReferenceLookup, before: Body | None = None
) -> set[str]:
    """Check the tags of a body; the classifications used whose tags are mutually exclusive.

    Tags of a classification must exist, and mutually exclusive ones must not be combined.
    Glossary terms are not checked (contract §3.0). Tags that occur in `before` may be deleted
    or disabled. Raises `RefusedError`.
    """
    exclusive: set[str] = set()
    known = {label["tagFQN"] for labels in _label_lists(members, before or {}) for label in labels}
    for labels in _label_lists(members, body):
        if len(labels) > 1:
            labels[:] = {(it["tagFQN"], it["source"]): it for it in reversed(labels)}.values()
            labels.reverse()
        seen: dict[str, str] = {}
        for label in labels:
            if label["source"] != "Classification":
                continue
            name = label["tagFQN"]
            fqn = normalised(name)
            tag = targets.find("tag", fqn) if fqn is not None else None
            is_known = name in known or fqn in known
            if tag is None or tag.deleted:
                if is_known:
                    label["tagFQN"] = name if name in known else fqn
                    continue
                raise missing(f"the tag {name} does not exist; yield it first", "tag", name)
            if tag.body.get("disabled") and not is_known:
                raise RefusedError(f"the tag {tag.fqn} is disabled")
            label["tagFQN"] = tag.fqn
            above = names.parent(tag.fqn) or ""
            if _excludes(above, targets):
                exclusive.add(above)
                _check_one(seen, above, tag.fqn)
    return exclusive


def add_derived_tags(
    members: MemberPaths, body: Body, targets: ReferenceLookup, before: Body | None = None
) -> None:
    """Add the tags of glossary terms to what has the terms, as derived ones, in place.

    Raises `RefusedError` for a term that does not exist, unless it occurs in `before`.
    """
    there = {label["tagFQN"] for labels in _label_lists(members, before or {}) for label in labels}
    for labels in _label_lists(members, body):
        known = {label["tagFQN"] for label in labels}
        for label in [one for one in labels if one["source"] == "Glossary"]:
            fqn = normalised(label["tagFQN"])
            term = targets.find("glossaryTerm", fqn) if fqn is not None else None
            if term is None and label["tagFQN"] in there:
                continue
            if term is None:
                reason = f"the term {label['tagFQN']} does not exist"
                raise missing(reason, "glossaryTerm", label["tagFQN"])
            for tag in term.body.get("tags", ()):
                if tag["tagFQN"] not in known:
                    known.add(tag["tagFQN"])
                    labels.append({**tag, "labelType": "Derived"})


def check_exclusive(members: MemberPaths, body: Body, exclusive: Collection[str]) -> None:
    """Raise `RefusedError` if tags of one of the `exclusive` classifications are combined."""
    for labels in _label_lists(members, body) if exclusive else ():
        seen: dict[str, str] = {}
        for label in labels:
            above, name = names.parent(label["tagFQN"]) or "", label["tagFQN"]
            if label["source"] == "Classification" and above in exclusive:
                _check_one(seen, above, name)


def _check_one(seen: dict[str, str], above: str, name: str) -> None:
    other = seen.setdefault(above, name)
    if other != name:
        raise RefusedError(f"the tags {other} and {name} exclude each other")


def _label_lists(members: MemberPaths, body: Body) -> list[list[Body]]:
    return [holder["tags"] for holder in (body, *all_members(members, body)) if "tags" in holder]


def _excludes(fqn: str, targets: ReferenceLookup) -> bool:
    for entity_type in ("classification", "tag"):
        target = targets.find(entity_type, fqn)
        if target is not None and target.body.get("mutuallyExclusive"):
            return True
    return False
