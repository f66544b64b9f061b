"""What a connector's author and its users read: the schema for editors, and the page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml
from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from tests.command import Cli, Connect

HEAD = '''
from typing import Literal
from om_ingest import *
from om_ingest.config import FilterPattern
from pydantic import BaseModel, SecretStr

class Login(BaseModel):
    """Who | reads."""

    user: str
    password: SecretStr
    mode: Literal["a|b", "c"] = "c"

class Node(ConnectorConfig):
    """A folder."""

    name: str
    """Its name."""

    below: list["Node"] = []
    """What is | in
    <it>."""

class Config(ConnectorConfig):
    login: Login
    """How to log in."""

    port: int | None = None
    """TCP port, e.g. `a|b`."""

    root: Node | None = None
    """Where to begin."""

class TreeSource(ConfiguredSource[Config]):
    """Reads a tree.

    # Not a heading: <b>
    """

    def next_record(self): return stock.tables(1)
'''


@pytest.fixture
def tree(connector: Connect) -> str:
    """A connector whose config has models in models, one of them in itself."""
    connector("tree", module=HEAD)
    return "tree"


def test_schema_of_what_is_installed(cli: Cli, tree: str, connector: Connect) -> None:
    """Every source selects its own config; one that is broken is named, and left open."""
    connector("broken", module="raise RuntimeError('at import')")
    made = cli("schema").succeeded()
    assert "left open: The source 'broken' of broken-connector 1.0 cannot be used" in made.err
    Draft202012Validator.check_schema(made.json)
    validator = Draft202012Validator(made.json)

    def wrong(text: str) -> list[str]:
        errors = validator.iter_errors(yaml.safe_load(text))
        return sorted(".".join(map(str, error.absolute_path)) for error in errors)

    login = "login: {user: u, password: p}"
    assert wrong("source: {type: broken, config: {any: thing}}") == []
    assert wrong(f"source: {{type: tree, config: {{{login}, port: '$P'}}}}") == []
    assert wrong(f"source: {{type: tree, config: {{{login}, port: x}}}}") == ["source.config.port"]
    deep = "{name: a, below: [{name: b, below: [{nam: c}]}]}"
    place = "source.config.root.below.0.below.0"
    assert wrong(f"source: {{type: tree, config: {{{login}, root: {deep}}}}}") == [place, place]
    assert wrong("source: {type: tree, config: {login: {user: u}}}") == ["source.config.login"]

    cli("schema", "broken").refused(3, "at import")
    named = cli("schema", "tree", "-o", "tree.json").succeeded()
    assert "broken" not in named.err
    chosen = json.loads((cli.cwd / "tree.json").read_text("utf-8"))
    assert "source:tree" in chosen["$defs"]
    assert "source:broken" not in chosen["$defs"]
    assert chosen == cli("show", "tree", "--json-schema").succeeded().json


@pytest.mark.full
def test_init_brings_its_schema(cli: Cli, tree: str) -> None:
    """The example's first line leads an editor to the schema that lies beside it."""
    said = cli("init", tree, "-o", "my.yaml").succeeded().out
    assert "Wrote my.yaml, and my.schema.json for editors." in said
    text = (cli.cwd / "my.yaml").read_text("utf-8")
    first, _, rest = text.partition("\n")
    assert first == "# yaml-language-server: $schema=my.schema.json"
    example = cli("show", tree, "--example").succeeded().out
    assert rest == example.replace("om-ingest run tree.yaml", "om-ingest run my.yaml")
    schema = json.loads((cli.cwd / "my.schema.json").read_text("utf-8"))
    filled = yaml.safe_load(text.replace("login:", "login: {user: u, password: p}"))
    assert list(Draft202012Validator(schema).iter_errors(filled)) == []

    (cli.cwd / "my.yaml").unlink()
    cli("init", tree, "-o", "my.yaml").succeeded()  # its own schema is made again
    cli.write("their.schema.json", '{"precious": 1}')
    cli("init", tree, "-o", "their.yaml").refused(2, "their.schema.json holds something else")
    cli("schema", "-o", "their.schema.json").refused(2, "their.schema.json holds something else")
    assert not (cli.cwd / "their.yaml").exists()


def test_page(cli: Cli, tree: str) -> None:
    """`show --markdown` is a page: each table has its cells, and text from docstrings is text."""
    page = cli("show", tree, "--markdown").succeeded().out
    lines = page.splitlines()
    assert lines[0] == "# tree"
    assert "Reads a tree." in lines
    assert r"\# Not a heading: \<b>" in lines
    assert "$ pip install tree-connector" in lines
    assert [line for line in lines if line.startswith("#") and not line.startswith("# ")] == [
        *("## Install", "## Configuration", "### Login", "### Node"),
        *("## Example", "## Run", "## About"),
    ]
    assert r"| `port` | `int \| None` | `null` | TCP port, e.g. `a\|b`. |" in lines
    assert r"| `password` | `SecretStr` | **required** |  *Secret.* |" in lines
    assert r"| `below` | `list[Node]` | `[]` | What is \| in \<it>. |" in lines
    assert r'| `mode` | `"a\|b" \| "c"` | `"c"` |  |' in lines
    tables = [line for line in lines if line.startswith("|")]
    assert {line.replace(r"\|", "").count("|") for line in tables} == {5, 3}
    example = page.partition("```yaml\n")[2].partition("```")[0]
    assert example == cli("show", tree, "--example").succeeded().out
