"""What a server shows of edges, samples, profiles, runs and usage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
from om_ingest.kinds import KINDS

from tests.functional.preserving.values import Body
from tests.functional.releases.records import DAY_MS

_DAY = {"startTs": DAY_MS - 1, "endTs": DAY_MS + 1}

_ITS_OWN = {"assetEdges", "createdAt", "createdBy", "updatedAt", "updatedBy"}
"""Details of an edge that a server sets or counts."""


def shown(client: httpx.Client, entity_type: str, said: Body) -> Iterator[tuple[Any, Any]]:
    """Each part of a record, as it is shown and as it was said; nothing for an entity."""
    if entity_type == "sampleData":
        path = _path(said["entity"])
        entity = _get(client, path)
        answer = _get(client, f"{path.partition('/')[0]}/{entity['id']}/sampleData")
        kept = ("sampleData", "messages")  # that of a topic has another name
        yield next(answer[name] for name in kept if name in answer), said["sampleData"]
    elif entity_type == "usage":
        summary = _get(client, _path(said["entity"]), fields="usageSummary")["usageSummary"]
        yield summary["dailyStats"]["count"], said["usage"]["count"]
        yield summary["date"], said["usage"]["date"]
    elif entity_type == "pipelineStatus":
        runs = _get(client, f"pipelines/{_quoted(said['pipeline'])}/status", **_DAY)["data"]
        yield runs[0], said["pipelineStatus"]
    elif entity_type == "tableProfile":
        profile, table = said["profile"], said["table"]
        yield _profile(client, table, "table"), profile["tableProfile"]
        for column in profile["columnProfile"]:
            yield _profile(client, f"{table}.{column['name']}", "column"), column
        system = _get(client, f"tables/{_quoted(table)}/systemProfile", **_DAY)["data"]
        for one in profile["systemProfile"]:
            same = [other for other in system if other["operation"] == one["operation"]]
            yield same[:1], [one]
    elif entity_type == "lineage":
        edge = said["edge"]
        start = edge["fromEntity"]
        source = f"lineage/{start['type']}/name/{_quoted(start['fullyQualifiedName'])}"
        target = _get(client, _path(edge["toEntity"]))["id"]
        edges = _get(client, source, upstreamDepth=0, downstreamDepth=1)["downstreamEdges"]
        (found,) = (one for one in edges if one["toEntity"] == target)
        wanted = edge.get("lineageDetails", {}).items()
        yield found["lineageDetails"], {key: told for key, told in wanted if key not in _ITS_OWN}


def _profile(client: httpx.Client, fqn: str, what: str) -> Body:
    found: Body = _get(client, f"tables/{_quoted(fqn)}/{what}Profile", **_DAY)["data"][0]
    return found


def _path(reference: Body) -> str:
    name = _quoted(reference["fullyQualifiedName"])
    return f"{KINDS[reference['type']].collection}/name/{name}"


def _get(client: httpx.Client, path: str, **query: Any) -> Any:
    answer = client.get(path, params=query)
    assert answer.is_success, answer.text
    return answer.json()


def _quoted(name: str) -> str:
    return quote(name, safe="")
