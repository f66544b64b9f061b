"""In a dry run a source reads what it would read in the run, whatever the sink."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from om_ingest import (
    ConfiguredSource,
    ConnectorConfig,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    EntityReference,
    RecordError,
)
from om_ingest.kinds import EntityKind
from om_ingest.masking import Redactor
from om_ingest.model import (
    AddLineageRequest,
    Column,
    ColumnLineage,
    CreateUserRequest,
    DatabaseSchema,
    EntitiesEdge,
    LineageDetails,
    Table,
    TagLabel,
    User,
)
from om_ingest.run import launch, request
from om_ingest_catalog import Catalog

from tests.functional.preserving.targets import Embedded, Served, Target

ORDERS, ITEMS = "other.db.s.orders", "other.db.s.items"


def table(name: str, schema: str, **fields: Any) -> CreateTableRequest:
    """A table of one column."""
    columns = [Column(name="a", dataType="INT")]
    return CreateTableRequest(name=name, databaseSchema=schema, columns=columns, **fields)


def parents(service: str, schema: str) -> list[Any]:
    """What lies above tables."""
    return [
        CreateDatabaseServiceRequest(name=service, serviceType="CustomDatabase"),
        CreateDatabaseRequest(name="db", service=service),
        CreateDatabaseSchemaRequest(name=schema, database=f"{service}.db"),
    ]


def edge(start: EntityReference, end: EntityReference) -> AddLineageRequest:
    """An edge between two tables, and their columns."""
    ends = [f"{each.fullyQualifiedName}.a" for each in (start, end)]
    details = LineageDetails(columnsLineage=[ColumnLineage(fromColumns=ends[:1], toColumn=ends[1])])
    by_id = [EntityReference(id=each.id, type=each.type) for each in (start, end)]
    return AddLineageRequest(
        edge=EntitiesEdge(fromEntity=by_id[0], toEntity=by_id[1], lineageDetails=details)
    )


class AskingSource(ConfiguredSource[ConnectorConfig]):
    """Reads, yields and changes in turn, and notes what it has seen."""

    seen: list[Any]

    def next_record(self) -> Iterator[Any]:
        """Records that others of the target belong to."""
        store = self.ctx.metadata
        orders = store.get_by_name(Table, ORDERS)
        self.note("there", self.told(orders), self.listed("other"), self.listed(None))
        self.note("people", [user.name for user in store.list_entities(User)])
        yield from parents("shop", "public")
        yield table("t0", "shop.db.public", description="of the source")
        yield table("t1", "shop.db.public", sourceUrl="http://t1")
        t0 = store.get_by_name(Table, "shop.db.public.t0")
        schema = store.get_by_name(DatabaseSchema, "shop.db.public")
        assert t0
        assert schema
        assert t0.databaseSchema
        assert schema.id == t0.databaseSchema.id
        self.note("settled", self.told(t0), self.told(store.get_by_id(Table, t0.id)))
        t1 = store.get_by_name(Table, "shop.db.public.t1")
        assert t1
        assert t1.databaseSchema
        assert t1.databaseSchema.id == schema.id
        self.note("list", self.listed("shop"), list(store.list_fqns(Table, scope="shop")))
        if orders is None:
            yield edge(t0.reference(), t1.reference())
        else:
            tagged = [TagLabel(tagFQN="PII.Sensitive")]
            yield table("new", "other.db.s", owners=orders.owners, tags=tagged)
            self.note("new", self.told(store.get_by_name(Table, "other.db.s.new")))
            yield edge(orders.reference(), t0.reference())
            yield edge(t0.reference(), t1.reference())
            self.change(orders)
        for fqn in (ORDERS, "shop.db.public.t0"):
            self.note("lineage", self.lineage(fqn, 1), self.lineage(fqn, 3))
        store.delete(Table, "shop.db.public.t1", hard=True)
        self.note("gone", self.told(store.get_by_name(Table, "shop.db.public.t1")))

    def change(self, orders: Table) -> None:
        """What only the target has is changed, deleted and restored."""
        store = self.ctx.metadata
        operations = [
            {"op": "replace", "path": "/description", "value": "patched"},
            {"op": "remove", "path": "/owners/0"},
        ]
        self.note("patched", self.told(store.patch(Table, ORDERS, operations)))
        found = store.get_by_id(Table, orders.id)
        self.note("again", self.told(found), [owner.name for owner in orders.owners or ()])
        assert store.delete(Table, ITEMS)
        self.note("deleted", store.get_by_name(Table, ITEMS), self.listed("other"))
        marked = store.get_by_name(Table, ITEMS, include_deleted=True)
        self.note("marked", self.told(marked), self.lineage(ORDERS, 1))
        self.note("restored", self.told(store.restore(Table, ITEMS)))
        with pytest.raises(RecordError, match="is not empty"):
            store.delete(DatabaseSchema, "other.db.s")
        assert store.delete(DatabaseSchema, "other.db.s", recursive=True)
        self.note("all", self.listed("other"), self.told(store.get_by_name(Table, ORDERS)))
        store.restore(DatabaseSchema, "other.db.s")
        self.note("back", self.listed("other"))
        ends = [EntityReference(type="table", fullyQualifiedName=end) for end in (ORDERS, ITEMS)]
        assert [store.delete_lineage(*ends) for _ in range(2)] == [True, False]
        self.note("cut", self.lineage(ORDERS, 1), self.lineage(ITEMS, 1))

    def note(self, *what: object) -> None:
        """Keep what was seen."""
        self.seen.append(what)

    def listed(self, scope: str | None) -> list[Any]:
        """Names of the tables below a scope."""
        found = self.ctx.metadata.list_entities(Table, scope=scope)
        return [table.fullyQualifiedName for table in found]

    def told(self, found: Table | None) -> Any:
        """What matters of a table; the id of one that was there before."""
        if found is None:
            return None
        tags = [[tag.tagFQN for tag in column.tags or ()] for column in found.columns]
        known = "" if found.name in ("t1", "new") else str(found.id)
        if "other" not in {user.name for user in self.ctx.metadata.list_entities(User)}:
            known = ""  # nothing was there before
        owners = [owner.name for owner in found.owners or ()]
        return found.description, found.sourceUrl, bool(found.deleted), tags, owners, known

    def lineage(self, fqn: str, depth: int) -> Any:
        """Names of the nodes and of the ends of the edges around a table."""
        graph = self.ctx.metadata.get_lineage(
            Table, fqn, upstream_depth=depth, downstream_depth=depth
        )
        if graph is None:
            return None
        names = {str(node.id): node.name for node in (graph.entity, *graph.nodes)}
        return sorted(node.name or "" for node in graph.nodes), [
            sorted((names[each.fromEntity], names[each.toEntity]) for each in edges)
            for edges in (graph.upstreamEdges, graph.downstreamEdges)
        ]


def filled(target: Target) -> None:
    """A service of others, and what people have made of the source's own tables."""
    with Catalog(target.folder / "c.db", actor="ann", is_bot=False) as catalog:
        catalog.initialise()
        tagged = Column(name="a", dataType="INT", tags=[{"tagFQN": "PII.Sensitive"}])
        owner = EntityReference(type="user", fullyQualifiedName="other")
        records = [
            CreateUserRequest(name="other", email="other@example.com"),
            *(*parents("other", "s"), *parents("shop", "public")),
            table("orders", "other.db.s", description="by people", owners=[owner]),
            table("items", "other.db.s"),
            table("t0", "shop.db.public", description="by people").with_valid(columns=[tagged]),
        ]
        assert not [result.reason for result in catalog.write(records) if result.reason]
        tables = [catalog.get_by_name(Table, fqn) for fqn in (ORDERS, ITEMS)]
        made = edge(*(found.reference() for found in tables if found))
        assert not catalog.write([made])[0].reason


