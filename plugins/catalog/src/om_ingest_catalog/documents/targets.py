"""What references and tag labels show of their targets: names for people, and their state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeAlias

from om_ingest.kinds import KINDS
from om_ingest.model.fqn import normalised

from om_ingest_catalog.rows.body import Body, dump, parse
from om_ingest_catalog.rows.file import CatalogFile, Target
from om_ingest_catalog.rows.links import LABEL_TYPES, entity_id

Href: TypeAlias = Callable[[str, str], str]
"""The URL of an entity, from its type and id."""

_DIGEST_BYTES = 6
_REFERENCE = frozenset(
    {"id", "type", "name", "fullyQualifiedName", "displayName", "description", "deleted"}
    | {"inherited", "href"}
)
_SKIPPED = frozenset(
    {"changeDescription", "incrementalChangeDescription", "connection", "extension", "sampleData"}
)
"""Fields whose values are answered as they were sent."""

_PLAIN = frozenset(
    {"name", "displayName", "fullyQualifiedName", "description", "dataType", "dataTypeDisplay"}
    | {"dataLength", "precision", "scale", "ordinalPosition", "constraint", "arrayDataType"}
)
"""Fields of columns and the like that are plain values: there is nothing to look for below."""


def show_targets(file: CatalogFile, bodies: Sequence[Body], href: Href) -> str:
    """Complete the references and tag labels in documents, in place; a digest of what they show.

    A reference shows the target's `displayName`, or else its name, `description`, `deleted` and
    `href`; a tag label shows `name`, and `displayName`, `description` and `style` if there are any.
    What refers to nothing in the catalog stays as it is.
    """
    found, changed = _targets(bodies), list(_changes(bodies))
    past = _targets([value for *_, value in changed])
    known = file.targets({target for _, target in found + past})
    for part, target in (pair for pair in found + past if pair[1] in known):
        if "tagFQN" in part:
            _show_label(part, known[target])
        else:
            _show(part, known[target])
    for part, target in (pair for pair in found if pair[1] in known):
        if "tagFQN" not in part:
            part["href"] = href(part["type"], target)
    for change, side, value in changed:
        change[side] = dump(value)
    shown = repr(sorted(known.items())).encode()
    return blake2b(shown, digest_size=_DIGEST_BYTES).hexdigest()


def _targets(value: Any) -> list[tuple[Body, str]]:
    """The references and labels in a JSON value, each with the id of its target."""
    parts: list[Body] = []
    _find_parts(value, parts)
    return [(part, target) for part in parts if (target := _target(part))]


def _changes(bodies: Sequence[Body]) -> Iterator[tuple[Body, str, Any]]:
    """The lists of objects in change descriptions: a change, the name of its side, the list."""
    for description in (body.get("changeDescription") or {} for body in bodies):
        for name in ("fieldsAdded", "fieldsUpdated", "fieldsDeleted"):
            for change in description.get(name, ()):
                for side in ("oldValue", "newValue"):
                    text = change.get(side)
                    if isinstance(text, str) and text.startswith("[{"):
                        with suppress(ValueError):
                            yield change, side, parse(text)


def _find_parts(value: Any, found: list[Body]) -> None:
    """Append the objects in a JSON value that may be references or labels, at any depth."""
    if isinstance(value, dict):
        if "tagFQN" in value or "id" in value:
            found.append(value)
        for name, inner in value.items():
            if inner and isinstance(inner, (dict, list)) and name not in _SKIPPED:
                _find_parts(inner, found)
    else:
        for item in value:  # a list of tables has many thousands of columns
            if isinstance(item, list) or (isinstance(item, dict) and not item.keys() <= _PLAIN):
                _find_parts(item, found)


def _target(part: Body) -> str | None:
    """The id of the target of a reference or label; None for other objects."""
    if "tagFQN" in part:
        fqn, source = part["tagFQN"], part.get("source")
        is_label = isinstance(fqn, str) and isinstance(source, str)
        return _labelled(fqn, source) if is_label else None
    if "id" in part and part.keys() <= _REFERENCE and str(part.get("type")) in KINDS:
        return str(part["id"])
    return None


@lru_cache(maxsize=1024)
def _labelled(tag_fqn: str, source: str) -> str | None:
    """The id of the tag or term of a label; None if it cannot be one."""
    fqn, entity_type = normalised(tag_fqn), LABEL_TYPES.get(source)
    return entity_id(entity_type, fqn) if fqn and entity_type else None


def _show(reference: Body, target: Target) -> None:
    reference["displayName"] = target.display_name or target.name
    if target.description:
        reference["description"] = target.description
    reference["deleted"] = target.deleted


def _show_label(label: Body, target: Target) -> None:
    shown = {
        "name": target.name,
        "displayName": target.display_name,
        "description": target.description,
        "style": target.style,
    }
    label.update((name, value) for name, value in shown.items() if value)
