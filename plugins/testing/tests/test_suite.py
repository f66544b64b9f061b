"""`SourceSuite` as an author uses it."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from om_ingest import (
    CreateDatabaseServiceRequest,
    Record,
    Source,
    SourceStatus,
    WorkflowContext,
)
from om_ingest.model import DatabaseServiceType
from om_ingest_testing import RULES, SourceSuite
from om_ingest_testing.checks.golden import differences

if TYPE_CHECKING:
    from conftest import Project
    from tests.command import Connect

TWO_LINES = """
    from metadata.ingestion.source.database.acme import AcmeSource
    from om_ingest_testing import SourceSuite

    class TestAcme(SourceSuite):
        source = AcmeSource
        config = {}
"""
HAND_WRITTEN = """
    from collections.abc import Iterator
    from typing import Any
    from om_ingest import (
        CreateDatabaseRequest, CreateDatabaseServiceRequest, EntityReference, Record, Source,
        SourceStatus, WorkflowContext, WorkflowError,
    )
    from om_ingest.model import AddUsageRequest, DatabaseServiceType, UsageRequest
    from om_ingest_testing import SourceSuite

    class PlainSource(Source):
        def __init__(self, ctx: WorkflowContext) -> None:
            self.ctx = ctx
            self.status = SourceStatus()

        @classmethod
        def create(cls, config_dict: Any, metadata_config_dict: Any, ctx: WorkflowContext) -> Any:
            if config_dict:
                raise WorkflowError(f"unknown keys: {', '.join(config_dict)}", "Remove them.")
            return cls(ctx)

        def prepare(self) -> None:
            pass

        def next_record(self) -> Iterator[Record]:
            name = self.ctx.service_name
            kind = DatabaseServiceType.CustomDatabase
            yield CreateDatabaseServiceRequest(name=name, serviceType=kind)
            yield CreateDatabaseRequest(name="db", service=name)
            database = EntityReference(type="database", fullyQualifiedName=f"{name}.db")
            usage = UsageRequest(date="2024-01-01", count=1)
            yield AddUsageRequest(entity=database, usage=usage)

        def get_status(self) -> SourceStatus:
            return self.status

    class TestPlain(SourceSuite):
        source = PlainSource
        config = {}
"""


def outcomes(said: str) -> dict[str, str]:
    """Outcome of each check, from what pytest prints."""
    found = re.findall(r"^(PASSED|FAILED) \S+::test_(\w+)", said, re.MULTILINE)
    return {check.replace("_", "-"): outcome for outcome, check in found}


def test_every_rule_is_checked() -> None:
    """Each rule has a check, each check a rule, and the rule is the check's docstring."""
    checks = {name for name in dir(SourceSuite) if name.startswith("test_")}
    assert checks == {rule.check for rule in RULES.values()}
    assert len(checks) >= 20
    for rule in RULES.values():
        assert inspect.getdoc(getattr(SourceSuite, rule.check)) == rule.wants


def test_rules_are_complete() -> None:
    """Each rule says what is wanted, why, and how it is checked, under a key fit for a link."""
    for key, rule in RULES.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", key)
        assert all(text[-1] == "." for text in (rule.wants, rule.why, rule.how)), key
        assert rule.place == f"reference/contract.md#{key}"


def test_two_lines_are_enough(project: Project) -> None:
    """A source that keeps the contract passes every check; golden is none without a file."""
    project.write(TWO_LINES)
    said = project.pytest()
    assert outcomes(said) == dict.fromkeys(RULES.keys() - {"golden"}, "PASSED"), said
    assert "skipped" not in said


def test_source_that_is_not_installed(project: Project) -> None:
    """A class in the test module itself passes but for the entry point, which says what to do.

    It has no config model, does without any base of ours but `Source`, and says how often
    something was used.
    """
    project.write(HAND_WRITTEN)
    said = project.pytest()
    unseen = {"shared-levels", "runs-by-name", "golden"}
    passed = dict.fromkeys(RULES.keys() - unseen, "PASSED")
    assert outcomes(said) == {**passed, "entry-point": "FAILED"}, said
    assert "PlainSource is not installed: no entry point leads to test_acme:PlainSource" in said
    assert re.search(r"SKIPPED \[2\] .*: the source is not installed: see test_entry_point", said)


