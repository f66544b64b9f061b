"""Try one cell: install, list, run, and ask doctor."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

from tests.install.matrix.cell import Cell, Outcome
from tests.install.matrix.ways import Place
from tests.install.matrix.workshop import CommandError, Workshop, run

RECORDS = {"orders": 3, "orders-archive": 3, "invoices": 1}
"""How many records each source yields."""


def try_cell(cell: Cell, workshop: Workshop) -> Outcome:
    """Build the cell in an environment of its own, and use it as its user would."""
    began = time.monotonic()
    folder = workshop.folder / "cells" / str(cell)
    folder.mkdir(parents=True)
    said = ""
    try:
        python = workshop.environment(folder / "venv", cell)
        env = Place(cell, workshop, folder, python).install()
        host = _Host(python.with_name("om-ingest"), env, folder)
        fault = _fault(cell, host)
        healthy, said = host.doctor()
        if not fault and not healthy:
            fault = "listed and delivered, but doctor finds something wrong"
    except CommandError as error:
        fault = f"cannot be installed: {error}"
    shutil.rmtree(folder)
    return Outcome(cell, fault, said, time.monotonic() - began)


class _Host:
    """The command of one environment."""

    def __init__(self, command: Path, env: dict[str, str], cwd: Path) -> None:
        self.command = command
        self.env = env
        self.cwd = cwd

    def sources(self) -> list[dict[str, Any]]:
        """What `list-sources` shows."""
        listed = run(self.command, "list-sources", "--json", env=self.env, cwd=self.cwd)
        sources: list[dict[str, Any]] = json.loads(listed)
        return sources

    def records(self, name: str) -> int:
        """How many records a run of this source writes."""
        file = self.cwd / f"{name}.jsonl"
        sink = f"--sink=jsonl:{file.name}"
        run(self.command, "run", name, sink, "--quiet", env=self.env, cwd=self.cwd)
        return sum('"record":' in line for line in file.read_text(encoding="utf-8").splitlines())

    def doctor(self) -> tuple[bool, str]:
        """Whether `doctor` is content, and what it says."""
        try:
            return True, run(self.command, "doctor", env=self.env, cwd=self.cwd).strip()
        except CommandError as error:
            return False, str(error)


def _fault(cell: Cell, host: _Host) -> str:
    """The first thing that is wrong; empty if every connector is listed and runs."""
    wanted = {"orders": cell.distribution, "orders-archive": cell.distribution}
    if cell.companion == "second":
        wanted["invoices"] = "acme-invoices"
    try:
        sources = host.sources()
        listed = {source["name"]: source["distribution"] for source in sources}
        if listed != wanted or len(sources) != len(listed):
            return f"listed with their distributions: {listed}, not {wanted}"
        for source in sources:
            if source["status"] != ("ok" if source["distribution"] else "not checked"):
                return f"{source['name']} is listed as {source['status']}: {source['detail']}"
        for name in RECORDS.keys() & wanted.keys():
            count = host.records(name)
            if count != RECORDS[name]:
                return f"{name} delivers {count} records"
    except CommandError as error:
        return str(error)
    return ""
