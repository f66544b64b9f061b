"""A recording of a real 1.6 server, played to a server that is told to be one."""

from __future__ import annotations

import base64
import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from om_ingest_catalog_server.tokens import TokenFile

from replaying import HOST, Replay

if TYPE_CHECKING:
    from conftest import Serve

RECORDING = Path(__file__).parent / "recorded" / "1.6.jsonl"

DIFFERING: dict[str, tuple[str, ...]] = {
    "not mended yet": ("*: *",),
}
"""Why answers differ -> where: `exchange: place`, with `*` for any text."""


def _token(**claims: object) -> str:
    """A JWT with these claims, whose signature nobody checks."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


def test_recorded(serve: Serve, tmp_path: Path) -> None:
    """A server that is told to be 1.6 answers as the recorded one, apart from what is listed.

    The order of the members of an object does not count, nor do times of the moment and ids.
    """
    tokens = {"admin": _token(sub="admin"), "bot": _token(sub="ingestion-bot", isBot=True)}
    valid = tmp_path / "tokens"
    valid.write_text("\n".join(tokens.values()))
    client = serve(version="1.6.0", tokens=TokenFile(valid))
    client.base_url = HOST
    replay = Replay(RECORDING, client, {**tokens, "wrong": _token(sub="nobody")})
    unused = {pattern for patterns in DIFFERING.values() for pattern in patterns}
    unexpected = []
    for found in replay.differences():
        matching = [
            pattern
            for patterns in DIFFERING.values()
            for pattern in patterns
            if fnmatchcase(f"{found.name}: {found.place}", pattern)
        ]
        unused.difference_update(matching)
        if not matching:
            unexpected.append(str(found))
    assert not unexpected, "\n".join(unexpected)
    assert not unused, f"no longer differing: {unused}"
