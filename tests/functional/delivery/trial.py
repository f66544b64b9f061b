"""One job against a server that fails: run it, check its accounts, finish it later."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from om_ingest import OmIngestError
from om_ingest.kinds.identity import Identity
from om_ingest.masking import Redactor
from om_ingest.model.records import Record
from om_ingest.run import launch, replay, request
from om_ingest.run.job import Job
from om_ingest.sinks import recording

from tests.functional.delivery.holdings import State, holdings, identities, set_aside
from tests.functional.delivery.proxy import Proxy

if TYPE_CHECKING:
    from typing_extensions import Self

TOKEN = "eyJ.for-the-tests.only"
"""What the server of these tests asks for."""

SHORT_PAUSES = {
    "retryPause_s": 0.002,
    "retryPauseCap_s": 0.01,
    "retryBudget_s": 20,
    "readTimeout_s": 30,
}
"""Settings of the client that anybody can set; here so that tests need not wait."""


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    report: dict[str, Any] | None
    """As `--report` writes it; None for a run that did not begin."""

    said: str = ""
    """Why it did not begin."""

    @property
    def records(self) -> dict[str, int]:
        """The counts; all 0 for a run that did not begin."""
        none = dict.fromkeys(("yielded", "failed"), 0)
        return none if self.report is None else self.report["records"]

    def __str__(self) -> str:
        report = self.report or {}
        shown = {key: report.get(key) for key in ("records", "errors", "failures", "skipped")}
        return f"exit {self.code} {self.said}\n{json.dumps(shown, indent=1)}"

    def exits(self, code: int) -> Self:
        """This end; fails the test with all that is known of it unless its exit code is that."""
        __tracebackhide__ = True
        if self.code != code:
            pytest.fail(f"not exit {code}: {self}")
        return self


@dataclass
class Trial:
    """A job in a folder of its own: the connector `warehouse` into a server behind a proxy."""

    folder: Path
    catalog: Path
    """The file that the server keeps everything in."""

    proxy: Proxy
    service: str
    config: Mapping[str, Any] = field(default_factory=dict)
    server: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the client besides those of every trial."""

    sink: Mapping[str, Any] = field(default_factory=dict)
    """Config of the sink."""

    source_config: Mapping[str, Any] = field(default_factory=dict)
    """Include flags, and what is marked as deleted."""

    flow: Mapping[str, Any] = field(default_factory=dict)
    """Further blocks of the workflow file."""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.write()

    def change(self, **config: Any) -> None:
        """Change keys of the connector's config: the source is another from now on."""
        self.config = {**self.config, **config}
        self.write()

    def write(self) -> None:
        """Write the workflow file."""
        server = {
            "hostPort": self.proxy.url,
            "securityConfig": {"jwtToken": TOKEN},
            **SHORT_PAUSES,
            **self.server,
        }
        flow = {
            "source": {
                "type": "warehouse:WarehouseSource",
                "serviceName": self.service,
                "config": dict(self.config),
                "sourceConfig": {"config": dict(self.source_config)},
            },
            "sink": {"type": "metadata-rest", "config": dict(self.sink)},
            "workflowConfig": {"openMetadataServerConfig": server},
            **self.flow,
        }
        (self.folder / "flow.json").write_text(json.dumps(flow), encoding="utf-8")

    def run(
        self, *, resume: bool = False, allow_mass_delete: bool = False, **options: Any
    ) -> Ended:
        """`om-ingest run flow.json`, in this process; `options` are those of `request.job`."""

        def job(redact: Redactor) -> Job:
            asked = request.job("flow.json", resume=resume, redact=redact, **options)
            return replace(asked, allow_mass_delete=allow_mass_delete)

        with self._inside():
            return _launched(job)

    def replay(self, path: Path) -> Ended:
        """`om-ingest replay` of a dead-letter file, in this process."""
        with self._inside():
            return _launched(
                lambda redact: replay.job(
                    path, sink=f"openmetadata:{self.proxy.url}", redact=redact
                )
            )

    def recorded(self) -> list[Record]:
        """Everything that the connector yields, in its order."""
        with self._inside():
            path = Path("recorded.jsonl")
            ended = _launched(
                lambda redact: request.job(
                    "flow.json", sink=f"jsonl:{path}", state=Path(), redact=redact
                )
            )
            ended.exits(0)
            records = [record for _, record in recording.read(path).records()]
            path.unlink()
        return [record for record in records if not isinstance(record, OmIngestError)]

    def state(self) -> State:
        """What the server really holds."""
        return holdings(self.catalog, self.service)

    def dead_letters(self) -> list[Path]:
        """The dead-letter files."""
        return sorted(self.folder.glob("om-ingest-failed-*.jsonl"))

    def check(self, ended: Ended, expected: list[Identity]) -> None:
        """Delivered and set aside is what was yielded, and the server holds what is delivered.

        `expected` is what a run without faults yields, as `identities` spells it. Every
        outcome has the exit code that belongs to it.
        """
        counts = dict(ended.records)
        yielded, failed = counts.pop("yielded"), counts["failed"]
        refused = [record for path in self.dead_letters() for record in set_aside(path)]
        aside = set(identities(refused, self.catalog, self.service))
        held = self.state()
        missing = [key for key in expected[:yielded] if key not in held and key not in aside]
        errors = ended.said or (ended.report and ended.report["errors"])
        right = {
            0: yielded == len(expected) and failed == 0,
            1: failed > 0 or bool(errors),  # the source died
            4: bool(errors),
        }
        assert yielded == sum(counts.values()), str(ended)
        assert len(refused) == failed, str(ended)
        assert not missing, f"{len(missing)} missing, as {missing[0]}: {ended}"
        assert right.get(ended.code), str(ended)

    @contextlib.contextmanager
    def _inside(self) -> Iterator[None]:
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            yield
        finally:
            os.chdir(before)


def _launched(make: Any) -> Ended:
    try:
        job: Job = make(Redactor())
        report = launch.launch(job)
    except OmIngestError as error:
        return Ended(error.exit_code, None, str(error))
    return Ended(report.exit_code, report.as_dict())
