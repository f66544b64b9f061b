"""Events of OpenLineage, taken by a receiver over HTTP, and checked against the specification."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from om_ingest_openlineage.naming import Naming, target

from tests.receiver import Receiver
from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Connect

PARENT, ROOT = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
TEXT, OBJECT = {"type": "string", "minLength": 1}, {"type": "object"}
FACETS = {
    "additionalProperties": {
        **OBJECT,
        "properties": {"_producer": TEXT, "_schemaURL": {"pattern": r"^https://.+#/\$defs/\w+$"}},
        "required": ["_producer", "_schemaURL"],
    }
}
NAMED = {
    **OBJECT,
    "properties": {
        "namespace": TEXT,
        "name": TEXT,
        "facets": FACETS,
        "inputFacets": FACETS,
        "outputFacets": FACETS,
    },
    "required": ["namespace", "name"],
}
RUN_EVENT = {
    **OBJECT,
    "properties": {
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "eventTime": {"type": "string", "format": "date-time"},
        "producer": {"type": "string", "format": "uri"},
        "schemaURL": {"pattern": r"/spec/2-\d-\d/OpenLineage\.json#/\$defs/RunEvent$"},
        "run": {
            **OBJECT,
            "properties": {"runId": {"type": "string", "format": "uuid"}, "facets": FACETS},
            "required": ["runId"],
        },
        "job": NAMED,
        "inputs": {"type": "array", "items": NAMED},
        "outputs": {"type": "array", "items": NAMED},
    },
    "required": ["eventTime", "producer", "schemaURL", "run", "job"],
}
"""What the specification asks of a run event: https://openlineage.io/spec/2-0-2/OpenLineage.json."""


class Events(Receiver):
    """Keeps the events that it gets."""

    status = 201

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Any] = []
        self.keys: set[str | None] = set()
        self.paths: set[str] = set()

    def take(self, body: bytes, path: str, headers: Mapping[str, str]) -> None:
        self.events.append(json.loads(body))
        self.keys.add(headers.get("Authorization"))
        self.paths.add(path)

    def took(self, *types: str) -> list[Any]:
        """The events of one run: valid, of these types, and all of the same run and job."""
        taken, self.events = self.events, []
        for event in taken:
            jsonschema.validate(
                event, RUN_EVENT, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
            )
        assert [event["eventType"] for event in taken] == list(types)
        names = {(e["run"]["runId"], e["job"]["namespace"], e["job"]["name"]) for e in taken}
        assert len(names) == 1, names
        return taken


@pytest.fixture
def receiver() -> Iterator[Events]:
    """A receiver of OpenLineage over HTTP."""
    events = Events()
    with events.serving():
        yield events


def test_complete(cli: Cli, receiver: Events, connector: Connect) -> None:
    """A run is START and COMPLETE, with the tables that were read and the file that was written.

    The parent is that of the environment, the job is named after the workflow file, and the API
    key is openlineage's own variable.
    """
    connector("trino", config="hostPort: str\npassword: str")
    flow = cli.cwd / "nightly.yaml"
    flow.write_text(
        "source: {type: trino, serviceName: shop, config: {hostPort: db, password: s3cr3t-word}}"
        "\nsink: {type: jsonl, config: {path: out.jsonl}}\n"
    )
    run = cli(
        *("run", flow, "--openlineage", receiver.url, "--report", "report.json"),
        env={
            "OPENLINEAGE_NAMESPACE": "prod",
            "OPENLINEAGE_API_KEY": "k3y-of-mine",
            "OPENLINEAGE_PARENT_ID": f"air/flow.task/{PARENT}",
            "OPENLINEAGE_ROOT_PARENT_ID": f"air/flow/{ROOT}",
            "AIRFLOW_CTX_LOGICAL_DATE": "2026-11-30T00:00:00+00:00",
        },
    ).succeeded()
    assert "OpenLineage" not in run.err
    assert "s3cr3t-word" not in json.dumps(receiver.events)
    start, end = receiver.took("START", "COMPLETE")
    assert receiver.keys == {"Bearer k3y-of-mine"}
    assert receiver.paths == {"/api/v1/lineage"}
    assert (start["job"]["namespace"], start["job"]["name"]) == ("prod", "shop.nightly")
    report = json.loads((cli.cwd / "report.json").read_text())
    assert start["run"]["runId"] == report["runId"]
    facets = start["run"]["facets"]
    assert facets["parent"]["job"] == {"namespace": "air", "name": "flow.task", "facets": {}}
    assert facets["parent"]["run"]["runId"] == PARENT
    assert facets["parent"]["root"]["run"]["runId"] == ROOT
    assert facets["nominalTime"]["nominalStartTime"] == "2026-11-30T00:00:00+00:00"
    assert facets["processing_engine"]["name"] == "om-ingest"
    tables = {(each["namespace"], each["name"]) for each in end["inputs"]}
    assert tables == {("trino://db:8080", f"db.public.t{number}") for number in (0, 1)}
    (field,) = end["inputs"][0]["facets"]["schema"]["fields"]
    assert (field["name"], field["type"]) == ("id", "INT")
    (output,) = end["outputs"]
    assert (output["namespace"], output["name"]) == ("file", str(cli.cwd / "out.jsonl"))
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 5
    told = end["run"]["facets"]["omIngest_run"]
    assert told["datasets"] == {"read": 2, "told": 2}
    assert told["records"] == report["records"]


