"""What references and tag labels show of their targets: names for people, and their state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
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
    return [(part, target) for part in _parts(value) if (target := _target(part))]


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


def _parts(value: Any) -> Iterator[Body]:
    """The objects in a JSON value, at any depth."""
    if isinstance(value, dict):
        yield value
        for name, inner in value.items():
            if isinstance(inner, (dict, list)) and name not in _SKIPPED:
                yield from _parts(inner)
    elif isinstance(value, (list, tuple)):
        for item in value:
            if isinstance(item, (dict, list)):
                yield from _parts(item)


def _target(part: Body) -> str | None:
    """The id of the target of a reference or label; None for other objects."""
    if "tagFQN" in part:
        fqn, source = normalised(part["tagFQN"]), LABEL_TYPES.get(part.get("source", ""))
        return entity_id(source, fqn) if fqn and source else None
    if "id" in part and part.get("type") in KINDS and part.keys() <= _REFERENCE:
        return str(part["id"])
    return None


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
