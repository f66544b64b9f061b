"""What is wrong with a workflow file is said all at once, each problem with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Connect

SHORT = "source: {type: shop}\nsink: {type: jsonl, config: {path: out}}\n"
BILLION = "a: &a0 [0, 0, 0]\n" + "".join(
    f"{'b' * n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 21)
)


def test_missing_file(cli: Cli) -> None:
    """A path that does not exist is named, and the run ends with 2."""
    cli("run", "missing.yaml").refused(2, "missing.yaml", "No such file")


def test_directory(cli: Cli) -> None:
    """A directory in place of a workflow file is told apart from a missing file."""
    (cli.cwd / "flow.yaml").mkdir()
    cli("run", "flow.yaml").refused(2, "flow.yaml", "directory")


@pytest.mark.parametrize(
    "content",
    [b"\x7fELF\x02\x01\x00\xff\xfe", "source: {type: shop}".encode("utf-16")],
    ids=["program", "utf-16"],
)
def test_binary_file(cli: Cli, content: bytes) -> None:
    """A file that is no text is refused by name."""
    (cli.cwd / "flow.yaml").write_bytes(content)
    cli("run", "flow.yaml").refused(2, "flow.yaml")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    few(
        [
            ("flow.yaml", "source:\n  type: [shop\nsink: {}\n", "flow.yaml:3:5:"),
            ("flow.yaml", "source:\n\ttype: shop\n", "flow.yaml:2:1:"),
            ("flow.yaml", "source: !!python/object:os.system {}\n", "flow.yaml:1:9:"),
            ("flow.yaml", "# \x00\n", "flow.yaml:1:3:"),
            ("flow.yaml", "source: &a {config: *a}\n", "flow.yaml:1:1: aliases"),
            ("flow.yaml", BILLION, "flow.yaml:1:1: aliases"),
            ("flow.json", '{\n  "source": {"type": shop}\n}', "flow.json:2:22:"),
            ("flow.toml", '[source]\ntype = "shop\n', "flow.toml:2:13:"),
        ],
        2,
    ),
    ids=["yaml", "tab", "yaml-tag", "nul", "circle", "billion", "json", "toml"],
)
def test_syntax_error(cli: Cli, name: str, text: str, said: str) -> None:
    """A file that cannot be parsed is an error with file, line and column."""
    (cli.cwd / name).write_text(text, encoding="utf-8")
    cli("run", name).refused(2, said)


@pytest.mark.parametrize("text", few(["", "- source\n", "# nothing\n", "shop\n"], 2))
def test_no_mapping_at_the_root(cli: Cli, text: str) -> None:
    """An empty file, a list or a word says how a workflow file begins."""
    (cli.cwd / "flow.yaml").write_text(text, encoding="utf-8")
    cli("check", "flow.yaml").refused(2, "flow.yaml", "`source:`")


def test_several_problems_at_once(cli: Cli) -> None:
    """All problems are reported together, in the file's order, each with its place and key."""
    cli.write(
        "flow.yaml",
        """\
        source:
          type: shop
          servceName: demo
          config: {token: "${NOT_SET_ANYWHERE}"}
        sink: {type: 5}
        workflowConfig:
          loggerLevel: LOUD
          loggerLevel: INFO
          successThreshold: 101
        extra: true
        """,
    )
    error = cli("run", "flow.yaml").refused(2, "7 problems").err
    expected = [
        "flow.yaml:2:3: source.type: There is no source named 'shop'",
        "flow.yaml:3:3: source.servceName: unknown key; did you mean 'serviceName'?",
        "flow.yaml:4:12: source.config.token: the environment variable NOT_SET_ANYWHERE",
        "flow.yaml:5:8: sink.type: ",
        "flow.yaml:7:3: workflowConfig.loggerLevel: given twice: first on line 7, again on 8",
        "flow.yaml:9:3: workflowConfig.successThreshold: ",
        "flow.yaml:10:1: extra: unknown key",
    ]
    places = [error.find(line) for line in expected]
    assert -1 not in places, f"{error}\n{places}"
    assert places == sorted(places), error


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("flow.yaml", "source:\n  type: shop\n  config:\n    colour: red\n", "flow.yaml:4:5:"),
        ("flow.json", '{"source": {"type": "shop",\n "config": {"colour": 1}}}', "flow.json:2:13:"),
        ("flow.toml", '[source]\ntype = "shop"\n[source.config]\ncolour = 1\n', "flow.toml:4:1:"),
    ],
    ids=["yaml", "json", "toml"],
)
def test_connector_config_has_places_too(
    cli: Cli, shop: str, name: str, text: str, said: str
) -> None:
    """A key that the connector does not know is found in the file, whatever its format."""
    (cli.cwd / name).write_text(text, encoding="utf-8")
    cli("run", name).refused(2, said, "source.config.colour: unknown key")
    assert list(cli.cwd.glob("om-ingest*")) == []


