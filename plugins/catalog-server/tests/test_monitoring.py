"""What operators see of `om-ingest serve`: health, metrics, the access log, and its end."""

from __future__ import annotations

import json
import re
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from om_ingest import WorkflowError
from om_ingest_catalog import Catalog
from om_ingest_catalog_server.settings import ServerSettings
from om_ingest_catalog_server.stores import Stores
from prometheus_client.parser import text_string_to_metric_families

from in_process import Client
from rest.live import TOKEN, LiveServer

KNOWN = {"Authorization": f"Bearer {TOKEN}"}
SERVICE = {"name": "svc", "serviceType": "CustomDatabase"}
Samples = dict[str, dict[tuple[tuple[str, str], ...], float]]


def samples(text: str) -> Samples:
    """What Prometheus reads: by name, then by labels; each name with a type and a meaning."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        assert family.type != "unknown", family.name
        assert family.documentation, family.name
        for sample in family.samples:
            labels = tuple(sorted(sample.labels.items()))
            assert labels not in found.setdefault(sample.name, {}), sample
            found[sample.name][labels] = sample.value
    return found


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Another one writes the catalog file for as long as the block takes."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with Catalog(path) as other, other.writer.transaction():
            held.set()
            done.wait(60)

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(hold)
        assert held.wait(60)
        try:
            yield
        finally:
            done.set()
        holder.result(60)


def test_a_server_as_operators_see_it(tmp_path: Path) -> None:
    """While a write waits for another process, the server is well and counts it; SIGTERM ends it
    within the grace; each request is one JSON object of the log, without tokens and values.
    """
    (tmp_path / "tokens").write_text(f"{TOKEN}\n", "utf-8")
    options = ("--token-file", "tokens", "--metrics-need-token", "--allowed-host", "shop")
    options += ("--log-format", "json", "--grace", "1", "--trusted-proxy", "127.0.0.1")
    with LiveServer(tmp_path / "catalog.db", *options) as server, server.client() as client:
        pod = {"Host": "10.1.2.3:8585"}  # as a kubelet asks
        health = client.get("/healthz", headers=pod)
        assert (health.status_code, health.json()["status"]) == (200, "ok")
        assert client.get("/metrics", headers={**pod, **KNOWN}).status_code == 421
        assert client.get("/metrics").status_code == 401
        url = "/api/v1/services/databaseServices"
        assert client.put(url, json=SERVICE, headers=KNOWN).status_code == 201
        proxied = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
        told = {"X-Request-Id": "of-the-proxy", "User-Agent": 'a "b"', **proxied, **KNOWN}
        seen = client.get(f"{url}/name/svc?fields=owners&x-token={TOKEN}&{TOKEN}", headers=told)
        assert seen.headers["x-request-id"] == "of-the-proxy"
        assert seen.json()["href"].startswith("https://")
        with writing(server.path), ThreadPoolExecutor(1) as pool:
            late = pool.submit(client.put, url, json=SERVICE, headers=KNOWN)
            _wait_for(client, "om_ingest_http_requests_in_flight", 2)
            assert client.get("/healthz").status_code == 200
            metrics = samples(client.get("/metrics", headers=KNOWN).text)
            began = time.monotonic()
            code = server.end(signal.SIGTERM)
            took = time.monotonic() - began
            assert late.result(60).status_code == 503
    assert (code, took < 10) == (143, True)
    found = metrics["om_ingest_http_requests_total"]
    route = "/api/v1/services/databaseServices/name/{fqn}"
    assert found[("method", "GET"), ("route", route), ("status", "200")] == 1
    assert found[("method", "GET"), ("route", "/metrics"), ("status", "401")] == 1
    assert metrics["om_ingest_catalog_entities"][(("type", "databaseService"),)] == 1
    assert metrics["om_ingest_catalog_size_bytes"].keys() == {
        (("file", "catalog"),),
        (("file", "wal"),),
    }
    log = server.log()
    assert TOKEN not in log
    lines = [json.loads(line) for line in log.splitlines()]
    assert all(datetime.fromisoformat(line["time"]).tzinfo for line in lines)
    requests = [line for line in lines if "requestId" in line]
    (proxied_line,) = [line for line in requests if line["requestId"] == "of-the-proxy"]
    assert {name: proxied_line[name] for name in ("method", "route", "path", "status")} == {
        "method": "GET",
        "route": route,
        "path": f"{url}/name/svc",
        "status": 200,
    }
    assert proxied_line["parameters"] == ["fields", "x-token"]
    assert (proxied_line["client"], proxied_line["userAgent"]) == ("203.0.113.9", 'a "b"')
    assert proxied_line["bytes"] == len(seen.content)
    assert [line["method"] for line in requests if line["status"] == 503] == ["PUT"]
    assert [line["level"] for line in lines if "requestId" not in line] == ["error", "error"]


def _wait_for(client: httpx.Client, name: str, value: float) -> None:
    deadline = time.monotonic() + 60
    while samples(client.get("/metrics", headers=KNOWN).text)[name][()] < value:
        assert time.monotonic() < deadline, f"{name} is not {value}"
        time.sleep(0.01)


def test_a_catalog_that_is_gone(client: Client, stores: Stores, tmp_path: Path) -> None:
    """Where the file was replaced, health is 503 and says so; metrics are still answered."""
    assert client.get("http://server/healthz").json() == {"status": "ok", "catalog": "readable"}
    (tmp_path / "catalog.db").replace(tmp_path / "kept.db")
    (tmp_path / "catalog.db").touch()
    answer = client.get("http://server/healthz")
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    assert "replaced" in answer.json()["catalog"]
    metrics = samples(client.get("http://server/metrics").text)
    assert metrics["om_ingest_catalog_readable"] == {(): 0}
    assert "om_ingest_catalog_entities" not in metrics


def test_a_catalog_that_is_held(client: Client, stores: Stores) -> None:
    """A look that takes too long is 503 within a second, and leaves no queue behind."""
    held = threading.Event()
    stores.watcher.submit(held.wait)
    try:
        answer = client.get("http://server/healthz")
    finally:
        held.set()
    assert answer.status_code == 503
    assert "not read within" in answer.json()["catalog"]
    assert client.get("http://server/healthz").status_code == 200


def test_openmetadatas_own_paths(client: Client) -> None:
    """The entity `metric` has its own path still; other methods and paths are as everywhere."""
    assert client.put("metrics", json={"name": "revenue"}).status_code == 201
    assert client.get("metrics").json()["paging"] == {"total": 1}
    for path in ("http://server/healthz", "http://server/metrics"):
        assert client.head(path).status_code == 200
        assert client.post(path).status_code == 405
        assert client.get(f"{path}/more").status_code == 404
    assert client.request("BREW", "http://server/odd").status_code == 404
    found = samples(client.get("http://server/metrics").text)["om_ingest_http_requests_total"]
    assert found[("method", "other"), ("route", ""), ("status", "404")] == 1
    listed = client.get("http://server/docs.json").json()["implemented"]
    assert {"/healthz", "/metrics"} <= {route["path"] for route in listed}


def test_durations(client: Client) -> None:
    """The buckets of a histogram grow to its count, and its sum is no longer than the test."""
    began = time.monotonic()
    for _ in range(3):
        client.get("tables")
    took = time.monotonic() - began
    metrics = samples(client.get("http://server/metrics").text)
    name, key = "om_ingest_http_request_duration_seconds", ("route", "/api/v1/tables")
    buckets = [n for labels, n in metrics[f"{name}_bucket"].items() if key in labels]
    assert buckets == sorted(buckets)
    assert buckets[-1] == metrics[f"{name}_count"][("method", "GET"), key] == 3
    assert 0 < metrics[f"{name}_sum"][("method", "GET"), key] < took


def test_a_token_for_metrics_needs_tokens(tmp_path: Path) -> None:
    """Metrics cannot be kept from those without a token where there are none."""
    with pytest.raises(WorkflowError, match="--metrics-need-token") as refused:
        ServerSettings(tmp_path / "catalog.db", metrics_need_token=True)
    assert "--token-file" in refused.value.remedy


def test_text_log(tmp_path: Path) -> None:
    """If asked, the text log has one line for each request, without values of its query."""
    with LiveServer(tmp_path / "text.db", "--access-log") as server, server.client() as client:
        client.get("/api/v1/system/version?x=secret", headers={"User-Agent": "of the test"})
        server.end(signal.SIGINT)
    line = (
        r"[\dT:.-]+\+[\d:]+ INFO    om_ingest_catalog_server.access: 127.0.0.1"
        r' "GET /api/v1/system/version" 200 \d+ B [\d.]+ ms "of the test" [0-9a-f]{32}\n'
    )
    assert re.fullmatch(line, server.log()), server.log()