DIES = "def next_record(self):\n    raise ValueError('the shop has closed')"
DOWN = """
def prepare(self): raise ServerError("It is down", "Start it.")
def next_record(self): return ()
"""
STOPPED = """
def next_record(self):
    import os, signal
    yield from stock.tables(1)
    os.kill(os.getpid(), signal.SIGTERM)
    yield from stock.tables(1)
"""
FROZEN = """
def next_record(self):
    import os, signal, time
    yield from stock.tables(1)
    os.kill(os.getpid(), signal.SIGTERM)
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass
"""
ENDS = {
    "stopped": (STOPPED, 143, "ABORT"),
    "frozen": (FROZEN, 143, "ABORT"),
    "nothing": ("pass", 3, "FAIL"),
    "dies": (DIES, 1, "FAIL"),
    "down": (DOWN, 4, "FAIL"),
}


@pytest.mark.parametrize("name", few(ENDS, 3))
def test_other_ends(cli: Cli, receiver: Events, connector: Connect, name: str) -> None:
    """A run that fails or is stopped is FAIL or ABORT, with the message of its report.

    So is one that is ended at its deadline.
    """
    body, code, kind = ENDS[name]
    connector(name, body)
    address = {"OM_INGEST_OPENLINEAGE_URL": f"{receiver.url}/lineage?team=a"}
    report = ("--report", "report.json", "--grace", "1")
    assert cli("run", name, "--sink", "jsonl:out.jsonl", *report, env=address).code == code
    _, end = receiver.took("START", kind)
    assert receiver.paths == {"/lineage?team=a"}
    errors = json.loads((cli.cwd / "report.json").read_text())["errors"]
    message = end["run"]["facets"]["errorMessage"]["message"]
    assert message == ("\n".join(errors) or "The run is interrupted.")
    assert end["run"]["facets"]["omIngest_run"]["exitCode"] == code


@pytest.mark.parametrize("events_running", few([2, 10], 1))
def test_many_tables(cli: Cli, receiver: Events, connector: Connect, events_running: int) -> None:
    """Tables that no event has room for come in events RUNNING; together these tell all.

    The columns of the first 5,000 are told.
    """
    count = 500 * events_running + 200
    connector("many", f"def next_record(self): return stock.tables({count})")
    cli("run", "many", "--sink", "jsonl:out.jsonl", "--openlineage", receiver.url).succeeded()
    events = receiver.took("START", *["RUNNING"] * events_running, "COMPLETE")
    assert [len(each["inputs"]) for each in events] == [0, *[500] * events_running, 200]
    tables = [each for event in events for each in event["inputs"]]
    assert {each["name"] for each in tables} == {f"db.public.t{n}" for n in range(count)}
    assert {each["namespace"] for each in tables} == {"many://many"}
    assert sum("schema" in each["facets"] for each in tables) == min(count, 5000)


