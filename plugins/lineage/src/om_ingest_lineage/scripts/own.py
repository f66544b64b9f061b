"""Tables that live in a script only: temporary ones, and those that it drops again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from om_ingest_lineage.analysis import (
    ColumnEdge,
    Confidence,
    KnownTable,
    NamePart,
    Names,
    TableEdge,
    Unresolved,
)

_MARK = "\0"
"""How the FQNs of own tables begin: no FQN does."""

_TEMPORARY_SCHEMAS = frozenset({"pg_temp", "tempdb", "_session"})


@dataclass
class _Column:
    name: str
    sources: dict[str, None] = field(default_factory=dict)
    function: str | None = None


@dataclass
class _Made:
    """What of a target is made of one source."""

    columns: dict[str, _Column] = field(default_factory=dict)
    is_sure: bool = True

    def edge(self, source: str, target: str) -> TableEdge:
        columns = tuple(
            ColumnEdge(tuple(each.sources), each.name, each.function)
            for each in self.columns.values()
        )
        confidence = Confidence.EXACT
        if not self.is_sure:
            confidence = Confidence.PARTIAL if columns else Confidence.TABLE
        return TableEdge(source, target, columns, confidence)


class Flows:
    """Edges of statements in their order, with own tables replaced by what they are made of."""

    def __init__(self) -> None:
        self._made: dict[str, dict[str, _Made]] = {}

    def add(self, edge: TableEdge) -> None:
        """Take an edge of a statement, from a table or an own table to another one."""
        if not is_own(edge.source):
            self._merge(edge)
            return
        for source, made in list(self._made.get(edge.source, {}).items()):
            if source == edge.target:
                continue
            columns = []
            for column in edge.columns:
                through = [made.columns.get(name.casefold()) for name in column.sources]
                inner = [each for each in through if each is not None]
                if inner:
                    names = {name: None for each in inner for name in each.sources}
                    function = column.function or next(
                        (each.function for each in inner if each.function), None
                    )
                    columns.append(ColumnEdge(tuple(names), column.target, function))
            is_sure = edge.confidence is Confidence.EXACT and (made.is_sure or not edge.columns)
            confidence = Confidence.EXACT if is_sure else Confidence.PARTIAL
            self._merge(TableEdge(source, edge.target, columns, confidence))

    def _merge(self, edge: TableEdge) -> None:
        made = self._made.setdefault(edge.target, {}).setdefault(edge.source, _Made())
        made.is_sure = made.is_sure and edge.confidence is Confidence.EXACT
        for column in edge.columns:
            kept = made.columns.setdefault(column.target.casefold(), _Column(column.target))
            kept.sources.update(dict.fromkeys(column.sources))
            kept.function = kept.function or column.function

    def forget(self, target: str) -> None:
        """A table was emptied: nothing is left of what it was made of."""
        self._made.pop(target, None)

    def move(self, own: str, target: str) -> None:
        """An own table becomes another one."""
        for source, made in self._made.pop(own, {}).items():
            if source != target:
                self._merge(made.edge(source, target))

    def edges(self) -> Iterable[TableEdge]:
        """The edges between real tables."""
        for target, sources in self._made.items():
            if not is_own(target):
                for source, made in sources.items():
                    yield made.edge(source, target)


@dataclass
class OwnTable:
    """A table of the script."""

    name: str
    fqn: str
    is_temporary: bool
    columns: Sequence[str] = ()
    is_filled: bool = False
    """Whether a statement that was understood puts rows into it."""

    is_dropped: bool = False

    @property
    def known(self) -> KnownTable:
        """The table, as an analysis takes it."""
        return KnownTable(self.fqn, self.columns)


def is_own(fqn: str) -> bool:
    """Whether an FQN is that of an own table."""
    return fqn.startswith(_MARK)


class OwnTables:
    """The names of a script: its own tables first, then those of the catalog."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.stands_for: Mapping[str, Sequence[NamePart]] = {}
        """What names of one part stand for, in lower case."""
        self._by_key: dict[tuple[str, ...], OwnTable] = {}
        self._by_fqn: dict[str, OwnTable] = {}

    def resolve(self, parts: Sequence[NamePart]) -> KnownTable | Unresolved:
        """The table that a name means in the script."""
        own = self.find(parts)
        if own is None and parts[-1].text.startswith(("#", "@")):
            own = self.make(parts, is_temporary=True)  # the caller's: nobody knows what is in it
        return own.known if own is not None else self._names.resolve(self.meant(parts))

    def meant(self, parts: Sequence[NamePart]) -> Sequence[NamePart]:
        """The name of a table that is no own one: what it stands for, or itself."""
        return self.stands_for.get(parts[0].text.lower(), parts) if len(parts) == 1 else parts

    def find(self, parts: Sequence[NamePart]) -> OwnTable | None:
        """The own table that a name means, if it is there."""
        key = _key(parts)
        own = self._by_key.get(key)
        if own is None and len(key) > 1:
            own = self._by_key.get(key[-1:])
            if own is not None and own.is_temporary and key[0] not in _TEMPORARY_SCHEMAS:
                own = None
        if own is None and len(key) == 1:
            own = next((each for k, each in self._by_key.items() if k[-1:] == key), None)
        return None if own is None or own.is_dropped else own

    def make(self, parts: Sequence[NamePart], *, is_temporary: bool) -> OwnTable:
        """A new own table of a name."""
        key = _key(parts)
        shown = ".".join(part.text for part in parts if part.text)
        own = OwnTable(shown, f"{_MARK}{len(self._by_fqn)}", is_temporary)
        self._by_key[key] = self._by_fqn[own.fqn] = own
        return own

    def record(self, name: str) -> OwnTable:
        """The rows that a record holds one after the other, in a loop."""
        own = OwnTable(name, f"{_MARK}{len(self._by_fqn)}", is_temporary=True)
        self._by_fqn[own.fqn] = own
        return own

    def by_fqn(self, fqn: str) -> OwnTable:
        """The own table of an FQN that `resolve` gave."""
        return self._by_fqn[fqn]


def _key(parts: Sequence[NamePart]) -> tuple[str, ...]:
    return tuple(part.text.casefold() for part in parts if part.text)
