"""Recordings: what the jsonl sink writes, `run FILE.jsonl` delivers whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from om_ingest import CreateTableRequest, ScopeComplete, SinkContext, WorkflowError
from om_ingest.delivery import RunEnd
from om_ingest.kinds import KINDS
from om_ingest.masking import Redactor
from om_ingest.model import Column, DataType, Table
from om_ingest.run import launch, replay, request
from om_ingest.sinks import recording
from om_ingest.sinks.jsonl import JsonlSink
from om_ingest.workflow import deadletter
from om_ingest_catalog import Catalog

OWN = {"id", "version", "updatedAt", "href"}
"""What a store adds on its own."""


def record(path: Path, count: int = 2, end: RunEnd | None = None) -> Path:
    """A recording of some tables and one marker, as the sink writes it."""
    ctx = SinkContext(source="shop", distribution="shop-connector 1.0", service_name="shop")
    with JsonlSink.create({"path": str(path)}, ctx) as sink:
        sink.prepare()
        column = Column(name="id", dataType=DataType.INT)
        sink.write(
            [
                CreateTableRequest(name=f"t{n}", databaseSchema="s.d.x", columns=[column])
                for n in range(count)
            ]
        )
        sink.write([ScopeComplete("s.d.x", Table)])
        sink.finish(end or RunEnd("success", complete=True))
    return path


def run(target: object, sink: str, *values: str) -> launch.RunReport:
    """Run a source or a recording in this process."""
    return launch.launch(request.job(str(target), values=values, sink=sink, redact=Redactor()))


def content(path: Path) -> list[dict[str, Any]]:
    """Every entity of a catalog, without what the store adds."""
    with Catalog(path, read_only=True) as catalog:
        return [
            _without_own(entity.model_dump(mode="json"))
            for kind in KINDS.values()
            for entity in catalog.list_entities(kind.entity)
        ]


def _without_own(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_own(part) for key, part in value.items() if key not in OWN}
    return [_without_own(part) for part in value] if isinstance(value, list) else value


@pytest.fixture
def shop_db(tmp_path: Path) -> Path:
    """A SQLite file with a table, a view and a foreign key."""
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT);"
            "CREATE TABLE b (a_id INTEGER REFERENCES a (id));"
            "CREATE VIEW v AS SELECT name FROM a;"
        )
    return path


@pytest.mark.parametrize("source", ["sample-tables", "sqlite"])
def test_detour_through_a_file_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shop_db: Path, source: str
) -> None:
    """A source recorded and delivered later fills a catalog as if it had been delivered at once."""
    monkeypatch.chdir(tmp_path)
    values = (f"database_path={shop_db}",) if source == "sqlite" else ()

    assert run(source, "catalog:direct.db", *values).exit_code == 0
    assert run(source, "jsonl:F.jsonl", *values).exit_code == 0
    assert run("F.jsonl", "catalog:later.db").exit_code == 0
    assert run("F.jsonl", "jsonl:G.jsonl").exit_code == 0

    assert content(Path("later.db")) == content(Path("direct.db")) != []
    first, second = (Path(name).read_bytes().splitlines() for name in ("F.jsonl", "G.jsonl"))
    assert first[1:-1] == second[1:-1] != []
    told = [json.loads(lines[0]) for lines in (first, second)]
    for key in ("source", "distribution", "serviceName", "omIngest"):
        assert told[0][key] == told[1][key] != ""


def test_header_tells_who_recorded_and_nothing_of_the_config(tmp_path: Path) -> None:
    """The first line names source, distribution, service and host, and has no other keys."""
    header = recording.read(record(tmp_path / "f.jsonl")).header
    assert (header["source"], header["distribution"]) == ("shop", "shop-connector 1.0")
    assert header["serviceName"] == "shop"
    assert set(header) == {
        *("format", "version", "runId", "startedAt", "source"),
        *("distribution", "serviceName", "omIngest"),
    }


def _cut(lines: list[bytes]) -> list[bytes]:
    return lines[:3]


def _cut_in_a_line(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[2][:20]]


def _lose_one(lines: list[bytes]) -> list[bytes]:
    return [lines[0], *lines[2:]]


def _break_one(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[2].replace(b'"name"', b'"nom"'), *lines[3:]]


def _change_one(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[2].replace(b"t1", b"t9"), *lines[3:]]


def _twice(lines: list[bytes]) -> list[bytes]:
    return lines * 2


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_cut, "breaks off at line 3"),
        (_cut_in_a_line, "breaks off at line 3"),
        (_lose_one, "the end in line 4 tells of 3 records, and 2 are there"),
        (_break_one, "is damaged: line 3: Not a valid table"),
        (_change_one, "is damaged: it is not what was written"),
        (_twice, "is damaged: line 5"),
    ],
)
def test_file_that_is_not_whole(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[list[bytes]], list[bytes]],
    said: str,
) -> None:
    """What is cut off or damaged is refused, with its line, before a sink is opened."""
    monkeypatch.chdir(tmp_path)
    path = record(tmp_path / "f.jsonl")
    path.write_bytes(b"".join(damage(path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(WorkflowError, match=said):
        run("f.jsonl", "jsonl:out.jsonl")
    assert not Path("out.jsonl").exists()


def test_file_of_a_newer_version(tmp_path: Path) -> None:
    """A file that this version cannot read says so, and to upgrade."""
    path = record(tmp_path / "f.jsonl")
    path.write_bytes(path.read_bytes().replace(b'"version": 1', b'"version": 2', 1))
    with pytest.raises(WorkflowError, match=r"version 2 of the format(?s:.)*Upgrade om-ingest"):
        recording.read(path)


@pytest.mark.parametrize(
    ("end", "exit_code", "markers"),
    [
        (RunEnd("success", complete=True), 0, 1),
        (RunEnd("success", complete=False), 0, 0),
        (RunEnd("failed", complete=False), 1, 0),
        (RunEnd("interrupted", complete=False), 1, 0),
    ],
)
def test_run_that_did_not_end_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: RunEnd, exit_code: int, markers: int
) -> None:
    """What there is is delivered; a scope counts as complete only if the recorded run was."""
    monkeypatch.chdir(tmp_path)
    record(tmp_path / "f.jsonl", end=end)
    report = run("f.jsonl", "jsonl:out.jsonl")
    assert report.exit_code == exit_code
    assert report.counts()["created"] == 2
    assert (tmp_path / "out.jsonl").read_text("utf-8").count("scopeComplete") == markers
    status = report.source_status
    said = [note.reason for note in (*status.failures, *status.warnings)]
    assert any(end.state in reason for reason in said) == (exit_code == 1)
    assert bool(said) == (not end.complete)


def test_target_that_is_the_recording_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recording is not replaced by what is read from it."""
    monkeypatch.chdir(tmp_path)
    before = record(tmp_path / "f.jsonl").read_bytes()
    with pytest.raises(WorkflowError, match="would replace"):
        run("f.jsonl", f"jsonl:{tmp_path}/f.jsonl")
    assert (tmp_path / "f.jsonl").read_bytes() == before


def test_file_by_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first line decides where the ending does not; a bare word stays a source's name."""
    monkeypatch.chdir(tmp_path)
    record(tmp_path / "shop")
    assert run("./shop", "jsonl:out.jsonl").exit_code == 0
    with pytest.raises(WorkflowError, match="no source named 'shop'"):
        run("shop", "jsonl:out.jsonl")
    with pytest.raises(WorkflowError, match="--set-env and --service-name out"):
        run("./shop", "jsonl:out.jsonl", "a=b")


def test_the_other_command_is_quoted_for_a_shell(tmp_path: Path) -> None:
    """A recording and a dead-letter file that are taken for each other name what takes them."""
    recorded, aside = record(tmp_path / "a b.jsonl"), tmp_path / "c d.jsonl"
    with pytest.raises(WorkflowError, match=f"with: om-ingest run '{recorded}'"):
        replay.job(recorded, redact=Redactor())
    aside.write_text(json.dumps({"format": deadletter.FORMAT, "version": 1}) + "\n")
    with pytest.raises(WorkflowError, match=f"with: om-ingest replay '{aside}'"):
        run(aside, "console")
