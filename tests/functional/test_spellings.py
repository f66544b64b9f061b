"""No spelling of a secret comes out of a run by any way, and structure stays readable."""

from __future__ import annotations

import base64
import html
import io
import json
import logging
import sys
import time
from pathlib import Path
from urllib.parse import quote, quote_plus

import httpx
import pytest
from om_ingest import logs
from om_ingest.cli import build, summary
from om_ingest.errors import OmIngestError, ServerError
from om_ingest.kinds import KINDS
from om_ingest.masking import MASK, Redactor
from om_ingest.openmetadata.network.retry import RetryPolicy
from om_ingest.openmetadata.store import OpenMetadata
from om_ingest.run import launch, report_file, request
from typer.testing import CliRunner

from tests.selection import few

PEM = (
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDZ\n"
    "  K3x7vQwX9mLpTf0sRbHqYc\n-----END PRIVATE KEY-----\n"
)
SECRETS = {
    "plain": "hunter2-and-more",
    "url": "p@ss/w%rd:x?y#z&1=2",
    "spaces": "two  spaces and\ta tab",
    "quotes": 'it\'s "quoted" \\ and <b>`$',
    "unicode": "pässwörd-€-😀-ключ",
    "pem": PEM,
    "plus": "a+b+c/d==e+f",
    "token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib3QifQ.c2lnbmF0dXJl-_x",
    "backslashes": "C:\\temp\\\\new\\x41\\u0041",
}
ORDINARY = ["table", "name", "type", "record", "reason", "message", "level", "failures"]
_WINDOW = 8

SOURCE = """
import json, sys, traceback
from pathlib import Path
from pydantic import BaseModel, SecretStr, TypeAdapter
from om_ingest import ConfiguredSource, ConnectorConfig, CreateDatabaseRequest

class Config(ConnectorConfig):
    password: SecretStr
    spellings: str

class Needs(BaseModel):
    port: int

class LeakySource(ConfiguredSource[Config]):
    def next_record(self):
        for text in json.loads(Path(self.config.spellings).read_text("utf-8")):
            self.ctx.logger.info("logged %s", text)
            print("printed", text)
            self.status.warning(f"key {text}", "x" * 990 + text)
            yield CreateDatabaseRequest(name="d", service="no such service", description=text)
            yield "y" * 70 + text
            yield "z" * 990 + text
            try:
                raise RuntimeError(f"raised {text}")
            except RuntimeError:
                self.ctx.logger.debug("trace", exc_info=True)
                traceback.print_exc()
            try:
                Needs(port=text)
            except ValueError as error:
                self.status.failure("pydantic", str(error))
                self.ctx.logger.debug("pydantic", exc_info=error)
        every = json.loads(Path(self.config.spellings).read_text("utf-8"))
        raise RuntimeError("ended by " + " ".join(every))
"""


def spellings(secret: str) -> list[str]:
    """The secret as URLs, forms, JSON, Python, HTML, headers and logs write it."""
    text = secret.strip()
    jsoned = json.dumps(text)[1:-1]
    encoded = [base64.b64encode(f"{user}:{text}".encode()).decode() for user in ("a", "ab", "abc")]
    return list(
        dict.fromkeys(
            [
                *(text, " ".join(text.split()), repr(text)[1:-1], ascii(text)[1:-1], jsoned),
                *(json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(jsoned)[1:-1]),
                *(jsoned.replace("/", "\\/"), repr(text.encode())[2:-1]),
                *(quote(text), quote(text, safe=""), quote_plus(text), quote(quote(text, safe=""))),
                *(html.escape(text), text.encode().decode("latin-1"), *encoded),
                *(f"https://bot:{quote(text, safe='')}@host/x", f"https://bot:{text}@host/x"),
            ]
        )
    )


def assert_hidden(secret: str, written: str) -> None:
    """No eight characters in a row of any spelling are in the text."""
    for spelling in (repr(secret), *spellings(secret)):
        core = spelling.removeprefix("https://bot:").removesuffix("@host/x")
        if spelling[:1] == "Y" and core.isascii() and len(core) % 4 == 0 and " " not in core:
            core = core[6:-2]  # base64: the user, and bits of its neighbours
        for start in range(max(1, len(core) - _WINDOW + 1)):
            window = core[start : start + _WINDOW]
            if window.strip() and "PRIVATE KEY" not in window and window not in repr(MASK):
                place = written.find(window)
                assert place < 0, (spelling, written[max(0, place - 80) : place + 80])


