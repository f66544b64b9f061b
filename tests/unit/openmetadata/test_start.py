"""The first requests: what is wrong with server, token or config is said before anything else."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from om_ingest import ServerError, WorkflowError
from om_ingest.openmetadata.features import verdict
from om_ingest.openmetadata.store import OpenMetadata
from om_ingest.releases import Version, parsed_version

if TYPE_CHECKING:
    from tests.unit.openmetadata.conftest import Wire

Connect = Callable[..., OpenMetadata]
PAGE = httpx.Response(200, html="<!doctype html><title>OpenMetadata</title>")
HTTPS = "https://om.test/api"
HTTPS_CHECKED = {"hostPort": HTTPS, "verifySSL": "validate"}
NO_TRUST = "[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"


def said(status: int, message: str) -> httpx.Response:
    """An error in the server's shape."""
    return httpx.Response(status, json={"code": status, "message": message})


def test_building_connects_to_nothing(wire: Wire, connect: Connect) -> None:
    """A client that is built and closed has sent nothing."""
    connect().close()
    assert wire.calls == []


def test_client_without_a_server() -> None:
    """A source that makes a client of its own, in a run without a server, is told where it does."""
    code = compile("from om_ingest import REST\ndef create(): REST({})", "/far/mine.py", "exec")
    names: dict[str, Any] = {"__name__": "mine"}
    exec(code, names)  # noqa: S102  # a module as a plugin has it
    with pytest.raises(WorkflowError) as told:
        names["create"]()
    assert told.value.what.endswith("made without a hostPort, at mine.py:2 in create")
    assert "workflowConfig.openMetadataServerConfig of the workflow file" in told.value.remedy


def test_first_requests(wire: Wire, store: OpenMetadata) -> None:
    """The version is asked first, then whether the token is known, both once."""
    assert str(store.features.version) == "2.0.7"
    assert store.features.has_override
    assert [call.path for call in wire.calls] == ["system/version", "users/loggedInUser"]
    assert wire.calls[0].headers["authorization"].startswith("Bearer ")


