"""Mapping of JSON bodies as a release does it: what it does not know is refused (contract §3.0).

OpenMetadata reads a body into a Java class before anything else: the first unknown field or value
of an enumeration is 400, at any depth. What each version knows is in `om_ingest.releases`.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple

from om_ingest.config import fields_of, models_in
from om_ingest.releases import FALLBACKS, holds, known
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from om_ingest_catalog_server import java, releases
from om_ingest_catalog_server.entity_fields import EntityFields

if typing.TYPE_CHECKING:
    from om_ingest.kinds import EntityKind
    from om_ingest.releases import Version

_OPEN = frozenset({"APISchema", "ColumnLineage", "LineageDetails", "StoredProcedureCode"}) | {
    *("SystemProfile", "table.TableProfilerConfig"),
    *("pipeline.DatasetGeneration", "pipeline.DatasetUsage", "pipeline.ExecutionError"),
}
"""Classes that take unknown fields, and lose them (upstream's `additionalProperties`)."""

_OTHERWISE = frozenset({"TermRelation"})
"""Classes that are read in the form of older releases, too."""

_SOURCE = (
    "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled);"
    " line: 1, column: 1]"  # where it is in the text is not known any more
)
_NO_SOURCE = "\n at [Source: UNKNOWN; byte offset: #UNKNOWN]"


class _Field(NamedTuple):
    """One field of a class, as a release knows it."""

    name: str
    """Its name in the newest release."""

    inner: str = ""
    """The class of the objects in it."""

    enum: str = ""
    known: frozenset[str] | None = None
    """Values of its enumeration; None if only `unknown` ones are known."""

    unknown: frozenset[str] = frozenset()

    renamed: Mapping[str, str] = MappingProxyType({})
    """Values that the newest release calls otherwise."""

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to check inside."""
        return not self.inner and self.known is None and not self.unknown

    def takes(self, value: str) -> bool:
        """Whether a text is a value of its enumeration that the release knows, as it is."""
        if self.known is not None:
            return value in self.known and value not in self.renamed
        return value not in self.unknown


class _Class(NamedTuple):
    """One class of bodies, as a release knows it."""

    name: str
    java: str
    fields: Mapping[str, _Field | None]
    """By the name that the release uses; None for a field that it does not know."""

    plain: set[str]
    """Names of fields in which there is nothing to check."""

    is_partial: bool
    """Whether it has more fields than those."""

    def find_plain(self) -> None:
        """Fill `plain`, once all fields are known."""
        found = {name: one for name, one in self.fields.items() if one}
        self.plain.update(name for name, one in found.items() if one.is_plain and one.name == name)


class MappingError(Exception):
    """A body that a release cannot read; `chain` tells where, from the outside to the inside."""

    def __init__(self, said: str, chain: str) -> None:
        super().__init__(said)
        self.said, self.chain = said, chain

    def below(self, place: str) -> MappingError:
        """The same error, as one inside of this place."""
        self.chain = f"{place}->{self.chain}".removesuffix("->")
        return self


class BodyMapping:
    """Reads JSON bodies as one version does; raises `HTTPException` (400)."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._says_why = version < releases.MAPPING_HIDDEN
        self._classes: dict[str, _Class] = {}  # filled in the writing thread alone: no lock

    def read(self, model: type[BaseModel], body: Any) -> Any:
        """A body, or a list of them, in the spelling of the newest release."""
        try:
            self._read(self._class_of(model), body)
        except MappingError as error:
            raise self._refusal(error) from None
        return body

    def read_patch(self, kind: EntityKind, operations: Any) -> None:
        """Check what a JSON Patch sets of an entity."""
        cls = self._class_of(kind.entity, kind)
        for operation in operations if isinstance(operations, list) else ():
            path = operation.get("path") if isinstance(operation, dict) else None
            if isinstance(path, str) and path.startswith("/") and "value" in operation:
                try:
                    self._read_at(cls, path[1:].split("/"), operation["value"])
                except MappingError as error:
                    raise self._refusal(error, _NO_SOURCE) from None

    def _refusal(self, error: MappingError, source: str = _SOURCE) -> HTTPException:
        if not self._says_why:
            return HTTPException(400, "Invalid request format")
        return HTTPException(400, f"{error.said}{source} (through reference chain: {error.chain})")

    def _read_at(self, cls: _Class, path: list[str], value: Any) -> None:
        """Check a value that is put at a path below a class."""
        name, *rest = path
        if rest and name not in cls.fields:  # there is nothing to go into, as the patch itself says
            return
        field, place = self._field(cls, name), f'{cls.java}["{name}"]'
        while rest and (rest[0] == "-" or rest[0].isdigit()):
            place += f"->java.util.ArrayList[{rest.pop(0)}]"
        if field is None or field.is_plain or (rest and not field.inner):
            return
        try:
            if rest:
                self._read_at(self._classes[field.inner], rest, value)
            else:
                self._read_value(field, value)
        except MappingError as error:
            raise error.below(place) from None

    def _field(self, cls: _Class, name: str) -> _Field | None:
        """A field of a class; None if the class takes any field."""
        field = cls.fields.get(name)
        if field is None and name not in cls.fields and cls.is_partial:
            return None
        if field is None and cls.name not in _OPEN:
            names = [f'"{one}"' for one, found in cls.fields.items() if found]
            said = f'Unrecognized field "{name}" (class {cls.java}), not marked as ignorable'
            told = f"{said} ({len(names)} known properties: {', '.join(names)}])"
            raise MappingError(told, f'{cls.java}["{name}"]')
        return field

    def _read(self, cls: _Class, value: Any) -> None:
        if isinstance(value, list):
            for position, item in enumerate(value):
                try:  # costs nothing where nothing is wrong, unlike a context manager
                    self._read(cls, item)
                except MappingError as error:
                    raise error.below(f"java.util.ArrayList[{position}]") from None
        elif isinstance(value, dict):
            self._read_object(cls, value)

    def _read_object(self, cls: _Class, body: dict[str, Any]) -> None:
        fields, plain, renamed, dropped = cls.fields, cls.plain, [], []
        for name, value in body.items():
            if name in plain or (cls.is_partial and name not in fields):
                continue
            field = fields.get(name)
            if field is None:
                self._field(cls, name)  # raises, unless the class takes unknown fields
                dropped.append(name)
                continue
            if field.name != name:
                renamed.append(name)
            if value is None or (isinstance(value, str) and field.takes(value)):
                continue
            try:
                self._read_value(field, value)
            except MappingError as error:
                raise error.below(f'{cls.java}["{name}"]') from None
            if isinstance(value, str) and value in field.renamed:
                body[name] = field.renamed[value]
        for name in dropped:
            del body[name]
        for name in renamed:
            value = body.pop(name)
            body[typing.cast("_Field", fields[name]).name] = None if value is None else [value]

    def _read_value(self, field: _Field, value: Any) -> None:
        if field.inner:
            self._read(self._classes[field.inner], value)
            return
        for position, item in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(item, str) and not (field.takes(item) or item in field.renamed):
                raise MappingError(
                    f"Cannot construct instance of `{java.class_of(field.enum)}`, problem: {item}",
                    f"java.util.ArrayList[{position}]" if isinstance(value, list) else "",
                )

    def _class_of(self, model: type[BaseModel], kind: EntityKind | None = None) -> _Class:
        """The class of a request, of a part of one, or of the entities of a kind."""
        name = model.__name__
        if name not in self._classes:
            fields: dict[str, _Field | None] = {}
            request = kind.request.__name__ if kind else name
            named = java.entity_class(request) if kind else java.class_of(name)
            self._classes[name] = _Class(name, named, fields, set(), name in _OTHERWISE)
            rows = known().classes.get(request, {})
            for field, info in fields_of(model).items():
                row = rows.get(field, {})
                self._add(fields, field, row, self._field_of(field, row, info.annotation))
            if kind is not None:
                shown = EntityFields(self._version)
                fields |= {one: None for one in fields if not shown.has(kind, one)}
            if kind is not None and "domains" in fields:
                fields["domains"] = _Field("domains")
                if releases.has_one_domain(kind, self._version):
                    fields |= {"domains": None, "domain": _Field("domain")}
            self._classes[name].find_plain()
        return self._classes[name]

    def _field_of(self, name: str, row: Mapping[str, Any], annotation: object) -> _Field:
        inner = next(models_in(annotation), None)
        if inner is not None:
            return _Field(name, self._class_of(inner).name)
        spans = known().values.get(row.get("enum", ""), {})
        unknown = frozenset(one for one, span in spans.items() if not holds(span, self._version))
        enum = next(_enums_in(annotation), None)
        if enum is not None:
            ours = frozenset(str(one.value) for one in enum)
            renamed = {
                old: new
                for new, old in FALLBACKS.get(row.get("enum", ""), {}).items()
                if new in unknown and old not in ours
            }
            known_values = (ours - unknown) | renamed.keys()
            return _Field(name, "", enum.__name__, known_values, renamed=renamed)
        inside = row.get("class", "")
        if inside:
            self._partial(inside)
        return _Field(name, inside, row.get("enum", "").rpartition(".")[2], None, unknown)

    def _partial(self, name: str) -> None:
        """Add a class of which the table tells a part."""
        if name in self._classes:
            return
        fields: dict[str, _Field | None] = {}
        named = java.class_of(name.rpartition(".")[2])
        self._classes[name] = _Class(name, named, fields, set(), is_partial=True)
        for field, row in known().classes.get(name, {}).items():
            self._add(fields, field, row, self._field_of(field, row, None))
        self._classes[name].find_plain()

    def _add(
        self, fields: dict[str, _Field | None], name: str, row: Mapping[str, Any], field: _Field
    ) -> None:
        fields[name] = field if holds(row.get("in"), self._version) else None
        if fields[name] is None and "was" in row:
            fields[row["was"]] = _Field(name)


def _enums_in(annotation: object) -> Iterator[type[Enum]]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _enums_in(argument)
