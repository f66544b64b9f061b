"""The upstream modules that a connector imports."""

from __future__ import annotations

import copy
import importlib
import importlib.util
import inspect
import pickle
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest
from om_ingest.errors import OmIngestError, PluginFaultError
from om_ingest_compat import hooks
from om_ingest_compat.imitations import IMITATIONS
from om_ingest_compat.modules.table import AREAS, MODULES


class Finder:
    """Asks the plugin for modules that nobody has, as the host does."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """A module of the framework."""
        return hooks.om_ingest_find_module(name) if name.startswith("metadata") else None


@pytest.fixture(autouse=True)
def finder() -> Iterator[None]:
    """Upstream modules can be imported in a test, and are forgotten afterwards."""
    before, finder = dict(sys.modules), Finder()
    sys.meta_path.append(finder)
    IMITATIONS.clear()
    yield
    sys.meta_path.remove(finder)
    for name in set(sys.modules) - set(before):
        if name.startswith("metadata"):
            del sys.modules[name]
    IMITATIONS.clear()


def executed(code: str) -> dict[str, Any]:
    """The names that the code of a connector leaves."""
    found: dict[str, Any] = {"__name__": "connector"}
    exec(compile(code, "connector.py", "exec", dont_inherit=True), found)  # noqa: S102  # a test's
    return found


@pytest.mark.parametrize("area", AREAS)
def test_table(area: str) -> None:
    """Every module of the table can be imported, and every name in it leads to something."""
    broken = []
    for module, names in AREAS[area].items():
        imported = importlib.import_module(module)
        broken += [f"{module}.{name}" for name in names if getattr(imported, name, None) is None]
    assert not broken
    assert not list(IMITATIONS)


@pytest.mark.parametrize(
    ("module", "what"),
    [
        ("metadata.utils.filter", "has no such module; did you mean metadata.utils.filters?"),
        ("metadata.no_such.thing", "has no such module"),
        ("metadata.utils.sql_lineage", "did you mean metadata.ingestion.lineage.sql_lineage?"),
        ("metadata.utils.ssl_managing", "has no such module"),
        (
            "metadata.ingestion.source.database.glue.models",
            "none of the framework's own connectors",
        ),
    ],
)
def test_unknown_module(module: str, what: str) -> None:
    """A module that no release has is not found, and the error tells the nearest one."""
    with pytest.raises(ModuleNotFoundError, match="No module named 'metadata") as raised:
        importlib.import_module(module)
    assert isinstance(raised.value.__cause__, OmIngestError)
    assert raised.value.__cause__.what.endswith(what)


def test_unknown_name_of_a_package() -> None:
    """A package has its modules as attributes, and no others."""
    packages = executed("import metadata.utils\nfound = metadata.utils.fqn")
    assert packages["found"] is importlib.import_module("metadata.utils.fqn")
    with pytest.raises(ImportError, match="nothing"):
        executed("from metadata.utils import nothing")


def test_stand_in() -> None:
    """A name that a covered module lacks can be imported; what is done with it tells its name."""
    name = executed("from metadata.utils.ssl_manager import SSLManager as name")["name"]
    (used,) = IMITATIONS
    assert str(used) == (
        "connector.py:1: metadata.utils.ssl_manager.SSLManager is only imitated:"
        " it can be imported, but not used"
    )
    uses: dict[str, Callable[[], Any]] = {
        "called": lambda: name(verify=True),
        "subclassed": lambda: executed_with("class Own(name): pass", name),
        "asked for 'create'": lambda: name.create,
        "asked for ['key']": lambda: name["key"],
        "iterated over": lambda: list(name),
        "entered": lambda: name.__enter__(),
    }
    for said, use in uses.items():
        with pytest.raises(PluginFaultError) as raised:
            use()
        assert f"metadata.utils.ssl_manager.SSLManager is {said}" in raised.value.what
        assert "Install openmetadata-ingestion" in raised.value.remedy
        assert "does not have it. Install" in str(raised.value)


def test_harmless_uses_of_a_stand_in() -> None:
    """Annotations, type checks, copies and `except` clauses work with what is only imitated."""
    found = executed("""
from typing import Optional
from metadata.utils.ssl_manager import SSLManager, SSLError

def secured(manager: SSLManager | None, other: Optional[SSLManager] = None) -> "SSLManager":
    try:
        return isinstance(manager, SSLManager)
    except SSLError:
        raise
