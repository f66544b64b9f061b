"""Prometheus' tool for rules: the one in PATH, or that of Debian's package, unpacked in `.nox/`.

`python -m tests.examples.promtool` fetches it, and prints where it is.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

UNPACKED = Path(__file__).parents[2] / ".nox/prometheus"


def find() -> str:
    """The path of the program; raises `RuntimeError` if it can neither be found nor fetched."""
    there = shutil.which("promtool") or shutil.which(UNPACKED / "usr/bin/promtool")
    if there:
        return there
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)  # apt-get drops its rights
        fetch = ["apt-get", "download", "-q", "prometheus"]
        done = subprocess.run(fetch, cwd=place, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"install promtool: apt-get cannot fetch it: {done.stderr.strip()}")
        UNPACKED.mkdir(parents=True, exist_ok=True)
        (archive,) = Path(place).glob("*.deb")
        subprocess.run(["dpkg", "-x", archive, UNPACKED], check=True)
    return str(UNPACKED / "usr/bin/promtool")


if __name__ == "__main__":
    try:
        print(find())
    except RuntimeError as error:
        sys.exit(str(error))
