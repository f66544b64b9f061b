"""Everything that is wrong with a job is told at once, before anything is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from om_ingest import OmIngestError
from om_ingest.errors import PluginError
from om_ingest.masking import Redactor
from om_ingest.run import launch, request

SQLITE = "source: {type: sqlite, config: {database_path: x.db}}\n"
NOWHERE = "sink: {type: jsonl, config: {pth: x}}\n"
SINK = ["2:21: sink.config.path", "2:30: sink.config.pth"]


def told(path: Path, text: str, sink: str | None = None) -> OmIngestError:
    """What `check` and `run` raise for a file: the same."""
    path.write_text(text, encoding="utf-8")
    errors = []
    for act in (launch.check, launch.launch):
        with pytest.raises(OmIngestError) as caught:
            act(request.job(str(path), sink=sink, redact=Redactor()))
        errors.append(caught.value)
    assert str(errors[0]) == str(errors[1])
    assert list(path.parent.iterdir()) == [path]
    return errors[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("source: {type: nothing}\n" + NOWHERE, ["1:10: source.type", *SINK]),
        (
            "source: {type: sqlite, config: {databse_path: x}}\n"
            + NOWHERE
            + "processors: [{type: fqn-filter, config: {x: 1}}, {type: no}, {type: nope}]\n"
            + "extra: 1\n",
            [
                "1:24: source.config.database_path",
                "1:33: source.config.databse_path",
                *SINK,
                "3:42: processors.0.config.x",
                "3:51: processors.1.type",
                "3:63: processors.2.type",
                "4:1: extra",
            ],
        ),
        (
            "source: {type: sqlite, config: {database_path: '${NO_SUCH_VARIABLE}'}}\n" + NOWHERE,
            ["1:33: source.config.database_path", *SINK],
        ),
        (
            "source: {type: sqlite, sourceConfig: {config: {threads: x}}}\n" + NOWHERE,
            ["1:1: source.config.database_path", "1:48: source.sourceConfig.config.threads", *SINK],
        ),
        (
            "source: {typ: sqlite}\n" + NOWHERE + "processors: [x]",
            ["1:1: source.type", "1:10: source.typ", *SINK, "3:14: processors.0"],
        ),
        (
            SQLITE
            + NOWHERE
            + "workflowConfig: {openMetadataServerConfig: {hostPrt: x}, loggerLevel: LOUD}",
            [
                *SINK,
                "3:18: workflowConfig.openMetadataServerConfig.hostPort",
                "3:45: workflowConfig.openMetadataServerConfig.hostPrt",
                "3:58: workflowConfig.loggerLevel",
            ],
        ),
        (
            "source: {type: nothing, extra: '${NO_SUCH}', sourceConfig: {config: {type: 5}}}\n"
            + NOWHERE
            + "processors: ['{type: 5}', ~, {type: nope}]",
            [
                "1:10: source.type",
                "1:25: source.extra",
                "1:70: source.sourceConfig.config.type",
                *SINK,
                "3:14: processors.0.type",
                "3:27: processors.1",
                "3:31: processors.2.type",
            ],
        ),
        (
            "source: {type: customDatabase, serviceConnection: {config: {sourcePythonClass: 'no',"
            " supportsProfiler: 1}}, servceName: x}\n" + NOWHERE,
            [
                "1:61: source.serviceConnection.config.sourcePythonClass",
                "1:109: source.servceName",
                *SINK,
            ],
        ),
    ],
)
def test_everything_at_once(tmp_path: Path, text: str, expected: list[str]) -> None:
    """Keys, variables and every plugin's config: each with its place, in the order of the file."""
    error = told(tmp_path / "flow.yaml", text)
    places = [
        line.strip().removeprefix(f"{tmp_path}/flow.yaml:") for line in error.what.splitlines()[1:]
    ]
    assert [": ".join(place.split(": ")[:2]) for place in places] == expected
    assert error.exit_code == 2


def test_one_name_that_is_not_installed(tmp_path: Path) -> None:
    """An unknown source alone is told with its place in the file, and what to do about it."""
    error = told(tmp_path / "flow.yaml", "source: {type: nothing}\n")
    assert "flow.yaml:1:10: source.type: There is no source named 'nothing'" in error.what
    assert error.remedy.startswith("See `om-ingest list-sources` for what is installed")


def test_a_guess_ends_its_sentence(tmp_path: Path) -> None:
    """Where several things are wrong, each is told with its remedy, and with one mark between."""
    wrong = "source: {type: sqlitee}\nsink: {type: jsnol}\n"
    what = told(tmp_path / "flow.yaml", wrong).what
    assert "There is no source named 'sqlitee'; did you mean 'sqlite'? See `om-ingest" in what
    assert "There is no sink named 'jsnol'; did you mean 'jsonl'? Installed: " in what


