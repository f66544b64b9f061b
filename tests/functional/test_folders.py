"""Connectors that lie in a folder and are not installed: `--path DIR`, and `plugins.path`."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from om_ingest.cli import list_sources
from om_ingest.errors import OmIngestError, PluginError, PluginImportError, WorkflowError
from om_ingest.host import folders, loading
from om_ingest.host.hooks import Hooks
from om_ingest.masking import Redactor
from om_ingest.registry import AllowList, find_source
from om_ingest.run import launch, request

from tests.command import distribute
from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Connect

SOURCE = """
import queue, sys
from om_ingest import Source, SourceStatus
from connector.words import WORD
queue.Queue()
class Words(Source):
    @classmethod
    def create(cls, config_dict, metadata_config_dict, ctx): return cls(ctx)
    def prepare(self): pass
    def next_record(self): return ()
    def limits(self): return [WORD]
    def get_status(self): return SourceStatus()
"""

CLASS = "connector.words_source:Words"


def repository(folder: Path, word: str) -> Path:
    """A repository as nine in the field are: its package is called `connector`."""
    package = folder / "connector"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "words.py").write_text(f"WORD = {word!r}")
    (package / "words_source.py").write_text(textwrap.dedent(SOURCE))
    (folder / "queue.py").write_text("raise OSError('not the queue of Python')")
    flow = {"source": {"type": CLASS}, "sink": {"type": "console"}, "plugins": {"path": "."}}
    (folder / "flow.json").write_text(json.dumps(flow))
    return folder


COMMANDS = {
    "list-sources": ((), "shop "),
    "run": ((CLASS, "--sink", "console"), ""),
    "show": ((CLASS,), f"class         {CLASS}"),
    "check": ((CLASS, "--sink", "console"), "  a\n"),
    "schema": ((CLASS,), "source"),
    "doctor": ((), "import shop (shop-connector 1.0): ok"),
}


@pytest.mark.parametrize("command", few(COMMANDS, 2))
def test_commands_find_what_lies_in_a_folder(cli: Cli, connector: Connect, command: str) -> None:
    """Each command that takes `--path` finds there what is not installed."""
    connector("shop")
    cli.env["PYTHONPATH"] = str(Path(__file__).parents[1] / "stock")
    arguments, said = COMMANDS[command]
    repository(cli.cwd / "repo", "a")
    run = cli(command, *arguments, "--path", "repo", "--path", cli.site)
    assert said in run.out, run.err
    if command != "doctor":  # it has more to say of this folder
        run.succeeded()


def test_folder_of_a_workflow_file(cli: Cli) -> None:
    """A path in a file begins at the file, or at the working directory where that is a pipe."""
    file = repository(cli.cwd / "repo", "a") / "flow.json"
    assert limits_of(str(file)) == ["a"]
    text = file.read_text().replace('"path": "."', '"path": ["repo"]')
    assert "  a\n" in cli("check", "-", stdin=text).succeeded().out


@pytest.mark.parametrize(("name", "said"), [("none", "There is no folder"), ("file", "is a file")])
def test_what_is_no_folder(tmp_path: Path, name: str, said: str) -> None:
    """A folder that is not there, or is a file, is a mistake of the command line or the file."""
    (tmp_path / "file").touch()
    (tmp_path / "all.jsonl").touch()
    for target in ("sample-tables", str(tmp_path / "all.jsonl")):
        with pytest.raises(WorkflowError, match=said):
            request.job(target, redact=Redactor(), path=[tmp_path / name])
    flow = {"source": {"type": "sample-tables"}, "plugins": {"path": [".", name]}}
    (tmp_path / "flow.json").write_text(json.dumps(flow))
    with pytest.raises(WorkflowError, match=rf"flow.json:1:\d+: plugins.path.1: .*{said}"):
        request.job(str(tmp_path / "flow.json"), redact=Redactor())


def limits_of(target: str, *path: Path) -> list[str]:
    """What the connector says of itself, checked in this process."""
    job = request.job(target, sink="console", redact=Redactor(), path=path)
    return list(launch.check(job).source_limits)


def test_one_process_and_several_connectors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each job has the `connector` of its own folder, also beside one that is imported already."""
    installed = repository(tmp_path / "installed", "installed")
    monkeypatch.syspath_prepend(installed / "connector" / "..")
    (installed / "queue.py").unlink()
    one, two = (repository(tmp_path / name, name) for name in ("one", "two"))
    before = sys.path[:], sys.meta_path[:]
    assert limits_of(CLASS) == ["installed"]
    imported = sys.modules["connector"]
    try:
        assert limits_of(CLASS, one) == ["one"]
        assert limits_of(str(two / "flow.json")) == ["two"]
        assert sys.modules["connector"] is imported
        assert sys.modules["connector.words"] is imported.words
        assert limits_of(CLASS) == ["installed"]
        assert (sys.path, sys.meta_path) == before
    finally:
        forget_connector()


