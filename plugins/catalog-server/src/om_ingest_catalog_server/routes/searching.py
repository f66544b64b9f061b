"""Search in the catalog, with results in the form of Elasticsearch (contract §3.0)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from om_ingest import NotFoundError
from om_ingest.kinds import EntityKind
from om_ingest_catalog import Include, UnreadableError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from om_ingest_catalog_server import releases
from om_ingest_catalog_server.answers import json_answer, mask_for_caller, show_entity
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.route import Route, not_implemented
from om_ingest_catalog_server.search_query import (
    SearchQuery,
    index_of,
    kinds_of,
    parse_query_filter,
    parse_query_string,
)

_WINDOW = 10_000  # Elasticsearch's own limit of from + size
_DEFAULT_SIZE = 10
_SCANNED = 100
_NOTHING: frozenset[str] = frozenset()
_ALL_FIELDS = frozenset({"*"})


class _Hit(NamedTuple):
    kind: EntityKind
    fqn: str


def routes() -> Iterator[Route]:
    """Search by words and by the value of a field."""
    yield Route("GET", "search/query", query, "Search by words and field values")
    yield Route("GET", "search/fieldQuery", field_query, "Search by a field; * matches any text")
    for path in ("suggest", "aggregate", "nlq/query", "sourceUrl", "get/{index}/doc/{id}"):
        yield not_implemented("GET", f"search/{path}", "Another search of the UI")
    yield not_implemented("POST", "search/aggregate", "Another search of the UI")
    yield not_implemented("POST", "search/preview", "Another search of the UI")


def query(call: ApiCall) -> Response:
    """Entities that match both `q` and `query_filter`."""
    text = call.query.text("q") or ""
    return _answer(
        call, parse_query_string(text) & parse_query_filter(call.query.text("query_filter"))
    )


def field_query(call: ApiCall) -> Response:
    """Entities whose field `fieldName` matches `fieldValue`, e.g. an FQN `*.public.orders`."""
    name = call.query.required("fieldName").removesuffix(".keyword")
    return _answer(call, SearchQuery(fields=((name, call.query.required("fieldValue")),)))


def _answer(call: ApiCall, search_query: SearchQuery) -> Response:
    search_query.check_size()
    start = call.query.whole("from", 0, most=_WINDOW) or 0
    size = call.query.whole("size", _DEFAULT_SIZE, most=_WINDOW)
    size = _DEFAULT_SIZE if size is None else size
    if start + size > _WINDOW:
        raise HTTPException(400, f"[from + size must be less than or equal to {_WINDOW}]")
    include: Include = "deleted" if call.query.flag("deleted") else "non-deleted"
    found, total = _ordered(call, search_query, include)
    hits = [_hit(call, hit, include) for hit in islice(found, start, start + size)]
    return json_answer(
        {
            "took": 0,
            "timed_out": False,
            "hits": {
                "total": {"value": total, "relation": "eq"},
                "max_score": None,
                "hits": [hit for hit in hits if hit is not None],
            },
        }
    )


def _ordered(
    call: ApiCall, search_query: SearchQuery, include: Include
) -> tuple[Iterator[_Hit], int]:
    """The results after `search_after`, and the total number of results."""
    by_fqn = call.query.text("sort_field") is not None
    after = call.query.text("search_after") if by_fqn else None
    asked = [
        kind
        for kind in kinds_of(call.query.text("index") or "")
        if releases.has_kind(call.settings.number, kind.entity_type)
    ]
    found: Iterator[_Hit] = _found(call, search_query, asked, include)
    if search_query == SearchQuery() and not (by_fqn and len(asked) > 1):
        # All entities: use the totals instead of a scan.
        sides = [call.stores.reading.collection(kind) for kind in asked]
        total = sum(side.page(limit=0, include=include).total for side in sides)
    else:
        hits = list(found)
        total = len(hits)
        found = iter(sorted(hits, key=lambda hit: hit.fqn) if by_fqn else hits)
    return (hit for hit in found if after is None or hit.fqn > after), total


def _found(
    call: ApiCall, search_query: SearchQuery, kinds: list[EntityKind], include: Include
) -> Iterator[_Hit]:
    """All matching entities: by rank if the query has words, else by kind and FQN."""
    asked = {kind.entity_type: kind for kind in kinds}
    words = search_query.words or _words_of_name(search_query)
    if words and include == "non-deleted":
        for hit in call.stores.reading.catalog.search(words, _WINDOW):
            kind = asked.get(hit.entity_type)
            if kind is not None and _fits(call, search_query, kind, hit.fqn):
                yield _Hit(kind, hit.fqn)
        return
    for kind in asked.values():
        for entity in _each(call, kind, include):
            if search_query.fits(entity):
                yield _Hit(kind, entity["fullyQualifiedName"])


def _words_of_name(search_query: SearchQuery) -> str:
    """Words of a name or FQN in the query, to use the full-text index; empty if there are none."""
    for name, pattern in search_query.fields:
        if name in {"name", "fullyQualifiedName"}:
            last = pattern.rpartition(".")[2] if '"' not in pattern else ""
            if "*" not in last and re.search(r"[^\W_]", last):
                return last
    return ""


def _fits(call: ApiCall, search_query: SearchQuery, kind: EntityKind, fqn: str) -> bool:
    if not search_query.fields and search_query.ids is None:
        return True
    try:
        entity = call.stores.reading.collection(kind).get(fqn, fields=_NOTHING).entity
    except (NotFoundError, UnreadableError):
        return False
    mask_for_caller(call, kind, entity)
    return search_query.fits(entity)


def _each(call: ApiCall, kind: EntityKind, include: Include) -> Iterator[dict[str, Any]]:
    after: str | None = None
    while True:
        page = call.stores.reading.collection(kind).page(
            limit=_SCANNED, after=after, include=include, fields=_NOTHING
        )
        for entity in page.entities:
            mask_for_caller(call, kind, entity)  # a search must not reveal masked values
            yield entity
        after = page.after
        if after is None:
            return


def _hit(call: ApiCall, hit: _Hit, include: Include) -> dict[str, Any] | None:
    try:
        entities = call.stores.reading.collection(hit.kind)
        source = entities.get(hit.fqn, include=include, fields=_ALL_FIELDS).entity
    except (NotFoundError, UnreadableError):  # deleted in the meantime, or spoilt
        return None
    show_entity(call, hit.kind, source)
    source["entityType"] = hit.kind.entity_type
    return {
        "_index": index_of(hit.kind),
        "_id": source["id"],
        "_score": None,
        "_source": source,
        "sort": [hit.fqn],
    }
