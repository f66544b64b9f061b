"""What becomes of each field of each class on one server."""

from __future__ import annotations

from collections.abc import Mapping, Set
from functools import cache
from typing import Any, NamedTuple

from om_ingest.releases.fallbacks import FALLBACKS
from om_ingest.releases.known import Known, Span, holds
from om_ingest.releases.version import Version

REFERENCE = "EntityReference"
"""The class of references, whose `type` may be a kind that a server lacks."""

Saying = tuple[str, str, str]
"""What a record can say: a class, a field, and a value of it; the value is empty for a field."""

Values = Mapping[str, tuple[str, Span | None]]
"""Unknown values: what is sent instead, empty if nothing is; and versions that know it."""


class Rule(NamedTuple):
    """What becomes of one field of a class."""

    unknown: Span | None = None
    """Versions that know the field, if the server's version does not; None if the server refused
    it all the same."""

    is_unknown: bool = False
    single: str = ""
    """The field's name on this server, which takes one item of the list."""

    inner: str = ""
    """The class of what it holds, if something in there is unknown."""

    values: Values = {}
    is_needed: bool = False


class Knowledge(NamedTuple):
    """What is known of a server."""

    version: Version
    """What it tells."""

    age: Version
    """The version that it behaves as."""

    refused: frozenset[Saying] = frozenset()
    proven: frozenset[Saying] = frozenset()
    """What it was seen to take."""

    def knows(self, span: Span | None, saying: Saying) -> bool:
        """Whether the server knows what versions in a span know, if it has not refused it."""
        return saying in self.proven or holds(span, self.age)

    def lacked(self, span: Span | None) -> Span | None:
        """Versions that know what the server does not; None if its version ought to."""
        return None if holds(span, self.version) else span


def rules_of(table: Known, told: Knowledge, *, lacks_kinds: bool) -> dict[str, dict[str, Rule]]:
    """The rules by class and field; only classes that have one.

    With `lacks_kinds`, references are among them: they may refer to such a kind.
    """
    own = {
        name: {field: _rule(table, told, (name, field, ""), row) for field, row in rows.items()}
        for name, rows in table.classes.items()
    }
    for class_name, field, value in told.refused:
        if not value:  # one that all versions know
            own.setdefault(class_name, {}).setdefault(field, Rule(is_unknown=True))
    found = {name for name, rules in own.items() if any(map(_changes, rules.values()))}
    found |= {REFERENCE} if lacks_kinds else set()
    while leading := {
        name
        for name in own.keys() - found
        if any(rule.inner in found for rule in own[name].values())
    }:
        found |= leading
    return {name: _useful(own.get(name, {}), found) for name in found}


def _rule(table: Known, told: Knowledge, saying: Saying, row: Mapping[str, Any]) -> Rule:
    if not told.refused and row.keys() == {"class"}:
        return _leading_to(row["class"])
    span, was = row.get("in"), row.get("was", "")
    is_old_refused = (saying[0], was, "") in told.refused
    is_known = saying not in told.refused and (is_old_refused or told.knows(span, saying))
    single = "" if is_known or is_old_refused else was
    return Rule(
        unknown=None if is_known else told.lacked(span),
        is_unknown=not is_known and not single,
        single=single,
        inner=row.get("class", "") if is_known else "",
        values=_values(table, told, saying, row.get("enum", "")) if is_known or single else {},
        is_needed=row.get("needed", False),
    )


@cache
def _leading_to(class_name: str) -> Rule:
    """The rule of a field that every server knows: most of them."""
    return Rule(inner=class_name)


def _values(table: Known, told: Knowledge, field: Saying, name: str) -> Values:
    spans = table.values.get(name, {})
    if not spans and not told.refused:
        return {}
    unknown = {
        value: told.lacked(span)
        for value, span in spans.items()
        if not told.knows(span, (*field[:2], value))
    }
    unknown |= {
        saying[2]: told.lacked(spans.get(saying[2]))
        for saying in told.refused
        if saying[2] and saying[:2] == field[:2]
    }
    instead = FALLBACKS.get(name, {})
    found = {}
    for value, span in unknown.items():
        near = instead.get(value) or instead.get("*", "")
        found[value] = ("" if near in unknown else near, span)
    return found


def _useful(rules: Mapping[str, Rule], found: Set[str]) -> dict[str, Rule]:
    """The rules that change anything, or lead to a class with such."""
    return {
        field: rule if rule.inner in found else rule._replace(inner="")
        for field, rule in rules.items()
        if rule.inner in found or _changes(rule)
    }


def _changes(rule: Rule) -> bool:
    """Whether a field itself is not sent as it is, or not with each value."""
    return rule.is_unknown or bool(rule.single or rule.values)


def named_in(rules: Mapping[str, Mapping[str, Rule]]) -> dict[str, dict[str, str]]:
    """The names of fields that have another one on the server, by class."""
    named = {
        class_name: {field: rule.single for field, rule in fields.items() if rule.single}
        for class_name, fields in rules.items()
    }
    return {class_name: fields for class_name, fields in named.items() if fields}
