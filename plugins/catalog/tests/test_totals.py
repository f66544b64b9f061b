"""Totals of lists are known without reading them (ADR 0015)."""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings, strategies as st
from om_ingest.errors import RecordError
from om_ingest.kinds import KINDS
from om_ingest.model import fqn as names
from om_ingest_catalog import Actor, Catalog, Collection
from om_ingest_catalog.documents.filters import CONDITIONS, Include
from om_ingest_catalog.rows.links import entity_id
from om_ingest_catalog.rows.tables import PARENT_FQN

BOT = Actor()
DIRECTORIES = ["d.a", "d.a.b", 'd."x.y"', 'd.a."x.y"', "d.a.b.c", "d.z"]

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "delete", "remove", "restore"]), st.sampled_from(DIRECTORIES)
    ),
    max_size=25,
)


def take(directories: Collection, step: str, fqn: str) -> None:
    """One change of one directory; raises `RecordError` if it is not possible."""
    *above, name = names.split(fqn)
    if step == "put":
        parent = {"parent": names.join(*above)} if len(above) > 1 else {}
        directories.put({"name": name, "service": "d", **parent}, BOT)
    elif step == "restore":
        directories.restore(UUID(entity_id("directory", fqn)), BOT)
    else:
        directories.delete(fqn, BOT, recursive=True, hard=step == "remove")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_totals_are_what_counting_gives(steps: list[tuple[str, str]]) -> None:
    """After any changes, the total of every list is the number of its entities."""
    with Catalog.temporary() as catalog:
        Collection(catalog, KINDS["driveService"]).put(
            {"name": "d", "serviceType": "CustomDrive"}, BOT
        )
        directories = Collection(catalog, KINDS["directory"])
        for step, fqn in steps:
            with contextlib.suppress(RecordError):  # no such directory: nothing changed
                take(directories, step, fqn)
        includes: tuple[Include, ...] = ("non-deleted", "deleted", "all")
        for scope in (None, "d", *DIRECTORIES):
            for include in includes:
                counted = catalog.file.count("directory", scope, CONDITIONS[include])
                page = directories.page(scope=scope, include=include, limit=100)
                assert page.total == counted == len(page.entities)


def test_an_upgrade_counts_as_writing_does(path: Path, catalog: Catalog, table: Any) -> None:
    """The totals that an upgrade counts equal those maintained by writes."""
    catalog.write([table(), table(name="gone"), table(name='a"."b')])
    Collection(catalog, KINDS["table"]).delete("s.d.x.gone", BOT)
    sql = f"SELECT entity_type, {PARENT_FQN}, sum(deleted = 0), sum(deleted <> 0) FROM entity"
    with closing(sqlite3.connect(path)) as file:
        counted = file.execute(f"{sql} GROUP BY 1, 2").fetchall()
        kept = file.execute("SELECT * FROM tally ORDER BY 1, 2").fetchall()
    assert ("table", "s.d.x", 2, 1) in kept
    assert ("databaseService", "", 1, 0) in kept
    assert counted == kept