def test_folder_without_an_init_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `connector` that is no package wins over packages of that name, and other folders do not.

    Python prefers a package with an `__init__.py`, wherever it lies.
    """
    installed, one, two = (repository(tmp_path / name, name) for name in ("installed", "a", "b"))
    monkeypatch.syspath_prepend(installed)
    (installed / "queue.py").unlink()
    (installed / "helper").mkdir()
    (installed / "helper" / "__init__.py").write_text("WORD = 'helped'")
    for folder in (one, two):
        (folder / "connector" / "__init__.py").unlink()
        (folder / "helper").mkdir()
        (folder / "helper" / "odd.py").touch()
    words = "import helper\nWORD = helper.WORD + {!r}"
    try:
        for folder in (one, two):
            (folder / "connector" / "words.py").write_text(words.format(folder.name))
            assert limits_of(CLASS) == ["installed"]
            assert limits_of(CLASS, folder) == [f"helped{folder.name}"]
        (installed / "connector" / "__init__.py").unlink()
        forget_connector()
        assert limits_of(CLASS) == ["installed"]
        assert limits_of(CLASS, one) == ["helpeda"]
        assert limits_of(CLASS) == ["installed"]
    finally:
        forget_connector()


def forget_connector() -> None:
    """Take what this process has imported of `connector` and `helper` out of it."""
    for name in [name for name in sys.modules if name.split(".")[0] in ("connector", "helper")]:
        del sys.modules[name]


def test_classes_in_a_folder_are_listed(tmp_path: Path) -> None:
    """Outside of the namespace, classes that derive from a source are found by their text.

    They run by name, too; what lies in folders of tests, or of another environment, is none.
    """
    repository(tmp_path, "a")
    (tmp_path / "connector" / "foreign.py").write_text(
        "from metadata.ingestion.api.steps import Source as Step\n"
        "class _Shared(Step): pass\nclass FarAway(_Shared): pass\nclass Helper: pass\n"
    )
    (tmp_path / "connector" / "broken.py").write_text("from om_ingest import Source\nclass (")
    for name in ("tests", "venv"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "none.py").write_text(SOURCE)
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    with folders.added([tmp_path], AllowList()):
        found = {s.name: s for s in Hooks().sources() if s.origin == "folder"}
    assert {name: source.target for name, source in found.items()} == {
        "words": CLASS,
        "faraway": "connector.foreign:FarAway",
    }
    assert found["words"].status == "not checked"
    assert limits_of("words", tmp_path) == ["a"]


def test_classes_of_one_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where classes share a name, the list has what to type for each, and so has the refusal.

    A module that two folders have is one.
    """
    for folder in ("one", "two"):
        repository(tmp_path / folder, "a")
    shutil.copy(tmp_path / "one/connector/words_source.py", tmp_path / "one/other.py")
    paths = [tmp_path / "one", tmp_path / "two"]
    list_sources.list_sources(path=paths)
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if "folder" in line]
    assert listed == [CLASS, "other:Words"]
    with pytest.raises(OmIngestError, match="2 classes in the folder") as refused:
        limits_of("words", *paths)
    assert str(refused.value).endswith(f"Say which: {' or '.join(listed)}")


def test_what_the_host_stands_on_stays(tmp_path: Path) -> None:
    """A folder that has packages of the host, too, as `pip --target` leaves it, hides none."""
    repository(tmp_path, "a")
    for name in ("pydantic", "om_ingest"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise OSError('a second one')")
    assert limits_of(CLASS, tmp_path) == ["a"]


@pytest.mark.parametrize("group", ["om_ingest.sink", "metadata.ingestion.source"])
def test_what_plugins_stand_on_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: str
) -> None:
    """What a sink needs is that of its environment, though nobody has imported it.

    That is so in an environment inside of the folder, too. What is installed for another connector
    is replaced.
    """
    site = tmp_path / ".venv" / "site"
    site.mkdir(parents=True)
    distribute(site, "far-sink", "far-client[fast]>=1", f"[{group}]\nfar = far_sink:Far\n")
    (site / "far_client.py").write_text("WORD = 'installed'")
    distribute(site, "far-client", "om-ingest", "", site / "far_client.py")
    repository(tmp_path, "a")
    words = tmp_path / "connector" / "words.py"
    words.write_text("import far_client\nWORD = far_client.WORD")
    (tmp_path / "far_client.py").write_text("WORD = 'folder'")
    monkeypatch.syspath_prepend(site)
    is_sink = group == "om_ingest.sink"
    try:
        assert limits_of(CLASS, tmp_path) == ["installed" if is_sink else "folder"]
        assert ("far_client" in sys.modules) == is_sink
        for module in ("far_client", "queue") if is_sink else ():
            words.write_text(f"from {module} import OTHER as WORD")
            said = rf"words\.py:1 .*{module}\.py is not used: "
            with pytest.raises(PluginImportError, match=said):
                limits_of(CLASS, tmp_path)
    finally:
        sys.modules.pop("far_client", None)


