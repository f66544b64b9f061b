"""A connector that sets up the process while it is imported, as a script does, disturbs no run."""

from __future__ import annotations

import json
import logging
import signal
import sys
import warnings
from pathlib import Path

import pytest
from om_ingest.masking import Redactor
from om_ingest.run import launch, request

from tests.command import distribute

SCRIPT = """
import io, logging, logging.config, os, signal, sys, warnings
sys.stdout.reconfigure(encoding="utf-8")
sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", write_through=True)
print("printed at import")
warnings.simplefilter("error")
logging.basicConfig(level=logging.CRITICAL, force=True)
logging.config.dictConfig({"version": 1, "loggers": {"om_ingest_catalog.x": {"level": 50}}})
logging.disable(logging.CRITICAL)
os.chdir("/")
sys.excepthook = None
signal.signal(signal.SIGTERM, signal.SIG_IGN)
"""

SOURCE = """
import os, warnings
from om_ingest import Source, SourceStatus
class Words(Source):
    @classmethod
    def create(cls, config_dict, metadata_config_dict, ctx): return cls(ctx)
    def prepare(self):
        self.ctx.logger.warning("logged by the source")
        warnings.warn("odd")
        open("written", "w").close()
        os.chdir("elsewhere")
    def next_record(self): return ["no record"]
    def get_status(self): return SourceStatus()
"""

PROCESSOR = """
from om_ingest import Processor
class Rude(Processor):
    @classmethod
    def create(cls, config_dict, ctx): return cls()
    def process(self, record): return [record]
"""


def shared() -> tuple[object, ...]:
    """What all code of this process shares."""
    root, own = logging.getLogger(), logging.getLogger("om_ingest.host.loading")
    plugin, other = logging.getLogger("om_ingest_catalog.x"), logging.getLogger("other.library")
    return (
        *(Path.cwd(), sys.stdout, sys.stderr, sys.excepthook, signal.getsignal(signal.SIGTERM)),
        *(warnings.filters[:], root.handlers[:], root.level, root.manager.disable),
        *((each.handlers[:], each.level, each.disabled) for each in (own, plugin)),
        other.disabled,
    )


@pytest.mark.parametrize("part", ["source", "hook", "processor"])
def test_import_changes_nothing_that_is_shared(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    part: str,
) -> None:
    """Log, warnings, streams, signals and working directory are afterwards what they were.

    So are they where a processor or a hook plugin is imported. A working directory that a source
    changes while it runs is where its own files go; those of the run lie where it began.
    """
    (tmp_path / "words.py").write_text(SCRIPT * (part == "source") + SOURCE)
    (tmp_path / "rude.py").write_text(SCRIPT + PROCESSOR)
    points = {
        "hook": "[om_ingest]\nrude = rude\n",
        "processor": "[om_ingest.processor]\nrude = rude:Rude\n",
    }
    distribute(tmp_path, "rude", "om-ingest", points.get(part, ""))
    steps = [{"type": "rude"}] if part == "processor" else []
    flow = {"source": {"type": "words:Words"}, "processors": steps, "plugins": {"path": "."}}
    (tmp_path / "flow.json").write_text(json.dumps(flow))
    monkeypatch.chdir(tmp_path)
    before = shared()
    (tmp_path / "elsewhere").mkdir()
    job = request.job("flow.json", sink="jsonl:out.jsonl", redact=Redactor())
    with pytest.warns(UserWarning, match="odd"):
        report = launch.launch(job)
    assert (report.errors, report.dead_letters) == ([], f"om-ingest-failed-{report.run_id}.jsonl")
    assert shared() == before
    assert (tmp_path / report.dead_letters).exists()
    assert (tmp_path / "out.jsonl").exists()
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert (tmp_path / "written").exists()
    assert "logged by the source" in caplog.text
    out, err = capfd.readouterr()
    assert "printed at import" in err
    assert "printed at import" not in out