def test_receivers_that_do_not_take_it(cli: Cli, shop: str, receiver: Events) -> None:
    """A receiver that refuses, is down or silent is one warning, and delays the end by seconds."""
    receiver.status = 500
    for url in (receiver.url, "http://127.0.0.1:9"):
        run = cli("run", shop, "--openlineage", url).succeeded()
        assert run.err.count("The OpenLineage receiver did not take the event START") == 1
        assert run.err.count("OpenLineage") == 1
    assert {event["eventType"] for event in receiver.events} == {"START", "COMPLETE"}


@pytest.mark.full
def test_silent_receiver(cli: Cli, shop: str, receiver: Events) -> None:
    """A run does not wait longer than 12 s for a receiver that never answers."""
    receiver.answers.clear()
    began = time.monotonic()
    run = cli("run", shop, "--openlineage", receiver.url).succeeded()
    assert "The OpenLineage receiver did not take the event START" in run.err
    assert time.monotonic() - began < 14


def test_other_ways(cli: Cli, shop: str, receiver: Events) -> None:
    """A file, or what openlineage's own variables say, can take events; other words are exit 2."""
    cli("run", shop, "--openlineage", "file:events.jsonl").succeeded()
    lines = (cli.cwd / "events.jsonl").read_text().splitlines()
    assert [json.loads(line)["eventType"] for line in lines] == ["START", "COMPLETE"]
    own = {"OPENLINEAGE__TRANSPORT": json.dumps({"type": "http", "url": receiver.url})}
    cli("run", shop, "--openlineage", "config", env=own).succeeded()
    receiver.took("START", "COMPLETE")
    cli("run", shop, "--openlineage", "marquez").refused(2, "no receiver of OpenLineage")


def test_names_of_datasets() -> None:
    """Tables, topics, containers and targets are named as the specification has it."""
    names = ["svc", "db", "public", "orders"]

    def table(source: str, **config: Any) -> tuple[str, str]:
        found = Naming(source, "svc", config).table(names)
        return found.namespace, found.name

    three, two, sqlite = "db.public.orders", "public.orders", "main.orders"
    assert table("Postgres", hostPort="h:5433,i:1") == ("postgres://h:5433", three)
    assert table("postgres", hostPort="[::1]") == ("postgres://[::1]:5432", three)
    assert table("postgres", hostPort="/var/run/postgresql") == ("postgres://localhost:5432", three)
    assert table("mariadb", host="h", port=3307) == ("mysql://h:3307", two)
    assert table("sqlalchemy", url="mssql+pyodbc://u:**@h/db") == ("mssql://h:1433", three)
    assert table("snowflake", account="o-a") == ("snowflake://o-a", three)
    assert table("bigquery") == ("bigquery", three)
    host = "c1.abc.eu-west-1.redshift.amazonaws.com"
    assert table("redshift", hostPort=host) == ("redshift://c1.eu-west-1:5439", three)
    region = {"awsRegion": "eu-west-1"}
    athena = "awsathena://athena.eu-west-1.amazonaws.com"
    assert table("athena", awsConfig=region) == (athena, three)
    file = Naming("sqlite", "svc", {"database_path": "/data/shop.db"})
    assert file.table(["svc", "shop", "main", "orders"]) == ("sqlite:///data/shop.db", sqlite)
    assert table("my.own_source:Source", hostPort="h") == ("own-source://svc", three)
    kafka = Naming("kafka", "svc", {"bootstrapServers": "b:9093,c:1"})
    assert kafka.topic(["svc", "clicks"]) == ("kafka://b:9093", "clicks")
    store = Naming("s3", "svc", {})
    assert store.container(["svc", "b"], "s3://b/k/x") == ("s3://b", "k/x")
    assert store.container(["svc", "b"], None) == ("s3://svc", "b")
    server = target("openmetadata", {}, "openmetadata http://om:8585/api", "svc")
    assert server == ("openmetadata://om:8585", "svc")
    assert target("console", {}, "console", "svc") is None
