"""Views that other people wrote: PostgreSQL's own, and MariaDB's schema `sys`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases.mariadb import MariaDb
from tests.databases.postgres import Database, running
from tests.databases.views import Examined, examined, mariadb_views, postgres_views


def _shares(found: list[Examined]) -> tuple[int, int, dict[str, list[str]]]:
    """How many are parsed, how many have all columns, and what the server says otherwise."""
    contradicted = {each.view.name: lines for each in found if (lines := each.contradictions())}
    parsed, whole = sum(each.is_parsed for each in found), sum(each.is_whole for each in found)
    return parsed, whole, contradicted


def test_views_of_postgresql(postgres_database: Database) -> None:
    """All are parsed and have all columns; pg_depend and the server's row descriptions agree."""
    found = examined(postgres_views(postgres_database))
    assert len(found) > 140
    assert _shares(found) == (len(found), len(found), {})
    assert sum(each.view.uses is not None for each in found) > 140
    assert sum(len(each.view.copies) for each in found) > 350


@pytest.mark.full
def test_views_of_an_older_postgresql(servers_folder: Path) -> None:
    """Those of PostgreSQL 16 do as well."""
    with running(servers_folder, "16") as cluster:
        found = examined(postgres_views(cluster.database()))
    assert len(found) > 130
    assert _shares(found) == (len(found), len(found), {})


@pytest.mark.full
@pytest.mark.mariadb
def test_views_of_mariadb() -> None:
    """All of `sys` are parsed and have all columns; what the server says of results agrees."""
    with MariaDb(options=("--performance-schema=ON",), sys_schema=True) as server:
        found = examined(mariadb_views(server))
    assert len(found) >= 100
    assert _shares(found) == (len(found), len(found), {})
    assert sum(len(each.view.copies) for each in found) > 400
