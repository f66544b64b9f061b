"""Configs of servers: OpenMetadata's keys, addresses, URLs, and what is wrong with them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from metadata.ingestion.source.database.sql_databases.connecting.config import ServerConfig
from metadata.ingestion.source.database.sql_databases.mysql.config import MysqlConfig
from metadata.ingestion.source.database.sql_databases.postgres.config import PostgresConfig
from om_ingest import WorkflowError
from om_ingest.config import validated
from om_ingest.errors import PluginImportError
from om_ingest.model import DatabaseServiceType

if TYPE_CHECKING:
    from conftest import Flow

AWS = {"awsRegion": "eu-west-1", "awsAccessKeyId": "A", "awsSecretAccessKey": "of amazon"}
KEYS: dict[str, Any] = {
    "username": "reader",
    "hostPort": "localhost:1",
    "authType": {"password": "of the file"},
    "connectionOptions": {},
    "connectionArguments": None,
    "scheme": None,
    "sampleDataStorageConfig": {"config": {}},
    "schemaFilterPattern": {"includes": [], "excludes": ["^information_schema$"]},
    "tableFilterPattern": None,
    "databaseFilterPattern": {"excludes": ["^template1$", "^template0$"]},
    "storedProcedureFilterPattern": None,
    **dict.fromkeys(
        f"supports{what}"
        for what in (
            *("MetadataExtraction", "UsageExtraction", "LineageExtraction", "DBTExtraction"),
            *("Profiler", "Database", "QueryComment", "DataDiff", "ViewLineageExtraction"),
        )
    ),
}
"""Keys that the connections of OpenMetadata 1.5 and 2.0 share."""

SSL = {"caCertificate": "", "sslCertificate": "", "sslKey": ""}
POSTGRES = {
    "database": "shop",
    "ingestAllDatabases": False,
    "sslMode": "disable",
    "sslConfig": SSL,
    "classificationName": "PostgresPolicyTags",
    "queryStatementSource": "pg_stat_statements",
}
MYSQL = {
    "databaseName": "",
    "databaseSchema": "shop",
    "sslConfig": SSL,
    "useSlowLogs": False,
    "queryHistoryTable": None,
}
OF_1_3 = {"sslCA": "", "sslCert": None, "sslKey": ""}


def postgres(**values: Any) -> PostgresConfig:
    return validated(PostgresConfig, {"hostPort": "h", "username": "u", "database": "d", **values})


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("postgres", POSTGRES),
        ("mysql", MYSQL),
        ("mysql", {**OF_1_3, "password": "plain"}),
        ("mariadb", {"databaseName": "shop", "databaseSchema": None, "password": "plain"}),
    ],
)
def test_every_key_of_openmetadata(flow: Flow, name: str, own: dict[str, Any]) -> None:
    """A file with every key of OpenMetadata's connection is taken, and nothing is complained of."""
    connection = {"type": name.title(), **KEYS, **own}
    if "password" in own:
        del connection["authType"]
    source = {"type": name, "serviceConnection": {"config": connection}}
    report = flow.check({"source": source, "sink": {"type": "console"}})
    assert (report.source, report.source_limits) == (name, [])


