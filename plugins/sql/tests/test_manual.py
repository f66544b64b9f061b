"""What `om-ingest init` and the schema for editors make of the configs of servers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator
from om_ingest.host.hooks import Hooks
from om_ingest.manual import describe

from tests.selection import few

if TYPE_CHECKING:
    from conftest import Flow
    from tests.databases.postgres import Cluster


def written(name: str) -> str:
    """The file that `om-ingest init` writes for a source."""
    hooks = Hooks()
    describe.write_example(Path(f"{name}.yaml"), hooks.find_source(name), hooks)
    return Path(f"{name}.yaml").read_text("utf-8")


def test_example_runs(flow: Flow, postgres: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example for PostgreSQL runs once its required keys are filled in; the password comes
    from a variable. Keys that have no effect are not in it.
    """
    text = written("postgres")
    assert not [key for key in ("scheme:", "classificationName:", "Not used") if key in text]
    monkeypatch.setenv("POSTGRES_PASSWORD", "of the tests")
    for key, value in (
        ("hostPort:", f"hostPort: {postgres.host}:{postgres.port}"),
        ("username:", "username: postgres"),
        ("# password: ", "password: "),
        ('# database: ""', "database: postgres"),
    ):
        assert text.count(f"\n    {key}") == 1
        text = text.replace(f"\n    {key}", f"\n    {value}")
    report = flow.run(text, sink="jsonl:out.jsonl")
    assert report.exit_code == 0, report.as_dict()
    assert [line["type"] for line in flow.records()][:2] == ["databaseService", "database"]


@pytest.mark.parametrize("name", few(["postgres", "mysql", "mariadb"], 1))
def test_schema_for_editors(flow: Flow, name: str) -> None:
    """An editor takes a URL in place of the required keys, options of the driver below
    `connectionOptions`, and OpenMetadata's keys; it knows no others.
    """
    written(name)
    schema = json.loads(Path(f"{name}.schema.json").read_text("utf-8"))

    def problems(**source: object) -> list[str]:
        flow = {"source": {"type": name, **source}}
        return [error.json_path for error in Draft202012Validator(schema).iter_errors(flow)]

    def long(**connection: object) -> list[str]:
        return problems(serviceConnection={"config": connection})

    options = {"connectionOptions": {"anything": "x"}, "connectionArguments": {"a": {"b": 1}}}
    assert not problems(config={"url": "x", **options})
    assert not long(type="X", hostPort="h", username="u", supportsProfiler=True, **options)
    assert not long(scheme="x", authType={"password": "x"}, tableFilterPattern={"includes": []})
    assert long(hostPort="h", databse="x")
    assert long(authType={"pasword": "x"})
