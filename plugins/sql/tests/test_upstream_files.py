"""Workflow files as people have them for OpenMetadata's own connectors run unchanged.

They have the shapes of the examples in OpenMetadata's repository and documentation
(`ingestion/src/metadata/examples/workflows`, "Run the Connector Externally"), in own words.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from om_ingest.model import DatabaseService, Table
from om_ingest_catalog import Catalog
from om_ingest_catalog_server.testing import CatalogServer

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Flow
    from tests.databases.mariadb import MariaDb
    from tests.databases.postgres import Cluster, Database

TABLES = """
CREATE SCHEMA sales;
CREATE TABLE sales.customer (id int PRIMARY KEY, name text NOT NULL);
CREATE VIEW sales.names AS SELECT name FROM sales.customer;
CREATE TABLE public.note (body text);
"""

POSTGRES = """\
source:
  type: postgres
  serviceName: a_postgres
  serviceConnection:
    config:
      type: Postgres
      scheme: postgresql+psycopg2
      username: postgres
      authType:
        password: of the tests
      hostPort: HOST_PORT
      database: DATABASE
      # ingestAllDatabases: true
      databaseFilterPattern:
        includes: ["^gold$"]
      schemaFilterPattern:
        excludes: ["^information_schema$"]
      tableFilterPattern:
        excludes: ["^note$"]
      sslMode: disable
      classificationName: PostgresPolicyTags
      connectionOptions: {}
      connectionArguments: {}
      supportsProfiler: true
  sourceConfig:
    config:
      type: DatabaseMetadata
      markDeletedTables: true
      includeTables: true
      includeViews: true
      includeTags: true
      # overrideViewLineage: true
      queryLogDuration: 1
      threads: 4
sink:
  type: metadata-rest
  config: {}
workflowConfig:
  loggerLevel: INFO  # DEBUG, INFO, WARNING or ERROR
  openMetadataServerConfig:
    hostPort: SERVER
    authProvider: openmetadata
    securityConfig:
      jwtToken: "of a bot"
    enableVersionValidation: true
"""

OF_PREFECT = """\
source:
  type: postgres
  serviceName: local_postgres
  serviceConnection:
    config:
      type: Postgres
      username: ROLE
      password: of the tests
      hostPort: HOST_PORT
  sourceConfig:
    config:
      includeViews: false
      databaseFilterPattern: {includes: [DATABASE]}
sink:
  type: metadata-rest
  config: {}
workflowConfig:
  openMetadataServerConfig: {hostPort: "http://localhost:1/api", authProvider: no-auth}
"""

MYSQL = """\
source:
  type: TYPE
  serviceName: local_mysql
  serviceConnection:
    config:
      type: Mysql
      username: USER
      authType:
        password: PASSWORD
      hostPort: HOST_PORT
      databaseSchema: SCHEMA
      databaseName: shop
      # sslConfig:
      connectionOptions: {charset: utf8mb4}
      connectionArguments: {ssl: {}}
  sourceConfig:
    config:
      type: DatabaseMetadata
sink:
  type: metadata-rest
  config: {}
workflowConfig:
  openMetadataServerConfig: {hostPort: "http://localhost:1/api", authProvider: no-auth}
