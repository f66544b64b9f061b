"""What a filter leaves out is not gone from the source: it stays, unless the workflow says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest
from om_ingest import (
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    EntityReference,
    Record,
    ScopeComplete,
    Source,
    SourceStatus,
)
from om_ingest.config import (
    DatabaseSourceConfig,
    FilterPattern,
    SourceConfig,
    StorageSourceConfig,
)
from om_ingest.model import (
    Container,
    CreateContainerRequest,
    CreateStorageServiceRequest,
    CreateStoredProcedureRequest,
    DatabaseSchema,
    DatabaseServiceType,
    StorageServiceType,
    StoredProcedure,
    Table,
    TableType,
)
from om_ingest.workflow.stale import StaleEntities
from om_ingest_catalog import Catalog

ALL = {f"s.d.{schema}.t{number}" for schema in "xy" for number in range(10)}


def table(name: str, schema: str = "x", table_type: TableType | None = None) -> CreateTableRequest:
    return CreateTableRequest(
        name=name, databaseSchema=f"s.d.{schema}", columns=[], tableType=table_type
    )


@pytest.fixture
def catalog() -> Iterator[Catalog]:
    """A catalog with the schemas x and y, and ten tables in each; t9 is a view."""
    with Catalog.temporary() as store:
        store.write(
            [
                CreateDatabaseServiceRequest(
                    name="s", serviceType=DatabaseServiceType.CustomDatabase
                ),
                CreateDatabaseRequest(name="d", service="s"),
                *(CreateDatabaseSchemaRequest(name=name, database="s.d") for name in "xy"),
                *(table(f"t{n}", name) for name in "xy" for n in range(9)),
                *(table("t9", name, TableType.View) for name in "xy"),
            ]
        )
        yield store


class Filtering(Source):
    """A source of which only the status matters."""

    def __init__(self, status: SourceStatus) -> None:
        self.status = status

    @classmethod
    def create(cls, config_dict: object, metadata_config_dict: object, ctx: object) -> Filtering:
        return cls(SourceStatus())

    def prepare(self) -> None: ...

    def next_record(self) -> Iterable[Record]:
        return ()

    def get_status(self) -> SourceStatus:
        return self.status


def live(store: Catalog) -> set[str]:
    return set(store.list_fqns(Table, scope="s"))


class Run:
    """A run that sees every table but x.t9, and closes the whole database."""

    def __init__(self, settings: SourceConfig | None = None, *, keeps: bool = True) -> None:
        self.stale = StaleEntities(
            settings or SourceConfig(), keeps_left_out=keeps, allow_mass_delete=True
        )
        self.status = SourceStatus()

    def end(self, catalog: Catalog, unseen: Iterable[str] = ("s.d.x.t9",)) -> StaleEntities:
        for fqn in sorted(ALL - set(unseen)):
            _, _, schema, name = fqn.split(".")
            self.stale.note(table(name, schema))
        self.stale.note(ScopeComplete("s.d", Table))
        self.stale.remove(catalog, self.status)
        return self.stale


@pytest.mark.parametrize(
    "key",
    [
        *("s.d.x.t9", "s.d.x", "s.d", "s"),
        *('s."d".x."t9"', '"s".d', "S.D.X.T9", " s.d.x.t9\n", 's.D."X"'),
        *("x.t9", "t9", "x", "d.x", '"X".T9', "s.d.x.t9.column"),
    ],
)
@pytest.mark.parametrize("is_heard", [True, False], ids=["heard", "samples"])
def test_what_the_source_leaves_out_stays(catalog: Catalog, key: str, is_heard: bool) -> None:
    """A table stays that the source left out, or what it lies in, however that is spelled."""
    run = Run()
    if is_heard:
        run.stale.listen(Filtering(run.status))
    run.status.filter(key, "left out")
    stale = run.end(catalog)
    assert live(catalog) == ALL
    assert stale.report.left_out_kept == {"table": 1}
    assert stale.report.deleted == {}


def test_what_is_present_is_neither_gone_nor_left_out(catalog: Catalog) -> None:
    """An entity that a source says is there stays, also where what is left out does not."""
    run = Run(keeps=False)
    run.stale.listen(Filtering(run.status))
    run.status.present("table", 's."d".x.t9')
    stale = run.end(catalog)
    assert live(catalog) == ALL
    assert stale.report.left_out_kept == stale.report.left_out_deleted == {}


@pytest.mark.parametrize("told", [("databaseSchema", "s.d.x"), ("table", 's."d"'), ("", "")])
def test_what_is_unlisted_keeps_what_lies_in_it(catalog: Catalog, told: tuple[str, str]) -> None:
    """Nothing is gone at or below a place that was not listed in full, of that type or below."""
    run = Run()
    run.stale.listen(Filtering(run.status))
    run.status.unlisted(*told, "the list is short")
    stale = run.end(catalog)
    assert live(catalog) == ALL
    (kept,) = stale.report.kept_scopes
    assert kept.reason == "the list is short"


@pytest.mark.parametrize("key", ["s.d.y.t9", "s.d.x.t", "s.d.x.t90", "y", "t8", "a -> b", ""])
def test_what_is_left_out_elsewhere_keeps_nothing_here(catalog: Catalog, key: str) -> None:
    """A table that is gone is marked although others were left out."""
    run = Run()
    run.stale.listen(Filtering(run.status))
    run.status.filter(key, "left out")
    run.end(catalog)
    assert live(catalog) == ALL - {"s.d.x.t9"}


@pytest.mark.parametrize("key", ["a.b", '"a.b"', "x.a.b", "s.d.x.a.b", 's.d.x."a.b"', "s.d.x.A.B"])
def test_a_name_with_a_dot(catalog: Catalog, key: str) -> None:
    """A table whose name holds a dot stays, also where the key lacks the quotes."""
    catalog.write([table("a.b")])
    run = Run()
    run.status.filter(key, "left out")
    run.end(catalog, ())
    assert live(catalog) == {*ALL, 's.d.x."a.b"'}


def test_every_key_counts(catalog: Catalog) -> None:
    """What is left out beyond the first samples of the status is known as well."""
    run = Run()
    run.stale.listen(Filtering(run.status))
    for number in range(1000):
        run.status.filter(f"s.d.x.other{number}", "left out")
    run.status.filter("s.d.x.t9", "left out")
    run.end(catalog, unseen=["s.d.x.t9", "s.d.x.t8"])
    assert live(catalog) == ALL - {"s.d.x.t8"}


def test_more_than_can_be_told_apart_keeps_everything(catalog: Catalog) -> None:
    """A source that counts more than it names loses nothing, and the report says why."""
    run = Run()
    run.status.filtered_count = 3
    stale = run.end(catalog)
    assert live(catalog) == ALL
    (kept,) = stale.report.kept_scopes
    assert "left out more than can be told apart" in kept.reason


def tables(**settings: object) -> DatabaseSourceConfig:
    return DatabaseSourceConfig.model_validate(settings)


T9, X, D = (FilterPattern(excludes=[f"{name}$"]) for name in ("t9", "x", "d"))


@pytest.mark.parametrize(
    ("settings", "unseen"),
    [
        (tables(tableFilterPattern=T9), {"s.d.x.t9", "s.d.y.t9"}),
        (tables(tableFilterPattern=FilterPattern(includes=["t[0-8]"])), {"s.d.x.t9"}),
        (tables(schemaFilterPattern=X), {fqn for fqn in ALL if ".x." in fqn}),
        (tables(databaseFilterPattern=D), ALL),
        (
            tables(
                tableFilterPattern=FilterPattern(excludes=[r"s\.d\.x\.t9"]), useFqnForFiltering=True
            ),
            {"s.d.x.t9"},
        ),
        (tables(includeViews=False), {"s.d.x.t9", "s.d.y.t9"}),
        (tables(includeTables=False), {fqn for fqn in ALL if ".t9" not in fqn}),
        (tables(includeTables=False, includeViews=False), ALL),
    ],
    ids=["table", "include", "schema", "database", "fqn", "views", "tables", "both"],
)
@pytest.mark.parametrize("keeps", [True, False], ids=["keep", "markDeleted"])
def test_patterns_that_a_source_applies_without_a_word(
    catalog: Catalog, settings: DatabaseSourceConfig, unseen: set[str], keeps: bool
) -> None:
    """The workflow's patterns and flags keep what they leave out; markDeleted marks it."""
    stale = Run(settings, keeps=keeps).end(catalog, unseen)
    assert live(catalog) == (ALL if keeps else ALL - unseen)
    assert stale.report.left_out_kept.total() == (len(unseen) if keeps else 0)
    assert stale.report.left_out_deleted.total() == (0 if keeps else len(unseen))
    assert stale.report.deleted.total() == 0


