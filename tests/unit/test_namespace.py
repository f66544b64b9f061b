"""The shared namespace, in child processes whose path holds what each test writes."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

DATABASE = Path("metadata/ingestion/source/database")
ORDERS = "metadata.ingestion.source.database.orders"
SOURCE = "class OrdersSource: ...\n"
MERGE = f"import sys; from om_ingest import namespace; namespace.merge({ORDERS!r})\n"


def python(code: str, *path: Path) -> list[str]:
    """The lines that `code` prints in a process with `path` before everything else."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def write(root: Path, file: Path | str, text: str) -> Path:
    """Write a file below `root`, which comes back."""
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def framework(tmp_path: Path) -> Path:
    """A folder whose `metadata/__init__.py` says when it runs, and hides all others."""
    root = write(tmp_path / "framework", "metadata/__init__.py", "print('awake')\nvalue = 1\n")
    return write(root, DATABASE / "theirs.py", "class TheirsSource: ...\n")


@pytest.fixture
def connector(tmp_path: Path) -> Path:
    """A folder with the connector `orders`."""
    return write(tmp_path / "connector", DATABASE / "orders.py", f"{SOURCE}name = 'orders'\n")


def test_a_connector_runs_without_the_package_that_hides_it(
    framework: Path, connector: Path
) -> None:
    """A hidden connector can be imported in every spelling, and no foreign `__init__.py` runs."""
    code = f"{MERGE}import {ORDERS} as one\nfrom {ORDERS.rpartition('.')[0]} import orders as two"
    assert python(f"{code}\nprint(one is two, two.name)", framework, connector) == ["True orders"]


def test_a_hidden_package_wakes_when_it_is_used(framework: Path, connector: Path) -> None:
    """The code of a shadowing package runs once, for who asks for what is in it."""
    code = f"{MERGE}from metadata import value\nfrom metadata import value\nprint(value)\n"
    code += f"import {ORDERS}\nprint({ORDERS}.name)"
    assert python(code, framework, connector) == ["awake", "1", "orders"]


def test_a_hidden_package_that_fails_says_so_each_time(framework: Path, connector: Path) -> None:
    """What a shadowing package raises reaches who asked for its content, and nobody else."""
    write(framework, "metadata/__init__.py", "raise RuntimeError('broken')\n")
    code = f"""
    {MERGE}
    for attempt in range(2):
        try:
            from metadata import value
        except RuntimeError as error:
            print(error)
    from {ORDERS} import name
    print(name)
    """
    assert python(code, framework, connector) == ["broken", "broken", "orders"]


def test_the_first_portion_on_the_path_wins(framework: Path, connector: Path) -> None:
    """Of two modules of one name, the one whose folder comes first on the path is imported."""
    write(framework, DATABASE / "orders.py", "name = 'theirs'\n")
    code = f"{MERGE}from {ORDERS} import name\nprint(name)"
    assert python(code, connector, framework) == ["orders"]
    assert python(code, framework, connector) == ["theirs"]


def test_a_module_belongs_to_who_installed_that_very_file(tmp_path: Path, connector: Path) -> None:
    """A file that takes the place of an installed one is not credited to its distribution."""
    site = write(tmp_path / "site", DATABASE / "orders.py", SOURCE)
    info = Path("acme_orders-1.0.dist-info")
    write(site, info / "METADATA", "Name: acme-orders\nVersion: 1.0\n")
    write(site, info / "RECORD", f"{DATABASE.as_posix()}/orders.py,,\n")
    code = """
    from om_ingest import registry
    print([s.distribution for s in registry.installed_sources() if s.name == "orders"])
    print([registry.find_source(name).distribution for name in ("orders", "{}:Orders")])
    """.replace("{}", ORDERS)
    assert python(code, site) == ["['acme-orders']", "['acme-orders', 'acme-orders']"]
    assert python(code, connector, site) == ["['']", "['', '']"]


def test_looking_leaves_no_trace(framework: Path, connector: Path) -> None:
    """Listing imports nothing of the namespace, and leaves nothing in `sys.modules`."""
    code = """
    import sys
    from om_ingest import registry
    print(*[source.name for source in registry.installed_sources()])
    print(*[name for name in sys.modules if name.partition(".")[0] == "metadata"])
    """
    names, modules = python(code, framework, connector)
    assert {"orders", "theirs"} <= set(names.split())
    assert modules == ""
