"""People and machines run the same few commands, and each is explained."""

from __future__ import annotations

import ast
import os
from pathlib import Path

TEST_COMMAND = "pip install nox && nox"


def sessions(root: Path) -> dict[str, str | None]:
    """The sessions of the noxfile with their docstrings."""
    tree = ast.parse((root / "noxfile.py").read_text("utf-8"))
    found: dict[str, str | None] = {}
    for node in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        for decorator in node.decorator_list:
            if "nox.session" in ast.unparse(decorator):
                options = decorator.keywords if isinstance(decorator, ast.Call) else []
                given = [ast.literal_eval(o.value) for o in options if o.arg == "name"]
                found[given[0] if given else node.name] = ast.get_docstring(node)
    return found


def test_sessions_are_explained(root: Path) -> None:
    """Every nox session has a docstring, and a row in the table of CONTRIBUTING.md."""
    contributing = (root / "CONTRIBUTING.md").read_text("utf-8")
    found = sessions(root)
    assert found
    assert [name for name, doc in found.items() if not doc] == []
    assert [name for name in found if f"| `{name}` |" not in contributing] == []


def test_continuous_integration_runs_what_the_readme_says(root: Path) -> None:
    """The README shows the test command in its first 30 lines, and `.ci/run` runs it."""
    readme = (root / "README.md").read_text("utf-8").splitlines()[:30]
    assert any(TEST_COMMAND in line for line in readme)
    script = root / ".ci/run"
    assert TEST_COMMAND in script.read_text("utf-8")
    assert os.access(script, os.X_OK), "chmod +x .ci/run"