def ran(
    secret: str, folder: Path, capsys: pytest.CaptureFixture[str], log_format: str
) -> dict[str, str]:
    """What one run of a source that leaks its password prints and writes, by way."""
    (folder / "leaky_source.py").write_text(SOURCE, "utf-8")
    (folder / "spellings.json").write_text(json.dumps(spellings(secret)), "utf-8")
    flow = {
        "source": {
            "type": "leaky_source:LeakySource",
            "serviceName": "s",
            "config": {"password": secret, "spellings": "spellings.json"},
        },
        "sink": {"type": "catalog", "config": {"path": "x.db"}},
    }
    (folder / "flow.json").write_text(json.dumps(flow), "utf-8")
    root = logging.getLogger()
    before = root.level, root.handlers[:], sys.excepthook
    try:
        redact = logs.set_up(logs.LogLevel.DEBUG, logs.LogFormat(log_format), quiet=False)
        report = launch.launch(request.job("flow.json", redact=redact))
        sys.excepthook(RuntimeError, RuntimeError(f"a bug: {secret}"), None)
    finally:
        logging.captureWarnings(False)
        root.setLevel(before[0])
        root.handlers[:], sys.excepthook = before[1:]
    report_file.write(Path("report.json"), report.as_dict())
    summary.print_report(report)
    shown = capsys.readouterr()
    asked = CliRunner().invoke(build(["runs"]), ["runs", "show", report.run_id])
    as_json = CliRunner().invoke(build(["runs"]), ["runs", "show", "--json", report.run_id])
    assert asked.exit_code == as_json.exit_code == 0
    return {
        "stderr": shown.err,
        "stdout": shown.out,
        "report": Path("report.json").read_text("utf-8"),
        "dead letters": Path(str(report.dead_letters)).read_text("utf-8"),
        "journal": Path("om-ingest-runs.db").read_bytes().decode("utf-8", "replace"),
        "runs show": asked.output,
        "runs show --json": as_json.output,
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of its own, from which modules can be imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "leaky_source", raising=False)
    return tmp_path


