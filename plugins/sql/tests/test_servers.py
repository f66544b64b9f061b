"""The servers that tests start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
USE = """
import sys, time
from pathlib import Path
from tests.databases.postgres import running

with running(Path(sys.argv[1])) as cluster:
    print(cluster.folder, flush=True)
    time.sleep(60)
"""


@pytest.mark.full
def test_the_last_user_of_a_server_ends_it_however_it_ends(tmp_path: Path) -> None:
    """Two processes share a server; when both are killed, server and folder are gone."""
    users = [
        subprocess.Popen(
            [sys.executable, "-c", USE, str(tmp_path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        for _ in range(2)
    ]
    folders = []
    for user in users:
        assert user.stdout is not None
        folders.append(Path(user.stdout.readline().strip()))
    assert folders[0] == folders[1]
    server = int((folders[0] / "data/postmaster.pid").read_text("utf-8").split("\n")[0])
    users[0].send_signal(signal.SIGKILL)
    assert users[0].wait() == -signal.SIGKILL
    time.sleep(0.1)
    os.kill(server, 0)  # it is there
    users[1].send_signal(signal.SIGINT)
    assert users[1].wait() != 0
    for user in users:
        assert user.stdout is not None
        user.stdout.close()
    deadline = time.monotonic() + 10
    while folders[0].exists():
        assert time.monotonic() < deadline, "the server stays"
        time.sleep(0.01)
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)
