"""Commands that look: show, init, check, catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.command import Cli, Connect

CONFIG = '''
host: str
"""Name of the
server."""

password: SecretStr
"""Of the reader."""

port: int = 5432
"""TCP port."""

schemas: list[str] | None = None
"""Only these."""
'''
BODY = """
def next_record(self):
    yield from stock.parents()
    yield stock.table("seen", description=f"{self.config.host} {self.config.port}")
"""


@pytest.fixture
def server(connector: Connect) -> None:
    """A connector with required, secret and optional keys."""
    connector("my-server", BODY, config=CONFIG)


def test_show(cli: Cli, server: None) -> None:
    """`show` tells where a source comes from, and what each key of its config means."""
    lines = cli("show", "my-server").succeeded().out.splitlines()
    assert [line.split(maxsplit=1) for line in lines[:1]] == [["name", "my-server"]]
    assert "distribution  my-server-connector 1.0" in lines
    assert "origin        entry point" in lines
    rows = [line.split(maxsplit=1)[0] for line in lines if line]
    assert rows[-4:] == ["host", "password", "port", "schemas"]
    assert [part.strip() for part in lines[-4].split("  ") if part.strip()] == [
        "host",
        "str",
        "yes",
        "Name of the server.",
    ]
    assert [part.strip() for part in lines[-1].split("  ") if part.strip()] == [
        "schemas",
        "list[str] | None",
        "null",
        "no",
        "Only these.",
    ]


def test_show_json_schema(cli: Cli, server: None) -> None:
    """`show --json-schema` prints a schema of the workflow file, with the config in it."""
    whole = cli("show", "my-server", "--json-schema").succeeded().json
    schema = whole["$defs"]["source:my-server"]
    assert schema["required"] == ["host", "password"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["port"] == {
        "default": 5432,
        "description": "TCP port.",
        "title": "Port",
        "type": ["integer", "string"],  # a variable
        "pattern": schema["properties"]["port"]["pattern"],
        "patternErrorMessage": "Expected: integer, or ${NAME}",
    }


def test_show_untyped_source(cli: Cli, connector: Connect) -> None:
    """A source that declares no config is shown as one that takes any keys."""
    connector(
        "untyped",
        module="""
        from om_ingest import Source
        class UntypedSource(Source):
            def create(*args): pass
            def prepare(self): pass
            def next_record(self): pass
            def get_status(self): pass
        """,
    )
    assert "takes any keys" in cli("show", "untyped").succeeded().out
    schema = cli("show", "untyped", "--json-schema").succeeded().json
    assert schema["$defs"]["source:untyped"] == {"type": "object"}
    assert "config: {}" in cli("show", "untyped", "--example").succeeded().out


def test_init_writes_a_file_that_runs(cli: Cli, server: None) -> None:
    """The example says what is missing; with the required values filled in it runs."""
    said = cli("init", "my-server").succeeded().out
    assert "Wrote my-server.yaml" in said
    text = (cli.cwd / "my-server.yaml").read_text()
    secret = {"MY_SERVER_PASSWORD": "secret"}
    cli("run", "my-server.yaml", env=secret).refused(2, "my-server.yaml:9:5: source.config.host")
    filled = text.replace("host:", "host: db.example")
    filled = filled.replace("# port: 5432", "port: 15432").replace("# schemas:", "schemas:")
    cli.write("my-server.yaml", filled)
    cli("run", "my-server.yaml").refused(2, "MY_SERVER_PASSWORD is not set")
    cli("run", "my-server.yaml", env=secret).succeeded()
    assert cli.tables("my-server.db") == ["seen"]
    table = cli("catalog", "show", "shop.db.public.seen", "--catalog", "my-server.db", "--json")
    assert table.succeeded().json["description"] == "db.example 15432"


@pytest.mark.full
def test_init_overwrites_nothing(cli: Cli, server: None) -> None:
    """`init` refuses a file that exists, or cannot be written."""
    cli.write("mine.yaml", "precious")
    cli("init", "my-server", "-o", "mine.yaml").refused(2, "mine.yaml exists already")
    assert (cli.cwd / "mine.yaml").read_text() == "precious"
    cli("init", "my-server", "-o", "gone/mine.yaml").refused(2, "gone/mine.yaml")


def test_check(cli: Cli, server: None) -> None:
    """`check` finds every local mistake, says what would run where, and creates nothing."""
    ok = cli("check", "my-server", "--set", "host=h", "--set", "password=p").succeeded()
    assert ok.out == "ok: my-server (my-server-connector 1.0) -> catalog om-ingest.db\n"
    flow = "source: {type: my-server, config: {host: [1]}}\nsink: {type: jsonl}\n"
    cli.write("flow.yaml", flow)
    cli("check", "flow.yaml").refused(2, "flow.yaml:2:1: sink.config.path: this key is required")
    cli("check", "flow.yaml", "--sink", "console").refused(
        2, "flow.yaml:1:36: source.config.host", "flow.yaml:1:27: source.config.password"
    )
    assert sorted(path.name for path in cli.cwd.iterdir()) == ["flow.yaml"]


@pytest.fixture
def filled(cli: Cli, connector: Connect) -> None:
    """A catalog of two tables, one of them described."""
    connector(
        "shop",
        """
        def next_record(self):
            yield from stock.parents()
            yield stock.table("orders", description="What customers\\nhave bought")
            yield CreateTableRequest(
                name="dotted.name", databaseSchema=stock.SCHEMA, tableType="View",
                columns=[Column(name="address", dataType="STRUCT", children=[
                    Column(name="street", dataType="STRING", description="with number"),
                ])],
            )
        """,
    )
    cli("run", "shop").succeeded()


def test_catalog_tables(cli: Cli, filled: None) -> None:
    """`catalog tables` lists every table with its type, columns and description."""
    assert cli("catalog", "tables", "--json").succeeded().json == [
        {
            "fullyQualifiedName": 'shop.db.public."dotted.name"',
            "tableType": "View",
            "columnCount": 1,
            "description": None,
        },
        {
            "fullyQualifiedName": "shop.db.public.orders",
            "tableType": None,
            "columnCount": 1,
            "description": "What customers\nhave bought",
        },
    ]
    lines = cli("catalog", "tables").succeeded().out.splitlines()
    assert lines[2].split(maxsplit=3)[3] == "What customers have bought"


def test_catalog_show(cli: Cli, filled: None) -> None:
    """`catalog show` prints one entity, nested columns included."""
    fqn = 'shop.db.public."dotted.name"'
    document = cli("catalog", "show", fqn, "--json").succeeded().json
    assert document["columns"][0]["children"][0]["name"] == "street"
    assert document["version"] == 0.1
    text = cli("catalog", "show", fqn).succeeded().out
    assert text.startswith(f"table {fqn}\n")
    assert "  street" in text
    assert cli("catalog", "show", "shop.db").succeeded().out.startswith("database shop.db\n")
    cli("catalog", "show", "shop.db.none").refused(2, "There is no 'shop.db.none'")
    cli("catalog", "show", 'shop."').refused(2, "shop")


@pytest.mark.full
def test_catalog_search(cli: Cli, filled: None) -> None:
    """`catalog search` finds names, descriptions and columns by the beginnings of words."""
    (hit,) = cli("catalog", "search", "bought", "custom", "--json").succeeded().json
    assert (hit["entityType"], hit["fullyQualifiedName"]) == (
        "table",
        "shop.db.public.orders",
    )
    (hit,) = cli("catalog", "search", "street", "--json").succeeded().json
    assert hit["fullyQualifiedName"] == 'shop.db.public."dotted.name"'
    assert cli("catalog", "search", "zebra", "--json").succeeded().json == []
    for odd in ('"', "(", "a AND", "*", "naïve"):
        cli("catalog", "search", odd).succeeded()


def test_catalog_that_is_not_there(cli: Cli) -> None:
    """Looking at a missing catalog says so, and creates none."""
    for command in (["tables"], ["show", "x"], ["search", "x"]):
        cli("catalog", *command).refused(2, "om-ingest.db")
        cli("catalog", *command, "--catalog", ".").refused(2, "directory")
    assert list(cli.cwd.iterdir()) == []