class Lines(Target):
    """A file of lines."""

    put = patch = delete = like = Target.run  # type: ignore[assignment]  # only runs are wanted

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Nothing is open."""

    def listed(self, kind: EntityKind) -> list[Any]:
        """What is written, as one entity."""
        lines = [path.read_text("utf-8") for path in self.folder.glob("out.jsonl")]
        return [{"fullyQualifiedName": line} for line in lines]

    @property
    def sink(self) -> Any:
        """The sink of the workflow."""
        return {"sink": {"type": "jsonl", "config": {"path": str(self.folder / "out.jsonl")}}}


class OfOtherIds(Served):
    """A server whose ids are not those that our catalogs give."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "2.0.7")

    def _noting(self, application: Any) -> Any:
        answer = super()._noting(application)

        async def renamed(scope: Any, receive: Any, send: Any) -> None:
            async def received() -> Any:
                return other(await receive())

            async def sent(message: Any) -> None:
                await send(other(message))

            def other(message: Any) -> Any:
                ours = (key for key in ("body", "raw_path", "query_string") if message.get(key))
                return {**message, **{key: _other_ids(message[key]) for key in ours}}

            path = _other_ids(scope["path"].encode()).decode()
            await answer({**other(scope), "path": path}, received, sent)

        return renamed


def _other_ids(text: bytes) -> bytes:
    """Ids of our catalogs in place of others, and the other way round."""
    digits = re.compile(rb"\b[0-9a-f]{8}(?=-[0-9a-f]{4}-5[0-9a-f]{3}-)")
    return digits.sub(lambda found: found[0][::-1], text)


TARGETS: dict[str, Callable[[Path], Any]] = {
    "catalog": Embedded,
    "server": OfOtherIds,
    "jsonl": Lines,
}


@pytest.mark.parametrize("name", TARGETS)
def test_a_dry_run_reads_what_the_run_reads(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name, by id, in lists and graphs, after patches and deletions; nothing is written."""
    monkeypatch.chdir(tmp_path)
    with TARGETS[name](tmp_path) as target:
        if name != "jsonl":
            filled(target)
        source = {
            "type": "tests.functional.test_dry_run_reads:AskingSource",
            "serviceName": "shop",
            "sourceConfig": {"config": {}},
        }
        (tmp_path / "flow.json").write_text(json.dumps({"source": source, **target.sink}), "utf-8")
        seen: list[list[Any]] = []
        before = target.snapshot()
        for is_dry in (True, False):
            AskingSource.seen = []
            job = request.job("flow.json", redact=Redactor(), dry_run=is_dry)
            report = launch.launch(job)
            assert not report.errors
            assert [note.reason for note in report.tally.failures] == []
            seen.append(AskingSource.seen)
            if is_dry:
                assert target.snapshot() == before
        assert seen[0] == seen[1]
        assert len(seen[0]) == (7 if name == "jsonl" else 16)