def test_keys_that_cannot_apply(flow: Flow) -> None:
    """Each key that has no effect is a line of `check`, with what to do; secrets are masked."""
    auth = {"awsConfig": AWS}
    storage = {"config": {"bucketName": "b"}}
    wrong = {"scheme": "pgspider+psycopg2", "classificationName": "Mine", "authType": auth}
    connection = {**KEYS, **POSTGRES, **wrong, "sampleDataStorageConfig": storage}
    source = {"type": "postgres", "serviceConnection": {"config": connection}}
    found = flow.check({"source": source, "sink": {"type": "console"}}).source_limits
    assert [line.split(" is not used", 1)[0] for line in found] == [
        "authType.awsConfig",
        "sampleDataStorageConfig",
        "classificationName",
        "scheme",
    ]
    assert found[0].endswith(
        " such as [aws, rds, generate-db-auth-token, --hostname, localhost, --port, '1',"
        " --username, reader, --region, eu-west-1]"
    )
    assert not [line for line in found if "amazon" in line]
    assert not list(postgres(authType=auth, passwordCommand=["x"]).limits())
    slow = validated(MysqlConfig, {"hostPort": "h", "username": "u", "useSlowLogs": True})
    assert next(iter(slow.limits())).startswith("useSlowLogs is not used")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("h", "h:5432"),
        ("h:1", "h:1"),
        ("10.0.0.1:1,h2 , [::1]:3", "10.0.0.1:1,h2:5432,[::1]:3"),
        ("::1", "[::1]:5432"),
        ("[fe80::1]", "[fe80::1]:5432"),
        ("/run/postgresql", "/run/postgresql"),
        ("/run/postgresql:5433", "/run/postgresql:5433"),
    ],
)
def test_addresses(text: str, found: str) -> None:
    """A host, a port, IPv6, the path of a socket, and several of them."""
    assert ",".join(map(str, postgres(hostPort=text).addresses)) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "this key is required"),
        (":5432", "lacks the name of a host"),
        ("h:", "'' is no port"),
        ("h:x", "'x' is no port"),
        ("h:0", "'0' is no port"),
        ("h:70000", "'70000' is no port"),
        ("http://h", "a URL goes into the key url"),
        ("jdbc:postgresql://h/d", "a URL goes into the key url"),
        ("h/d", "the name of a database goes into its own key"),
        ("u@h:1", "write host:port alone"),
        ("[::1", "write [IPv6]:port"),
    ],
)
def test_what_is_no_address(text: str, said: str) -> None:
    """The message says what to write instead."""
    with pytest.raises(WorkflowError, match="hostPort: ") as raised:
        postgres(hostPort=text)
    assert said in raised.value.what


URL = "postgresql://u:p%40w@h:1/d?sslmode=require&application_name=x"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (URL, "h:1 u p@w d sslmode=require,application_name=x"),
        ("postgres://u@h1:1,h2:2/d", "h1:1,h2:2 u None d "),
        ("postgresql+psycopg2://u:a@b/c:d@h/d", "h u a@b/c:d d "),
        ("postgresql://%2Frun%2Fpg/d", "/run/pg  None d "),
        ("postgresql:///d?host=/run/pg&port=2", "/run/pg:2  None d "),
        ("postgresql://u:p@[::1]:5/d%20e", "[::1]:5 u p d e "),
        ("postgresql://u:p@h?connect_timeout=3", "h u p  connect_timeout=3"),
        (r"host=/run/pg dbname='a b' user = u password='it\'s'", "/run/pg u it's a b "),
        ("host=h1,h2 port=1,2 user=u sslmode=disable", "h1:1,h2:2 u None  sslmode=disable"),
        ("host=::1 port=1 user=u dbname=''", "[::1]:1 u None  "),
    ],
)
def test_urls_of_postgres(url: str, found: str) -> None:
    """URLs and connection strings of libpq are taken apart; the password is not kept in them."""
    config = validated(PostgresConfig, {"url": url})
    options = ",".join(f"{key}={value}" for key, value in config.driver_options.items())
    assert f"{config.hostPort} {config.username} {config.secret()} {config.database} {options}" == (
        found
    )
    assert validated(PostgresConfig, {"url": config.url}).addresses == config.addresses
    secret = config.secret()
    assert secret is None or len(secret) < 3 or secret not in str(config.url)


def test_url_of_mysql_and_keys_beside_it() -> None:
    """The database of a URL is what MySQL calls so; a key beside the URL comes before it."""
    values = {"url": "mysql+pymysql://u:p@h/shop?charset=latin1", "username": "other"}
    values |= {"authType": {"password": "of the key"}, "connectionOptions": {"charset": "utf8"}}
    config = validated(MysqlConfig, values)
    assert (config.databaseSchema, config.username, config.secret()) == (
        "shop",
        "other",
        "of the key",
    )
    assert config.connectionOptions == {"charset": "utf8"}
    assert str(config.addresses[0]) == "h:3306"
    assert validated(MysqlConfig, {"url": "mariadb://h/shop"}).username == ""


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://h/d", "a URL for something else (mysql): it begins with postgresql://"),
        ("jdbc:postgresql://h/d?user=u&password=tunafish", "leave out jdbc:"),
        ("tunafish", "is no URL: it begins with postgresql://"),
        ("postgresql://u:tunafish", "has no host and port where they belong"),
        ("postgresql://u:tuna/fish:1@@h:x/d", "has no host and port where they belong"),
        ("postgresql:///d", "names no host"),
        ("host=h password=tuna fish", "is no connection string"),
        ("host=h1,h2 port=1,2,3", "has 3 ports for 2 hosts"),
    ],
)
def test_what_is_no_url(url: str, said: str) -> None:
    """The one message is about the URL, and has nothing of it: it may hold a password."""
    with pytest.raises(WorkflowError) as raised:
        validated(PostgresConfig, {"url": url})
    (problem,) = raised.value.problems
    assert problem.key == "url"
    assert said in problem.message
    assert "tuna" not in raised.value.what


