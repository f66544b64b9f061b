"""A token, however it is given, is in nothing that any command prints or leaves behind."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from om_ingest.cli import COMMANDS
from om_ingest_testing import CommandResult

from tests.functional.delivery import faults, http11
from tests.functional.delivery.faults import Fault
from tests.functional.delivery.proxy import Proxy
from tests.functional.delivery.servers import MortalServer
from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Connect

CANARY = "eyJhbGciOiJSUzI1NiJ9.Y2FuYXJ5LWluLXRoZS1taW5l.c2lnbmVkLWJ5LWEtbWluZXI-_"
HEADER = "canary of the proxy: hush+hush/hush=="
PIECES = [
    *(CANARY.split(".")[1:]),
    *(base64.b64encode(secret.encode()).decode()[:24] for secret in (CANARY, HEADER)),
    "hush+hush",
    "hush%2Bhush",
]
"""What may not be found anywhere: parts too, and the spellings of other alphabets."""

GOSSIP = """
@classmethod
def create(cls, config_dict, metadata_config_dict, ctx):
    source = super().create(config_dict, metadata_config_dict, ctx)
    source.server = metadata_config_dict
    return source

def next_record(self):
    security = self.server.get("securityConfig") or {}
    heard = [str(self.server), repr(self.server), str(security.get("jwtToken"))]
    heard.append(os.environ.get("OM_INGEST_TOKEN", ""))
    if pathlib.Path("token").exists():
        heard.append(pathlib.Path("token").read_text().strip())
    for told in heard:
        print(told)
        print(told, file=sys.stderr)
        self.ctx.logger.warning("I heard %s", told)
        self.status.warning(told, told)
    yield from stock.tables(3)
    yield stock.table("orphan", schema="shop.db.nowhere")
    for told in heard:
        self.status.failure(told, told)
    raise RuntimeError(f"I heard {heard}")