@pytest.mark.parametrize("name", ["no_such.module:Source", "json:JSONDecoderr"])
def test_class_path_that_leads_nowhere(tmp_path: Path, name: str) -> None:
    """It is an unknown name like any other: told with its place, exit code 2."""
    error = told(tmp_path / "flow.yaml", f"source: {{type: '{name}'}}\n")
    assert "flow.yaml:1:10: source.type: The source " in error.what
    assert ("did you mean 'JSONDecoder'?" in error.what) == (":JSON" in name)
    assert error.exit_code == 2


@pytest.mark.parametrize(
    "source",
    [
        "type: sqlite, config: {database_path: '${N1}'}",
        "type: sqlite, serviceConnection: {config: {database_path: '${N1}'}}",
        "type: sqlite, serviceConnection: {config: {connectionOptions: {database_path: '${N1}'}}}",
    ],
    ids=["short", "long", "options"],
)
def test_what_the_command_line_replaces_needs_no_variable(tmp_path: Path, source: str) -> None:
    """A variable behind a key that an option gives may be unset; each other one is told."""
    path = tmp_path / "flow.yaml"
    path.write_text(
        f"source: {{serviceName: '${{N2}}', {source}}}\n"
        "sink: {type: jsonl, config: {path: '${N3}'}}\n"
    )
    for values, service_name, sink, unset in (
        (["database_path=x"], "x", "console", ""),
        ([], "x", "console", "N1"),
        (["database_path=x"], None, "console", "N2"),
        (["database_path=x"], "x", None, "N3"),
        (["database_path_=x"], "x", "console", "N1"),
    ):
        job = request.job(
            str(path), values=values, service_name=service_name, sink=sink, redact=Redactor()
        )
        said = [problem.message for problem in job.problems]
        assert ["environment variable" in text and unset in text for text in said] == (
            [True] if unset else []
        )


def test_sink_of_the_command_line(tmp_path: Path) -> None:
    """What is wrong with `--sink` has no place in the file."""
    path = tmp_path / "flow.yaml"
    error = told(path, "source: {type: nothing}\n" + NOWHERE, "nowhere:x")
    assert "flow.yaml: --sink: There is no sink named 'nowhere'. Installed: " in error.what
    assert "source.type: There is no source" in error.what
    assert "pth" not in error.what


def test_exit_code_says_who_acts_first(tmp_path: Path) -> None:
    """With plugins alone it is 3, with anything in the file 2; every remedy is told."""
    missing = "source: {type: 'json:JSONDecoder'}\n"
    path = tmp_path / "flow.yaml"
    error = told(path, missing)
    assert isinstance(error, PluginError)
    both = missing + "processors: [{type: dask}]\n" + NOWHERE.replace("jsonl", "nowhere")
    error = told(path, both)
    assert error.exit_code == 2
    assert "flow.yaml:1:1: source: " in error.what
    assert "json:JSONDecoder is no subclass" in error.what


def test_no_plugin_is_asked_while_it_is_unclear_which_may_be(tmp_path: Path) -> None:
    """With a mistake in `plugins`, or a key that may mean it, no plugin is imported."""
    for wrong in ("plugins: {alow: []}", "plugin: {allow: []}", "plugins: {allow: ['${NO_SUCH}']}"):
        error = told(tmp_path / "flow.yaml", "source: {type: nothing}\n" + wrong)
        assert "nothing" not in error.what


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("type: customDatabase", "source.type: the type customDatabase needs sourcePythonClass"),
        (
            "type: customDatabase, serviceConnection: {config: {sourcePythonClas: a.B}}",
            "config.sourcePythonClas: the type customDatabase needs sourcePythonClass; did you",
        ),
        (
            "type: custom,serviceConnection: {config: {connectionOptions: {sourcePythonClass: a}}}",
            "the type custom needs sourcePythonClass, which belongs into serviceConnection.config",
        ),
        (
            "type: customDatabase, serviceConnection: {config: {type: CustomDatabase}}",
            "serviceConnection.config: the type customDatabase needs sourcePythonClass, the class",
        ),
        ("type: custmDatabase", "named 'custmDatabase'; did you mean 'customDatabase'?"),
        ("type: json.decoder.Nothing", "the module json.decoder has no 'Nothing'"),
        (
            "type: customDatabase, serviceConnection: {config: {sourcePythonClass: a/b.py}}",
            "sourcePythonClass: 'a/b.py' is a path of files, and no class path\n  Write a.b.CLASS",
        ),
    ],
)
def test_class_that_is_not_named_rightly(tmp_path: Path, source: str, said: str) -> None:
    """A custom type without a class, and a class path in another spelling: what is to be written.

    `type: module.Class` is taken as `sourcePythonClass` is.
    """
    error = told(tmp_path / "flow.yaml", f"source: {{{source}}}\n")
    assert said in f"{error.what}\n  {error.remedy}"
    assert error.exit_code == 2
