"""Stale entities: what is gone from a complete scope goes, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from om_ingest import (
    Cancellation,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    DeliveryError,
    Entity,
    MetadataStore,
    RecordError,
    ScopeComplete,
    SourceStatus,
)
from om_ingest.config import DatabaseSourceConfig, MessagingSourceConfig, SourceConfig
from om_ingest.model import (
    CreateDashboardRequest,
    CreateDashboardServiceRequest,
    Dashboard,
    Database,
    DatabaseSchema,
    DatabaseServiceType,
    Table,
)
from om_ingest.store import DeleteResult, ForwardingStore
from om_ingest.workflow.stale import StaleEntities
from om_ingest_catalog import Catalog


def table(name: str, schema: str = "x") -> CreateTableRequest:
    return CreateTableRequest(name=name, databaseSchema=f"s.d.{schema}", columns=[])


def schema(name: str) -> CreateDatabaseSchemaRequest:
    return CreateDatabaseSchemaRequest(name=name, database="s.d")


@pytest.fixture
def catalog() -> Iterator[Catalog]:
    """A catalog with the schemas x and y, and ten tables in each."""
    with Catalog.temporary() as store:
        store.write(
            [
                CreateDatabaseServiceRequest(
                    name="s", serviceType=DatabaseServiceType.CustomDatabase
                ),
                CreateDatabaseRequest(name="d", service="s"),
                *(schema(name) for name in "xy"),
                *(table(f"t{n}", name) for name in "xy" for n in range(10)),
            ]
        )
        yield store


def live(store: Catalog, entity: type[Entity] = Table, scope: str = "s") -> set[str]:
    return set(store.list_fqns(entity, scope=scope))


def test_only_complete_scopes_lose_anything(catalog: Catalog) -> None:
    """A table that was not yielded goes where its schema is complete, and stays elsewhere."""
    stale = StaleEntities(SourceConfig())
    for number in range(9):
        stale.note(table(f"t{number}"))
    stale.note(ScopeComplete("s.d.x", Table))
    stale.remove(catalog, SourceStatus())
    assert live(catalog, scope="s.d.x") == {f"s.d.x.t{n}" for n in range(9)}
    assert len(live(catalog, scope="s.d.y")) == 10
    assert stale.report.deleted == {"table": 1}
    gone = catalog.get_by_name(Table, "s.d.x.t9", include_deleted=True)
    assert gone is not None, "it is marked, not removed"
    assert gone.deleted


def test_no_complete_scope_means_no_deletion(catalog: Catalog) -> None:
    """A source that says nothing of completeness loses nothing."""
    stale = StaleEntities(SourceConfig())
    stale.note(table("t0"))
    stale.remove(catalog, SourceStatus())
    assert len(live(catalog)) == 20


@pytest.mark.parametrize(
    "key",
    [
        *("s.d.x.t3", "s.d.x", "s.d", "s", "connection", ""),
        *('"s".d.x.t3', 's."d"."x"', '"s"', "S.D.X", 's.D."X".t3', " s.d.x\n", 's.d."x', "s.d.x."),
    ],
)
def test_a_scope_with_a_failure_is_left_alone(catalog: Catalog, key: str) -> None:
    """What could not be read inside, above, or nobody knows where, protects the scope.

    However it is spelled: with needless quotes, in another case, malformed.
    """
    status = SourceStatus()
    status.failure(key, "no permission")
    stale = StaleEntities(SourceConfig())
    for number in range(9):
        stale.note(table(f"t{number}"))
    stale.note(ScopeComplete("s.d.x", Table))
    stale.remove(catalog, status)
    assert len(live(catalog)) == 20
    (kept,) = stale.report.kept_scopes
    assert key in kept.reason
    assert "no permission" in kept.reason


class Told(ForwardingStore):
    """A store whose listings say what a test says."""

    def __init__(self, store: Catalog, *listed: str) -> None:
        self.store = store
        self.listed = listed
        self.locked: set[str] = set()
        """FQNs that cannot be deleted."""

    def _target(self) -> Catalog:
        return self.store

    def list_fqns(self, entity: type[Entity], *, scope: str | None = None) -> Iterator[str]:
        return iter(self.listed)

    def delete_stale(self, entity: type[Entity], fqns: Sequence[str]) -> Iterator[DeleteResult]:
        return MetadataStore.delete_stale(self, entity, fqns)

    def delete(
        self, entity: type[Entity], fqn: str, *, recursive: bool = False, hard: bool = False
    ) -> bool:
        if fqn in self.locked:
            raise RecordError(f"{fqn} is locked", "Unlock it.")
        return self.store.delete(entity, fqn, recursive=recursive, hard=hard)


def seen_but(*gone: int) -> StaleEntities:
    """A run that has seen everything in the schema x but some of its ten tables."""
    stale = StaleEntities(SourceConfig(), fail_safe_percent=50)
    for number in set(range(10)) - set(gone):
        stale.note(table(f"t{number}"))
    stale.note(ScopeComplete("s.d.x", Table))
    return stale


@pytest.mark.parametrize(
    ("listed", "gone"),
    [
        ((), set()),
        (("s.d.x.t0", "s.d.x.t9"), {"s.d.x.t9"}),
        (("s.d.y.t0", "s.d", "s", "z.d.x.t9", "s.d.x", "", "s.d.x2.t9", "None"), set()),
        (("s.d.x.t9", "s.d.x.t9", 's."d".x.t9'), {"s.d.x.t9"}),
        (("s.d.x.t9", "s.d.x.never", "s.d.x.t9.column"), {"s.d.x.t9"}),
    ],
    ids=["nothing", "short", "elsewhere", "twice", "unknown"],
)
def test_a_listing_that_lies(catalog: Catalog, listed: tuple[str, ...], gone: set[str]) -> None:
    """Nothing goes but what this run has not seen, wherever a listing says that something is.

    The report counts what was deleted, not what was listed.
    """
    before = live(catalog)
    stale = seen_but(8, 9)
    stale.remove(Told(catalog, *listed), SourceStatus())
    assert live(catalog) == before - gone
    assert stale.report.deleted.total() == len(gone)


def test_what_cannot_be_deleted_is_said(catalog: Catalog) -> None:
    """One that cannot be deleted does not keep the others; the run fails, and names it."""
    stale = seen_but(7, 8, 9)
    store = Told(catalog, *(f"s.d.x.t{number}" for number in range(10)))
    store.locked.add("s.d.x.t7")
    with pytest.raises(DeliveryError, match=r"1 stale .*table s\.d\.x\.t7: s\.d\.x\.t7 is locked"):
        stale.remove(store, SourceStatus())
    assert len(live(catalog, scope="s.d.x")) == 8
    assert stale.report.deleted == {"table": 2}
    assert stale.report.as_dict()["failures"] == {
        "total": 1,
        "samples": [{"key": "table s.d.x.t7", "reason": "s.d.x.t7 is locked"}],
        "reasons": [{"reason": "s.d.x.t7 is locked", "count": 1, "keys": ["table s.d.x.t7"]}],
    }


def test_what_was_gone_already_is_not_counted(catalog: Catalog) -> None:
    """The report counts what this run has deleted, and not what somebody else has."""
    stale = seen_but(8, 9)
    store = Told(catalog, "s.d.x.t8", "s.d.x.t9")
    catalog.delete(Table, "s.d.x.t8")
    stale.remove(store, SourceStatus())
    assert stale.report.deleted == {"table": 1}


def test_what_has_children_that_were_seen_stays(catalog: Catalog) -> None:
    """A schema that was not yielded, but a table of which was, is there."""
    settings = DatabaseSourceConfig(markDeletedSchemas=True, markDeletedTables=False)
    stale = StaleEntities(settings, allow_mass_delete=True)
    stale.note(table("t0", "y"))
    stale.note(ScopeComplete("s.d", DatabaseSchema))
    stale.remove(catalog, SourceStatus())
    assert live(catalog, DatabaseSchema) == {"s.d.y"}


@pytest.mark.parametrize("key", ['s.d."a.b".t0', "s.d.a.b.t0", 's."d".a.b', 'S.D."A.B"'])
def test_a_failure_in_a_scope_with_a_dot_in_its_name(catalog: Catalog, key: str) -> None:
    """A key without the quotes that the name needs protects its scope, too."""
    catalog.write([schema("a.b"), table("t0", '"a.b"')])
    status = SourceStatus()
    status.failure(key, "locked")
    stale = StaleEntities(SourceConfig(), allow_mass_delete=True)
    stale.note(ScopeComplete('s.d."a.b"', Table))
    stale.remove(catalog, status)
    assert live(catalog, scope='s.d."a.b"') == {'s.d."a.b".t0'}


def test_a_failure_elsewhere_protects_only_that_scope(catalog: Catalog) -> None:
    """A failure below one schema does not keep what is gone from another."""
    status = SourceStatus()
    status.failure("s.d.y.t1", "locked")
    stale = StaleEntities(SourceConfig())
    for name in "xy":
        for number in range(9):
            stale.note(table(f"t{number}", name))
        stale.note(ScopeComplete(f"s.d.{name}", Table))
    stale.remove(catalog, status)
    assert (len(live(catalog, scope="s.d.x")), len(live(catalog, scope="s.d.y"))) == (9, 10)


@pytest.mark.parametrize("name", ["t\0", "t\ud800", "t\u2028", "t" * 257, ""])
def test_a_name_that_cannot_be_stored_protects_everything(catalog: Catalog, name: str) -> None:
    """What a store refuses for its name may be anything that seems to be gone."""
    stale = StaleEntities(SourceConfig())
    for number in range(9):
        stale.note(table(f"t{number}"))
    stale.note(CreateTableRequest.model_construct(name=name, databaseSchema="s.d.x", columns=[]))
    stale.note(ScopeComplete("s.d.x", Table))
    stale.remove(catalog, SourceStatus())
    assert len(live(catalog, scope="s.d.x")) == 10
    reason = stale.report.kept_scopes[0].reason
    assert reason.startswith("it is unknown which entity this record is")
    assert reason.endswith("correct the name in the source")


def test_more_failures_than_are_kept_protect_everything(catalog: Catalog) -> None:
    """Where it cannot be told what failed, nothing is deleted."""
    status = SourceStatus()
    for number in range(30):
        status.failure(f"s.d.y.t{number}", "locked")
    stale = StaleEntities(SourceConfig())
    stale.note(ScopeComplete("s.d.x", Table))
    stale.remove(catalog, status)
    assert len(live(catalog)) == 20


def test_too_large_a_share_stops_everything(catalog: Catalog) -> None:
    """Above the fail-safe share nothing is deleted, and the message says how to go on."""
    stale = StaleEntities(SourceConfig())
    for number in range(7):
        stale.note(table(f"t{number}"))
    stale.note(ScopeComplete("s.d.x", Table))
    with pytest.raises(DeliveryError, match=r"3 of 10 table .*30 %.*more than 25 %") as caught:
        stale.remove(catalog, SourceStatus())
    assert "--allow-mass-delete" in caught.value.remedy
    assert len(live(catalog)) == 20


def test_nothing_is_reported_as_deleted_that_was_not(catalog: Catalog) -> None:
    """A kind above the share keeps those below it, too: the report counts neither."""
    stale = StaleEntities(DatabaseSourceConfig(markDeletedSchemas=True), fail_safe_percent=50)
    stale.note(schema("x"))
    stale.note(table("t0"))
    stale.note(ScopeComplete("s.d", DatabaseSchema))
    stale.note(ScopeComplete("s.d.x", Table))
    with pytest.raises(DeliveryError, match=r"9 of 10 table"):
        stale.remove(catalog, SourceStatus())
    assert stale.report.deleted == {}
    assert len(live(catalog, DatabaseSchema)) == 2


def test_a_dry_run_lists_what_would_be_too_much(catalog: Catalog) -> None:
    """The fail-safe says "--dry-run lists them", and so it does, before it fails as well."""
    stale = StaleEntities(SourceConfig())
    stale.note(table("t0"))
    stale.note(ScopeComplete("s.d.x", Table))
    with pytest.raises(DeliveryError, match=r"9 of 10 table"):
        stale.remove(catalog, SourceStatus(), dry_run=True)
    assert stale.report.deleted == {"table": 9}
    assert len(stale.report.samples) == 9


def test_a_run_that_is_to_stop_marks_no_more(catalog: Catalog) -> None:
    """A signal while stale entities are looked for keeps them all."""
    stale, cancelled = StaleEntities(SourceConfig()), Cancellation()
    for number in range(9):
        stale.note(table(f"t{number}"))
    stale.note(ScopeComplete("s.d.x", Table))
    cancelled.set()
    stale.remove(catalog, SourceStatus(), cancelled=cancelled)
    assert len(live(catalog)) == 20
    assert stale.report.deleted == {}


def test_the_share_is_of_all_complete_scopes(catalog: Catalog) -> None:
    """Three of ten tables of one schema are fifteen percent of those of both."""
    stale = StaleEntities(SourceConfig())
    for name, count in (("x", 7), ("y", 10)):
        for number in range(count):
            stale.note(table(f"t{number}", name))
        stale.note(ScopeComplete(f"s.d.{name}", Table))
    stale.remove(catalog, SourceStatus())
    assert len(live(catalog)) == 17


def many(*, scopes: Sequence[str], schemas: int = 20, dead: int = 1) -> StaleEntities:
    """A run that has seen six tables in each of many schemas, and nothing in some of them."""
    stale = StaleEntities(DatabaseSourceConfig(markDeletedSchemas=True))
    for place in range(dead, schemas):
        stale.note(schema(f"many{place}"))
        for number in range(6):
            stale.note(table(f"t{number}", f"many{place}"))
    for scope in scopes:
        stale.note(ScopeComplete(scope, Table))
    return stale


@pytest.fixture
def wide(catalog: Catalog) -> Catalog:
    """A catalog with twenty schemas of six tables each, beside the two others."""
    catalog.delete(DatabaseSchema, "s.d.x", recursive=True)
    catalog.delete(DatabaseSchema, "s.d.y", recursive=True)
    for place in range(20):
        catalog.write([schema(f"many{place}")])
        catalog.write([table(f"t{number}", f"many{place}") for number in range(6)])
    return catalog


@pytest.mark.parametrize(
    "scopes",
    [["s"], ["s.d"], [f"s.d.many{place}" for place in range(20)]],
    ids=["service", "database", "schemas"],
)
def test_one_dead_scope_stops_everything(wide: Catalog, scopes: list[str]) -> None:
    """A schema that lost all its tables does not hide among healthy ones.

    However the source says what it has read: once for everything, or for each schema.
    """
    stale = many(scopes=scopes)
    with pytest.raises(DeliveryError, match=r"6 of 6 in s\.d\.many0; nothing") as caught:
        stale.remove(wide, SourceStatus())
    assert "--allow-mass-delete" in caught.value.remedy
    assert len(live(wide)) == 120


def test_a_dead_database_of_small_schemas_stops_everything(wide: Catalog) -> None:
    """A database is a scope, too: the tables of its schemas count together."""
    wide.write([CreateDatabaseRequest(name="small", service="s")])
    for place in range(3):
        name = f"z{place}"
        wide.write([CreateDatabaseSchemaRequest(name=name, database="s.small")])
        lost = [
            CreateTableRequest(name=f"t{n}", databaseSchema=f"s.small.{name}", columns=[])
            for n in range(3)
        ]
        wide.write(lost)
    stale = many(scopes=["s"], dead=0)
    with pytest.raises(DeliveryError, match=r"one scope .*: 9 of 9 in s\.small; nothing"):
        stale.remove(wide, SourceStatus())


def test_one_dead_service_stops_everything(catalog: Catalog) -> None:
    """Among several services of one run a dead one does not hide, also of a kind directly in it."""
    stale = StaleEntities(SourceConfig())
    for service, count in (("big", 50), ("dead", 6)):
        catalog.write(
            [
                CreateDashboardServiceRequest(name=service, serviceType="CustomDashboard"),
                *(CreateDashboardRequest(name=f"d{n}", service=service) for n in range(count)),
            ]
        )
        stale.note(CreateDashboardServiceRequest(name=service, serviceType="CustomDashboard"))
        stale.note(ScopeComplete(service, Dashboard))
    for number in range(50):
        stale.note(CreateDashboardRequest(name=f"d{number}", service="big"))
    with pytest.raises(DeliveryError, match=r"6 of 6 in dead; nothing was marked"):
        stale.remove(catalog, SourceStatus())


def test_a_service_of_others_is_left_alone(catalog: Catalog) -> None:
    """A source cannot call a service complete that is not its own and that it yields nothing of."""
    for service, expected in (("other", 20), ("s", 0)):
        stale = StaleEntities(SourceConfig(), service_name=service, allow_mass_delete=True)
        stale.note(ScopeComplete("s", Table))
        stale.remove(catalog, SourceStatus())
        assert len(live(catalog)) == expected
        (kept,) = stale.report.kept_scopes or [None]
        assert (kept is not None and "nothing of s" in kept.reason) == (expected == 20)
    catalog.restore(Table, "s.d.x.t0")
    stale = StaleEntities(SourceConfig(), service_name="other", allow_mass_delete=True)
    stale.note(CreateDatabaseRequest(name="d", service="s"))
    stale.note(ScopeComplete("s.d.x", Table))
    stale.remove(catalog, SourceStatus())
    assert live(catalog) == set(), "a service that it has yielded something of is its own"


def test_few_that_are_gone_from_a_small_scope_go(wide: Catalog) -> None:
    """Up to five of one scope count in the whole only: a schema of two tables may lose one."""
    stale = many(scopes=["s"])
    stale.note(table("t0", "many0"))
    stale.remove(wide, SourceStatus())
    assert stale.report.deleted == {"table": 5}
    assert live(wide, scope="s.d.many0") == {"s.d.many0.t0"}


def test_a_schema_that_goes_is_no_dead_scope(wide: Catalog) -> None:
    """The tables of a schema that is gone itself go with it: the share of the schemas counts."""
    stale = many(scopes=["s"])
    stale.note(ScopeComplete("s.d", DatabaseSchema))
    stale.remove(wide, SourceStatus())
    assert stale.report.deleted == {"databaseSchema": 1}
    assert len(live(wide)) == 19 * 6


def test_many_dead_scopes_are_counted(wide: Catalog) -> None:
    """The message names the first scopes, and says how many more there are."""
    stale = many(scopes=["s"], dead=8)
    with pytest.raises(DeliveryError) as caught:
        stale.remove(wide, SourceStatus())
    assert caught.value.what == (
        "48 of 120 table entities are gone from the source (40 %, more than 25 %), among them"
        " 6 of 6 in s.d.many0, 6 of 6 in s.d.many1, 6 of 6 in s.d.many2, 6 of 6 in s.d.many3,"
        " 6 of 6 in s.d.many4 and 4 more scopes; nothing was marked as deleted"
    )


@pytest.mark.parametrize(
    "options", [{"allow_mass_delete": True}, {"fail_safe_percent": 100}], ids=str
)
def test_mass_deletion_can_be_allowed(catalog: Catalog, options: dict[str, int]) -> None:
    """Whoever asks for it may empty a schema."""
    stale = StaleEntities(SourceConfig(), **options)  # type: ignore[arg-type]  # one of two options
    stale.note(ScopeComplete("s.d.x", Table))
    stale.remove(catalog, SourceStatus())
    assert live(catalog, scope="s.d.x") == set()


def test_a_dry_run_only_looks(catalog: Catalog) -> None:
    """The report names what would go, and all of it stays."""
    stale = StaleEntities(SourceConfig())
    for number in range(9):
        stale.note(table(f"t{number}"))
    stale.note(ScopeComplete("s.d.x", Table))
    stale.remove(catalog, SourceStatus(), dry_run=True)
    assert len(live(catalog)) == 20
    assert stale.report.as_dict() == {
        "dryRun": True,
        "markedDeleted": {"table": 1},
        "samples": ["table s.d.x.t9"],
        "leftOut": {"kept": {}, "markedDeleted": {}},
        "failures": {"total": 0, "samples": [], "reasons": []},
        "keptScopes": [],
    }


def test_flags_of_the_workflow_file_decide(catalog: Catalog) -> None:
    """Schemas stay unless they are asked for; tables stay if that is asked for."""
    for settings, entity, expected in (
        (SourceConfig(), DatabaseSchema, 2),
        (DatabaseSourceConfig(markDeletedSchemas=True), DatabaseSchema, 1),
        (DatabaseSourceConfig(markDeletedTables=False), Table, 10),
        (MessagingSourceConfig(), Table, 9),
    ):
        stale = StaleEntities(settings, allow_mass_delete=True)
        stale.note(schema("x"))
        for number in range(9):
            stale.note(table(f"t{number}"))
        scope = "s.d" if entity is DatabaseSchema else "s.d.x"
        stale.note(ScopeComplete(scope, entity))
        stale.remove(catalog, SourceStatus())
        assert len(live(catalog, entity, scope)) == expected, (settings, entity)
        catalog.restore(DatabaseSchema, "s.d.y")


def test_a_schema_goes_with_its_tables(catalog: Catalog) -> None:
    """What lies above is deleted first, and takes along what is below it."""
    stale = StaleEntities(DatabaseSourceConfig(markDeletedSchemas=True), allow_mass_delete=True)
    stale.note(schema("x"))
    for number in range(10):
        stale.note(table(f"t{number}"))
    stale.note(ScopeComplete("s.d", DatabaseSchema))
    stale.note(ScopeComplete("s.d", Table))
    stale.remove(catalog, SourceStatus())
    assert live(catalog, DatabaseSchema) == {"s.d.x"}
    assert len(live(catalog)) == 10
    assert stale.report.deleted == {"databaseSchema": 1}
    assert live(catalog, Database) == {"s.d"}


class Agreeing(ForwardingStore):
    """A store that says of each deletion that it has done it, as OpenMetadata 1.6 does."""

    def __init__(self, store: Catalog) -> None:
        self.store = store
        self.asked: list[str] = []

    def _target(self) -> Catalog:
        return self.store

    def delete_stale(self, entity: type[Entity], fqns: Sequence[str]) -> Iterator[DeleteResult]:
        for fqn in fqns:
            self.asked.append(fqn)
            yield DeleteResult(fqn, deleted=True)


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("seen", "gone", "counts"),
    [
        (["x"], ["s.d.y"], {"databaseSchema": 1}),
        ([], ["s.d.x", "s.d.y"], {"databaseSchema": 2}),
        (["x", "y"], [f"s.d.{name}.t{n}" for name in "xy" for n in range(10)], {"table": 20}),
    ],
    ids=["one schema", "both schemas", "tables"],
)
def test_what_lies_below_is_not_deleted_by_name(
    catalog: Catalog, seen: list[str], gone: list[str], counts: dict[str, int], dry_run: bool
) -> None:
    """A table goes with its schema: no request for it, and no count, whatever a store answers."""
    stale = StaleEntities(DatabaseSourceConfig(markDeletedSchemas=True), allow_mass_delete=True)
    stale.note(CreateDatabaseRequest(name="d", service="s"))
    for name in seen:
        stale.note(schema(name))
        if len(seen) == 1:
            for number in range(10):
                stale.note(table(f"t{number}", name))
    for entity in (Table, DatabaseSchema):
        stale.note(ScopeComplete("s.d", entity))
    store = Agreeing(catalog)
    stale.remove(store, SourceStatus(), dry_run=dry_run)
    assert store.asked == ([] if dry_run else gone)
    assert stale.report.deleted == counts
    assert [note.key.split()[1] for note in stale.report.samples] == gone


def test_quotes_that_are_not_needed_do_not_make_a_difference(catalog: Catalog) -> None:
    """A scope and a parent may be spelled with quotes; they mean the same entities."""
    stale = StaleEntities(SourceConfig())
    for number in range(10):
        stale.note(table(f"t{number}", '"x"'))
    stale.note(ScopeComplete('s."d"."x"', Table))
    stale.remove(catalog, SourceStatus())
    assert len(live(catalog, scope="s.d.x")) == 10


@pytest.mark.parametrize(
    ("key", "gone"),
    [("s.d.y.t3", {"s.d.x.t9"}), ("s.d.y", {"s.d.x.t9"}), ("s.d", set()), ("s", set())],
)
def test_a_scope_inside_one_with_a_failure(catalog: Catalog, key: str, gone: set[str]) -> None:
    """It counts for itself: what is gone from it goes, unless the failure is in or above it."""
    before, status = live(catalog), SourceStatus()
    status.failure(key, "locked")
    stale = StaleEntities(SourceConfig())
    for name in "xy":
        for number in range(9):
            stale.note(table(f"t{number}", name))
        stale.note(ScopeComplete(f"s.d.{name}", Table))
    stale.note(ScopeComplete("s.d", Table))
    stale.remove(catalog, status)
    assert before - live(catalog) == gone


def test_a_scope_inside_another_is_not_counted_twice(catalog: Catalog) -> None:
    """The share counts a table once, however many complete scopes it lies in."""
    stale = StaleEntities(SourceConfig(), fail_safe_percent=5)
    for name in "xy":
        for number in range(10):
            if (name, number) != ("x", 9):
                stale.note(table(f"t{number}", name))
    for scope in ("s.d.x", "s", "s.d", "s-other"):
        stale.note(ScopeComplete(scope, Table))
    stale.remove(catalog, SourceStatus())
    assert len(live(catalog)) == 19
