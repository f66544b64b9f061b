"""Takes statements apart: where they stand, what they mean, and whether that was known before."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from om_ingest import MetadataStore, ServerError
from om_ingest.model import DatabaseService, fqn

from om_ingest_lineage.analysis.names import KnownTable
from om_ingest_lineage.analysis.results import Analysis, Doubt
from om_ingest_lineage.config import SqlLineageConfig
from om_ingest_lineage.drawing.waiting import Sort, Waiting, WaitingStatements
from om_ingest_lineage.kept.file import KeptResults
from om_ingest_lineage.kept.texts import fingerprint, of_names, version
from om_ingest_lineage.knowledge.dialects import Dialect, dialect_named, dialect_of
from om_ingest_lineage.knowledge.resolving import Resolver, Standpoint
from om_ingest_lineage.knowledge.stored import Stored
from om_ingest_lineage.knowledge.tables import Tables

if TYPE_CHECKING:
    from om_ingest_lineage.analysis import Limits

_DEPTH = 50
"""Views without columns that are looked through, one behind the other."""

logger = logging.getLogger(__name__)

TIMED_OUT = "too long"
"""What a doubt is called that another run need not have."""


@dataclass(frozen=True)
class Examined:
    """A statement, and what it does."""

    analysis: Analysis
    is_settled: bool
    """Whether nothing that comes later in the run can change it."""

    was_kept: bool
    dialect: str


class Services:
    """The dialects of services: from the config, from the run, from the store."""

    def __init__(
        self, config: SqlLineageConfig, source: str, store: Callable[[], MetadataStore]
    ) -> None:
        """`source` is the name of the source of the run."""
        self._config = config
        self._source = source
        self._store = store
        self._types: dict[str, str | None] = {}

    def note(self, service: str, service_type: str) -> None:
        """Learn the type of a service, e.g. `Postgres`."""
        self._types[service] = service_type

    def is_known(self, service: str) -> bool:
        """Whether the run or the store has a service."""
        if self._types.get(service) is None:
            found = self._store().get_by_name(DatabaseService, fqn.join(service))
            self._types[service] = found.serviceType.value if found is not None else None
        return self._types[service] is not None

    def dialect(self, service: str) -> Dialect | None:
        """The dialect that a service speaks; None if nothing tells it."""
        given = self._config.dialect
        named = given.get(service) if isinstance(given, dict) else given
        if named:
            return dialect_named(named)
        service_type = self._types[service] if self.is_known(service) else None
        told = dialect_of(service_type) if service_type else None
        return told or dialect_of(self._source)  # duckdb has a CustomDatabase


class Examiner:
    """Analyses statements with what the run and the store know."""

    def __init__(
        self,
        config: SqlLineageConfig,
        tables: Tables,
        stored: Stored,
        services: Services,
        kept: KeptResults,
        waiting: WaitingStatements,
    ) -> None:
        self._config = config
        self._tables = tables
        self._stored = stored
        self._services = services
        self._kept = kept
        self._waiting = waiting
        self._deriving: set[str] = set()
        self._limits = f"{config.maxStatementChars} {config.timeout_s}"

    def view(self, view: Waiting, *, ask_store: bool = True) -> Examined | None:
        """The statement of a view; None if the dialect of the service is not known."""
        at, sql, owner = self.standpoint(view.scope), view.sql, view.owner
        if at is None:
            return None
        target = None
        if (table := self._tables.table(owner)) is not None:
            target = KnownTable(owner, table.spoken)
        told = ["statement", sql, owner, *(target.columns if target else ())]

        def analysed(resolver: Resolver) -> Analysis:
            from om_ingest_lineage.analysis import analyse  # imports sqlglot, see above

            return analyse(sql, at.dialect.name, resolver, target, self._statement_limits())

        # A model of dbt may read what it has made before.
        itself = owner if view.sort is Sort.VIEW else ""
        return self._examined(told, at, ask_store, analysed, itself)

    def script(
        self, text: str, scope: str, *, language: str | None = None, is_logged: bool = False
    ) -> Examined | None:
        """A routine, a query of a log, or a file; None if the service's dialect is not known."""
        at = self.standpoint(scope, is_logged=is_logged)
        if at is None:
            return None

        def analysed(resolver: Resolver) -> Analysis:
            from om_ingest_lineage.scripts.script import analyse_script  # imports sqlglot, too

            limits = self._statement_limits()
            return analyse_script(text, at.dialect.name, resolver, language=language, limits=limits)

        return self._examined(["script", text, language or ""], at, True, analysed)

    def _statement_limits(self) -> Limits:
        from om_ingest_lineage.analysis import Limits  # imports sqlglot, too

        config = self._config
        return Limits(characters=config.maxStatementChars, seconds=config.timeout_s)

    def _examined(
        self,
        told: list[str],
        at: Standpoint,
        ask_store: bool,
        analysed: Callable[[Resolver], Analysis],
        itself: str = "",
    ) -> Examined:
        def derive(table_fqn: str) -> Sequence[str] | None:
            return self._derived(table_fqn, ask_store=ask_store)

        def resolving() -> Resolver:
            return Resolver(
                self._tables, at, self._stored, derive, is_at_end=ask_store, itself=itself
            )

        key = fingerprint(version(), self._limits, at.dialect.name, *told)
        try:
            return self._found(key, at, ask_store, resolving, analysed)
        except ServerError as error:  # one question that a server does not answer
            doubt = Doubt("not looked up", error.what)
            return Examined(Analysis(doubts=[doubt]), ask_store, False, at.dialect.name)

    def _found(
        self,
        key: bytes,
        at: Standpoint,
        ask_store: bool,
        resolving: Callable[[], Resolver],
        analysed: Callable[[Resolver], Analysis],
    ) -> Examined:
        resolver = resolving()
        found = self._kept.find(key, resolver)
        if found is not None:
            return Examined(found, resolver.is_settled, True, at.dialect.name)
        if not resolver.is_settled:  # its names were asked for, so they are known from before
            return Examined(Analysis(), False, False, at.dialect.name)
        resolver = resolving()
        try:
            analysis = analysed(resolver)
        except Exception as error:  # one bad statement costs itself, not the run
            if resolver.error is not None:
                raise
            logger.debug("A statement was not analysed", exc_info=error)
            analysis = Analysis(doubts=[Doubt("not analysed", f"{type(error).__name__}: {error}")])
            return Examined(analysis, ask_store, False, at.dialect.name)
        if resolver.is_settled and all(doubt.what != TIMED_OUT for doubt in analysis.doubts):
            self._kept.keep(key, resolver, analysis)
        return Examined(analysis, resolver.is_settled, False, at.dialect.name)

    def settles(self, scope: str, names: str) -> bool:
        """Whether nothing that comes later can change what these names mean; see `as_names`."""
        at = self.standpoint(scope)
        if at is None:
            return True
        resolver = Resolver(self._tables, at, None)
        for name in of_names(names):
            resolver.resolve(name)
        return resolver.is_settled

    def _derived(self, view: str, *, ask_store: bool) -> Sequence[str] | None:
        """The columns of a view that came without any, out of its own statement."""
        known = self._tables.derived(view)
        if known is not None:
            return known
        statement = self._waiting.of_owner(view)
        if statement is None or view in self._deriving or len(self._deriving) >= _DEPTH:
            return ()
        self._deriving.add(view)
        try:
            examined = self.view(statement, ask_store=ask_store)
        finally:
            self._deriving.discard(view)
        if examined is None or not examined.is_settled:
            return () if ask_store else None
        self._tables.derive(view, examined.analysis.columns)
        return examined.analysis.columns

    def standpoint(self, scope: str, *, is_logged: bool = False) -> Standpoint | None:
        """What names mean below a service, a database or a schema; None without a dialect."""
        service, *names = fqn.split(scope)
        dialect = self._services.dialect(service)
        if dialect is None:
            return None
        database, schema = [*names, "", ""][:2]
        config = self._config
        return Standpoint(
            service,
            dialect,
            database or config.database,
            schema,
            tuple(config.searchPath),
            is_logged,
            tuple(config.services),
        )
