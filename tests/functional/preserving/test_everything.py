"""What people set survives every run: for every kind and field, on every target."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest
from om_ingest.kinds import KINDS

from tests.functional.preserving.life import Life
from tests.functional.preserving.targets import Embedded, Served
from tests.selection import few


def test_what_people_set_survives_every_run_into_a_catalog(tmp_path: Path) -> None:
    """Two unchanged runs and a changed one write what the source says, and nothing more.

    The connector yields each kind minimally, with every field, with each field alone, and with
    empty lists; a person sets every field in between. Versions move only where the source says
    something new. What a person set is taken away by `overrideMetadata` alone, in the last run.
    """
    with Embedded(tmp_path) as catalog:
        life = Life(catalog, by_field=True)
        wrongs = life.live()

    assert not wrongs, "\n".join(wrongs)
    assert not life.warned


TABLES = ("databaseService", "database", "databaseSchema", "table")

LIVES = (
    ("2.0.7", False, TABLES),
    *(("1.6.0", False, KINDS), ("2.0.7", False, KINDS)),
    *(("1.6.0", True, KINDS), ("1.11.0", False, KINDS), ("1.13.0", False, KINDS)),
    ("2.0.7", True, KINDS),
)


@pytest.mark.full
@pytest.mark.parametrize("release", ["1.6.0", "2.0.7"])
def test_a_token_of_a_person_takes_nothing_away_either(release: str, tmp_path: Path) -> None:
    """Servers let people replace what they protect from bots: a run does not."""
    with Served(tmp_path, release, is_bot=False) as server:
        wrongs = Life(server, by_field=False).live()

    assert not wrongs, "\n".join(wrongs)


@pytest.mark.parametrize(
    ("release", "by_field", "kinds"),
    few(LIVES, 1, ids=lambda case: f"{case[0]}-{case[1]}-{len(case[2])} kinds"),
)
def test_what_people_set_survives_every_run_to_a_server(
    release: str, by_field: bool, kinds: Collection[str], tmp_path: Path
) -> None:
    """The same holds on servers of every release, however little they protect.

    `by_field` adds the cases in which the source begins to say one field more.
    """
    with Served(tmp_path, release) as server:
        life = Life(server, by_field=by_field, kinds=kinds)
        wrongs = life.live()

    assert not wrongs, "\n".join(wrongs)
    assert "overrideMetadata" not in life.warned


@pytest.mark.parametrize(
    ("release", "overwrites"), few([("1.6.0", False), ("2.0.7", False), ("2.0.7", True)], 0)
)
def test_what_was_deleted_comes_back_as_people_left_it(
    release: str, overwrites: bool, tmp_path: Path
) -> None:
    """Services, databases, dashboards and all others keep what a person set, deletion or not.

    Without `forceEntityOverwriting`, which is the default, services go a way of their own.
    """
    with Served(tmp_path, release) as server:
        server.settings = {"forceEntityOverwriting": overwrites}
        wrongs = Life(server, by_field=False).come_back()

    assert not wrongs, "\n".join(wrongs)


@pytest.mark.parametrize(
    ("release", "by_field"), few([("1.6.0", False), ("1.6.0", True), ("2.0.7", True)], 0)
)
def test_what_another_client_wrote_is_not_written_for_its_fingerprint(
    release: str, by_field: bool, tmp_path: Path
) -> None:
    """A run that says what another client has written makes no versions, whatever its hashes."""
    with Served(tmp_path, release) as server:
        wrongs = Life(server, by_field=by_field).change_clients()

    assert not wrongs, "\n".join(wrongs)