@pytest.mark.parametrize(
    ("path", "module", "said"),
    [
        (["one"], "calendar.src", "calendar is a module of Python's standard library"),
        (["one/connector"], "connector.words_source", "connector is the package connector itself"),
        (["two", "one"], "connector.words_source", "two has connector, too, and comes before"),
        (["one"], "connector.word_source", "did you mean connector.words_source?"),
        (["one"], "conector.words_source", "did you mean connector.words_source?"),
        (["two"], "shop.source", "two, nor is it installed"),
        (["one"], "connector.lacking", "has no such module, at lacking.py:1 in <module>"),
    ],
)
def test_why_a_module_is_not_found(tmp_path: Path, path: list[str], module: str, said: str) -> None:
    """A module that lies elsewhere, or is hidden, is told with the reason, and what to do."""
    one = repository(tmp_path / "one", "a")
    (one / "connector" / "lacking.py").write_text("from .wordz import WORD")
    for folder in (one / "calendar", tmp_path / "two" / "connector"):
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
    (one / "calendar" / "src.py").touch()
    with pytest.raises(OmIngestError) as raised:
        limits_of(f"{module}:Words", *(tmp_path / each for each in path))
    assert said in raised.value.what
    assert ("mean connector.words?" in raised.value.remedy) == (module == "connector.lacking")


def test_portion_is_forgotten(tmp_path: Path) -> None:
    """A connector in the namespace is found while its folder is added, and not afterwards."""
    module = "metadata.ingestion.source.database.words_of_folder"
    place = tmp_path / Path(*module.split(".")).parent
    place.mkdir(parents=True)
    (place / "words_of_folder.py").write_text(SOURCE)
    repository(tmp_path, "a")
    assert limits_of("words-of-folder", tmp_path) == ["a"]
    assert not [name for name in sys.modules if name == module]
    paths = [list(getattr(each, "__path__", ())) for each in list(sys.modules.values())]
    assert not [path for path in paths if any(str(tmp_path) in entry for entry in path)]
    with pytest.raises(OmIngestError, match="no source named 'words-of-folder'"):
        limits_of("words-of-folder")


def test_folder_that_ships_the_namespace(tmp_path: Path) -> None:
    """A repository with an `__init__.py` in `metadata` hides no connector, then or afterwards."""
    place = tmp_path / "metadata/ingestion/source/database"
    place.mkdir(parents=True)
    for folder in (tmp_path / "metadata", tmp_path / "metadata/ingestion"):
        (folder / "__init__.py").write_text("OWN = True")
    code = "import metadata.ingestion.source.database.sample_tables\n"
    code += "assert metadata.ingestion.source.database.sample_tables\n"
    (place / "words_of_repository.py").write_text(code + SOURCE)
    repository(tmp_path, "a")
    for _ in range(2):
        assert limits_of("words-of-repository", tmp_path) == ["a"]
        found = loading.source_class(find_source("sample-tables"))
        assert found.__name__ == "SampleTablesSource"


def test_allow_list_forbids_folders(tmp_path: Path) -> None:
    """Where a list names distributions, no folder is added: what lies there may call itself so."""
    repository(tmp_path, "a")
    allow = AllowList().narrowed(["om-ingest-catalog"], "plugins.allow")
    with pytest.raises(PluginError, match=r"not be loaded: plugins\.allow names"):
        folders.checked([tmp_path], allow)
    flow = json.loads((tmp_path / "flow.json").read_text())
    flow["plugins"]["allow"] = ["connector"]
    (tmp_path / "flow.json").write_text(json.dumps(flow))
    with pytest.raises(PluginError):
        limits_of(str(tmp_path / "flow.json"))
