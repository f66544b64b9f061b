"""`SinkSuite` as authors of sinks use it: good sinks pass, each misbehaviour is caught."""

from __future__ import annotations

import inspect
import re
import subprocess
import textwrap
from pathlib import Path

from om_ingest_testing import SINK_RULES, SinkSuite

from tests.command import PYTEST

OWN = """
    from om_ingest.sinks.console import ConsoleSink
    from om_ingest_testing import SinkSuite

    class TestJsonl(SinkSuite):
        sink = "jsonl"
        config = {"path": "out.jsonl"}
        broken_config = {"path": "missing/out.jsonl"}

    class TestConsole(SinkSuite):
        sink = ConsoleSink
        config = {}

    class TestCatalog(SinkSuite):
        sink = "catalog"
        config = {"path": "catalog.db"}
        broken_config = {"path": "missing/catalog.db"}
"""

GOOD = """
from pathlib import Path
from om_ingest import Outcome, Sink, WriteResult
from om_ingest.config import Settings, validated
from om_ingest.sinks import Spool, created, lines_of
from om_ingest_testing import SinkSuite
from pydantic import SecretStr

class Config(Settings):
    token: SecretStr = SecretStr("")

class Good(Sink):
    config_class = Config
    target = "a file"
    spool = None
    def __init__(self, config, ctx):
        self.config, self.ctx = config, ctx
    @classmethod
    def create(cls, config_dict, ctx):
        return cls(validated(Config, config_dict, ("sink", "config")), ctx)
    def prepare(self):
        self.spool = Spool.temporary(self.ctx.scratch)
    @property
    def store(self):
        return self.spool
    def write(self, records):
        self.spool.append(lines_of(records))
        return created(records)
    def close(self):
        if self.spool is not None:
            self.spool.close()

class GoodSuite(SinkSuite):
    config = {"token": "hunter-22-swordfish"}
    test_entry_point = None  # it is in no distribution
"""

MISBEHAVIOURS = {
    "creates": """
        @classmethod
        def create(cls, config_dict, ctx):
            Path("created").touch()
            return super().create(config_dict, ctx)
    """,
    "unknown-key-refused": """
        @classmethod
        def create(cls, config_dict, ctx):
            return cls(Config(token=config_dict["token"]), ctx)
    """,
    "check-changes-nothing": """
        def check(self):
            Path("checked").touch()
    """,
    "opens": """
        def prepare(self):
            super().prepare()
            Path("lock").touch(exist_ok=False)
    """,
    "target-is-one-line": """
        @property
        def target(self):
            return "file of " + self.config.token.get_secret_value()
    """,
    "settles-once": """
        def write(self, records):
            return super().write(records)[:-2]
    """,
    "flush-settles-all": """
        late = None
        def write(self, records):
            *results, late = super().write(records)
            if self.late is not None:
                results.append(self.late)
            self.late = late
            return results
        def flush(self):
            owed, self.late = self.late, None
            yield owed or WriteResult(self, Outcome.CREATED)
    """,
    "failed-is-a-result": """
        def write(self, records):
            for record in records:
                if getattr(record, "name", "") == "orphan":
                    raise ValueError("its schema is missing")
            return super().write(records)
    """,
    "names-what-is-missing": """
        def write(self, records):
            results = super().write([r for r in records if getattr(r, "name", "") != "orphan"])
            orphans = [r for r in records if getattr(r, "name", "") == "orphan"]
            return [*results, *(WriteResult(r, Outcome.FAILED, "no schema") for r in orphans)]
    """,
    "records-left-alone": """
        def write(self, records):
            results = super().write(records)
            records[0].description = "changed"
            return results
    """,
    "reads-back": """
        def write(self, records):
            return [WriteResult(record, Outcome.WRITTEN) for record in records]
    """,
    "latest-version-wins": """
        names = ()
        def write(self, records):
            new = [record for record in records if getattr(record, "name", "") not in self.names]
            self.names = [getattr(record, "name", "") for record in records]
            super().write(new)
            return created(records)
    """,
    "same-again-is-unchanged": """
        def existing(self):
            return self.spool
    """,
    "temporary-stores": """
        @classmethod
        def scratch(cls):
            raise ValueError("there is no room")
    """,
    "finishes": """
        def finish(self, end):
            if end.state == "interrupted":
                raise ValueError(end.state)
    """,
    "closes-whatever-happened": """
        def close(self):
            self.spool.close()
    """,
    "survives-abort": """
        def write(self, records):
            if Path("journal").exists():
                raise ValueError("a transaction is open")
            Path("journal").touch()
            results = super().write(records)
            for result in results:
                yield result
            Path("journal").unlink()
    """,
}
"""What each class does differently, by the rule that it breaks."""

ALSO = {"reads-back": {"latest-version-wins"}}
"""Further rules that a misbehaviour breaks by its nature."""


def outcomes(folder: Path, text: str) -> dict[str, dict[str, str]]:
    """Outcome of each check of each suite in a test file."""
    (folder / "test_sinks.py").write_text(text, "utf-8")
    command = [*PYTEST, "-rA", "test_sinks.py"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    found: dict[str, dict[str, str]] = {}
    for outcome, suite, check in re.findall(
        r"^(PASSED|FAILED) \S+::(\w+)::test_(\w+)", run.stdout, re.MULTILINE
    ):
        found.setdefault(suite, {})[check.replace("_", "-")] = outcome
    assert found, run.stdout + run.stderr
    return found


def test_every_rule_is_checked() -> None:
    """Each rule has a check, each check a rule, and the rule is the check's docstring."""
    checks = {name for name in dir(SinkSuite) if name.startswith("test_")}
    assert checks == {rule.check for rule in SINK_RULES.values()}
    for rule in SINK_RULES.values():
        assert inspect.getdoc(getattr(SinkSuite, rule.check)) == rule.wants
        assert rule.place == f"reference/sinks.md#{rule.key}"


def test_the_sinks_of_this_repository_pass(tmp_path: Path) -> None:
    """Files, standard output and the catalog keep every rule that applies to them."""
    found = outcomes(tmp_path, textwrap.dedent(OWN))
    assert found.keys() == {"TestJsonl", "TestConsole", "TestCatalog"}
    for suite, checks in found.items():
        assert set(checks.values()) == {"PASSED"}, suite
        assert len(checks) >= len(SINK_RULES) - 1


def test_each_misbehaviour_is_caught(tmp_path: Path) -> None:
    """A sink that breaks one rule fails the check of that rule, and no other."""
    text = GOOD + "\nclass TestGood(GoodSuite):\n    sink = Good\n"
    names = {rule: rule.title().replace("-", "") for rule in MISBEHAVIOURS}
    for rule, body in MISBEHAVIOURS.items():
        text += f"\nclass {names[rule]}(Good):{textwrap.indent(textwrap.dedent(body), '    ')}"
        text += f"\nclass Test{names[rule]}(GoodSuite):\n    sink = {names[rule]}\n"
    text += "\nclass TestUnknown(SinkSuite):\n    sink = Good\n    config = {}\n"
    found = outcomes(tmp_path, text)
    caught = {
        suite: {rule for rule, outcome in checks.items() if outcome == "FAILED"}
        for suite, checks in found.items()
    }
    assert caught.pop("TestGood") == set()
    assert caught.pop("TestUnknown") == {"entry-point"}
    assert caught == {
        f"Test{names[rule]}": {rule, *ALSO.get(rule, set())} for rule in MISBEHAVIOURS
    }
    assert {*MISBEHAVIOURS, "entry-point"} == {*SINK_RULES}