def test_golden_file(project: Project) -> None:
    """Golden files are asked for, written, compared, and written anew unless something is lost."""
    suite = TWO_LINES.replace("class TestAcme", "class Compared")
    suite += """
        def normalised(self, document):
            document["record"].pop("serviceType", None)
            return document
    """
    names = ("same", "changed", "lost", "missing")
    for name in names:
        suite += f"""
    class Test{name.title()}(Compared):
        golden = Path("{name}.jsonl")
        """
    project.write("    from pathlib import Path" + suite)
    same, changed, lost, missing = (project.folder / f"{name}.jsonl" for name in names)
    more = json.dumps({"type": "table", "record": {"name": "more"}})
    lost.write_text(more, encoding="utf-8")
    said = project.pytest("-k", "golden", "--update-golden")
    less = (
        "AcmeSource yielded less than lost.jsonl holds: no table more (new: table orders in"
        " acme.db.public)"
    )
    assert less in said
    assert "take out of lost.jsonl by hand what is gone on purpose" in said
    assert "--update-golden" not in said
    assert "3 passed" in said
    assert lost.read_text("utf-8") == more
    lines = same.read_text("utf-8").splitlines()
    assert json.loads(lines[0]) == {"type": "databaseService", "record": {"name": "acme"}}
    assert len(lines) == 5
    missing.unlink()
    changed.write_text("\n".join(lines).replace('"INT"', '"BIGINT"'), encoding="utf-8")
    said = project.pytest("-k", "golden")
    assert "no golden file missing.jsonl yet: `pytest --update-golden` writes it" in said
    assert "AcmeSource yielded as record 4" in said
    assert "look the changes over; `pytest --update-golden` accepts all of them" in said
    assert "reference/contract.md#golden" in said
    assert less in said
    assert "1 passed" in said


TABLE: dict[str, Any] = {
    "name": "t",
    "databaseSchema": "s.d.x",
    "description": "told",
    "columns": [{"name": "a", "dataType": "INT"}, {"name": "b", "dataType": "INT"}],
    "tags": [{"tagFQN": "PII.None"}],
}


def line(**changes: Any) -> str:
    """A line of a golden file: a table with other fields; None takes one away."""
    fields = {key: value for key, value in {**TABLE, **changes}.items() if value is not None}
    return json.dumps({"type": "table", "record": fields})


@pytest.mark.parametrize(
    ("yielded", "lost"),
    [
        ([], "no table t"),
        ([line(description=None)], "table t without description"),
        ([line(description="")], "table t without description"),
        ([line(columns=TABLE["columns"][:1])], "table t without columns.b"),
        ([line(columns=[{"name": "b"}, {"name": "a"}])], "columns.a.dataType, columns.b.dataType"),
        ([line(tags=[])], "table t without tags"),
        ([line(name="t2", description="new"), line(tags=None)], "table t without tags"),
        ([line(databaseSchema="s.d.y")], "no table t (new: table t in s.d.y)"),
        ([line(name="u"), line(name="v")], "no table t (new: table u in s.d.x …)"),
        ([line(columns=[*TABLE["columns"][:1], {"name": "c"}])], "table t without columns.b"),
        ([line(columns=[{"name": n} for n in "cde"])], "table t without columns.a, columns.b"),
        ([line(tags=[{"tagFQN": "PII.Sensitive"}])], "table t without tags.PII.None"),
        ([line(description="other")], ""),
        ([line(columns=[{**one, "dataType": "BIGINT"} for one in TABLE["columns"]])], ""),
        ([line(), line(name="t2")], ""),
        ([line(displayName="T")], ""),
    ],
)
def test_a_loss_is_never_to_be_accepted(yielded: list[str], lost: str) -> None:
    """What is gone is told as a loss, whatever is new, without the option that accepts changes."""
    found = list(differences(yielded, [line()], "golden.jsonl"))
    assert found
    if lost:
        assert found[0].endswith(lost)
        assert found[0].startswith("yielded less than golden.jsonl holds: ")
        assert not any("--update-golden" in finding for finding in found)
    else:
        (finding,) = found
        assert "`pytest --update-golden`" in finding


