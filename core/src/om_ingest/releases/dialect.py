"""How one server wants to be spoken to: what it knows, by its version and by what it refused."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from copy import copy
from typing import Any

from om_ingest.releases.known import Known, Span, holds, known
from om_ingest.releases.leftout import OLDEST, REST, LeftOut
from om_ingest.releases.rules import REFERENCE, Knowledge, Rule, Saying, named_in, rules_of
from om_ingest.releases.version import Version, parsed_version

Body = dict[str, Any]

_DISPLAY = {"dataType": "dataTypeDisplay"}
"""Fields that show a value which another field cannot hold."""

_CONFIGURED = ("serviceType", "connection")
"""A type of service, and the field whose form depends on it."""


class Dialect:
    """What a server knows of what records say. Thread-safe.

    `text` is the version as the server tells it.
    """

    def __init__(self, version: Version, text: str = "", table: Known | None = None) -> None:
        self.version = version
        self.text = text or str(version)
        self.revision = 0
        """How often the server was found to know less than its version tells."""
        self._table = table or known()
        self._knowledge = Knowledge(version, version)
        self._lock = threading.Lock()
        self._oldest: Dialect | None = None
        """That of the oldest server that knows what is proven; made when it is needed."""
        self.lacking: Mapping[str, Span] = {
            name: span for name, span in self._table.kinds.items() if not holds(span, version)
        }
        """Entity types that the server does not have, with the versions that have them; none if
        the server has said so."""
        self._rules = rules_of(self._table, self._knowledge, lacks_kinds=bool(self.lacking))
        self._named = named_in(self._rules)

    def lacks(self, entity_type: str) -> bool:
        """Whether the server has no entities of this type."""
        return entity_type in self.lacking

    def may_lack(self, entity_type: str) -> bool:
        """Whether there are releases without the kind, or the server is older than all known."""
        return entity_type in self._table.kinds or not holds([[OLDEST]], self.version)

    def note_kind(self, entity_type: str, *, is_there: bool) -> None:
        """Note whether the server has a kind, whatever its version."""
        with self._lock:
            others = {name: span for name, span in self.lacking.items() if name != entity_type}
            self.lacking = others if is_there else {**others, entity_type: []}
            self._learn(self._knowledge)

    def touches(self, class_name: str, content: bytes) -> bool:
        """Whether the JSON of a class may say what the server does not know; told without parsing.

        It does if the name of a field of which something is unknown is anywhere in it.
        """
        return any(f'"{field}"'.encode() in content for field in self._rules.get(class_name, ()))

    def fit(self, class_name: str, body: Body) -> list[LeftOut]:
        """Remove from the JSON of a class what the server does not know, in place."""
        lost: list[LeftOut] = []
        rules = self._rules.get(class_name)
        if rules is not None and not rules.keys().isdisjoint(body):
            self._fit(class_name, body, "", lost)
        return lost

    def spelled(self, class_name: str, body: Body) -> Body:
        """A body that was fitted, with the field names of the server."""
        named = self._named.get(class_name)
        if named is None or body.keys().isdisjoint(named):
            return body
        return {
            named.get(field, field): value[0] if field in named and value else value
            for field, value in body.items()
            if not (field in named and not value)
        }

    def refuse(self, class_name: str, field: str, value: str = "") -> bool:
        """Note that the server refused a field, or a value of it; whether that is news.

        Of a field that became a list, `field` is the name under which it was sent: the other one
        is tried then.
        """
        with self._lock:
            saying = class_name, field, value
            refused = self._knowledge.refused
            if saying in refused:
                return False
            self._learn(self._knowledge._replace(refused=refused | {saying}))
            return True

    def lower(self, version: Version) -> None:
        """Note that the server knows no more than one of this version, whatever it tells."""
        with self._lock:
            if version < self._knowledge.age:
                self._learn(self._knowledge._replace(age=version))

    def without(self, sayings: Collection[Saying]) -> Dialect:
        """The dialect of a server that refuses these, too."""
        told = self._knowledge
        return self._with(told._replace(refused=told.refused.union(sayings)))

    def doubtful(self, class_name: str, body: Body) -> dict[Saying, Version]:
        """What a body says that the server knows only by its version; with the first of these.

        That is what came after the oldest supported version, and was in no body that was taken.
        """
        said: list[Saying] = []
        oldest = self._oldest or self._aged()
        oldest._note_said(class_name, body, said)  # noqa: SLF001  # of this class
        found = {saying: self._known_since(saying) for saying in said}
        return {saying: since for saying, since in found.items() if since is not None}

    def prove(self, class_name: str, body: Body) -> None:
        """Note that the server took a body: it knows what that says."""
        while found := self.doubtful(class_name, body).keys():  # again, as to what is in there
            with self._lock:
                proven = self._knowledge.proven.union(found)
                self._knowledge = self._knowledge._replace(proven=proven)
                self._oldest = None

    def is_proven(self, saying: Saying) -> bool:
        """Whether the server took a body that says this."""
        return saying in self._knowledge.proven

    def renamed(self, class_name: str, body: Body) -> list[Saying]:
        """Fields of a body that the server gets under an older name, each by that name."""
        named = self._named.get(class_name, {})
        return [(class_name, old, "") for field, old in named.items() if field in body]

    def sent_as(self, class_name: str, field: str) -> str:
        """The name under which a field of a body is sent."""
        rule = self._rules.get(class_name, {}).get(field)
        return (rule and rule.single) or field

    def takes(self, class_name: str, field: str) -> bool:
        """Whether the server knows a field of a class."""
        rule = self._rules.get(class_name, {}).get(field)
        return rule is None or not rule.is_unknown

    def other_name(self, class_name: str, name: str) -> str:
        """The other name of a field that is sent under this one; empty if none is left to try."""
        for field, row in self._table.classes.get(class_name, {}).items():
            names = {field, row.get("was", "")}
            if name in names and "" not in names:
                (other,) = names - {name}
                return "" if (class_name, other, "") in self._knowledge.refused else str(other)
        return ""

    def class_of(self, class_name: str, field: str) -> str:
        """The class of what a field of a class holds; empty if it is none that has a name."""
        return str(self._row(class_name, field).get("class", ""))

    def has_values(self, class_name: str, field: str) -> bool:
        """Whether a field holds values of an enumeration."""
        return "enum" in self._row(class_name, field)

    def _row(self, class_name: str, field: str) -> Mapping[str, Any]:
        return self._table.classes.get(class_name, {}).get(field, {})

    def unknown(self, class_name: str) -> Iterator[LeftOut]:
        """What records of a class can say and the server does not know; that of parts apart."""
        for field, rule in self._rules.get(class_name, {}).items():
            if rule.is_unknown:
                yield LeftOut(field, span=rule.unknown)
                continue
            if rule.single:
                yield LeftOut(field + REST, span=rule.unknown)
            for value, (instead, span) in rule.values.items():
                yield LeftOut(field, value, instead, span, rule.is_needed and not instead)

    def parts(self, class_name: str) -> set[str]:
        """The classes in records of a class in which there is something that it does not know."""
        return {rule.inner for rule in self._rules.get(class_name, {}).values() if rule.inner}

    def _fit(self, class_name: str, body: Body, path: str, lost: list[LeftOut]) -> None:
        # For each column of a run: a loop over what the body has, without generators.
        rules = self._rules.get(class_name, {})
        for field in [name for name in body if name in rules]:
            rule, given = rules[field], body.get(field)  # another field may have removed it
            if given is None:
                continue
            if isinstance(given, str) and not rule.is_unknown and given not in rule.values:
                continue
            place = f"{path}{field}"
            if rule.is_unknown:
                del body[field]
                if given not in ({}, []):
                    lost.append(LeftOut(place, span=rule.unknown))
                continue
            if rule.single and isinstance(given, list) and len(given) > 1:
                body[field] = given[:1]
                lost.append(LeftOut(place + REST, span=rule.unknown))
            if rule.values:
                lost += self._fit_values(body, field, rule, place)
            if rule.inner == REFERENCE:
                lost += self._fit_references(body, field, place)
            if rule.inner:
                below = path if rule.inner == class_name else f"{place}."  # columns in columns
                given = body.get(field)
                for item in given if isinstance(given, list) else (given,):
                    if isinstance(item, dict):
                        self._fit(rule.inner, item, below, lost)

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

    def _fit_values(self, body: Body, field: str, rule: Rule, place: str) -> Iterator[LeftOut]:
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

    def _note_said(self, class_name: str, body: Body, found: list[Saying]) -> None:
        """Note what a body says that the server does not know, or under another name."""
        rules = self._rules.get(class_name, {})
        for field, given in body.items():  # the innermost loop of a run
            rule = rules.get(field)
            if rule is None or given is None:
                continue
            if rule.is_unknown or rule.single:
                found.append((class_name, field, ""))
            for item in given if type(given) is list else (given,):
                if type(item) is str:
                    if item in rule.values:
                        found.append((class_name, field, item))
                elif rule.inner and type(item) is dict:
                    self._note_said(rule.inner, item, found)

    def _aged(self) -> Dialect:
        oldest = min(parsed_version(OLDEST) or self.version, self._knowledge.age)
        self._oldest = self._with(self._knowledge._replace(age=oldest))
        return self._oldest

    def _with(self, knowledge: Knowledge) -> Dialect:
        other = copy(self)
        other._learn(knowledge)  # noqa: SLF001  # of this class
        return other

    def _known_since(self, saying: Saying) -> Version | None:
        """The version since which the server knows something, if by its version alone."""
        class_name, field, value = saying
        row = self._row(class_name, field)
        span = row.get("in")
        if value:
            span = self._table.values.get(row.get("enum", ""), {}).get(value)
        told = self._knowledge
        if saying in told.refused or saying in told.proven or not holds(span, told.age):
            return None
        starts = [parsed_version(one[0]) for one in span or ()]
        return max((start for start in starts if start and start <= told.age), default=None)

    def _learn(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._rules = rules_of(self._table, knowledge, lacks_kinds=bool(self.lacking))
        self._named = named_in(self._rules)
        self._oldest = None
        self.revision += 1
