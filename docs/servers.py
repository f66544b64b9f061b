"""Tables of what servers know, by version: from what the client and `om-ingest serve` use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from om_ingest.kinds import KINDS
from om_ingest.kinds.door import RECORD_TYPE_NAMES, request_of
from om_ingest.openmetadata.features import Features, Since
from om_ingest.releases import FALLBACKS, OLDEST, Span, first_of, history, known
from om_ingest_catalog_server import releases as emulated
from tables import codes, meanings_in, prose, table

Release = tuple[int, ...]


def capabilities() -> Iterator[str]:
    """What the client does only with servers that can."""
    meanings = meanings_in(Features)
    rows = [
        (f"{since.version.major}.{since.version.minor}", _statement(meanings[name]))
        for name, since in vars(Features).items()
        if isinstance(since, Since)
    ]
    yield from table(("from", "what servers can do, and the client then uses"), rows)


def differences() -> Iterator[str]:
    """What `om-ingest serve` does as the release that it stands for."""
    meanings = meanings_in(emulated)
    found = [
        (value, prose(meanings[name]))
        for name, value in vars(emulated).items()
        if name in meanings and isinstance(value, tuple)
    ]
    rows = dict.fromkeys((".".join(map(str, since)), meaning) for since, meaning in sorted(found))
    yield from table(("from", "what servers do"), list(rows))


def kinds() -> Iterator[str]:
    """The kinds that not every server has."""
    rows = [
        (f"`{name}`", f"`/v1/{KINDS[name].collection}`", history(span))
        for name, span in known().kinds.items()
    ]
    yield from table(("kind", "REST collection", "versions"), rows)


def fields() -> Iterator[str]:
    """The fields that not every server knows, in kinds and parts that it has."""
    since, names = _since(), _names()
    found = defaultdict[tuple[str, Release, str, str], set[str]](set)
    for class_name, rows in known().classes.items():
        for field, row in rows.items():
            span = row.get("in")
            if span and class_name in since and _is_news(span, since[class_name]):
                instead = f"the first one, as `{row['was']}`" if "was" in row else "nothing"
                found[field, _first(span), history(span), instead].add(names[class_name])
    rows_of_page = [
        (f"`{field}`", ", ".join(sorted(owners)), versions, instead)
        for (field, _, versions, instead), owners in sorted(found.items())
    ]
    yield from table(("field", "of", "versions", "others get"), rows_of_page)


def values() -> Iterator[str]:
    """The values of enumerations that not every server knows, and what the others get."""
    since, names, fields = _since(), _names(), defaultdict[str, dict[str, Release]](dict)
    needed = set()
    for class_name, row_by_field in known().classes.items():
        for field, row in row_by_field.items():
            if "enum" in row and class_name in since:
                first = max(since[class_name], _first(row.get("in")))
                fields[row["enum"]][f"`{names[class_name].strip('`')}.{field}`"] = first
                needed |= {row["enum"]} if row.get("needed") else set()
    found = defaultdict[tuple[str, Release, str, str], list[str]](list)
    for name, owners in fields.items():
        for value, span in known().values.get(name, {}).items():
            if _is_news(span, min(owners.values())):
                near = FALLBACKS.get(name, {})
                instead = near.get(value) or near.get("*")
                otherwise = "the record fails" if name in needed else "nothing"
                told = f"`{instead}`" if instead else otherwise
                place = ", ".join(sorted(owners))
                found[place, _first(span), history(span), told].append(value)
    rows = [
        (place, codes(values), versions, instead)
        for (place, _, versions, instead), values in sorted(found.items())
    ]
    yield from table(("field", "values", "versions", "others get"), rows)


def _is_news(span: Span, since: Release) -> bool:
    """Whether some releases of those from `since` on lack what these have."""
    return _first(span) > since or len(span[-1]) > 1


def _since() -> Mapping[str, Release]:
    """The first release in which anything can have a part of some class, by class."""
    found: dict[str, Release] = {}
    waiting: list[tuple[str, Release]] = [
        (request_of(name).__name__, _first(known().kinds.get(name))) for name in RECORD_TYPE_NAMES
    ]
    for class_name, since in waiting:
        if since < found.get(class_name, (since[0] + 1,)):
            found[class_name] = since
            waiting += [
                (row["class"], max(since, _first(row.get("in"))))
                for row in known().classes.get(class_name, {}).values()
                if "class" in row
            ]
    return found


def _names() -> Mapping[str, str]:
    """What the classes of records are called on pages, by their names; parts by their class."""
    names = {class_name: f"`{_tail(class_name)}`" for class_name in known().classes}
    return names | {request_of(name).__name__: name for name in RECORD_TYPE_NAMES}


def _first(span: Span | None) -> Release:
    return first_of(span or [[OLDEST]])


def _tail(name: str) -> str:
    return name.rpartition(".")[2]


def _statement(meaning: str) -> str:
    """`Whether a batch can …` as a statement."""
    text = meaning.removeprefix("Whether ")
    return text[:1].upper() + text[1:]


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "server-capabilities": capabilities,
    "server-differences": differences,
    "server-kinds": kinds,
    "server-fields": fields,
    "server-values": values,
}
