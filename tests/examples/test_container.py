"""The image of examples/kubernetes, built and run as its files say, without a daemon."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.databases.postgres import PASSWORD, Cluster
from tests.examples.conftest import EXAMPLES, ROOT
from tests.examples.container import Image

pytest_plugins = ["tests.databases.postgres"]

SQL = "CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE people (id int PRIMARY KEY)"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image, with wheels of this checkout."""
    context = tmp_path_factory.mktemp("context")
    shutil.copy(EXAMPLES / "kubernetes/requirements.txt", context)
    for project in (ROOT / "core", ROOT / "plugins/sql"):
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", context]
        subprocess.run(build, cwd=project, check=True, capture_output=True)
    made = Image(EXAMPLES / "kubernetes/Containerfile", context, tmp_path_factory.mktemp("layers"))
    made.build({**os.environ, "PIP_FIND_LINKS": str(context), "PIP_ROOT_USER_ACTION": "ignore"})
    return made


class Pod:
    """The pod of the manifest: its volumes as folders, and the hosts that it is to reach."""

    def __init__(self, folder: Path, postgres: str, server: str) -> None:
        text = (EXAMPLES / "kubernetes/cronjob.yaml").read_text("utf-8")
        for host, here in (("postgres:5432", postgres), ("http://openmetadata:8585/api", server)):
            assert text.count(host) == 1
            text = text.replace(host, here)
        config, job, _ = yaml.safe_load_all(text)
        self.spec: dict[str, Any] = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        (container,) = self.spec["containers"]
        self.args: list[str] = container["args"]
        self.env = {each["name"]: each.get("value", PASSWORD) for each in container["env"]}
        self.state = folder / "state"
        folders = {"config": folder / "config", "token": folder / "token", "state": self.state}
        for each in folders.values():
            each.mkdir()
        self._data = folders["config"] / "..data"
        self._renew(config["data"]["workflow.yaml"])
        self._data.with_name("workflow.yaml").symlink_to("..data/workflow.yaml")
        folders["token"].joinpath("token").write_text("any")
        os.chown(self.state, self.spec["securityContext"]["fsGroup"], 1000)
        self.mounts = {
            mount["mountPath"]: folders[mount["name"]]
            for mount in container["volumeMounts"]
            if mount["name"] in folders
        }

    def renew(self) -> None:
        """Let the next pod have the ConfigMap as the kubelet mounts it: in a folder of its own."""
        before = self._data.resolve()
        self._data.unlink()
        self._renew((before / "workflow.yaml").read_text("utf-8"))
        shutil.rmtree(before)

    def _renew(self, workflow: str) -> None:
        folder = self._data.with_name(f"..{time.time_ns()}")
        folder.mkdir()
        (folder / "workflow.yaml").write_text(workflow, "utf-8")
        self._data.symlink_to(folder.name)

    @property
    def report(self) -> dict[str, Any]:
        """The report on the volume."""
        report: dict[str, Any] = json.loads((self.state / "report.json").read_text("utf-8"))
        return report


@pytest.fixture(scope="module")
def shop(postgres: Cluster) -> str:
    """A database of two tables, and who may read it, as the manifest names them; its address."""
    postgres.database(SQL, name="shop")
    postgres.run(f"CREATE ROLE om_reader LOGIN PASSWORD '{PASSWORD}'")
    postgres.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO om_reader", "shop")
    return f"{postgres.host}:{postgres.port}"


@pytest.fixture
def pod(tmp_path: Path, shop: str, server: str) -> Pod:
    """A pod that reads the database, and delivers to a catalog server."""
    folder = tmp_path / "pod"
    folder.mkdir()
    return Pod(folder, shop, server.partition(":")[2])


def test_the_pod_ingests(image: Image, pod: Pod) -> None:
    """The image runs the job as user 1000, with a root that nobody can write.

    SIGTERM before Python is there is not lost, although it goes to the first process; the next run
    is whole, and what it leaves lies on the volume, where the next pod finds it.
    """
    killed = image.run(pod.args, pod.env, pod.mounts)
    killed.stop()
    assert killed.wait() == 143, killed.log

    container = image.run(pod.args, pod.env, pod.mounts)
    assert container.wait() == 0, container.log

    assert {json.loads(line)["runId"] for line in container.log.splitlines()} == {
        pod.report["runId"]
    }
    assert image.user == "1000:1000"
    assert (pod.report["state"], pod.report["records"]["yielded"]) == ("success", 5)
    names = {path.name: path.stat().st_uid for path in pod.state.iterdir()}
    assert {"report.json", "shop.prom", "om-ingest-runs.db"} <= set(names)
    assert set(names.values()) == {1000}

    job = pod.report["journal"]["job"]
    pod.renew()
    container = image.run(pod.args, pod.env, pod.mounts)
    assert container.wait() == 0, container.log
    assert pod.report["journal"]["job"] == job


def test_nothing_else_can_be_written(image: Image, pod: Pod) -> None:
    """Where the volume is missing, the run says that it cannot keep its journal."""
    mounts = {place: folder for place, folder in pod.mounts.items() if place != "/data"}

    container = image.run(pod.args, pod.env, mounts)

    assert container.wait() == 2, container.log
    assert "/data" in container.log