def test_no_token(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that wants a token, where none is set, is no server that refuses one."""
    monkeypatch.delenv("OM_INGEST_TOKEN", raising=False)
    wire.on("GET", "loggedInUser", said(401, "Not Authorized! Token not present"))
    store = OpenMetadata({"hostPort": "http://om.test/api"}, wire=wire)
    with pytest.raises(ServerError, match="none is set") as raised:
        _ = store.features
    assert "OM_INGEST_TOKEN" in raised.value.remedy


@pytest.mark.parametrize(
    ("text", "complains"),
    [("1.4.9", True), ("1.5.0", False), ("1.13.2", False), ("2.9.0", False), ("3.0.0", True)],
)
def test_verdict(text: str, complains: bool) -> None:
    """Servers from 1.5 to 2.x are fine; older and newer ones are reported."""
    version = parsed_version(text)
    assert version is not None
    assert (verdict(version, text) is not None) is complains


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2.0.7", Version(2, 0, 7)),
        ("1.10.3-SNAPSHOT", Version(1, 10, 2)),
        ("1.6.0-SNAPSHOT", Version(1, 5, 999_999_999)),
        ("2.0.0-SNAPSHOT", Version(1, 999_999_999, 999_999_999)),
        ("1.12.14.2", Version(1, 12, 14)),
        ("2.1", Version(2, 1, 0)),
        ("9" * 5000 + ".0", None),
        ("2.0." + "9" * 5000, Version(2, 0, 999_999_999)),
        ("latest", None),
        (None, None),
    ],
)
def test_versions(text: object, version: Version | None) -> None:
    """Numbers at the beginning count; a snapshot is older than the release it is named after."""
    assert parsed_version(text) == version


def test_old_server(wire: Wire, store: OpenMetadata, caplog: pytest.LogCaptureFixture) -> None:
    """A server that is too old is reported in a warning, and used."""
    wire.on("GET", "system/version", httpx.Response(200, json={"version": "1.4.0"}))
    with caplog.at_level(logging.WARNING):
        assert not store.features.has_override
    assert "1.4.0" in caplog.text
    assert store.features.warnings["version"] in caplog.text


def test_no_version_validation(
    wire: Wire, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """With enableVersionValidation off, nothing is said about the version."""
    wire.on("GET", "system/version", httpx.Response(200, json={"version": "1.4.0"}))
    _ = connect(enableVersionValidation=False).features
    assert caplog.text == ""


def test_token_of_a_person(
    wire: Wire, store: OpenMetadata, caplog: pytest.LogCaptureFixture
) -> None:
    """A token that is no bot's is reported: its writes replace what people have written."""
    wire.on("GET", "loggedInUser", httpx.Response(200, json={"name": "ann", "isBot": False}))
    _ = store.features
    assert "ann, who is not a bot" in caplog.text


@pytest.mark.parametrize(
    ("answers", "what", "remedy"),
    [
        ([said(401, "Expired token!")], "401.*Expired", "OM_INGEST_TOKEN"),
        ([said(403, "not allowed")], "403", "role"),
        ([said(404, "HTTP 404")], "no OpenMetadata", "ends in /api"),
        ([PAGE] * 3, "web page", "ends in /api"),
        ([httpx.Response(404, html="<p>nginx")] * 3, "web page", "ends in /api"),
        ([httpx.Response(200, json={"status": "up"})], "not with the version", "ends in /api"),
        ([httpx.Response(200, content=b"OK")] * 3, "not JSON", "ends in /api"),
        ([httpx.Response(204)], "not with the version", "ends in /api"),
        ([httpx.Response(302, headers={"location": "/login"})] * 3, "redirects", "hostPort"),
        (
            [httpx.Response(403, html="<h1>Forbidden</h1>")] * 3,
            "403 with a web page",
            "extraHeaders",
        ),
        ([httpx.Response(407)] * 3, "proxy answered 407", "extraHeaders"),
        ([said(503, "starting")] * 3, "503: starting", "log"),
        ([httpx.ConnectError("[Errno 111] Connection refused")] * 3, "refused", "Start the server"),
        ([httpx.ConnectTimeout("")] * 3, "cannot be reached", "Start the server"),
        ([httpx.ReadTimeout("")] * 3, "too long", ""),
        ([httpx.ConnectError(NO_TRUST)], "certificate", "caCertificate"),
    ],
)
def test_what_is_wrong(
    wire: Wire, store: OpenMetadata, answers: list[Any], what: str, remedy: str
) -> None:
    """Each way in which the first request fails is told apart, with what to do about it."""
    wire.on("GET", "system/version", *answers)
    with pytest.raises(ServerError, match=what) as raised:
        _ = store.features
    assert remedy in raised.value.remedy
    assert raised.value.exit_code == 4


def test_all_is_forbidden(wire: Wire, store: OpenMetadata) -> None:
    """A token that may not read its own user may do nothing: the run does not begin."""
    wire.on("GET", "loggedInUser", said(403, "no"))
    with pytest.raises(ServerError, match="403") as raised:
        _ = store.features
    assert "role" in raised.value.remedy


def test_a_server_that_is_just_starting(wire: Wire, store: OpenMetadata) -> None:
    """The first request is tried again, twice."""
    wire.on("GET", "system/version", httpx.ConnectError("refused"), httpx.Response(503))
    assert store.features.version.major == 2


def test_no_user_endpoint(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """A server that cannot say who we are is used all the same."""
    wire.on("GET", "loggedInUser", refused(404, "no such thing"))
    assert store.features.version.major == 2


@pytest.mark.parametrize(
    ("config", "what"),
    [
        ({"hostPort": "om.test/api"}, "http://"),
        ({"hostPort": "http://ann:secret@om.test/api"}, "password"),
        ({"securityConfig": {"jwtToken": "/no/such/file"}}, "does not exist"),
        ({"securityConfig": {"jwtToken": "secrets/no-file"}}, "does not exist"),
        ({"securityConfig": {"jwtToken": "C:\\no-file"}}, "does not exist"),
        ({"securityConfig": {"jwtToken": "line\nbreak"}}, "no header"),
        ({"extraHeaders": {"X-A": "caf\u00e9"}}, "X-A"),
        ({"extraHeaders": {"X A": "b"}}, "name of a header"),
        ({"verifySSL": "validate"}, "no certificate authority"),
        (
            {"hostPort": HTTPS, "verifySSL": "validate", "sslConfig": {"caCertificate": "/no/ca"}},
            "sslConfig",
        ),
        ({"hostPort": HTTPS, "sslConfig": {"sslCertificate": "/no/cert"}}, "sslConfig"),
        ({"hostPrt": "http://om.test/api"}, "hostPort"),
    ],
)
def test_wrong_config(connect: Connect, config: dict[str, Any], what: str) -> None:
    """What is wrong in the file is told before anything is sent: exit code 2, and no secret."""
    with pytest.raises(WorkflowError, match=what) as raised:
        connect(**config)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "proxy",
    ["socks5://ann:Xq7z@proxy:1080", "ftp://ann:Xq7z@proxy", "http://ann:Xq7/z@proxy:8080"],
)
def test_wrong_proxy(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment that cannot be used is told, without its password."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(WorkflowError, match="HTTPS_PROXY") as raised:
        OpenMetadata({"hostPort": HTTPS})
    assert "Xq7" not in str(raised.value)


def test_tls_is_verified(connect: Connect) -> None:
    """Clients for https can be built with each way of verifying."""
    for mode in ("no-ssl", "ignore"):
        connect(hostPort=HTTPS, verifySSL=mode).close()


def test_host_port_with_a_slash(wire: Wire, connect: Connect) -> None:
    """A slash at the end of hostPort makes no empty part in the path."""
    _ = connect(hostPort="http://om.test/api/").features
    assert wire.calls[0].raw_path == "/api/v1/system/version"


def test_token_from_the_environment(
    wire: Wire, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a token in the config, that of OM_INGEST_TOKEN is sent; without both, none."""
    _ = connect(securityConfig=None).features
    assert "authorization" not in wire.calls[0].headers
    monkeypatch.setenv("OM_INGEST_TOKEN", "from-outside")
    _ = connect(securityConfig=None).features
    assert wire.calls[-1].headers["authorization"] == "Bearer from-outside"


def test_token_in_a_file_of_its_own(wire: Wire, connect: Connect, tmp_path: Path) -> None:
    """The mark of Windows editors is no part of a token in a file; an empty file is no token."""
    file = tmp_path / "token"
    file.write_bytes(b"\xef\xbb\xbfe.y.J\r\n")
    _ = connect(securityConfig={"jwtToken": str(file)}).features
    assert wire.calls[0].headers["authorization"] == "Bearer e.y.J"
    file.write_text("\n")
    with pytest.raises(WorkflowError, match="The file that jwtToken names is empty"):
        _ = connect(securityConfig={"jwtToken": str(file)}).features


def test_token_in_a_file(wire: Wire, connect: Connect, tmp_path: Path, refused: Any) -> None:
    """A token that is replaced in its file is read again when the old one is refused."""
    file = tmp_path / "token"
    file.write_text("old\n")
    store = connect(securityConfig={"jwtToken": str(file)})
    _ = store.features
    file.write_text("new\n")

    def expired(call: Any) -> httpx.Response | None:
        is_old = call.headers["authorization"] == "Bearer old"
        return refused(401, "Expired token!") if is_old else None

    wire.judge("GET", "", expired)
    wire.put("databases", "s.d")
    from om_ingest.model import Database

    assert store.get_by_name(Database, "s.x") is None
    assert wire.calls[-1].headers["authorization"] == "Bearer new"
    file.unlink()
    wire.judge("GET", "", lambda call: refused(401, "Expired token!"))
    with pytest.raises(ServerError, match="401"):
        store.get_by_name(Database, "s.y")


def test_extra_headers(wire: Wire, connect: Connect) -> None:
    """Extra headers go with every request; placeholders stand for headers that are set."""
    headers = {"X-Tenant": "t1", "Proxy-Authorization": "%(Authorization)s!", "X-No": "%(nope)s"}
    _ = connect(extraHeaders=headers, agent="om-ingest/1 (caf\u00e9)").features
    sent = wire.calls[0].headers
    assert sent["x-tenant"] == "t1"
    assert sent["proxy-authorization"] == sent["authorization"] + "!"
    assert sent["x-no"] == ""
    assert sent["user-agent"] == "om-ingest/1 (caf?)"


def test_secrets_stay_secret(wire: Wire, connect: Connect, refused: Any) -> None:
    """A server that repeats our token in its answer does not bring it into a message."""
    store = connect(securityConfig={"jwtToken": "canary-token"}, extraHeaders={"X": "canary-head"})
    wire.on("GET", "system/version", refused(401, "bad token canary-token, header canary-head"))
    with pytest.raises(ServerError) as raised:
        _ = store.features
    assert "canary" not in str(raised.value)
    assert "**********" in str(raised.value)