def test_all_problems_at_once(flow: Flow) -> None:
    """Unknown keys, missing ones and wrong values are one message, each with its place in the
    file; options of the driver are another place than keys.
    """
    text = """\
source:
  type: postgres
  serviceConnection:
    config:
      type: Postgres
      hostPort: localhost:x
      databse: shop
      sslMode: on
      connectionOptions: {hostPort: elsewhere}
sink: {type: console}
"""
    with pytest.raises(WorkflowError) as raised:
        flow.check(text)
    said = str(raised.value)
    config = "source.serviceConnection.config"
    assert f"flow.yaml:6:7: {config}.hostPort: 'x' is no port" in said
    assert "did you mean 'database'?" in said
    assert f"{config}.username: this key is required" in said
    assert "sslMode: must be disable, allow, prefer" in said
    assert "put it in quotes" in said


def test_two_passwords() -> None:
    """Of the keys that say the password only one may be set; `authType` may stay beside it."""
    with pytest.raises(WorkflowError, match="password and passwordFile both say the password"):
        postgres(password="x", passwordFile="y")
    assert postgres(authType={"password": "old"}, password="new").secret() == "new"


def test_connection_as_it_is_stored() -> None:
    """What is stored with the service has OpenMetadata's keys alone; MariaDB's has a plain
    password.
    """
    given = {"authType": {"password": "p"}, "sampleCount": 5, "sslConfig": {"caCertificate": "c"}}
    values = {"hostPort": "h", "username": "u", **given, "connectionOptions": {"a": 1}}
    stored = postgres(**values, sslMode="require", passwordFile=None).stored(
        DatabaseServiceType.Postgres
    )
    assert stored == {
        "type": "Postgres",
        "hostPort": "h:5432",
        "username": "u",
        "authType": {"password": "p"},
        "database": "d",
        "sslMode": "require",
        "sslConfig": {"caCertificate": "c"},
        "connectionOptions": {"a": "1"},
    }
    maria = validated(MysqlConfig, {**values, "databaseSchema": "s"})
    stored = maria.stored(DatabaseServiceType.MariaDB)
    assert stored["password"] == "p"
    assert not stored.keys() & {"authType", "sslConfig"}


@pytest.mark.parametrize(
    ("name", "module", "config"),
    [
        ("postgres", "psycopg", {"hostPort": "h", "username": "u"}),
        ("mysql", "pymysql", {"hostPort": "h", "username": "u"}),
        ("mariadb", "pymysql", {"hostPort": "h", "username": "u"}),
        ("duckdb", "duckdb", {"path": "x"}),
        ("sqlalchemy", "sqlalchemy", {"url": "sqlite://"}),
    ],
)
def test_driver_that_is_missing(
    flow: Flow, monkeypatch: pytest.MonkeyPatch, name: str, module: str, config: dict[str, str]
) -> None:
    """`check` and `run` name the extra of a driver that is not installed."""
    monkeypatch.setitem(sys.modules, module, None)
    extra = "mysql" if name == "mariadb" else name
    for act in (flow.check, flow.run):
        with pytest.raises(PluginImportError) as raised:
            act({"source": {"type": name, "config": config}, "sink": {"type": "console"}})
        assert str(raised.value) == (
            f"The driver {module} is not installed\n"
            f"  Install it: pip install 'om-ingest-sql[{extra}]'."
        )


def test_what_is_secret() -> None:
    """Nothing secret is in what a config prints."""
    secrets = {"password": "tunafish", "sslConfig": {"sslKey": "-----BEGIN KEY tunafish"}}
    config: ServerConfig = postgres(**secrets)
    assert "tunafish" not in repr(config)
    config = validated(PostgresConfig, {"url": "postgresql://u:tunafish@h/d"})
    assert "tunafish" not in repr(config)
