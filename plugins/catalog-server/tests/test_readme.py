"""What README.md tells to type."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from om_ingest_catalog_server.testing import CatalogServer

README = Path(__file__).parents[1] / "README.md"


def test_quick_start(tmp_path: Path) -> None:
    """The commands of the quick start do what they say, one after the other."""
    section = README.read_text("utf-8").partition("## Quick start\n")[2]
    script = re.search(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert script is not None
    with CatalogServer(tmp_path / "catalog.db") as server:
        run = subprocess.run(
            ["sh", "-ec", script[1].replace("http://127.0.0.1:8585/api", server.url)],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert run.returncode == 0, run.stderr
    decoder, answers, rest = json.JSONDecoder(), [], run.stdout
    while rest:
        answer, end = decoder.raw_decode(rest)
        answers.append(answer)
        rest = rest[end:].strip()
    assert [answer.get("name") for answer in answers[:3]] == ["shop", "main", "public"]
    bulk, found, patched, search = answers[3:]
    assert bulk["status"] == "success"
    assert found["columns"][0]["name"] == "id"
    assert patched["description"] == "One row per order."
    assert search["hits"]["hits"][0]["_id"] == found["id"]
