"""Finds out what a server refuses in a body, from its message.

Servers read bodies with Jackson. Its messages name an unknown field or value, and the way to it
(`through reference chain: …CreateTable["columns"]->java.util.ArrayList[0]->…Column["dataType"]`),
which may be missing. Newer servers say no more than `Invalid request format`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, get_args

from om_ingest.model.model import Model
from om_ingest.openmetadata.network.answers import Answer, told_in
from om_ingest.releases import Dialect, Saying

_FIELD = re.compile(r'Unrecognized field \\?"([^"\\]+)\\?"(?: \(class ([\w.$]+)\))?')
_VALUES = (
    re.compile(r"Cannot construct instance of `[^`]+`, problem: (.+?)(?:\n| at \[Source|\Z)"),
    re.compile(r'from String "([^"]*)": (?:value )?not one of (?:the values accepted|declared)'),
)
_CHAIN = re.compile(r"\(through reference chain: ([^)]*)\)")
_STEP = re.compile(r'\["([^"]+)"\]')
_BARE = re.compile(
    r"\s*((HTTP )?400 )?(invalid request format|unable to process json|bad request)\W*",
    re.IGNORECASE,
)

_PRECONDITION_FAILED = 412


class Complaint(NamedTuple):
    """What a server does not take in a body."""

    name: str = ""
    """The field, or the value; empty if the server does not say it."""

    is_value: bool = False
    path: tuple[str, ...] = ()
    """The fields that lead to it, with its own; empty if the server does not say it."""

    owner: str = ""
    """The server's class that lacks the field, without its package; empty if it is not told."""


class Spoken(NamedTuple):
    """A body that was sent."""

    request: type[Any] | None
    """Our class of what it says; None for one that only the server has."""

    class_name: str
    body: dict[str, Any]
    dialect: Dialect


class _Place(NamedTuple):
    """One field of a body."""

    path: tuple[str, ...]
    class_name: str
    value: Any
    is_needed: bool
    """Whether the request is none without it."""

    is_opaque: bool
    """Whether it holds a class that is not in the table of versions."""

    @property
    def field(self) -> tuple[str, str]:
        """Class and name, as it was sent."""
        return self.class_name, self.path[-1]


def complaint_of(answer: Answer) -> Complaint | None:
    """What a refusal complains of; None if that is not what the server knows, or it is done."""
    if answer.status != 400:
        return None
    message = told_in(answer.body)
    chain = _CHAIN.search(message)
    path = tuple(_STEP.findall(chain[1])) if chain else ()
    if found := _FIELD.search(message):
        owner = _short((found[2] or "").rpartition("$")[2])
        return Complaint(found[1], path=path if path[-1:] == (found[1],) else (), owner=owner)
    for pattern in _VALUES:
        if found := pattern.search(message):
            return Complaint(found[1].strip(), is_value=True, path=path)
    is_bare = isinstance(answer.body, dict) and (not message or _BARE.fullmatch(message))
    return Complaint() if is_bare else None


def is_read(answer: Answer) -> bool:
    """Whether the server has read a body: it took it, or refused it for what it says."""
    is_refusal = answer.status != _PRECONDITION_FAILED and not answer.lacks_route
    return is_refusal and complaint_of(answer) is None


def saying_of(complaint: Complaint, told: Iterable[Spoken]) -> Saying | None:
    """What is refused of bodies; None if that is not clear, or they are nothing without it."""
    for spoken in told:
        places = list(_places(spoken))
        if complaint.is_value:
            found = _refused_value(complaint, places, spoken.dialect)
        else:
            found = _refused_field(complaint, places, spoken)
        if found is not None:
            return found
    return None


def _refused_field(complaint: Complaint, places: list[_Place], spoken: Spoken) -> Saying | None:
    if complaint.path:
        return _on_path(complaint.path, places)
    named = {place.field: place for place in places if place.path[-1] == complaint.name}
    if len(named) > 1:
        named = {
            field: place for field, place in named.items() if _short(field[0]) == complaint.owner
        } or named
    if len(named) > 1:
        doubtful = {saying[:2] for saying in spoken.dialect.doubtful(*spoken[1:3])}
        named = {field: place for field, place in named.items() if field in doubtful}
    if len(named) != 1:
        return None
    ((field, place),) = named.items()
    return None if place.is_needed else (*field, "")


def _on_path(path: tuple[str, ...], places: list[_Place]) -> Saying | None:
    """The field at the end of a path, or one with a class that is not in the table of versions.

    None below a field of any content: what is in there, such as the config of a connection, is
    the source's alone.
    """
    for place in places:
        if place.path == path or (place.is_opaque and path[: len(place.path)] == place.path):
            return None if place.is_needed else (*place.field, "")
    return None


def _refused_value(complaint: Complaint, places: list[_Place], dialect: Dialect) -> Saying | None:
    found = {
        place.field
        for place in places
        if complaint.name in (place.value if isinstance(place.value, list) else [place.value])
        and dialect.has_values(*place.field)
        and complaint.path in ((), place.path)
    }
    return (*found.pop(), complaint.name) if len(found) == 1 else None


def _places(spoken: Spoken, path: tuple[str, ...] = ()) -> Iterator[_Place]:
    request, class_name, body, dialect = spoken
    known = request.model_fields if request is not None else {}
    for field, value in body.items():
        told = known.get(field)
        inner = dialect.class_of(class_name, field)
        here = (*path, dialect.sent_as(class_name, field))
        is_needed = told is not None and told.is_required()
        is_needed = is_needed and not dialect.other_name(class_name, here[-1])
        model = request if inner == class_name else _model_in(told and told.annotation)
        yield _Place(here, class_name, value, is_needed, not inner and model is not None)
        for item in (value if isinstance(value, list) else (value,)) if inner else ():
            if isinstance(item, dict):
                yield from _places(Spoken(model, inner, item, dialect), here)


def _model_in(annotation: Any) -> type[Model] | None:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _short(class_name: str) -> str:
    """A class without its package, in the words that requests and entities share."""
    return class_name.rpartition(".")[2].removeprefix("Create").removesuffix("Request")