@pytest.mark.parametrize("name", few(list(SECRETS), 4))
def test_no_way_out(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Logs, tracebacks, prints, report, journal, dead letters and commands show no spelling."""
    ways = ran(SECRETS[name], folder, capsys, "text")
    assert ways.pop("stdout") == ""  # it is for records: what a source prints goes to stderr
    assert f"printed {MASK}" in ways["stderr"]
    for way, written in ways.items():
        assert MASK in written, way
        assert_hidden(SECRETS[name], written)


@pytest.mark.parametrize("word", few(ORDINARY, 3))
def test_an_ordinary_word(word: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A password that is an ordinary word hides values; keys and types stay, and JSON parses."""
    ways = ran(word, folder, capsys, "json")
    for line in ways["stderr"].splitlines():
        if line.startswith("{"):
            logged = json.loads(line)
            assert {"time", "level", "logger", "message"} <= set(logged)
            assert logged["level"] in {"debug", "info", "warning", "error"}
    letters = [json.loads(line) for line in ways["dead letters"].splitlines()]
    assert letters[0]["format"] == "om-ingest-dead-letters"
    assert letters[0]["sink"]["type"] == "catalog"
    for letter in letters[1:]:
        assert letter["type"] in {"database", "invalid"}
        assert "reason" in letter
        if letter["type"] == "database":
            assert {"name", "service", "description"} == set(letter["record"])
            assert word not in letter["record"]["description"]
            assert letter["masked"] is True
    report = json.loads(ways["report"])
    assert set(report["byEntityType"]) == {"database", "invalid"}
    kinds = {sample["key"].partition(" ")[0] for sample in report["failures"]["samples"]}
    assert kinds == {"database", "str"}
    assert json.loads(ways["runs show --json"])["report"] == report


def test_only_values_of_the_record_make_a_letter_masked() -> None:
    """A secret in keys or types does not: the record is replayed."""
    redact = Redactor(ORDINARY)
    document = {"type": "table", "record": {"name": "orders", "columns": [{"dataType": "name"}]}}
    assert redact.values(document) == document
    assert redact.values({"name": "my table", "n": 7}) == {"name": f"my {MASK}", "n": 7}


@pytest.mark.parametrize("name", SECRETS)
def test_reason_of_a_server(name: str) -> None:
    """A server that echoes the token or a secret of the run is masked before its text is cut."""
    secret = SECRETS[name]
    text = iter(range(470, 520, 5))

    def answer(call: httpx.Request) -> httpx.Response:
        if call.url.path.endswith("/version"):
            return httpx.Response(200, json={"version": "2.0.7"})
        if call.url.path.endswith("/loggedInUser"):
            return httpx.Response(200, json={"name": "bot", "isBot": True})
        said = "x" * next(text) + " ".join(spellings(secret))
        return httpx.Response(400, json={"code": 400, "message": said})

    store = OpenMetadata(
        {"hostPort": "http://om.test/api"},
        policy=RetryPolicy(),
        wire=httpx.MockTransport(answer),
        redact=Redactor([secret]),
    )
    record = KINDS["database"].request(name="d", service="s")
    with store:
        for result in store.write([record]) + store.write([record]) + store.write([record]):
            assert len(result.reason) < 600
            assert_hidden(secret, result.reason)


def test_a_new_token_is_masked(tmp_path: Path) -> None:
    """A token that is read again from its file in mid-run is masked in everything after that."""
    file = tmp_path / "token"
    file.write_text("first-token-0001")
    redact = Redactor()
    wire = httpx.MockTransport(
        lambda call: httpx.Response(401, json={"message": f"no {call.headers['authorization']}"})
    )
    config = {"hostPort": "http://om.test/api", "securityConfig": {"jwtToken": str(file)}}
    store = OpenMetadata(config, wire=wire, redact=redact)
    file.write_text("second-token-0002")
    with store, pytest.raises(Exception, match="401") as refused:
        _ = store.features
    assert "token-000" not in str(refused.value)
    assert redact("first-token-0001 second-token-0002") == f"{MASK} {MASK}"


def test_a_thousand_secrets() -> None:
    """Masking 100 kB takes well under a second, whether there is one secret or a thousand."""
    redact = Redactor(f"secret-{number:04}-of-a-thousand" for number in range(1000))
    redact("")
    for text in ("secret-" * 14_000, "table x " * 12_000, "\\" * 100_000, " " * 100_000):
        began = time.process_time()
        assert redact(text) == text
        assert time.process_time() - began < 5


def test_httpx_is_silent() -> None:
    """Httpx logs no URL of a request, whatever the level of the log."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with httpx.Client(transport=httpx.MockTransport(lambda call: httpx.Response(200))) as it:
            it.get("http://host/?api_key=hunter2")
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    assert "hunter2" not in log.getvalue()


def test_a_secret_in_the_url_of_the_server(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key in hostPort stays out of the report, the journal and what is said of a dead server."""
    url = "http://127.0.0.1:9/api?api_key=hunter2-and-more"
    server = {"hostPort": url, "retryPause_s": 0, "retryBudget_s": 0}
    flow = {
        "source": {
            "type": "leaky_source:LeakySource",
            "serviceName": "s",
            "config": {"password": "none", "spellings": "none"},
        },
        "sink": {"type": "openmetadata", "config": {}},
        "workflowConfig": {"openMetadataServerConfig": server},
    }
    (folder / "leaky_source.py").write_text(SOURCE, "utf-8")
    (folder / "flow.json").write_text(json.dumps(flow), "utf-8")
    job = request.job("flow.json", redact=Redactor())
    with pytest.raises(ServerError, match=r"cannot be reached|not a valid URL") as refused:
        launch.launch(job)
    journal = Path("om-ingest-runs.db").read_bytes().decode("utf-8", "replace")
    shown = capsys.readouterr()
    for written in (str(refused.value), journal, shown.out, shown.err):
        assert_hidden("hunter2-and-more", written)
    assert "openmetadata http://127.0.0.1:9" in journal


@pytest.mark.parametrize("sign", ["*", "!", "&"])
def test_a_password_that_yaml_does_not_take(folder: Path, sign: str) -> None:
    """A password that begins as an alias or a tag does is not quoted in the message."""
    text = f"source: {{type: x, config: {{password: {sign}hunter2-and-more}}}}\n"
    (folder / "flow.yaml").write_text(text, "utf-8")
    with pytest.raises(OmIngestError) as refused:
        launch.launch(request.job("flow.yaml", redact=Redactor()))
    assert_hidden("hunter2-and-more", str(refused.value))
