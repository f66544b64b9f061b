"""Plugins that stand in for a framework that nobody has: loaded for connectors that need it."""

from __future__ import annotations

import os
import sys
import textwrap
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from om_ingest.errors import PluginError
from om_ingest.host import folders
from om_ingest.host.hooks import Hooks
from om_ingest.masking import Redactor
from om_ingest.registry import AllowList, installed_plugins, installed_sources
from om_ingest.run import launch, request

from tests.command import distribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from om_ingest.workflow.report import RunReport

PLUGIN = """
from importlib.machinery import ModuleSpec
from om_ingest import Source, SourceStatus, hookimpl

class Step: pass

class Loader:
    def create_module(self, spec): return None
    def exec_module(self, module): module.Step = Step

@hookimpl
def om_ingest_find_module(name):
    parts = name.split(".")
    if parts[0] in ("yonder", "metadata") and parts[-1] != "absent":
        return ModuleSpec(name, Loader(), is_package=True)

@hookimpl
def om_ingest_adapt_source(cls):
    class Adapted(Source):
        @classmethod
        def create(cls, config_dict, metadata_config_dict, ctx): return cls(ctx)
        def prepare(self): cls().prepare()
        def next_record(self): return ()
        def get_status(self):
            status = SourceStatus()
            status.warning("said", cls.said)
            return status
    return Adapted
"""

SOURCE = """
from yonder.api.steps import Step
class Far(Step):
    said = "nothing"
    def prepare(self):
        from yonder.later import Step as same
        assert same is Step
        Far.said = "prepared"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a connector, and with a plugin that stands in for `yonder` and `metadata`."""
    (tmp_path / "far.py").write_text(SOURCE)
    install(tmp_path, "stands-in", PLUGIN)
    before = set(sys.modules), sys.meta_path[:], sys.path[:]
    back = Path.cwd()
    os.chdir(tmp_path)  # the journal lies there
    yield tmp_path
    os.chdir(back)
    assert sys.meta_path == before[1]
    assert sys.path == before[2]
    left = {name for name in set(sys.modules) - before[0] if name.split(".")[0] in FOREIGN}
    assert left == set(), "modules that were provided are gone"


FOREIGN = ("yonder", "far", "stands_in", "stands_in_too")


def hide_compat(folder: Path) -> None:
    """Hide om-ingest-compat behind a distribution of its name, which stands in for nothing."""
    distribute(folder, "om-ingest-compat", "om-ingest", "[om_ingest.framework]\n")


def install(
    folder: Path, name: str, code: str, requires: str = "om-ingest", package: str = "yonder"
) -> None:
    """Put a plugin for a framework into a folder, as pip does."""
    module = name.replace("-", "_")
    (folder / f"{module}.py").write_text(textwrap.dedent(code))
    points = f"[om_ingest.framework]\n{package} = {module}\n"
    distribute(folder, name, requires, points, folder / f"{module}.py")


def ran(folder: Path, target: str = "far:Far") -> RunReport:
    """The report of a run in this process."""
    return launch.launch(request.job(target, sink="console", redact=Redactor(), path=[folder]))


def test_connector_of_a_framework(folder: Path) -> None:
    """What it imports is provided while it is imported and while it runs, again in each run."""
    for _ in range(2):
        report = ran(folder)
        assert [note.reason for note in report.source_status.warnings] == ["prepared"]


def test_package_of_the_plugin_counts_as_host(folder: Path) -> None:
    """Where the host says who has called it, that is the connector, and not what stands between."""
    code = "from om_ingest.failure_place import calling_place as called\n" + PLUGIN
    (folder / "stands_in.py").write_text(code + "class Step:\n    def where(): return called()\n")
    (folder / "far.py").write_text(SOURCE.replace('"prepared"', "Step.where()"))
    report = ran(folder)
    assert [note.reason for note in report.source_status.warnings] == ["far.py:8 in prepare"]


def test_listed_like_other_plugins(folder: Path) -> None:
    """A framework is a kind of plugin, and is not imported for the list."""
    with folders.added([folder], AllowList()):
        found = {plugin.name: plugin for plugin in installed_plugins()}
        assert (found["yonder"].kind, found["yonder"].status) == ("framework", "ok")
        assert "stands_in" not in sys.modules


def test_status_of_what_needs_openmetadata_ingestion(folder: Path) -> None:
    """It lacks that, or a plugin that stands in for it; with such a plugin it lacks nothing."""
    hide_compat(folder)
    point = "[metadata.ingestion.source]\nfar = far:Far\n"
    distribute(folder, "far", "openmetadata-ingestion>=1.5", point, folder / "far.py")
    with folders.added([folder], AllowList()):
        (found,) = [source for source in installed_sources() if source.name == "far"]
    lacks = ("missing", "openmetadata-ingestion or om-ingest-compat")
    assert (found.status, found.detail) == lacks
    (folder / "plugins").mkdir()
    install(folder / "plugins", "stands-in-too", PLUGIN, package="metadata")
    with folders.added([folder, folder / "plugins"], AllowList()):
        (found,) = [source for source in installed_sources() if source.name == "far"]
    assert (found.status, found.detail) == ("ok", "")


