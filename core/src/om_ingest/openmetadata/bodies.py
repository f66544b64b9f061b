"""Builds request bodies: no nulls, parents by FQN, references by id (§3.0)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from pydantic_core import PydanticSerializationError, from_json

from om_ingest.errors import RecordError
from om_ingest.kinds import (
    CREATED_WITH,
    EntityKind,
    FieldPath,
    Parcel,
    fqn_of,
    holders,
    inside,
    kind_of,
    misnamed_columns,
    place_of,
    reference_paths,
    spell,
)
from om_ingest.model import fqn as names
from om_ingest.model.entity import CreateRequest
from om_ingest.openmetadata.fingerprints import fingerprint_in
from om_ingest.openmetadata.network.transport import json_of
from om_ingest.openmetadata.payloads import Payload, copied, fit
from om_ingest.openmetadata.server import Server
from om_ingest.releases import REST, Dialect

_LISTS: dict[str, tuple[FieldPath, ...]] = {
    "table": (("tableConstraints", "columns"),),
    "pipelineStatus": (("pipelineStatus", "taskStatus"),),
    "sampleData": (("sampleData", "columns"), ("sampleData", "rows")),
    "tableProfile": (("profile", "columnProfile"),),
    "lineage": (("edge", "lineageDetails", "columnsLineage", "fromColumns"),),
}
"""Lists that servers go through whether they are there or not: without one they answer 500."""

_NEEDED: dict[str, tuple[FieldPath, ...]] = {
    "table": (("tableConstraints", "constraintType"),),
    "glossaryTerm": (("references", "name"), ("references", "endpoint")),
    "tableProfile": (
        ("profile", "systemProfile", "operation"),
        ("profile", "systemProfile", "timestamp"),
    ),
    "lineage": (("edge", "lineageDetails", "columnsLineage", "toColumn"),),
}
"""Values that their schema does not ask for, and without which servers answer 500: some only when
what is there changes, and from then on each time.
"""


_NOTHING: frozenset[str] = frozenset()


@dataclass(eq=False)
class Row(Payload):
    """One create request for the server."""

    kind: EntityKind
    fqn: str
    """FQN of the entity, in its canonical spelling."""

    body: dict[str, Any]
    """The request body, without what the server does not know."""

    dialect: Dialect
    """How the server spells it."""

    is_new: bool = False
    """Whether the server has said that it does not have the entity."""

    parcel: Parcel | None = None
    """The record, of which the body has the fingerprint; None if it stays."""

    revision: int = 0
    """That of the dialect when the body was fitted."""

    cut: frozenset[str] = _NOTHING
    """Lists of which the server got the first item, as it was thought to take no more."""

    holds: Callable[[Dialect], bool] | None = None
    """Whether the server has what the row says in a dialect; None if it lacks the entity."""

    stored_hash: str | None = None
    """The fingerprint that the server has of the entity."""

    compared: int = 0
    """The revision of the dialect when that was found out last."""

    is_settled: bool = False
    """Whether it was found that there is nothing to send any more."""

    @property
    def request(self) -> type[CreateRequest]:
        """The class of what the body says."""
        return self.kind.request

    @cached_property
    def content(self) -> bytes:
        """The request body as JSON."""
        added = CREATED_WITH.get(self.kind.entity_type)
        body = {**added, **self.body} if added else self.body
        return json_of(self.dialect.spelled(self.kind.request.__name__, body))

    def as_for(self, dialect: Dialect) -> Row:
        """The row for a server of another dialect. Raises `RecordError`."""
        other = replace(self, body=copied(self.body), dialect=dialect, compared=-1)
        other.fit()
        return other

    def is_held(self) -> bool:
        """Whether the server has what is left, as far as that changed since it was compared."""
        if self.holds is not None and not self.is_settled and self.compared != self.revision:
            self.compared = self.revision
            self.is_settled = self.holds(self.dialect)
        return self.is_settled

    def as_held(self) -> None:
        """Say the fingerprint that the server has, so that nothing changes where all is held."""
        if "sourceHash" in self.body and self.stored_hash is not None:
            self.body["sourceHash"] = self.stored_hash
            self.__dict__.pop("content", None)

    def fit(self) -> None:
        """Leave out what the server does not know: the fingerprint is that of what is sent."""
        if self.parcel is not None:
            said = from_json(self.parcel.spelled)
            fit(self.request.__name__, said, self.dialect)
            self.body |= {field: said[field] for field in self.cut & said.keys() & self.body.keys()}
            if "sourceHash" in self.body:
                self.body["sourceHash"] = fingerprint_in(self.request, said)
        super().fit()

    @property
    def mark(self) -> tuple[str, ...]:
        """Identifies the row among others when a server echoes its request."""
        return mark_of(self.kind, self.body)


def row_of(parcel: Parcel, request: CreateRequest, server: Server, *, is_new: bool = False) -> Row:
    """The request of a parcel, ready to be sent; looks up its references. Raises `RecordError`."""
    kind = kind_of(request)
    dialect, name = server.dialect, type(request).__name__
    revision = dialect.revision
    body: dict[str, Any] = from_json(parcel.spelled)
    left_out = fit(name, body, dialect)
    fqn = parcel.identity[1] if parcel.identity else _fqn_of(request, server)
    fingerprint = fingerprint_in(type(request), body)
    if fingerprint and dialect.takes(name, "sourceHash"):
        body["sourceHash"] = fingerprint
    for field in kind.place_fields & body.keys():
        given = body[field]
        if kind.goes_by_reference(field):
            reference = given if isinstance(given, dict) else _reference(kind, field, given)
            body[field] = server.ids.resolved(reference)
        elif isinstance(given, dict):
            body[field] = given.get("fullyQualifiedName") or server.ids.fqn_of(
                given["type"], str(given.get("id"))
            )
    for path in reference_paths(kind.entity_type):
        if path[0] in body:
            for holder in holders(body, path):
                _resolve(holder, path[-1], server)
    if kind.segment is not None and not server.config.storeServiceConnection:
        body.pop("connection", None)
    _complete(kind.entity_type, body)
    cut = _NOTHING
    if left_out:
        cut = frozenset(lost.path[: -len(REST)] for lost in left_out if lost.path.endswith(REST))
    return Row(kind, fqn, body, dialect, is_new, parcel, revision, cut)


def dumped(record: Any, dialect: Dialect) -> dict[str, Any]:
    """A record as JSON objects, without nulls, and with all that the server needs and knows.

    Raises `RecordError` for what JSON has not, and for what no server takes.
    """
    try:
        body: dict[str, Any] = record.model_dump(mode="json", exclude_none=True)
    except (PydanticSerializationError, UnicodeEncodeError) as error:
        raise RecordError(f"cannot be written as JSON: {error}", "Use plain values.") from None
    spell(type(record), body)
    fit(type(record).__name__, body, dialect)
    _complete(getattr(record, "entity_type", ""), body)
    return body


def _complete(record_type: str, body: dict[str, Any]) -> None:
    """Put empty lists where a server fails without one; raises `RecordError` for a lacking value.

    Seen on a 1.6 server, and read in the sources of later ones.
    """
    for *above, field in _LISTS.get(record_type, ()):
        for holder in inside(body, above) if above[0] in body else ():
            if "messages" not in holder:  # sample data of topics, which has no rows
                holder.setdefault(field, [])
    for *above, field in _NEEDED.get(record_type, ()):
        for holder in inside(body, above) if above[0] in body else ():
            if field not in holder:
                raise RecordError(
                    f"{'.'.join(above)}: {field} is missing, without which servers fail (500)",
                    f"Set {field}.",
                )
    if record_type == "table":
        for wrong in misnamed_columns(body):
            if wrong.meant:  # servers differ in which other names they know
                raise RecordError(str(wrong), "Name columns as they are called.")


def mark_of(kind: EntityKind, body: dict[str, Any]) -> tuple[str, ...]:
    """Key of a row, from its name and parents; equal in a request and in the answer to it."""
    places = (body.get(field) for field in sorted(kind.place_fields))
    told = (
        str(place.get("id")) if isinstance(place, dict) else names.spelled(str(place or ""))
        for place in places
    )
    return str(body.get("name")), *told


def _fqn_of(request: CreateRequest, server: Server) -> str:
    """The FQN that a request addresses whose parent is given by id."""
    field, parent = place_of(request)
    if not parent:
        raise RecordError(f"{field} is missing: give the FQN of the parent", f"Set {field}.")
    return names.spelled(
        fqn_of(request, lambda above: server.ids.fqn_of(above.type, str(above.id)))
    )


def _reference(kind: EntityKind, field: str, fqn: str) -> dict[str, Any]:
    entity_type = kind.nested_type if field == kind.nested_field else kind.parent_type
    return {"type": entity_type, "fullyQualifiedName": fqn}


def _resolve(holder: dict[str, Any], field: str, server: Server) -> None:
    """Put ids into a field with references; raises `RecordError` that names the field."""
    given = holder[field]
    try:
        if isinstance(given, list):
            holder[field] = [server.ids.resolved(reference) for reference in given]
        elif isinstance(given, dict):
            holder[field] = server.ids.resolved(given)
    except RecordError as error:  # it says what is missing, if that is why
        error.args = (f"{field}: {error.what}", *error.args[1:])
        raise
