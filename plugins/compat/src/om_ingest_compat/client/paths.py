"""Requests to paths of OpenMetadata's REST API, on the store of the run: `metadata.client`.

Entities are there, by name, by id, and in lists (OpenMetadata REST contract §2, §3.0); what lies
below one, such as its sample data, is not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

from om_ingest.errors import NotFoundError, described
from om_ingest.kinds import KINDS, EntityKind

from om_ingest_compat.client.rest_errors import APIError
from om_ingest_compat.shims.entities import json_of

if TYPE_CHECKING:
    from om_ingest_compat.client.patching import Patching

_COLLECTIONS = {kind.collection: kind for kind in KINDS.values()}
_LIMIT = 10
"""Entities of a page, where the request does not say (§7)."""


class Paths:
    """Answers requests as the client of a server does: with JSON values, or by an `APIError`.

    `missing` is called with a text such as `client.get /policies` for any other path; it raises.
    """

    def __init__(self, client: Patching, missing: Callable[[str], NoReturn]) -> None:
        self._client = client
        self._missing = missing

    def get(self, path: str, data: Any = None, **_: Any) -> Any:
        """An entity, or a page of a list: `{"data": [...], "paging": {...}}`."""
        kind, rest, query = self._at("get", path)
        if rest:
            return json_of(self._entity(kind, rest, query.get("include")))
        query |= data if isinstance(data, Mapping) else {}
        limit, after = query.pop("limit", _LIMIT), query.pop("after", None)
        if not str(limit).isdecimal():
            raise APIError({"code": 400, "message": f"The limit of a list is no number: {limit}"})
        limit = int(limit)
        page = self._client.list_entities(kind.entity, after=after, limit=limit, params=query)
        paging = {"total": page.total} | ({"after": page.after} if page.after else {})
        return {"data": [json_of(one) for one in page.entities], "paging": paging}

    def put(self, path: str, data: Any = None, json: Any = None, **_: Any) -> Any:
        """Write the body of a create request; the entity."""
        return self._written("put", path, data if json is None else json)

    def post(self, path: str, data: Any = None, json: Any = None, **_: Any) -> Any:
        """As `put`; an `APIError` with code 409 if the entity exists."""
        return self._written("post", path, data if json is None else json)

    def patch(self, path: str, data: Any = None, **_: Any) -> Any:
        """Apply a JSON Patch (RFC 6902) to an entity; the entity."""
        kind, rest, _query = self._at("patch", path)
        fqn = str(self._entity(kind, rest).fullyQualifiedName)
        return json_of(self._client.apply(kind, fqn, _body(data)))

    def delete(self, path: str, data: Any = None, **_: Any) -> None:
        """Delete an entity; `recursive` and `hardDelete` are parameters of the path."""
        kind, rest, query = self._at("delete", path)
        flags = [query.get(name) == "true" for name in ("recursive", "hardDelete")]
        found = self._entity(kind, rest, "all" if flags[1] else None)
        self._client.delete(kind.entity, found.id, *flags)

    def _at(self, verb: str, path: str) -> tuple[EntityKind, str, dict[str, Any]]:
        """The kind of a path, what follows its collection, and the parameters."""
        url = urlsplit(path)
        parts = url.path.strip("/").split("/")
        for count in (1, 2):
            kind = _COLLECTIONS.get("/".join(parts[:count]))
            rest = parts[count:]
            if kind is not None and (len(rest) < 2 or (len(rest) == 2 and rest[0] == "name")):
                return kind, "/".join(rest), dict(parse_qsl(url.query))
        return self._refuse(verb, path)

    def _refuse(self, verb: str, path: str) -> NoReturn:
        """Names the first part of a path only: the others are ids."""
        first, *others = urlsplit(path).path.strip("/").split("/")
        self._missing(f"client.{verb} /{first}{'/…' if others else ''}")

    def _entity(self, kind: EntityKind, rest: str, include: Any = None) -> Any:
        by, _, name = rest.rpartition("/")
        if not name:
            raise APIError.of(NotFoundError.of(kind.entity_type, rest))
        if by:
            fqn = unquote(name)
            return self._client.get_by_name(kind.entity, fqn, nullable=False, include=include)
        return self._client.get_by_id(kind.entity, name, nullable=False, include=include)

    def _written(self, verb: str, path: str, data: Any) -> Any:
        kind, rest, _ = self._at(verb, path)
        if rest:
            self._refuse(verb, path)
        try:
            request = kind.request.model_validate(_body(data))
        except ValueError as error:
            raise APIError({"code": 400, "message": described(error)}) from None
        write = self._client.create if verb == "post" else self._client.create_or_update
        return json_of(write(request))


def _body(data: Any) -> Any:
    try:
        return json.loads(data) if isinstance(data, str | bytes) else json_of(data)
    except ValueError as error:
        raise APIError({"code": 400, "message": f"The body is no JSON: {error}"}) from None
