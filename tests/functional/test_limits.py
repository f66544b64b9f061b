"""A source that works only in part says so: in `check`, in the report, and in a strict run."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from om_ingest.cli import summary
from om_ingest.errors import PluginError, PluginFaultError, WorkflowError
from om_ingest.masking import Redactor
from om_ingest.run import launch, request
from om_ingest.workflow.config import StepBlock

if TYPE_CHECKING:
    from pathlib import Path

    from om_ingest.run.job import Job

SOURCE = """
from om_ingest import *
from om_ingest.errors import *
class Partial(Source):
    @classmethod
    def create(cls, config_dict, metadata_config_dict, ctx):
        made = cls(ctx)
        made.status, made.config = SourceStatus(), config_dict
        return made
    def limits(self): return eval(self.config["limits"])
    def prepare(self):
        if "error" in self.config: raise eval(self.config["error"])
        for number in range(30): self.status.warning(f"t{number}", "odd")
        self.status.filter("strict", str(self.ctx.strict))
    def next_record(self): return ()
    def get_status(self): return self.status
"""
LIMITS = """[f"a{self.config['password']}", "b"]"""


def job(folder: Path, limits: str = LIMITS, *, strict: bool = False, **config: str) -> Job:
    """The job of a workflow file whose source has these limits."""
    (folder / "partial.py").write_text(SOURCE)
    config |= {"limits": limits, "password": "swordfish"}
    flow = {"source": {"type": "partial:Partial", "config": config}, "sink": {"type": "console"}}
    flow |= {"plugins": {"path": ".", "strict": strict}}
    (folder / "flow.json").write_text(json.dumps(flow))
    return request.job(str(folder / "flow.json"), redact=Redactor())


def test_check_tells_limits(tmp_path: Path) -> None:
    """`check` prints each limit in a line, secrets masked; also where the target cannot be used."""
    lines = list(summary.checked(launch.check(job(tmp_path))))
    unreached: list[str] = []
    wrong = replace(job(tmp_path), sink_given=StepBlock(type="jsonl", config={"path": "no/file"}))
    with pytest.raises(WorkflowError, match="There is no folder"):
        launch.check(wrong, lambda report: unreached.extend(summary.works_in_part(report)))
    assert lines[1:] == unreached
    assert unreached == [
        "The source works only in part; a run warns of these, and --strict refuses them:",
        "  a**********",
        "  b",
    ]


def test_run_warns_of_limits(tmp_path: Path) -> None:
    """The report has each limit as a warning of the source, before those of the source itself."""
    report = launch.launch(job(tmp_path))
    told = report.as_dict()["sourceStatus"]
    assert report.exit_code == 0
    assert told["warnings"]["total"] == 32
    assert [each["reason"] for each in told["warnings"]["samples"][:3]] == [
        "a**********",
        "b",
        "odd",
    ]
    assert {"reason": "b", "count": 1, "keys": ["partial"]} in told["warnings"]["reasons"]
    assert told["filtered"]["samples"][0]["reason"] == "False", "ctx.strict"


def test_strict_run_refuses_limits(tmp_path: Path) -> None:
    """With `plugins.strict` or `--strict` any limit is an error of the plugin, before the run."""
    strict = job(tmp_path, strict=True)
    asked = request.job(
        "partial:Partial",
        values=[f"limits={LIMITS}", "password=swordfish"],
        sink="console",
        path=[tmp_path],
        redact=Redactor(),
        strict=True,
    )
    for each in (strict, asked):
        for act in (launch.check, launch.launch):
            with pytest.raises(PluginError, match="partial works only in part") as raised:
                act(each)
            assert raised.value.what.splitlines()[1:] == ["  a**********", "  b"]


def test_strict_run_without_limits(tmp_path: Path) -> None:
    """A source that works as a whole runs; `ctx.strict` tells it how it is wanted."""
    report = launch.launch(job(tmp_path, "()", strict=True))
    assert report.source_status.filtered[0].reason == "True"
    assert report.source_status.warning_count == 30


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ("'text'", "answers text instead of lines"),
        ("[1]", "answers int among its lines"),
        ("None", "NoneType"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_limits_that_are_none(tmp_path: Path, limits: str, said: str) -> None:
    """What is no list of lines blames the source."""
    with pytest.raises(PluginFaultError, match=rf"The source partial failed: .*{said}"):
        launch.check(job(tmp_path, limits))


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (
            "WorkflowError('No host', 'Set it.', (Problem(('password',), 'is too short'),))",
            2,
            "source.config.password: is too short",
        ),
        (
            "PluginError('It is for release 9', 'Update it.')",
            3,
            "It is for release 9\n  Update it.",
        ),
        ("PluginFaultError('create takes 4', 'Tell them.')", 3, "is broken: create takes 4"),
        ("ModuleNotFoundError(name='lxml')", 3, "needs the module 'lxml'"),
    ],
)
def test_errors_of_prepare(tmp_path: Path, error: str, code: int, said: str) -> None:
    """An error that `create` might have raised has its exit code and place in `prepare`, too."""
    report = launch.launch(job(tmp_path, "()", error=error))
    assert report.exit_code == code
    assert len(report.errors) == 1
    assert said in report.errors[0]
    assert "swordfish" not in report.errors[0]
