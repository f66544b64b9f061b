"""The page of timeouts has each one of the code."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

from om_ingest.openmetadata.config import MetadataServerConfig

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/timeouts.md"
CONSTANT = re.compile(
    r"^\s*_?((?:BUSY_)?TIMEOUT|PATIENCE|GRACE|PROBE|JOIN|FAREWELL|KEEPALIVE|END|OBSERVERS|MAX_AGE"
    r"|LOOK|CLOSING)_S"
    r" = ([\d.]+)$",
    re.MULTILINE,
)
FOLDERS = ("core", "plugins/openlineage", "plugins/catalog-server")
ELSEWHERE = ("job_lock.py", "cli/completion.py")
"""A pause of half a second; shells end what they wait for."""


def test_each_timeout_is_on_the_page() -> None:
    """What the code waits for at most, by default, is told to those who operate it."""
    page = PAGE.read_text("utf-8")
    told = {float(seconds) for seconds in re.findall(r"([\d.]+) s\b", page)}
    found = 0
    for source in chain(*(ROOT.glob(f"{folder}/src/**/*.py") for folder in FOLDERS)):
        for name, seconds in CONSTANT.findall(source.read_text("utf-8")):
            found += 1
            is_told = float(seconds) in told or source.as_posix().endswith(ELSEWHERE)
            assert is_told, f"{source}: {name}_S = {seconds}"
    assert found > 10
    for name, field in MetadataServerConfig.model_fields.items():
        if name.endswith("_s"):
            assert f"`{name}`" in page
            assert field.default in told, name
