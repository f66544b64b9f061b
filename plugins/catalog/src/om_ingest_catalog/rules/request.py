"""Records prepared for writing, and the refusals of those that cannot be written."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple, TypeAlias, TypeVar

from om_ingest.errors import ConflictError, NotFoundError, RecordError
from om_ingest.kinds import KINDS, Identity, Parcel, identity_at, kind_of
from om_ingest.model import (
    OVER_REST,
    AddLineageRequest,
    AttachmentRequest,
    EntityReference,
    ScopeComplete,
)
from om_ingest.model.fqn import normalised
from pydantic import BaseModel, ValidationError

from om_ingest_catalog.rows.body import Body
from om_ingest_catalog.rules.validation_messages import message_of, with_texts


class RefusedError(Exception):
    """One record of a batch cannot be stored; `str(refusal)` is the reason, in one line.

    `error` is raised instead where the record is the whole request: `NotFoundError` for a
    missing entity, another `RecordError` for an invalid request. `missing` is the identity of
    the missing entity; None for any other reason.
    """

    def __init__(
        self, reason: str, error: RecordError | None = None, missing: Identity | None = None
    ) -> None:
        super().__init__(reason)
        self.error = error or RecordError(reason, "Correct the request.")
        self.missing = missing


def missing(reason: str, entity_type: str, name: object) -> RefusedError:
    """The refusal of a request that refers to an entity which does not exist.

    `name` is its FQN, or its id.
    """
    identity = identity_at(entity_type, str(name)) if entity_type in KINDS else None
    return RefusedError(reason, NotFoundError.of(entity_type, name), identity)


def no_parent(parent_type: str, parent: object, child_type: str) -> RefusedError:
    """The refusal of a request whose parent does not exist."""
    reason = f"the {parent_type} {parent} does not exist; yield it before its {child_type}s"
    return missing(reason, parent_type, parent)


def exists(entity_type: str, fqn: str) -> RefusedError:
    """The refusal of a POST for an entity that exists already (contract §6.1)."""
    return RefusedError(
        f"the {entity_type} {fqn} exists already",
        ConflictError("Entity already exists", f"Update the {entity_type} {fqn} instead."),
    )


_DIGEST_BYTES = 16

ModelT = TypeVar("ModelT", bound=BaseModel)


class PreparedRequest(NamedTuple):
    """A create request, ready for comparison with the stored state."""

    entity_type: str
    name: str
    parent: str | EntityReference | None
    """The parent's normalised FQN, or a reference if only the id is known."""

    fqn: str | None
    """None if the parent is only known by id."""

    text: bytes
    """The request as JSON."""

    digest: bytes
    """Digest of the text."""

    source_hash: str | None
    """The connector's fingerprint of the source object, if it gave one."""


Item: TypeAlias = PreparedRequest | AddLineageRequest | AttachmentRequest | str | None
"""A record prepared for writing, a reason for its refusal, or None if it writes nothing."""


def validated(
    model: type[ModelT], body: Any, what: str | None = None, *, context: str | None = None
) -> ModelT:
    """The body as a model; raises `RecordError` that lists the invalid fields.

    Over REST, a number or boolean is taken for its text where a text is needed. `what` names the
    body in the message; default is the name of the model.
    """
    try:
        return model.model_validate(body, context=context)
    except ValidationError as error:
        coerced = with_texts(error, body) if context == OVER_REST else body
        if coerced is not body:
            return validated(model, coerced, what, context=context)
        raise RecordError(
            message_of(error, body), f"Send a valid {what or model.__name__}."
        ) from None


def checked(model: type[BaseModel], body: Any) -> Body:
    """The validated JSON of a body without nulls; raises `RecordError` as `validated` does."""
    return validated(model, body).model_dump(mode="json", exclude_none=True)


def checked_object(body: Any) -> Body:
    """The body as a dict of any content; raises `RecordError` if it is not an object."""
    if not isinstance(body, Mapping):
        raise RecordError(f"Not an object: {type(body).__name__}", "Send a JSON object.")
    return dict(body)


def prepared(parcel: Parcel) -> Item:
    """Do all preparation that needs no lock: normalise the FQN, compute the digest."""
    record: Any = parcel.record
    kind = KINDS.get(getattr(record, "entity_type", ""))
    if kind is None or type(record) is not kind.request:  # isinstance is slow on these classes
        if isinstance(record, ScopeComplete):
            return None
        content = parcel.content
        if isinstance(content, AddLineageRequest | AttachmentRequest):
            return content
        kind = kind_of(record)
    given = parcel.place
    fqn = None if parcel.identity is None else parcel.identity[1]
    where = given.fullyQualifiedName if isinstance(given, EntityReference) else given
    if where:
        given = normalised(where)
        if given is None or fqn is None:
            return f"{kind.parent_field}: {where!r} is not a fully qualified name"
    elif fqn is None and (not isinstance(given, EntityReference) or given.id is None):
        return f"{kind.parent_field} is missing: give the FQN of the parent"
    text = parcel.spelled
    digest = blake2b(text, digest_size=_DIGEST_BYTES).digest()
    source_hash = getattr(record, "sourceHash", None)
    return PreparedRequest(kind.entity_type, parcel.name, given, fqn, text, digest, source_hash)
