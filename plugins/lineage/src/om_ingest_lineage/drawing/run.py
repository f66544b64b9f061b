"""The lineage of one run: what it has seen, and the edges that follow from that."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from om_ingest import SinkContext
from om_ingest.model import (
    AddLineageRequest,
    AddUsageRequest,
    CreateQueryRequest,
    EntityReference,
    LineageSource,
    LoggedQueryRequest,
    fqn,
)

from om_ingest_lineage.analysis.results import Analysis
from om_ingest_lineage.config import SqlLineageConfig
from om_ingest_lineage.drawing.edges import Drawing, Edges, drawing_of
from om_ingest_lineage.drawing.examining import Examined, Examiner, Services
from om_ingest_lineage.drawing.given import without_meaning
from om_ingest_lineage.drawing.settling import Settling
from om_ingest_lineage.drawing.telling import Telling
from om_ingest_lineage.drawing.waiting import Logged, Sort, Waiting, WaitingStatements
from om_ingest_lineage.encodings import encoding_of
from om_ingest_lineage.kept.file import KeptResults, default_path
from om_ingest_lineage.kept.texts import as_names
from om_ingest_lineage.knowledge.stored import LeavingOut, Stored
from om_ingest_lineage.knowledge.tables import Tables, View
from om_ingest_lineage.querylog.usage import Usage

_CACHE_KIB = 4096
_BATCH_COUNT = 100
"""Views whose edges are made together: the store is asked about all of them at once."""
_ORIGINS = {Sort.VIEW: LineageSource.ViewLineage, Sort.MODEL: LineageSource.DbtLineage}


class RunLineage:
    """What a run knows, and its edges."""

    def __init__(self, config: SqlLineageConfig, ctx: SinkContext) -> None:
        self._config = config
        self._ctx = ctx
        self.telling = Telling(config.report)
        self._scratch = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._scratch.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._scratch.execute("PRAGMA journal_mode = OFF")
        self._scratch.execute("PRAGMA synchronous = OFF")
        self.tables = Tables(self._scratch)
        self.waiting = WaitingStatements(self._scratch)
        self.edges = Edges(self._scratch)
        self._usage = Usage(self._scratch)
        cache = config.cache
        path = cache if isinstance(cache, Path) else default_path() if cache else None
        self._kept = KeptResults(path, self._unkept)
        self._services = Services(config, ctx.source, lambda: ctx.metadata)
        leaving_out = LeavingOut(ctx.service_name, ctx.source_config)
        self._stored = Stored(self.tables, lambda: ctx.metadata, leaving_out, self._not_searched)
        self._examiner = Examiner(
            config, self.tables, self._stored, self._services, self._kept, self.waiting
        )
        self._settling = Settling(config, ctx, self.edges, self.telling)

    def _unkept(self, reason: str) -> None:
        """Tell why no results are kept: only in the log, if nobody has named the file."""
        if isinstance(self._config.cache, Path):
            self._ctx.warn("sql-lineage.cache", reason, 0)
        else:
            self._ctx.logger.info("sql-lineage: %s", reason)

    def _not_searched(self, reason: str) -> None:
        self._ctx.warn("sql-lineage.searchPath", reason, 0)

    def note_service(self, name: str, service_type: str) -> None:
        """Learn of a service and its type."""
        self._services.note(name, service_type)

    def query(self, record: CreateQueryRequest) -> CreateQueryRequest:
        """Fill in which tables a query uses, as far as that is known; its edges come at the end."""
        service = record.service
        scope = fqn.spelled(
            service if isinstance(service, str) else service.fullyQualifiedName or ""
        )
        label = fqn.child(scope, record.name)
        executions: Mapping[str, int] = {}
        if isinstance(record, LoggedQueryRequest):
            executions = {} if record.exclude_usage else record.executions
            if record.database:
                scope = fqn.child(scope, record.database)
                scope = fqn.child(scope, record.databaseSchema) if record.databaseSchema else scope
        examined = self._examiner.script(record.query, scope, is_logged=True)
        if examined is None:
            self._told(None, label, scope)
            return record
        analysis, known = examined.analysis, self.tables.noted_count
        self.waiting.add_query(
            Logged(scope, label, record.query, executions, known, examined.was_kept, analysis)
        )
        used = dict.fromkeys((*analysis.reads, *analysis.writes))
        if record.queryUsedIn or not used:
            return record
        return record.with_valid(
            queryUsedIn=[EntityReference(type="table", fullyQualifiedName=name) for name in used]
        )

    def complete(self, scope: str) -> Iterator[AddLineageRequest]:
        """Edges of the views below a scope that is complete, as far as they are settled."""
        self.tables.complete(scope)
        below = fqn.split(scope)
        schemas = [fqn.join(*below)] if len(below) == 3 else self.waiting.scopes(Sort.VIEW)
        for schema in schemas:
            if fqn.split(schema)[: len(below)] == below:
                yield from self._views(self.waiting.of(Sort.VIEW, schema), at_end=False)

    def finish(self) -> Iterator[AddLineageRequest | AddUsageRequest]:
        """Edges of everything that waits, and how often tables were used."""
        yield from self._views(self.waiting.of(Sort.VIEW), at_end=True)
        yield from self._views(self.waiting.of(Sort.MODEL), at_end=True)
        for waiting in self.waiting.of(Sort.ROUTINE):
            examined = self._examiner.script(waiting.sql, waiting.scope, language=waiting.language)
            if analysis := self._told(examined, waiting.owner, waiting.scope):
                self._collect(analysis, waiting.sql, ("storedProcedure", waiting.owner))
        for query in self.waiting.queries():
            self._query(query)
        for path in self._files():
            self._file(path)
        targets = self.edges.targets()
        while batch := dict.fromkeys(islice(targets, _BATCH_COUNT), False):
            yield from self._settling.requests(batch, self._settling.there(batch))
        yield from self._usage.requests()
        for key, reason in without_meaning(
            self._config, self._ctx.service_name, self._services, self.tables, self._stored
        ):
            self._ctx.warn(f"sql-lineage.{key}", f"{reason}. Correct {key} of sql-lineage.", 0)

    def _query(self, query: Logged) -> None:
        """Keep what a query does, looked at again if tables came after it."""
        analysis = query.analysis
        if query.known_count != self.tables.noted_count:
            examined = self._examiner.script(query.sql, query.scope, is_logged=True)
            analysis = analysis if examined is None else examined.analysis
        self.telling.examined(query.owner, analysis.doubts, was_kept=query.was_kept)
        self._collect(analysis, query.sql, is_logged=True)
        self._usage.add(query.executions, analysis)

    def _views(self, views: Iterable[Waiting], *, at_end: bool) -> Iterator[AddLineageRequest]:
        batch: list[tuple[Waiting, Examined | None]] = []
        for view in views:
            if self._ctx.cancelled.is_set():
                return
            if self.edges.is_theirs(view.owner):
                self.waiting.remove(view.number)
                self.telling.count("viewsLeftToTheSource")
                continue
            if not at_end and view.names and not self._examiner.settles(view.scope, view.names):
                continue
            examined = self._examiner.view(view, ask_store=at_end)
            if examined is None or examined.is_settled:
                batch.append((view, examined))
            elif examined.analysis.names:
                self.waiting.note_names(view.number, as_names(examined.analysis.names))
            if len(batch) >= _BATCH_COUNT:
                yield from self._drawn(batch, at_end=at_end)
                batch = []
        yield from self._drawn(batch, at_end=at_end)

    def _drawn(
        self, views: Sequence[tuple[Waiting, Examined | None]], *, at_end: bool
    ) -> Iterator[AddLineageRequest]:
        """Edges of some views. Before the end those wait that the store has in another way.

        The source may still yield its own edges for these, as it did in an earlier run.
        """
        drawings = {
            view.owner: self._of_view(view, examined.analysis)
            for view, examined in views
            if examined
        }
        there = self._settling.there(drawings)
        targets: dict[str, bool] = {}
        for view, examined in views:
            found = drawings.get(view.owner, ())
            if not at_end and self._settling.changes(found, there.get(view.owner)):
                continue
            self.waiting.remove(view.number)
            analysis = self._told(examined, view.owner, view.scope)
            if analysis is not None:
                for drawing in found:
                    self.edges.add(drawing)
                targets[view.owner] = self._is_whole(view.owner, analysis)
        yield from self._settling.requests(targets, there)

    def _is_whole(self, owner: str, analysis: Analysis) -> bool:
        """Whether a view's definition was read in full."""
        told = owner in analysis.writes and (analysis.reads or analysis.columns)
        if not told and not analysis.doubts:
            reason = "its definition names no table, and no column of it could be told"
            self.telling.doubt(owner, "no source", reason)
        return bool(told) and not analysis.doubts

    def _of_view(self, view: Waiting, analysis: Analysis) -> list[Drawing]:
        origin = _ORIGINS[view.sort]
        return [
            drawing_of(edge, self.tables, origin=origin, sql=view.sql)
            for edge in analysis.edges
            if edge.target == view.owner != edge.source
        ]

    def _told(self, examined: Examined | None, owner: str, scope: str) -> Analysis | None:
        """What a statement does, after its doubts were reported; None if it was not read."""
        if examined is None:
            service = fqn.split(scope)[0]
            key, told = f"sql-lineage.dialect.{service}", "its type does not tell its dialect"
            remedy = "Name it in the config of sql-lineage, e.g. `dialect: postgres`."
            self._ctx.warn(key, f"SQL of the service {service} is not read: {told}. {remedy}")
            self.telling.count("statementsWithoutDialect")
            return None
        self.telling.examined(owner, examined.analysis.doubts, was_kept=examined.was_kept)
        return examined.analysis

    def _collect(
        self,
        analysis: Analysis,
        sql: str,
        pipeline: tuple[str, str] | None = None,
        *,
        is_logged: bool = False,
    ) -> None:
        """Keep the edges of statements, but those of views: a definition tells them.

        What a log has of a view is its definition of some day.
        """
        told = {View.UNDEFINED, View.DEFINED} if is_logged else {View.DEFINED}
        told = told if is_logged or self._config.views else set()
        for edge in analysis.edges:
            target = self.tables.table(edge.target)
            is_new = edge.source != edge.target and not (target and target.view in told)
            if is_new and not self.edges.is_theirs(edge.target, edge.source):
                origin = LineageSource.QueryLineage
                drawing = drawing_of(edge, self.tables, origin=origin, sql=sql, pipeline=pipeline)
                self.edges.add(drawing)

    def _files(self) -> Iterator[Path]:
        for pattern in self._config.files:
            path = Path(pattern).expanduser()
            found = sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
            if not found:
                self.telling.doubt(pattern, "not read", "there is no file with this name")
            yield from found

    def _file(self, path: Path) -> None:
        try:
            content = path.read_bytes()
            text = content.decode(encoding_of(content))
        except (OSError, UnicodeDecodeError) as error:
            reason = str(error.strerror) if isinstance(error, OSError) else "it is not UTF-8"
            self.telling.doubt(str(path), "not read", reason)
            return
        scope = fqn.join(self._ctx.service_name)
        examined = self._examiner.script(text, scope)
        if analysis := self._told(examined, str(path), scope):
            # Other statements of a file may hold passwords, which belong to none of its edges.
            is_one = ";" not in text.strip().rstrip(";")
            self._collect(analysis, text if is_one else "")

    def close(self) -> None:
        """Drop the scratch file; write what is kept."""
        self._kept.close()
        self.telling.close()
        with suppress(sqlite3.Error):
            self._scratch.close()
