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
    "another build": ("version, no token needed: body/version", "version, *: body/revision"),
    "whoever may open the port may read; a token is for writing": ("error: no token, GET: *",),
    "every answer with an entity or a reference has its URL; the recorded server leaves out some": (
        "*: body/*href",
    ),
    "no orchestration, which a pipeline could have the connection of": (
        "ingestion pipeline: create: body/openMetadataServerConnection",
    ),
    "roles are no entities of a catalog, and uses of a tag are not counted": (
        "user: create: body/inheritedRoles",
        "tag: by name, with its classification: body/usageCount",
    ),
    "who is in no team is shown in none; there, in the organization": (
        "user: create: body/teams",
        "team: *: body/parents*",
    ),
    "nested columns show the type that follows from their data type, too": (
        "*/children/*/dataTypeDisplay",
    ),
    "a new column without labels is recorded with none": (
        "table: PUT as admin, *: body/changeDescription/fieldsAdded/0/newValue/0/tags",
    ),
    "the usage of a past day is shown at once, and ranks once they are computed": (
        "usage: POST: body/*/dailyStats/*",
        "usage: POST: body/*/weeklyStats/*",
        "usage: POST: body/*/monthlyStats/*",
        "usage: POST: body/*/date",
    ),
    "what is attached is answered with the entity as it is, not with what was loaded of it": (
        "table profile: PUT: body/sampleData",
        "usage: POST: body/entity/tags",
        "usage: POST: body/entity/owners",
        "usage: POST: body/entity/tableConstraints",
    ),
    "a rule for tables, samples, runs and edges says which part breaks it": (
        "table: ARRAY without arrayDataType: body/message",
        "table: STRUCT without children: body/message",
        "table: one column twice: body/message",
        "table: constraint on an unknown column: body/message",
        "sample data: unknown column: body/message",
        "lineage: PUT, unknown column: body/message",
        "pipeline: status of an unknown task: body/message",
    ),
    "the words of a Java library, with its classes": (
        "error: unknown field in the body: body/message",
        "error: wrong enum: body/message",
        "error: wrong type: body/message",
        "error: invalid JSON: body",
        "error: an array for an object: body/message",
        "error: PATCH, unknown path: body/responseMessage",
        "error: PATCH, unknown property: body/message",
        "error: PATCH, no array: body/message",
    ),
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
    replay = Replay(RECORDING, client, {**tokens, "wrong": "wrong"})
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
