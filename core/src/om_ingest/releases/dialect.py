"""How one server wants to be spoken to: what it knows, by its version and by what it refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from om_ingest.releases.fallbacks import FALLBACKS
from om_ingest.releases.known import Known, Span, holds, known
from om_ingest.releases.leftout import OLDEST, LeftOut
from om_ingest.releases.version import Version

Body = dict[str, Any]

_DISPLAY = {"dataType": "dataTypeDisplay"}
"""Fields that show a value which another field cannot hold."""

_CONFIGURED = ("serviceType", "connection")
"""A type of service, and the field whose form depends on it."""

_REFERENCE = "EntityReference"
"""The class of references, whose `type` may be a kind that a server lacks."""


class _Rule(NamedTuple):
    """What becomes of one field of a class."""

    unknown: Span | None = None
    """Versions that know the field, if the server does not; empty if the server refused it."""

    is_unknown: bool = False
    single: str = ""
    """The field's name on this server, which takes one item of the list."""

    inner: str = ""
    """The class of what it holds, if something in there is unknown."""

    values: Mapping[str, tuple[str, Span | None]] = {}
    """Unknown values: what is sent instead, empty if nothing is; and versions that know it."""

    is_needed: bool = False


class Dialect:
    """What a server knows of what records say. Thread-safe.

    `text` is the version as the server tells it.
    """

    def __init__(self, version: Version, text: str = "", table: Known | None = None) -> None:
        self.version = version
        self.text = text or str(version)
        self._table = table or known()
        self._refused: frozenset[tuple[str, str, str]] = frozenset()
        """Class, field and value that the server refused; the value is empty for a field."""
        self.lacking: Mapping[str, Span] = {
            name: span for name, span in self._table.kinds.items() if not holds(span, version)
        }
        """Entity types that the server does not have, with the versions that have them; none if
        the server has said so."""
        self._rules = self._made()

    def lacks(self, entity_type: str) -> bool:
        """Whether the server has no entities of this type."""
        return entity_type in self.lacking

    def may_lack(self, entity_type: str) -> bool:
        """Whether there are releases without the kind, or the server is older than all known."""
        return entity_type in self._table.kinds or not holds([[OLDEST]], self.version)

    def refuse_kind(self, entity_type: str) -> bool:
        """Note that the server has no such kind, whatever its version; whether that is news."""
        is_news = entity_type not in self.lacking
        if is_news:
            self.lacking = {**self.lacking, entity_type: []}
            self._rules = self._made()
        return is_news

    def knows_less(self, class_name: str) -> bool:
        """Whether there is anything in records of a class that the server does not know."""
        return class_name in self._rules

    def fit(self, class_name: str, body: Body) -> list[LeftOut]:
        """Remove from the JSON of a class what the server does not know, in place."""
        return list(self._fit(class_name, body, "")) if class_name in self._rules else []

    def spelled(self, class_name: str, body: Body) -> Body:
        """A body that was fitted, with the field names of the server."""
        rules = self._rules.get(class_name, {})
        named = {field: rule.single for field, rule in rules.items() if rule.single}
        if body.keys().isdisjoint(named):
            return body
        return {
            named.get(field, field): value[0] if field in named and value else value
            for field, value in body.items()
            if not (field in named and not value)
        }

    def refuse(self, class_name: str, field: str, value: str = "") -> bool:
        """Note that the server refused a field, or a value of it; whether that is news."""
        refusal = class_name, field, value
        if refusal in self._refused:
            return False
        self._refused |= {refusal}
        self._rules = self._made()
        return True

    def unknown(self, class_name: str) -> Iterator[LeftOut]:
        """What records of a class can say and the server does not know; that of parts apart."""
        for field, rule in self._rules.get(class_name, {}).items():
            if rule.is_unknown:
                yield LeftOut(field, span=rule.unknown)
                continue
            if rule.single:
                yield LeftOut(f"{field}[1:]", span=rule.unknown)
            for value, (instead, span) in rule.values.items():
                yield LeftOut(field, value, instead, span, rule.is_needed and not instead)

    def parts(self, class_name: str) -> set[str]:
        """The classes in records of a class in which there is something that it does not know."""
        return {rule.inner for rule in self._rules.get(class_name, {}).values() if rule.inner}

    def _fit(self, class_name: str, body: Body, path: str) -> Iterator[LeftOut]:
        for field, rule in self._rules[class_name].items():
            given = body.get(field)
            if given is None:
                continue
            place = f"{path}{field}"
            if rule.is_unknown:
                del body[field]
                if given not in ({}, []):
                    yield LeftOut(place, span=rule.unknown)
                continue
            if rule.single and isinstance(given, list) and len(given) > 1:
                body[field] = given[:1]
                yield LeftOut(f"{place}[1:]", span=rule.unknown)
            if rule.values:
                yield from self._fit_values(body, field, rule, place)
            if rule.inner == _REFERENCE:
                yield from self._fit_references(body, field, place)
            if rule.inner:
                below = path if rule.inner == class_name else f"{place}."  # columns in columns
                given = body.get(field)
                for item in given if isinstance(given, list) else (given,):
                    if isinstance(item, dict):
                        yield from self._fit(rule.inner, item, below)

    def _fit_references(self, body: Body, field: str, place: str) -> Iterator[LeftOut]:
        given = body[field]
        items = given if isinstance(given, list) else [given]
        kept = []
        for item in items:
            target = item.get("type") if isinstance(item, dict) else None
            if target in self.lacking:
                yield LeftOut(place, str(target), span=self.lacking[str(target)])
            else:
                kept.append(item)
        if isinstance(given, list):
            body[field] = kept
        elif not kept:
            del body[field]

    def _fit_values(self, body: Body, field: str, rule: _Rule, place: str) -> Iterator[LeftOut]:
        given = body[field]
        kept = []
        for item in given if isinstance(given, list) else (given,):
            if not isinstance(item, str) or item not in rule.values:
                kept.append(item)
                continue
            instead, span = rule.values[item]
            blocks = rule.is_needed and not instead
            yield LeftOut(place, item, instead, span, blocks)
            if instead or blocks:
                kept.append(instead or item)
            if instead and field in _DISPLAY:
                body.setdefault(_DISPLAY[field], item)
            if instead and field == _CONFIGURED[0] and _CONFIGURED[1] in body:
                del body[_CONFIGURED[1]]
                yield LeftOut(place.replace(*_CONFIGURED), span=span)
        if isinstance(given, list):
            body[field] = kept
        elif kept:
            body[field] = kept[0]
        else:
            del body[field]

    def _made(self) -> dict[str, dict[str, _Rule]]:
        """The rules by class and field; only classes that have one."""
        own = {
            name: {field: self._rule(name, field, row) for field, row in rows.items()}
            for name, rows in self._table.classes.items()
        }
        for class_name, field, value in self._refused:
            if not value:
                rule = own.setdefault(class_name, {}).get(field, _Rule())
                own[class_name][field] = rule._replace(is_unknown=True, unknown=rule.unknown)
        references: dict[str, dict[str, _Rule]] = {_REFERENCE: {}} if self.lacking else {}
        found = references
        while True:
            again = {name: _useful(rules, found) for name, rules in own.items()}
            again = references | {name: rules for name, rules in again.items() if rules}
            if again.keys() == found.keys():
                return again
            found = again

    def _rule(self, class_name: str, field: str, row: Mapping[str, Any]) -> _Rule:
        span = row.get("in")
        is_known = holds(span, self.version)
        values: Mapping[str, tuple[str, Span | None]] = {}
        single = "" if is_known else row.get("was", "")
        if is_known or single:
            values = self._values(class_name, field, row.get("enum", ""))
        return _Rule(
            unknown=None if is_known else span,
            is_unknown=not is_known and not single,
            single=single,
            inner=row.get("class", "") if is_known else "",
            values=values,
            is_needed=row.get("needed", False),
        )

    def _values(
        self, class_name: str, field: str, name: str
    ) -> Mapping[str, tuple[str, Span | None]]:
        spans = self._table.values.get(name, {})
        unknown: dict[str, Span | None] = {
            value: span for value, span in spans.items() if not holds(span, self.version)
        }
        unknown |= {
            value: spans.get(value)
            for refused_class, refused_field, value in self._refused
            if value and (refused_class, refused_field) == (class_name, field)
        }
        instead = FALLBACKS.get(name, {})
        found = {}
        for value, span in unknown.items():
            near = instead.get(value) or instead.get("*", "")
            found[value] = ("" if near in unknown else near, span)
        return found


def _useful(
    rules: Mapping[str, _Rule], found: Mapping[str, Mapping[str, _Rule]]
) -> dict[str, _Rule]:
    """The rules that change anything, or lead to a class with such."""
    return {
        field: rule if rule.inner in found else rule._replace(inner="")
        for field, rule in rules.items()
        if rule.is_unknown or rule.single or rule.values or rule.inner in found
    }