@pytest.mark.parametrize("included", [True, False], ids=["included", "left out"])
def test_a_kind_that_is_left_out(catalog: Catalog, included: bool) -> None:
    """A flag such as includeStoredProcedures keeps all that it leaves out."""
    code = {"code": "SELECT 1", "language": "SQL"}
    catalog.write(
        [CreateStoredProcedureRequest(name="p", databaseSchema="s.d.x", storedProcedureCode=code)]
    )
    run = Run(tables(includeStoredProcedures=included))
    run.stale.note(ScopeComplete("s.d", StoredProcedure))
    run.end(catalog, ())
    assert len(list(catalog.list_fqns(StoredProcedure, scope="s"))) == (0 if included else 1)


@pytest.mark.parametrize("pattern", ["bucket", "folder"])
def test_a_pattern_of_containers_is_for_the_outermost(catalog: Catalog, pattern: str) -> None:
    """A folder that is gone from a bucket goes, whatever its own name; with the bucket it stays."""
    catalog.write(
        [
            CreateStorageServiceRequest(name="st", serviceType=StorageServiceType.CustomStorage),
            CreateContainerRequest(name="bucket", service="st"),
            CreateContainerRequest(
                name="folder",
                service="st",
                parent=EntityReference(type="container", fullyQualifiedName="st.bucket"),
            ),
        ]
    )
    settings = StorageSourceConfig(containerFilterPattern=FilterPattern(excludes=[pattern]))
    stale = StaleEntities(settings, allow_mass_delete=True)
    if pattern == "folder":
        stale.note(CreateContainerRequest(name="bucket", service="st"))
    stale.note(ScopeComplete("st", Container))
    stale.remove(catalog, SourceStatus())
    left = {"st.bucket"} if pattern == "folder" else {"st.bucket", "st.bucket.folder"}
    assert set(catalog.list_fqns(Container, scope="st")) == left


