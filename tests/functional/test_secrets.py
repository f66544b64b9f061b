"""No secret appears in anything a run writes: output, logs, report, journal, dead letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.command import Cli, Connect

SECRET = 'hunt"er-22\\x'
LEAKS = """
def next_record(self):
    secret = self.config.password.get_secret_value()
    self.ctx.logger.warning("logged %s", secret)
    print("printed", secret)
    self.status.warning(secret, f"noted {secret}")
    self.status.failure("x", {"password": secret})
    yield stock.table("orphan", schema="gone." + secret)
    yield secret
    raise RuntimeError(f"raised {secret}")
def close(self):
    raise SourceError(f"closed {self.config.password.get_secret_value()}", "Look.")
"""
UNTYPED = """
import stock
from om_ingest import Source, SourceStatus

class UntypedSource(Source):
    @classmethod
    def create(cls, config_dict, metadata_config_dict, ctx):
        source = cls()
        source.secret, source.ctx = config_dict["login"]["db_password"], ctx
        return source

    def prepare(self): raise RuntimeError(f"no access with {self.secret}")
    def next_record(self): return ()
    def get_status(self): return SourceStatus()
"""


def written(cli: Cli, *args: str, env: dict[str, str] | None = None) -> str:
    """Everything that a failing run prints and leaves behind."""
    run = cli("run", *args, "--report", "report.json", "--log-level", "debug", env=env)
    assert run.code == 1, run.err
    files = [path for path in cli.cwd.iterdir() if path.suffix in {".json", ".jsonl"}]
    files.append(cli.cwd / "om-ingest-runs.db")
    return run.out + run.err + "".join(path.read_text("utf-8", "replace") for path in files)


def assert_hidden(text: str) -> None:
    assert "hunt" not in text, text[max(0, text.index("hunt") - 200) :][:300]
    assert "er-22" not in text
    assert "**********" in text


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_secret_field(cli: Cli, connector: Connect, log_format: str) -> None:
    """The value of a `SecretStr` field is masked wherever its own source lets it slip."""
    connector("leaky", LEAKS, config="password: SecretStr")
    text = written(cli, "leaky", "--set", f"password={SECRET}", "--log-format", log_format)
    for said in ("logged", "noted", "raised", "closed", "printed"):
        assert f"{said} **********" in text, said
    assert_hidden(text)


def test_secret_in_a_file(cli: Cli, connector: Connect) -> None:
    """What `${file:…}` holds is a secret, whatever its key is called."""
    connector(
        "leaky",
        'def next_record(self): raise RuntimeError("hello " + self.config.greeting)',
        config="greeting: str",
    )
    (cli.cwd / "word").write_text(SECRET + "\n")
    cli.write("flow.yaml", 'source: {type: leaky, config: {greeting: "${file:word}"}}\n')
    assert_hidden(written(cli, "flow.yaml"))


def test_secret_by_its_key(cli: Cli, connector: Connect) -> None:
    """A source without a config model has its passwords and tokens found by their keys."""
    connector("untyped", module=UNTYPED)
    flow = "source: {type: untyped, config: {login: {db_password: '${WORD}'}}}\n"
    cli.write("flow.yaml", flow)
    assert_hidden(written(cli, "flow.yaml", env={"WORD": SECRET}))


def test_secret_in_a_wrong_config(cli: Cli, connector: Connect) -> None:
    """A config that is refused is not quoted."""
    connector("typed", config="password: int\napi_token: SecretStr")
    run = cli("run", "typed", "--set", f"password={SECRET}", "--set", f"api_tokn={SECRET}")
    assert "hunt" not in run.refused(2, "source.config.password", "api_token").err


def test_server_token(cli: Cli, connector: Connect) -> None:
    """The server's token reaches the source in clear, and nothing else."""
    connector(
        "legacy",
        module=UNTYPED.replace("Untyped", "Legacy").replace(
            'config_dict["login"]["db_password"]',
            'metadata_config_dict["securityConfig"]["jwtToken"]',
        ),
    )
    cli.write(
        "flow.yaml",
        f"""\
        source: {{type: legacy}}
        workflowConfig:
          openMetadataServerConfig:
            hostPort: http://localhost:8585/api
            securityConfig: {{jwtToken: '{SECRET}'}}
        """,
    )
    assert_hidden(written(cli, "flow.yaml"))


def test_secret_of_a_sink(cli: Cli, connector: Connect) -> None:
    """Passwords in the config of a sink stay out of the dead-letter file's header."""
    connector(
        "locked",
        """
        def next_record(self):
            yield stock.table("orphan")
        from om_ingest.sinks.jsonl import JsonlSink
        class LockedSink(JsonlSink):
            @classmethod
            def create(cls, config, ctx):
                return super().create({"path": config["path"]}, ctx)
            def write(self, records):
                raise RuntimeError("the password is not hunt\\"er-22\\\\x")
        """,
        entry_points="""
        [metadata.ingestion.source]
        locked = metadata.ingestion.source.database.locked:LockedSource
        [om_ingest.sink]
        locked = metadata.ingestion.source.database.locked:LockedSource.LockedSink
        """,
    )
    cli.write(
        "flow.yaml",
        f"""\
        source: {{type: locked}}
        sink: {{type: locked, config: {{path: out, password: '{SECRET}'}}}}
        """,
    )
    assert_hidden(written(cli, "flow.yaml"))
