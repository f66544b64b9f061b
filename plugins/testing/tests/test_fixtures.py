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
from om_ingest_catalog import pytest_plugin as catalog_plugin
from om_ingest_catalog_server import pytest_plugin as server_plugin
from om_ingest_testing import plugin

if TYPE_CHECKING:
    from conftest import Project

FIXTURES = ("om_ingest", "catalog", "catalog_server", "openmetadata_double")

IMPORTS = """\
import httpx
import pytest
from metadata.ingestion.source.database.acme import AcmeSource
from om_ingest import SourceError
from om_ingest.model import Table

"""


def example(fixture: str) -> str:
    """The test in the docstring of a fixture."""
    (found,) = (
        node
        for module in (plugin, catalog_plugin, server_plugin)
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.FunctionDef) and node.name == fixture
    )
    docstring = str(ast.get_docstring(found))
    return docstring[docstring.index("def test_") :]


def test_examples_run(project: Project) -> None:
    """Each fixture has an example in its docstring, and that is a test that passes."""
    examples = [textwrap.dedent(example(fixture)) for fixture in FIXTURES]
    project.write(IMPORTS + "\n\n".join(examples))
    said = project.pytest()
    assert f"{len(FIXTURES)} passed" in said, said


def test_server_that_ends(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that does not come up fails the test with what it said."""
    monkeypatch.setenv("OM_INGEST_ALLOW", "om-ingest")  # the server may not be loaded
    project.write("def test_server(catalog_server): pass")
    said = project.pytest()
    assert "`om-ingest serve` does not answer" in said
    assert "may not be loaded: not in OM_INGEST_ALLOW" in said
    assert "1 error" in said


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
    code = "import sys, pytest; import om_ingest_testing.plugin; print(*sys.modules, sep='\\n')"
    modules = set(run_python(code).splitlines())
    roots = ("om_ingest", "om_ingest_testing", "metadata")
    ours = {name for name in modules if name.partition(".")[0] in roots}
    assert ours == {f"om_ingest{name}" for name in ("", ".lazy", "_testing", "_testing.plugin")}
    assert not modules & {"pydantic", "sqlite3", "yaml", "httpx"}


def test_kit_without_pytest() -> None:
    """Without pytest the suite says what to install, and the double works."""
    code = """
import sys
sys.modules["pytest"] = None
import om_ingest_testing
om_ingest_testing.OpenMetadataDouble().close()
try:
    om_ingest_testing.SourceSuite
except ImportError as error:
    print(error)
"""
    said = run_python(code)
    assert said == 'om_ingest_testing.SourceSuite needs pytest: pip install "om-ingest[testing]"\n'
