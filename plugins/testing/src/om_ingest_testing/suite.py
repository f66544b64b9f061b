"""The conformance tests of a source and of a sink, each inherited in two lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from om_ingest.sink import Sink
from om_ingest.source import Source

from om_ingest_testing.checks.config import ConfigChecks
from om_ingest_testing.checks.installation import InstallationChecks
from om_ingest_testing.checks.records import RecordChecks
from om_ingest_testing.checks.runs import RunChecks
from om_ingest_testing.checks.sinks import SinkChecks
from om_ingest_testing.checks.state import StateChecks
from om_ingest_testing.observations import Observations
from om_ingest_testing.rules import RULES, SINK_RULES
from om_ingest_testing.sink_observations import SinkObservations


class SourceSuite(
    InstallationChecks, ConfigChecks, RunChecks, StateChecks, RecordChecks, rules=RULES
):
    """Checks that a source keeps the contract; each `test_` method is one rule of it.

        class TestAcme(SourceSuite):
            source = AcmeSource
            config = {"url": "http://localhost:8080"}

    The source has to be able to read something with `config`: a few tables are enough. A
    value that exists only when the tests run, such as a temporary file, is put there by a
    fixture at module level, of scope `class` with `autouse=True`: `request.cls.config =
    {...}`. A check that cannot apply is switched off by name: `test_golden = None`.
    """

    source: ClassVar[type[Source] | str]
    """The class; or the name that it is installed under, if importing it is part of the test."""

    config: ClassVar[Mapping[str, Any]]
    """What a workflow file has below `source.config`."""

    service_name: ClassVar[str | None] = None
    """`ctx.service_name`. Default: the name of the class, `acme-crm` for `AcmeCrmSource`."""

    source_config: ClassVar[Mapping[str, Any] | None] = None
    """What a workflow file has below `sourceConfig.config`: filters and include flags."""

    golden: ClassVar[Path | None] = None
    """File that holds the records the source must yield; None for none.

    `golden = Path(__file__).with_name("golden.jsonl")`; `pytest --update-golden` writes it, unless
    what it holds is lost: that has to be taken out by hand.
    """

    patience_s: ClassVar[float] = 30.0
    """Seconds after which a source that is still busy counts as one that never ends."""

    sink_pause_s: ClassVar[float] = 0.2
    """How long the slow sink takes."""

    import_s: ClassVar[float] = 1.0
    """How long importing the connector may take."""

    _subject = "source"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "test_golden" not in vars(cls):
            cls.test_golden = SourceSuite.test_golden if cls.golden else None  # type: ignore[assignment,method-assign]  # None is not collected

    @property
    def observations(self) -> Observations:
        """What the checks observe; each observation is made once per class and config."""
        subject = (self.source, self.config, self.service_name, self.source_config)
        return self._once(Observations, self.patience_s, *subject)

    def normalised(self, document: dict[str, Any]) -> dict[str, Any]:
        """One record as the golden file holds it: `{"type": "table", "record": {...}}`.

        Override it to take out or replace what differs between runs, e.g. a time stamp.
        """
        return document


class SinkSuite(SinkChecks, rules=SINK_RULES):
    """Checks that a sink keeps the contract; each `test_` method is one rule of it.

        class TestAcme(SinkSuite):
            sink = AcmeSink
            config = {"path": "acme.csv"}

    Each check runs in an empty working directory, where relative paths of the config lie. The
    rest is as for `SourceSuite`: a check that cannot apply is switched off by its name.
    """

    sink: ClassVar[type[Sink] | str]
    """The class; or the name that it is installed under, if importing it is part of the test."""

    config: ClassVar[Mapping[str, Any]]
    """What a workflow file has below `sink.config`."""

    broken_config: ClassVar[Mapping[str, Any] | None] = None
    """A config with which `prepare` fails, such as a path in a folder that is not there."""

    _subject = "sink"

    @property
    def observations(self) -> SinkObservations:
        """What the checks observe; a run that several of them need is made once."""
        return self._once(SinkObservations, self.sink, self.config, self.broken_config)
