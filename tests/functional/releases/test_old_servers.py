"""What runs against old servers say, resume, delete and report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from om_ingest.cli import build, summary
from om_ingest.run import launch
from typer.testing import CliRunner

from tests.functional.preserving.targets import Served
from tests.functional.preserving.values import Body
from tests.functional.releases.records import Said
from tests.functional.releases.test_matrix import WRITES, left_out, problems, served

DRIVE: Said = [
    ("driveService", {"name": "files", "serviceType": "GoogleDrive"}),
    ("directory", {"name": "year", "service": "files"}),
]
_TAGS = [{"tagFQN": "PII.Sensitive", "reason": "a column says so"}]
DATABASE: Said = [
    ("databaseService", {"name": "people", "serviceType": "Dremio"}),
    ("database", {"name": "d", "service": "people", "tags": _TAGS}),
    ("databaseSchema", {"name": "s", "database": "people.d", "tags": _TAGS}),
    *(
        (
            "table",
            {
                "name": name,
                "databaseSchema": "people.d.s",
                "tags": _TAGS,
                "columns": [{"name": "a", "dataType": "INT"}],
            },
        )
        for name in "tu"
    ),
]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    """A 1.6 server."""
    with served(tmp_path, "1.6.0") as running:
        yield running


def printed(report: Body) -> list[str]:
    """The report as the command prints it."""
    return list(summary.lines(report))


def test_a_dry_run_says_what_the_run_says(server: Served) -> None:
    """What is left out is told before the run, with the same numbers of records."""
    with server.job([*DATABASE, *DRIVE], dry_run=True) as job:
        rehearsal = launch.launch(job).as_dict()
    assert [one for one in server.asked if one[0] in WRITES] == []
    report = server.run([*DATABASE, *DRIVE])
    assert problems(report) == []
    assert (
        left_out(rehearsal)
        == left_out(report)
        == {
            "databaseService.serviceType=Dremio": 1,
            "database.tags.reason": 1,
            "databaseSchema.tags.reason": 1,
            "table.tags.reason": 2,
            "driveService": 1,
            "directory": 1,
        }
    )
    assert rehearsal["records"] == report["records"]


def test_each_thing_is_printed_once(server: Served) -> None:
    """What several kinds have in common is one line, with the number of records of each kind."""
    lines = printed(server.run([*DATABASE, *DRIVE]))
    (line,) = (line for line in lines if "tags.reason" in line)
    kinds, reason = line.split(": server ")
    assert kinds == (
        "  database.tags.reason (records: 1), databaseSchema.tags.reason (records: 1), "
        "table.tags.reason (records: 2)"
    )
    assert reason == ("1.6.0 does not know the field tags.reason (new in 1.10.0): it is left out.")
    assert "  driveService (records: 1): server 1.6.0 has no driveServices (new in 1.9.0)" in lines
    (head,) = (line for line in lines if line.startswith("ENTITY TYPE"))
    assert head.split("  ")[-2:] == ["LEFT OUT", "FAILED"]


def test_check_says_it_before(server: Served) -> None:
    """Check tells each thing once, on a screen or two, and reads no record."""
    with server.job([]) as job:
        report = launch.check(job)
    lines = list(summary.checked(report))
    assert 10 < len(lines) < 100
    heads = Counter(line.split(":")[0] for line in report.limits)
    assert max(heads.values()) == 1
    told = "\n".join(report.limits)
    assert "driveService, directory, file, spreadsheet, worksheet (new in 1.9.0)" in told
    assert told.count("reason (new in 1.10.0)") == 1


def test_a_resumed_run_delivers_what_an_upgraded_server_knows(tmp_path: Path) -> None:
    """What was left out is not acknowledged: `--resume` tries it again, and the failed ones."""
    failing: Said = [("metadataService", {"name": "m", "serviceType": "Collibra"})]
    said = [*DATABASE, *DRIVE, *failing]
    with served(tmp_path, "1.6.0") as server:
        report = server.run(said)
        assert report["records"]["failed"] == 1
        assert report["records"]["leftOut"] == len(DRIVE)
    upgraded = served(tmp_path, "2.0.7")
    upgraded.port = server.port
    with upgraded as server:
        resumed = server.run(said, resume=True)
        assert problems(resumed) == []
        assert resumed["resumedFrom"] == report["runId"]
        assert resumed["records"]["leftOut"] == 0
        created = {kind: row["created"] for kind, row in resumed["byEntityType"].items()}
        assert {kind for kind, count in created.items() if count} == {
            *("driveService", "directory", "metadataService")
        }
        again = server.run(said)
        assert again["records"]["unchanged"] == len(said)


def test_what_a_server_lacks_is_not_stale(server: Served) -> None:
    """A complete scope of a kind that the server lacks costs no request and no failure."""
    marks = {"markDeletedDirectories": True, "markDeletedFiles": True}
    kinds = ("directory", "file")
    complete = [("scopeComplete", {"scopeFqn": "files", "entity": kind}) for kind in kinds]
    with server.job([*DRIVE, *complete], config={"type": "DriveMetadata", **marks}) as job:
        report = launch.launch(job).as_dict()
    assert problems(report) == []
    assert report["records"]["leftOut"] == len(DRIVE)
    assert report["stale"]["markedDeleted"] == {}
    assert not [path for _, path in server.asked if "drive" in path.lower()]


def test_a_run_is_reported_to_its_pipeline(server: Served) -> None:
    """An old server shows of its ingestion pipeline how the run ended, and how much it lacks."""
    workflow = {"ingestionPipelineFQN": "people.nightly", "pipelineRunId": "r1"}
    for _ in range(2):
        with server.job([*DATABASE, *DRIVE], workflow=workflow) as job:
            assert problems(launch.launch(job).as_dict()) == []
    path = "services/ingestionPipelines/people.nightly/pipelineStatus"
    (run,) = server.client.get(path, params={"startTs": 0, "endTs": 2**41}).json()["data"]
    assert run["pipelineState"] == "success"
    assert run["runId"] == "r1"
    (sink,) = (step for step in run["status"] if step["name"] == "OpenMetadata")
    assert (sink["records"], sink["filtered"], sink["errors"]) == (len(DATABASE), len(DRIVE), 0)


def test_kept_runs_count_what_was_left_out(server: Served) -> None:
    """The list of runs says in words how many records an old server could not hold."""
    server.run([*DATABASE, *DRIVE])
    shown = CliRunner().invoke(build(["runs"]), ["runs", "--state", str(server.folder)])
    assert "5 created, 2 left out" in shown.output
