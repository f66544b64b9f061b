"""Ids of entities: a catalog that is filled again gives them again."""

from __future__ import annotations

from hashlib import sha1
from uuid import UUID

ID_NAMESPACE = UUID("6f6d2d69-6e67-5573-8174-636174616c6f")
"""Ids are UUIDs of version 5 (RFC 9562) in this namespace."""


def entity_id(entity_type: str, fqn: str) -> str:
    """The id of an entity: `uuid5(ID_NAMESPACE, "<entity type>:<fqn>")`, in every catalog."""
    # Written out: uuid.uuid5 takes as long as storing the row.
    name = ID_NAMESPACE.bytes + f"{entity_type}:{fqn}".encode()
    digits = sha1(name, usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"