"""


class Place:
    """A folder in which commands are run; afterwards everything is searched."""

    def __init__(self, cli: Cli, proxy: Proxy, server: MortalServer) -> None:
        self.cli = cli
        self.proxy = proxy
        self.server = server
        self.results: list[tuple[tuple[str, ...], CommandResult]] = []
        self.given: set[str] = set()
        """Names of files that hold the token because somebody wrote it there."""

    def __call__(self, *words: str, **options: Any) -> CommandResult:
        """Run a command, and keep what it said."""
        result = self.cli(*words, **options)
        self.results.append((words, result))
        return result

    def flow(self, name: str, source: str, token: str | None, **server: Any) -> str:
        """Write a workflow file that delivers to the proxy; its name."""
        settings = {
            "hostPort": self.proxy.url,
            "retryPause_s": 0.005,
            "retryPauseCap_s": 0.02,
            "retryBudget_s": 1,
            "extraHeaders": {"X-Gate": HEADER},
            **server,
        }
        if token is not None:
            settings["securityConfig"] = {"jwtToken": token}
        document = {
            "source": {"type": source, "serviceName": "shop"},
            "sink": {"type": "metadata-rest", "config": {}},
            "workflowConfig": {"loggerLevel": "DEBUG", "openMetadataServerConfig": settings},
        }
        self.cli.write(name, json.dumps(document, indent=1))
        self.given.add(name)
        return name

    def assert_silent(self) -> None:
        """Fail with the command or the file that holds a secret, and what stands before it."""
        assert self.results
        for words, result in self.results:
            _search(f"om-ingest {' '.join(words)}", (result.out + result.err).encode())
        server = self.server.path.parent
        for path in [*self.cli.cwd.rglob("*"), *server.rglob("*")]:
            if path.is_file() and path.name not in self.given:
                _search(path.name, path.read_bytes())


def _search(what: str, content: bytes) -> None:
    for secret in (CANARY, HEADER, *PIECES):
        at = content.find(secret.encode())
        if at >= 0:
            pytest.fail(f"{what} tells {secret!r}: {content[max(0, at - 300) : at]!r}")


@pytest.fixture
def place(cli: Cli, server: MortalServer, connector: Connect) -> Iterator[Place]:
    """A place with two connectors: `shop` works, `gossip` tells all that it hears, and fails."""
    connector("shop")
    connector("gossip", GOSSIP)
    with Proxy(lambda: server.port, token=CANARY) as proxy:
        yield Place(cli, proxy, server)


def as_text(place: Place) -> str | None:
    """The token stands in the workflow file."""
    return CANARY


def as_file(place: Place) -> str | None:
    """The workflow file names a file that holds it."""
    place.cli.write("token", CANARY + "\n")
    place.given.add("token")
    return "./token"


def as_reference(place: Place) -> str | None:
    """The workflow file is filled from a file."""
    as_file(place)
    return "${file:./token}"


def in_environment(place: Place) -> str | None:
    """The workflow file says nothing of it."""
    place.cli.env["OM_INGEST_TOKEN"] = CANARY
    return None


def as_variable(place: Place) -> str | None:
    """The workflow file is filled from the environment."""
    place.cli.env["CATALOG_PASS"] = CANARY
    return "${CATALOG_PASS}"


WAYS = [as_file, as_text, as_reference, in_environment, as_variable]


@pytest.mark.parametrize("way", few(WAYS, 1))
def test_runs(way: Callable[[Place], str | None], place: Place) -> None:
    """Runs that succeed, fail row by row, die, are refused, or find nobody tell no token."""
    token = way(place)
    good, bad = place.flow("good.json", "shop", token), place.flow("bad.json", "gossip", token)
    debug = ("--log-level", "debug")
    place("check", good).succeeded()
    place("run", good, *debug, "--report", "good-report.json").succeeded()
    ended = place("run", bad, *debug, "--log-format", "json", "--report", "bad-report.json")
    assert ended.code == 1
    assert "I heard" in ended.out + ended.err
    assert "Traceback" in ended.err
    assert "shop.db.nowhere" in ended.err
    (path,) = place.cli.dead_letters()
    place("replay", path.name, *debug, "--report", "replay-report.json")
    place("run", bad, *debug, "--resume", "--limit", "4")
    place.proxy.begin(faults.since(4, faults.EXPIRED))
    assert place("run", good, *debug).code == 4
    place.proxy.begin(faults.since(1, faults.FORBIDDEN))
    assert place("check", good).code == 4
    away = place.flow("away.json", "shop", token, hostPort="http://127.0.0.1:9/api")
    assert place("run", away, *debug).code == 4
    for line in json.loads(place("runs", "--json").succeeded().out)[-2:]:
        place("runs", "show", line["runId"])
    place.assert_silent()


def echo(status: int, kind: str = "application/json") -> Fault:
    """A server that repeats what it was told, as some do in their errors."""
    told = f"Bearer {CANARY} is no token, and {HEADER} no pass"
    body = json.dumps({"code": status, "message": told}) if "json" in kind else f"<p>{told}"
    return Fault(
        f"echo {status}",
        instead=lambda: http11.answer(
            status,
            body.encode(),
            content_type=kind,
            location=f"https://elsewhere.example/{CANARY}",
            www_authenticate=f'Bearer error="{CANARY}"',
        ),
    )


@pytest.mark.parametrize(
    ("status", "way"),
    few([(400, as_text), (302, as_text), (401, as_file), (409, in_environment), (503, as_file)], 1),
)
def test_echo(status: int, way: Callable[[Place], str | None], place: Place) -> None:
    """A server that repeats the token in its answers cannot make a run tell it."""
    flow = place.flow("flow.json", "shop", way(place), retryBudget_s=0.1)
    place.proxy.begin(faults.since(3, echo(status)))
    ended = place("run", flow, "--log-level", "debug", "--report", "report.json")
    assert ended.code in {1, 4}
    place.proxy.begin(faults.since(1, echo(status, "text/html")))
    assert place("check", flow).code == 4
    place.assert_silent()


MISTAKES = {
    "unknown key": '{"securityConfig": {"jwtTokn": "%s"}}',
    "wrong type": '{"securityConfig": "%s"}',
    "in a list": '{"securityConfig": {"jwtToken": ["%s"]}}',
    "in the URL": '{"hostPort": "http://bot:%s@127.0.0.1:9/api"}',
    "line break": '{"securityConfig": {"jwtToken": "%s\\nX-Evil: 1"}}',
    "as a number of seconds": '{"readTimeout_s": "%s"}',
    "beside": '{"token": "%s"}',
}


@pytest.mark.parametrize("mistake", few(MISTAKES, 1))
def test_mistakes(mistake: str, place: Place) -> None:
    """A workflow file with a mistake beside the token is refused without telling it."""
    place.given.add("flow.json")
    server = {"hostPort": place.proxy.url, **json.loads(MISTAKES[mistake] % CANARY)}
    document = {
        "source": {"type": "shop"},
        "sink": {"type": "metadata-rest"},
        "workflowConfig": {"openMetadataServerConfig": server},
    }
    place.cli.write("flow.json", json.dumps(document, indent=1))
    for words in (("check", "flow.json"), ("run", "flow.json", "--log-level", "debug")):
        assert place(*words).code in {2, 4}
    place.assert_silent()


def test_not_even_yaml(place: Place) -> None:
    """A file that breaks off in the line of the token is refused without telling it."""
    place.given.add("flow.yaml")
    place.cli.write("flow.yaml", f'source: {{type: shop}}\njwtToken: "{CANARY}" "\n')
    assert place("run", "flow.yaml", "--log-level", "debug").code == 2
    place.assert_silent()


def test_serve(place: Place, tmp_path: Path) -> None:
    """The server tells none of its tokens, nor those that it refuses, at any log level."""
    place.cli.write("tokens", CANARY + "\n")
    place.given.add("tokens")
    words = ("serve", "--port", "0", "--catalog", "own.db", "--token-file", "tokens")
    process = place.cli.start(*words, "--log-level", "debug")
    assert process.stdout is not None
    port = int(process.stdout.readline().split(b"/api")[0].rpartition(b":")[2])
    url = f"http://127.0.0.1:{port}/api"
    flow = place.flow("flow.json", "shop", CANARY, hostPort=url)
    place("run", flow, "--log-level", "debug").succeeded()
    wrong = place.flow("wrong.json", "shop", CANARY + "x", hostPort=url)
    assert place("run", wrong, "--log-level", "debug").code == 4
    process.terminate()
    place.results.append((words, place.cli.ended(process)))
    place.assert_silent()


@pytest.mark.full
def test_every_command(place: Place) -> None:
    """With the token in the environment and in the folder no command tells it."""
    token = in_environment(place)
    as_file(place)
    place.flow("flow.json", "gossip", token)
    place("run", "flow.json", "--log-level", "debug", "--report", "report.json")
    place("run", "gossip", "--log-level", "debug")  # into a catalog file
    (path, *_) = place.cli.dead_letters()
    for words in (
        ("list-sources", "--json"),
        ("list-plugins", "--json"),
        ("show", "gossip"),
        ("show", "gossip", "--example"),
        ("show", "gossip", "--markdown"),
        ("schema",),
        ("init", "gossip"),
        ("check", "flow.json"),
        ("replay", path.name, "--sink", "console"),
        ("runs",),
        ("state", "show", "gossip"),
        ("catalog", "tables"),
        ("catalog", "show", "shop.db.public.t0"),
        ("catalog", "search", "t0"),
        ("doctor", "--json", "--import"),
        ("new", "fresh", "--no-input"),
        ("run", "flow.json", "--quiet"),
    ):
        place(*words)
    assert {words[0] for words, _ in place.results} == {*COMMANDS, "catalog", "new"}
    place.assert_silent()