"""


def filled(text: str, **values: str) -> str:
    """A file with what a person writes into it."""
    for key, value in values.items():
        text = text.replace(key, value)
    return text


def names(flow: Flow) -> list[str]:
    """The tables that were delivered into `out.jsonl`."""
    return [r["record"]["name"] for r in flow.records() if r["type"] == "table"]


@pytest.fixture(scope="module")
def shop(postgres: Cluster) -> Database:
    """A database with a few tables."""
    return postgres.database(TABLES)


def postgres_file(shop: Database, **changes: str) -> str:
    """The file for PostgreSQL, for a database of the tests."""
    host_port = f"{shop.cluster.host}:{shop.cluster.port}"
    known = {"SERVER": "http://localhost:1/api", "HOST_PORT": host_port, "DATABASE": shop.name}
    return filled(filled(POSTGRES, **changes), **known)


def test_postgres(flow: Flow, shop: Database) -> None:
    """The database that the file names is read, with the patterns of the connection; the
    connection is kept with the service, its password masked.
    """
    report = flow.run(postgres_file(shop), sink="catalog:out.db")
    assert report.exit_code == 0, report.as_dict()
    assert not report.source_status.warnings
    with Catalog("out.db", read_only=True) as catalog:
        service = catalog.get_by_name(DatabaseService, "a_postgres")
        tables = {table.fullyQualifiedName for table in catalog.list_entities(Table)}
    assert tables == {f"a_postgres.{shop.name}.sales.{name}" for name in ("customer", "names")}
    assert service is not None
    assert service.connection is not None
    assert service.connection.config == {
        "type": "Postgres",
        "scheme": "postgresql+psycopg2",
        "username": "postgres",
        "authType": {"password": "*********"},
        "hostPort": f"{shop.cluster.host}:{shop.cluster.port}",
        "database": shop.name,
        "sslMode": "disable",
        "classificationName": "PostgresPolicyTags",
    }


@pytest.mark.full
def test_postgres_into_a_server(flow: Flow, shop: Database, tmp_path: Path) -> None:
    """The sink `metadata-rest` of the file gives a server the connection with its password, as
    OpenMetadata's own command does.
    """
    with CatalogServer(tmp_path / "server.db") as server:
        report = flow.run(postgres_file(shop, SERVER=server.url))
    assert report.exit_code == 0, report.as_dict()
    with Catalog(tmp_path / "server.db", read_only=True) as catalog:
        service = catalog.get_by_name(DatabaseService, "a_postgres")
        assert len(list(catalog.list_entities(Table))) == 2
    assert service is not None
    assert service.connection is not None
    assert service.connection.config["authType"] == {"password": "of the tests"}


def test_postgres_without_a_database(flow: Flow, shop: Database) -> None:
    """A file of an old release, or of a tutorial, names no database: all that the pattern keeps
    are read, also in JSON.
    """
    cluster = shop.cluster
    text = filled(
        OF_PREFECT,
        ROLE=cluster.role(),
        HOST_PORT=f"{cluster.host}:{cluster.port}",
        DATABASE=shop.name,
    )
    report = flow.run(yaml.safe_load(text), sink="jsonl:out.jsonl")
    assert report.exit_code == 0, report.as_dict()
    assert names(flow) == ["note", "customer"]
    service = next(r for r in flow.records() if r["type"] == "databaseService")
    assert "of the tests" not in json.dumps(service)
    assert report.source_status.filtered_count > 0


@pytest.mark.parametrize(
    ("changes", "exit_code", "said"),
    [
        ({"of the tests": "tunafish"}, 1, "the password is wrong, or the user does not exist"),
        ({"DATABASE": "nowhere"}, 1, "there is no such database"),
    ],
)
def test_postgres_that_refuses(
    flow: Flow, shop: Database, changes: dict[str, str], exit_code: int, said: str
) -> None:
    """A run that cannot log in fails as the source does, in one message without a traceback."""
    report = flow.run(postgres_file(shop, **changes), sink="jsonl:out.jsonl")
    told = json.dumps(report.as_dict())
    assert report.exit_code == exit_code
    assert said in told
    assert "tunafish" not in told
    assert "Traceback" not in told


@pytest.mark.mariadb
@pytest.mark.parametrize("name", ["mysql", "mariadb"])
def test_mysql(flow: Flow, mariadb: MariaDb, name: str) -> None:
    """The schema that the file names is read below the database that it names."""
    mariadb.execute(f"CREATE DATABASE up_{name}")
    mariadb.execute("CREATE TABLE t (id int PRIMARY KEY)", database=f"up_{name}")
    values: dict[str, Any] = {
        "USER": mariadb.user,
        "PASSWORD": mariadb.password,
        "HOST_PORT": mariadb.host_port,
        "SCHEMA": f"up_{name}",
        "TYPE": name,
    }
    report = flow.run(filled(MYSQL, **values), sink="jsonl:out.jsonl")
    assert report.exit_code == 0, report.as_dict()
    (table,) = [r["record"] for r in flow.records() if r["type"] == "table"]
    assert table["databaseSchema"] == f"local_mysql.shop.up_{name}"
