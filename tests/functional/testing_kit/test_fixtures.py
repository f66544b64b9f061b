"""The fixtures and what loads them: every example in their docstrings runs."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
from om_ingest.testing import plugin

if TYPE_CHECKING:
    from conftest import Distribute, Project

FIXTURES = ("om_ingest", "catalog", "catalog_server", "openmetadata_double")

IMPORTS = """\
import httpx
import pytest
from metadata.ingestion.source.database.acme import AcmeSource
from om_ingest import SourceError
from om_ingest.model import Table

"""

SERVER = """
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Annotated
import typer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/api/v1/system/version" else 404)
        self.end_headers()

def serve(
    catalog: Annotated[str, typer.Option()],
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option()] = 8585,
) -> None:
    '''Serve.'''
    open(catalog, "a").close()
    HTTPServer((host, port), Handler).serve_forever()
"""
"""Stands in for om-ingest-catalog-server: the same command, and one answer."""


def example(fixture: str) -> str:
    """The test in the docstring of a fixture."""
    (found,) = (
        node
        for node in ast.parse(inspect.getsource(plugin)).body
        if isinstance(node, ast.FunctionDef) and node.name == fixture
    )
    docstring = str(ast.get_docstring(found))
    return docstring[docstring.index("def test_") :]


def test_examples_run(project: Project, distributed: Distribute) -> None:
    """Each fixture has an example in its docstring, and that is a test that passes."""
    entry_point = "[om_ingest.command]\nserve = om_ingest_catalog_server:serve\n"
    distributed("om-ingest-catalog-server", SERVER, entry_point)
    examples = [textwrap.dedent(example(fixture)) for fixture in FIXTURES]
    project.write(IMPORTS + "\n\n".join(examples))
    said = project.pytest()
    assert f"{len(FIXTURES)} passed" in said, said


def test_server_that_is_not_installed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that asks for a server that nobody installed fails, and says what to install."""
    monkeypatch.setenv("OM_INGEST_ALLOW", "om-ingest")  # the one of these tests is none then
    project.write("def test_server(catalog_server): pass")
    said = project.pytest()
    assert "needs the command `om-ingest serve`: pip install om-ingest-catalog-server" in said
    assert "1 error" in said


def test_server_that_ends(project: Project, distributed: Distribute) -> None:
    """A server that does not come up fails the test with what it said."""
    entry_point = "[om_ingest.command]\nserve = om_ingest_catalog_server:serve\n"
    distributed("om-ingest-catalog-server", "def serve() -> None: 'Serve.'\n", entry_point)
    project.write("def test_server(catalog_server): pass")
    said = project.pytest()
    assert "`om-ingest serve` does not answer" in said
    assert "no such option" in said.lower(), said


def test_failed_expectations_show_the_command(project: Project) -> None:
    """`succeeded` and `refused` fail the test with what the command printed."""
    project.write(
        """
        def test_succeeded(om_ingest): om_ingest("run", "acne").succeeded()
        def test_code(om_ingest): om_ingest("run", "acne").refused(3)
        def test_words(om_ingest): om_ingest("run", "acne").refused(2, "no such words")
        def test_json(om_ingest): om_ingest("--help").json
        def test_right(om_ingest): om_ingest("run", "acne").refused(2, "did you mean 'acme'?")
        """
    )
    said = project.pytest()
    assert "4 failed, 1 passed" in said, said
    for words in ("exit 2\n", "exit 2, not 3", "not said: no such words", "no JSON on standard"):
        assert words in said, words
    assert said.count("There is no source named 'acne'") >= 3


def run_python(code: str) -> str:
    """Standard output of a Python program."""
    # Measuring coverage would import things of its own.
    env = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
    run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_plugin_is_light() -> None:
    """What every pytest run loads imports pytest and nothing of om-ingest but the plugin."""
    code = "import sys, pytest; import om_ingest.testing.plugin; print(*sys.modules, sep='\\n')"
    modules = set(run_python(code).splitlines())
    ours = {name for name in modules if name.partition(".")[0] in ("om_ingest", "metadata")}
    assert ours == {"om_ingest", "om_ingest.testing", "om_ingest.testing.plugin"}
    assert not modules & {"pydantic", "sqlite3", "yaml", "httpx"}


def test_kit_without_pytest() -> None:
    """Without pytest the suite says what to install, and the double works."""
    code = """
import sys
sys.modules["pytest"] = None
import om_ingest.testing
om_ingest.testing.OpenMetadataDouble().close()
try:
    om_ingest.testing.SourceSuite
except ImportError as error:
    print(error)
"""
    said = run_python(code)
    assert said == 'om_ingest.testing.SourceSuite needs pytest: pip install "om-ingest[testing]"\n'