@pytest.mark.parametrize(
    ("name", "text"),
    few(
        [
            ("flow.yaml", SHORT),
            (
                "flow.toml",
                '[source]\ntype = "shop"\n[sink]\ntype = "jsonl"\nconfig.path = "out"\n',
            ),
            ("flow.yml", "\ufeff" + SHORT),
            (
                "flow.json",
                (
                    '{"source": {"type": "shop"},\n'
                    '\t"sink": {"type": "jsonl", "config": {"path": "out"}}}'
                ),
            ),
        ],
        2,
    ),
    ids=["yaml", "toml", "yml-with-mark", "json-with-tab"],
)
def test_formats(cli: Cli, shop: str, name: str, text: str) -> None:
    """YAML, JSON and TOML say the same."""
    (cli.cwd / name).write_text(text, encoding="utf-8")
    cli("run", name).succeeded()
    assert len(cli.records("out")) == 5


def test_standard_input(cli: Cli, shop: str) -> None:
    """`-` reads the workflow from standard input, and problems there are called <stdin>."""
    cli("run", "-", stdin=SHORT).succeeded()
    assert len(cli.records("out")) == 5
    cli("run", "-", stdin=SHORT + "extra: 1\n").refused(2, "<stdin>:3:1: extra: unknown key")
    cli("run", "-", stdin=b"\xff\xfe").refused(2, "<stdin>")


def test_long_form_runs_a_class_by_its_path(cli: Cli, connector: Connect) -> None:
    """The file of `metadata ingest -c` runs a custom class with its connection options.

    `sourceConfig.config` reaches it typed, and the server's settings as plain values.
    """
    connector(
        "legacy",
        module="""
        import stock
        from om_ingest import Source, SourceStatus

        class LegacySource(Source):
            @classmethod
            def create(cls, config_dict, metadata_config_dict, ctx):
                source = cls()
                source.seen = f"{config_dict} {metadata_config_dict['hostPort']}"
                source.seen += f" {ctx.source_config.schemaFilterPattern.includes}"
                source.seen += f" {ctx.service_name}"
                return source

            def prepare(self): pass

            def next_record(self):
                yield from stock.parents()
                yield stock.table("seen", description=self.seen)

            def get_status(self): return SourceStatus()
        """,
        entry_points="",
    )
    cli.write(
        "flow.yaml",
        """\
        source:
          type: customDatabase
          serviceName: old
          serviceConnection:
            config:
              type: CustomDatabase
              sourcePythonClass: metadata.ingestion.source.database.legacy.LegacySource
              connectionOptions: {folder: "$FOLDER", kept: "$NOT_SET"}
          sourceConfig:
            config:
              type: DatabaseMetadata
              schemaFilterPattern: {includes: ["^public$"]}
        sink: {type: jsonl, config: {path: out}}
        workflowConfig:
          loggerLevel: WARN
          openMetadataServerConfig:
            hostPort: http://localhost:8585/api
            authProvider: openmetadata
            securityConfig: {jwtToken: not-a-token}
        """,
    )
    cli("run", "flow.yaml", env={"FOLDER": "/data"}).succeeded()
    (seen,) = [r["record"] for r in cli.records("out") if r["type"] == "table"]
    assert seen["description"] == (
        "{'folder': '/data', 'kept': '$NOT_SET'} http://localhost:8585/api ['^public$'] old"
    )


def test_interpolation(cli: Cli, connector: Connect) -> None:
    """`${VAR}`, `${VAR:-default}` and `${file:…}` reach the connector, `$${` as it stands."""
    connector(
        "shop",
        """
        def next_record(self):
            yield from stock.parents()
            yield stock.table("seen", description=" ".join(self.config.words))
        """,
        config="words: list[str]",
    )
    (cli.cwd / "word.txt").write_text("from file\n")
    words = ["${A}", "${B:-stand-in}", "${A:-unused}", "$${A}", "x${A}y", "$A"]
    cli.write("flow.yaml", SHORT.replace("type: shop", f"type: shop, config: {{words: {words}}}"))
    cli("run", "flow.yaml", env={"A": "${B}", "B": ""}).succeeded()
    (seen,) = [r["record"] for r in cli.records("out") if r["type"] == "table"]
    assert seen["description"] == "${B} stand-in ${B} ${A} x${B}y $A"
    cli.write("flow.yaml", SHORT.replace("shop", "shop, config: {words: ['${file:word.txt}']}"))
    cli("run", "flow.yaml").succeeded()
    (seen,) = [r["record"] for r in cli.records("out") if r["type"] == "table"]
    assert seen["description"] == "from file"
    cli.write("flow.yaml", SHORT.replace("shop", "shop, config: {words: ['${file:gone.txt}']}"))
    cli("run", "flow.yaml").refused(2, "flow.yaml:1:39: source.config.words.0", "gone.txt")


def test_set_below_a_config_without_keys(cli: Cli, connector: Connect) -> None:
    """`--set` fills in a `config:` that has nothing behind it."""
    connector("wordy", config="word: str")
    cli.write("flow.yaml", "source:\n  type: wordy\n  config:\n")
    cli("check", "flow.yaml", "--set", "word=x").succeeded()