def test_native_source_loads_no_framework(folder: Path) -> None:
    """A native source that misses an optional module of another package loads no framework."""
    (folder / "far.py").write_text("""
try: import om_ingest_nowhere
except ImportError: pass
from om_ingest import Source, SourceStatus
class Far(Source):
    @classmethod
    def create(cls, config_dict, metadata_config_dict, ctx): return cls(ctx)
    def prepare(self): pass
    def next_record(self): return ()
    def get_status(self): return SourceStatus()
""")
    (folder / "stands_in.py").write_text("raise OSError")
    assert ran(folder).exit_code == 0


def test_module_without_a_source(folder: Path) -> None:
    """A module whose class is of a framework that is really there is adapted, too."""
    (folder / "yonder").mkdir()
    (folder / "yonder" / "__init__.py").write_text("class Step: pass")
    code = SOURCE.replace(".api.steps", "").replace("from yonder.later", "from yonder")
    (folder / "far.py").write_text(code)
    assert ran(folder).source_status.warning_count == 1


def test_what_is_there_wins(folder: Path) -> None:
    """Modules that are installed win, and so do portions, even those that are found later."""
    (folder / "yonder" / "api").mkdir(parents=True)
    (folder / "yonder" / "api" / "steps.py").write_text("class Step: origin = 'real'")
    for place, name in (("portion", "mine"), ("later", "late")):
        (folder / place / "metadata" / "company").mkdir(parents=True)
        (folder / place / "metadata" / "company" / f"{name}.py").write_text("ORIGIN = 'real'")
    (folder / "far.py").write_text(
        """
import sys
import yonder.api.steps, yonder.api.others, metadata.stand_in.deep
sys.path += [FOLDER + "/portion"]
import metadata.company.mine
sys.path += [FOLDER + "/later"]
import metadata.company.late
class Far:
    said = yonder.api.steps.Step.origin + metadata.company.mine.ORIGIN
    said += metadata.company.late.ORIGIN + metadata.stand_in.deep.Step.__name__
    def prepare(self): pass
""".replace("FOLDER", repr(str(folder)))
    )
    install(folder, "stands-in-too", PLUGIN, package="metadata")
    hide_compat(folder)
    report = ran(folder)
    assert [note.reason for note in report.source_status.warnings] == ["realrealrealStep"]


@pytest.mark.parametrize(
    ("code", "requires", "said"),
    [
        ("raise OSError('no disk')", "om-ingest", "cannot be imported: OSError: no disk"),
        ("import om_ingest_nowhere", "om-ingest", "it needs the module 'om_ingest_nowhere'"),
        (PLUGIN, "om-ingest>9", "cannot be used: it needs om-ingest>9"),
        (
            PLUGIN.replace("_find_module(name)", "_find_module(nome)"),
            "om-ingest",
            "is no hook plugin: PluginValidationError",
        ),
    ],
)
def test_plugin_that_cannot_be_used(folder: Path, code: str, requires: str, said: str) -> None:
    """The connector's error says what is wrong with the plugin that it needs."""
    info = folder / "stands_in-1.0.dist-info"
    for file in info.iterdir():
        file.unlink()
    info.rmdir()
    install(folder, "stands-in", code, requires)
    with pytest.raises(PluginError, match=f"needs the module 'yonder'.*stands-in 1.0 .*{said}"):
        ran(folder)


def test_two_plugins_for_one_framework(folder: Path) -> None:
    """Two distributions that claim a framework are refused, as two sinks of a name are."""
    install(folder, "rival", PLUGIN)
    with pytest.raises(PluginError, match="Two distributions claim the framework 'yonder'"):
        ran(folder)


def test_plugin_that_may_not_be_loaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An allow-list holds for frameworks."""
    monkeypatch.syspath_prepend(folder)
    allow = AllowList().narrowed(["other"], "plugins.allow")
    with Hooks(allow).frameworks.provided(), pytest.raises(ModuleNotFoundError) as raised:
        import yonder  # type: ignore[import-not-found]  # noqa: F401  # nobody has it
    assert "may not be loaded: not in plugins.allow" in str(raised.value.__cause__)


def test_module_that_the_plugin_lacks(folder: Path) -> None:
    """A module that the plugin does not have is named, with what to do."""
    (folder / "far.py").write_text("import yonder.absent")
    with pytest.raises(PluginError, match=r"needs the module 'yonder.absent'.*no plugin stands"):
        ran(folder, "far:Far")


def test_other_hook_plugins_are_asked_first(folder: Path) -> None:
    """A plugin that is installed for one class wins over one that stands in for a framework."""
    code = PLUGIN.replace("cls.said", "'by the other'")
    (folder / "other.py").write_text(code)
    distribute(folder, "other", "om-ingest", "[om_ingest]\nother = other\n", folder / "other.py")
    report = ran(folder)
    assert [note.reason for note in report.source_status.warnings] == ["by the other"]


def test_stand_ins_are_no_portions(folder: Path) -> None:
    """What stands in for a module does not count as installed: no connector is found in it."""
    with folders.added([folder], AllowList()):
        hooks = Hooks()
        with hooks.frameworks.provided():
            finder = sys.meta_path[-1]
            assert isinstance(finder.find_spec("yonder.api", None), ModuleSpec)
            known = [source.name for source in hooks.sources()]
        assert known == [source.name for source in hooks.sources()]
        assert finder not in sys.meta_path