""")
    name = found["SSLManager"]
    assert found["secured"]("anything") is False
    assert typing.get_type_hints(found["secured"])["return"] is name
    assert copy.deepcopy({"key": name})["key"].__name__ == "SSLManager"
    assert repr(pickle.loads(pickle.dumps(name))) == repr(name)  # our own bytes
    assert [used.what for used in IMITATIONS][1] == "an exception that nothing raises"


def test_questions_are_no_uses() -> None:
    """Who only asks whether a module has a name learns that it has not; nothing is noted."""
    module = importlib.import_module("metadata.utils.ssl_manager")
    assert not hasattr(module, "SSLManager")
    assert getattr(module, "SSLManager", None) is None
    assert not hasattr(module, "__path__")
    assert not hasattr(module, "__wrapped__")
    assert not inspect.getmembers(module, inspect.isclass)
    assert inspect.getmodule(test_table) is sys.modules[__name__]
    assert importlib.reload(module) is module
    assert dir(module) == sorted(vars(module))
    assert executed("from metadata.utils.s3_utils import *").keys() <= {
        "__builtins__",
        "__name__",
    }
    with pytest.raises(ImportError):
        importlib.import_module("metadata.utils.ssl_manager.part")
    assert not list(IMITATIONS)


def test_names_under_a_debugger() -> None:
    """A debugger, or a measurement of coverage, does not change what is a use of a name."""
    module = importlib.import_module("metadata.utils.ssl_manager")
    before = sys.gettrace()
    sys.settrace(lambda *event: None)
    try:
        assert not hasattr(module, "SSLManager")
        executed("from metadata.utils.ssl_manager import SSLManager")
    finally:
        sys.settrace(before)
    assert hasattr(module, "SSLManager")


def test_star() -> None:
    """`from module import *` brings every name of the table, and nothing else."""
    found = executed("from metadata.utils.filters import *")
    assert set(found) - {"__builtins__", "__name__"} == set(MODULES["metadata.utils.filters"])


def executed_with(code: str, name: Any) -> None:
    """Execute code that uses a name."""
    exec(code, {"name": name})  # noqa: S102  # as above


def test_generated_models() -> None:
    """Below the generated models any module has any class: a model that takes any field."""
    found = executed("""
from metadata.generated.schema.entity.data.spaceship import Spaceship
from metadata.generated.schema.entity.data import spaceship
ship = Spaceship(name="Rocinante", crew=[{"name": "Naomi"}])
""")
    ship = found["ship"]
    assert ship.name.root == "Rocinante"
    assert ship.model_dump() == {"name": "Rocinante", "crew": [{"name": "Naomi"}]}
    assert found["spaceship"].Spaceship is found["Spaceship"]
    assert pickle.loads(pickle.dumps(ship)) == ship  # as above
    assert not hasattr(found["spaceship"], "Station")
    (used,) = IMITATIONS
    assert str(used) == (
        "connector.py:2: metadata.generated.schema.entity.data.spaceship.Spaceship is only"
        " imitated: a model that takes any field"
    )


@pytest.mark.parametrize(
    ("module", "name", "meant"),
    [
        ("metadata.generated.schema.metadataIngestion.workflow", "WorkflowSource", "Source"),
        ("metadata.utils.filters", "filter_by_tables", "filter_by_table"),
        ("metadata.utils.helpers", "ingestion_logger", "metadata.utils.logger.ingestion_logger"),
        ("metadata.generated.schema.entity.data.table", "Colum", "Column"),
        (
            "metadata.generated.schema.entity.data.table",
            "TagLabel",
            "metadata.generated.schema.type.tagLabel.TagLabel",
        ),
    ],
)
def test_names_that_are_meant(module: str, name: str, meant: str) -> None:
    """A name that is nearly one of the table, or one of another module, leads there."""
    executed(f"from {module} import {name}")
    (used,) = IMITATIONS
    assert used.what.endswith(f"; did you mean {meant}?")


def test_beside_the_framework(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules that are installed win; only what they lack is provided, in the same packages."""
    package = tmp_path / "metadata/ingestion/api"
    package.mkdir(parents=True)
    for folder in (package, package.parent, package.parent.parent):
        (folder / "__init__.py").touch()
    (package / "models.py").write_text("class Either: real = True\n")
    for name in [name for name in sys.modules if name.partition(".")[0] == "metadata"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    found = executed("""
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.source import Source
import metadata.ingestion.api
source = metadata.ingestion.api.source
""")
    assert found["Either"].real
    assert found["Source"].__module__.startswith("om_ingest_compat.")
    assert found["source"].Source is found["Source"]
    with pytest.raises(ImportError, match="StackTraceError"):
        executed("from metadata.ingestion.api.models import StackTraceError")
    assert not list(IMITATIONS)


def test_finding_a_module_is_cheap() -> None:
    """Who asks for a module loads the table only: no models, no client, no base classes."""
    code = """
import subprocess
import sys
from om_ingest_compat import hooks
assert hooks.om_ingest_find_module("metadata.utils.fqn")
ours = (name.split(".")[1] for name in sys.modules if name.startswith("om_ingest_compat."))
print(*sorted({*ours, *{"pydantic", "httpx"} & set(sys.modules)}))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["hooks", "imitations", "modules"]
