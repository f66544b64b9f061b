"""`--set`, `--set-file` and `--set-env`: how values of the connector's config are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.command import Cli, Connect

CONFIG = "password: SecretStr\nsalt: SecretStr = SecretStr('')\ntoken_count: int = 0"
BODY = """
def next_record(self):
    values = self.config.password.get_secret_value(), self.config.salt.get_secret_value()
    pathlib.Path("read").write_text("|".join(values))
    self.ctx.logger.warning("values %s", values)
    return stock.tables(1)
"""


@pytest.fixture
def locked(connector: Connect) -> None:
    """A source that notes which password it has been given, and lets it slip."""
    connector("locked", BODY, config=CONFIG)


def test_values_from_files_and_variables(cli: Cli, locked: None) -> None:
    """They arrive as they are, without the end of the last line; they are masked, and untold."""
    cli.write("secret", "pa$HOME ${x} ss\r\n")
    words = ("--set-file", "password=secret", "--set-env", "salt=SALT", "--set", "token_count=3")
    run = cli("run", "locked", *words, env={"SALT": "sea salt"}).succeeded()
    assert (cli.cwd / "read").read_text("utf-8") == "pa$HOME ${x} ss|sea salt"
    assert "pa$HOME" not in run.err
    assert "sea salt" not in run.err
    assert "list of processes" not in run.err
    cli("check", "locked", *words[:4], env={"SALT": "sea salt"}).succeeded()
    cli("state", "show", "locked", *words[:4], env={"SALT": "sea salt"}).succeeded()


def test_secrets_on_the_command_line_are_told(cli: Cli, locked: None) -> None:
    """Of keys that sound so, and of those that the connector declares so; with the other ways."""
    run = cli(
        "run", "locked", "--set", "password=xyz-pass-1", "--set", "salt=salty-rim-2"
    ).succeeded()
    assert run.err.count("--set password=…, salt=…: every user") == 1
    assert "--set-env password=VARIABLE or --set-file password=FILE" in run.err
    assert "xyz-pass-1" not in run.err
    said = cli("check", "locked", "--set", "password=xyz-pass-1").succeeded().err
    assert "warning: --set password=…: every user of this machine" in said


def test_values_that_cannot_be_read(cli: Cli, locked: None) -> None:
    """Each is one message with its option, and the exit code is 2."""
    (cli.cwd / "binary").write_bytes(b"\xff\xfe\xfd")
    cli.write("empty", "\n")
    for words, told in (
        (("--set-file", "password=gone"), "--set-file password: cannot read gone: No such file"),
        (("--set-file", "password=."), "--set-file password: cannot read .: Is a directory"),
        (("--set-file", "password=binary"), "cannot read binary: it is not UTF-8"),
        (("--set-file", "password=empty"), "cannot read empty: it is empty"),
        (("--set-file", "password"), "Write --set-file KEY=PATH."),
        (("--set-env", "password=BINARY"), "the environment variable BINARY is not UTF-8"),
        (("--set", "a=\udcff"), "--set a: the value is not UTF-8"),
        (("--set-env", "a.b=NOBODY"), "--set-env a.b: the environment variable 'NOBODY' is not"),
    ):
        refused = cli("run", "locked", *words, env={"BINARY": "\udcff"}).refused(2, told)
        assert refused.err.count("error: ") == 1