@pytest.mark.parametrize(
    ("read", "counts"),
    [
        (dict, True),
        (list, True),
        (len, True),
        (bool, True),
        (lambda state: "last" in state, True),
        (lambda state: state.get("last"), True),
        (lambda state: None, False),
    ],
)
def test_a_bookmark_may_be_read_in_any_way(read: Callable[[Any], Any], counts: bool) -> None:
    """A source that asks ctx.state for anything reads it; one that only sets keys does not."""

    class Bookmarked(Source):
        def __init__(self, ctx: WorkflowContext) -> None:
            self.ctx = ctx

        @classmethod
        def create(cls, config_dict: Any, metadata_config_dict: Any, ctx: WorkflowContext) -> Any:
            return cls(ctx)

        def prepare(self) -> None:
            pass

        def next_record(self) -> Iterator[Record]:
            read(self.ctx.state)
            kind = DatabaseServiceType.CustomDatabase
            yield CreateDatabaseServiceRequest(name=self.ctx.service_name, serviceType=kind)
            self.ctx.state["last"] = 1

        def get_status(self) -> SourceStatus:
            return SourceStatus()

    class Suite(SourceSuite):
        source = Bookmarked
        config: ClassVar[dict[str, Any]] = {}

    refused = pytest.raises(pytest.fail.Exception, match="never reads them")
    with nullcontext() if counts else refused:
        Suite().test_goes_on_from_state()


def test_the_order_of_keys_is_no_difference() -> None:
    """A line with its keys in another order is the same record."""
    again = json.dumps({"record": dict(reversed(TABLE.items())), "type": "table"})
    assert not list(differences([again], [line()], "golden.jsonl"))


def test_files_in_shared_folders(project: Project, connector: Connect) -> None:
    """What a wheel or an editable project has in a folder of all connectors is named."""
    shared = "metadata/ingestion/source"
    record = project.site / "acme_connector-1.0.dist-info/RECORD"
    record.write_text(record.read_text() + f"{shared}/__init__.py,,\n{shared}/database/x.txt,,\n")
    connector("other", distribution="other")
    checkout = project.folder / "checkout"
    for name in (f"{shared}/database/__init__.py", f"{shared}/database/other.py"):
        (checkout / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / "src" / name).touch()
    link = {"url": checkout.as_uri(), "dir_info": {"editable": True}}
    (project.site / "other-1.0.dist-info/direct_url.json").write_text(json.dumps(link))
    project.write(
        """
        from om_ingest_testing import SourceSuite

        class TestAcme(SourceSuite):
            source = "acme"
            config = {}

        class TestOther(SourceSuite):
            source = "other"
            config = {}
        """
    )
    said = project.pytest("-k", "shared_levels")
    assert f"acme is shipped with {shared}/__init__.py" in said
    assert f"acme is shipped with {shared}/database/x.txt" in said
    assert f"other is shipped with {shared}/database/__init__.py" in said
    assert "other.py" not in said
    assert "reference/contract.md#shared-levels" in said
    assert "2 failed" in said


def test_config_from_a_fixture(project: Project) -> None:
    """A config that only a fixture can know is used by every check, the child's run too."""
    project.write(
        """
        import pytest
        from metadata.ingestion.source.database.acme import AcmeSource
        from om_ingest_testing import SourceSuite

        @pytest.fixture(scope="class", autouse=True)
        def server(request):
            request.cls.config = {"url": "http://localhost:1"}

        class TestAcme(SourceSuite):
            source = AcmeSource
            service_name = "our shop"
            source_config = {"includeViews": False}
            patience_s = 60.0
            test_lazy = None
        """
    )
    said = project.pytest()
    assert f"{len(RULES) - 2} passed" in said, said


def test_working_directory_stays_clean(project: Project) -> None:
    """The checks leave nothing behind where pytest was started."""
    project.write(TWO_LINES.replace("config = {}", "config = {'url': 'x'}"))
    before = set(Path(project.folder).iterdir())
    project.pytest("-p", "no:cacheprovider")
    left = {path.name for path in set(project.folder.iterdir()) - before}
    assert left <= {"__pycache__"}