def test_patterns_keep_nothing_else(catalog: Catalog) -> None:
    """What the patterns would let pass, and is not yielded, is gone."""
    settings = tables(tableFilterPattern=T9, schemaFilterPattern=FilterPattern(includes=["x", "y"]))
    stale = Run(settings).end(catalog, {"s.d.x.t9", "s.d.x.t8"})
    assert live(catalog) == ALL - {"s.d.x.t8"}
    assert stale.report.as_dict()["leftOut"] == {"kept": {"table": 1}, "markedDeleted": {}}
    assert stale.report.as_dict()["markedDeleted"] == {"table": 1}


@pytest.mark.parametrize("keeps", [True, False], ids=["keep", "markDeleted"])
@pytest.mark.parametrize("before", [0, 1, 499, 500], ids=str)
def test_what_a_processor_drops(catalog: Catalog, keeps: bool, before: int) -> None:
    """A record that a processor drops leaves its entity as it is; markDeleted marks it."""
    run = Run(keeps=keeps)
    for number in range(before):
        run.stale.note(table(f"other{number}"))
    run.stale.note(table("t9"))
    run.stale.note_dropped(table("t9"))
    stale = run.end(catalog)
    assert live(catalog) == (ALL if keeps else ALL - {"s.d.x.t9"})
    assert stale.report.left_out_kept == ({"table": 1} if keeps else {})
    assert stale.report.left_out_deleted == ({} if keeps else {"table": 1})


def test_a_schema_with_something_left_out_stays(catalog: Catalog) -> None:
    """A schema is not deleted with a table that was left out of it."""
    settings = DatabaseSourceConfig(markDeletedSchemas=True)
    stale = StaleEntities(settings, allow_mass_delete=True)
    status = SourceStatus()
    status.filter("s.d.x.t3", "left out")
    stale.note(CreateDatabaseSchemaRequest(name="y", database="s.d"))
    stale.note(ScopeComplete("s.d", DatabaseSchema))
    stale.remove(catalog, status)
    assert set(catalog.list_fqns(DatabaseSchema, scope="s")) == {"s.d.x", "s.d.y"}


def _raises() -> SourceStatus:
    raise RuntimeError("no status")


@pytest.mark.parametrize(
    "get_status", [_raises, lambda: None, SourceStatus], ids=["raises", "None", "another"]
)
def test_a_source_without_a_status_of_its_own(
    catalog: Catalog, get_status: Callable[[], SourceStatus]
) -> None:
    """A source that raises in get_status, or builds a new one each time, does not end the run."""
    run = Run()
    source = Filtering(run.status)
    source.get_status = get_status  # type: ignore[method-assign]  # a source of its own each time
    run.stale.listen(source)
    run.status.filter("s.d.x.t9", "left out")
    run.end(catalog)
    assert live(catalog) == ALL
