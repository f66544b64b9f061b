"""Connectors that a test writes, run in this process as `om-ingest run` runs them."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from om_ingest.kinds import kind_of
from om_ingest.masking import Redactor
from om_ingest.model import Entity
from om_ingest.run import launch, request
from om_ingest.workflow.report import RunReport
from om_ingest_catalog import Catalog


@dataclass(frozen=True)
class Ran:
    """How a run ended, and the catalog that it wrote."""

    report: RunReport
    catalog: Path

    @property
    def code(self) -> int:
        """The exit code."""
        return self.report.exit_code

    @property
    def failures(self) -> list[str]:
        """`key: reason` of what the source said has failed."""
        return [f"{note.key}: {note.reason}" for note in self.report.source_status.failures]

    @property
    def warnings(self) -> list[str]:
        """`key: reason` of what the source warned of."""
        return [f"{note.key}: {note.reason}" for note in self.report.source_status.warnings]

    @property
    def errors(self) -> str:
        """What ended the run."""
        return "\n".join(self.report.errors)

    def fqns(self, entity: type[Entity] | str) -> list[str]:
        """FQNs of the live entities of a kind."""
        with Catalog(self.catalog, read_only=True) as store:
            return [str(fqn) for fqn in store.list_fqns(kind_of(entity).entity)]

    def get(self, entity: type[Entity] | str, fqn: str) -> Any:
        """An entity."""
        with Catalog(self.catalog, read_only=True) as store:
            return store.get_by_name(kind_of(entity).entity, fqn)


@dataclass
class Connectors:
    """Writes connectors, and runs them."""

    folder: Path

    def write(self, path: str, code: str) -> None:
        """A module below the folder of this test, which Python finds."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(code), "utf-8")

    def run(
        self,
        code: str = "",
        *,
        source: dict[str, Any] | None = None,
        server: dict[str, Any] | None = None,
        check: bool = False,
        workflow: dict[str, Any] | None = None,
        **options: Any,
    ) -> Ran:
        """Run a workflow: by default the class `Connector` in the module of this code.

        `workflow` has further keys of the file.
        Raises what is wrong before the run begins.
        """
        if code:
            self.write("connector.py", code)
        block = {"type": "connector:Connector", "serviceName": "shop"} if source is None else source
        file: dict[str, Any] = {
            "source": block,
            "sink": {"type": "catalog", "config": {"path": "catalog.db"}},
            **(workflow or {}),
        }
        if server is not None:
            file["workflowConfig"] = {"openMetadataServerConfig": server}
        Path("flow.json").write_text(json.dumps(file), "utf-8")
        job = request.job("flow.json", redact=Redactor(), **options)
        report = launch.check(job) if check else launch.launch(job)
        return Ran(report, Path("catalog.db"))


@pytest.fixture
def connectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connectors]:
    """A working directory, and a folder for modules; what was imported is forgotten."""
    (tmp_path / "site").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "site")
    before = set(sys.modules)
    portions = {name: sys.modules[name].__path__ for name in before if is_portion(name)}
    yield Connectors(tmp_path / "site")
    for name in sorted(set(sys.modules) - before, reverse=True):  # those in a package first
        module = sys.modules[name]
        places = [getattr(module, "__file__", None) or "", *getattr(module, "__path__", ())]
        if name.startswith("metadata") or any(each.startswith(str(tmp_path)) for each in places):
            del sys.modules[name]
    for name, path in portions.items():  # a run adds the folder of this test
        sys.modules[name].__path__ = path


def is_portion(name: str) -> bool:
    """Whether a module is a package of the namespace of connectors."""
    return name.partition(".")[0] == "metadata" and hasattr(sys.modules[name], "__path__")
