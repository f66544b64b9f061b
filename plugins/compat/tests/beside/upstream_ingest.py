"""Runs `metadata ingest -c FILE` of an installed openmetadata-ingestion, once for each job.

`python upstream_ingest.py JOBS.json`, a list of `{"folder", "path", "file", "log"}`: each job has a
process of its own, forked after the imports, which take ten seconds. Prints the exit codes.
"""

import importlib
import json
import os
import runpy
import sys
import traceback
from pathlib import Path


def ingest(job: dict[str, str]) -> int:
    """The exit code of one job, in a child process."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    with Path(job["log"]).open("wb") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    try:
        os.chdir(job["folder"])
        sys.path.insert(0, job["path"])
        sys.argv = ["metadata", "ingest", "-c", job["file"]]
        runpy.run_path(str(Path(sys.executable).with_name("metadata")), run_name="__main__")
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001  a process ends with it
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    for name in (
        "metadata.cmd",
        "metadata.workflow.metadata",
        "metadata.ingestion.sink.metadata_rest",
    ):
        importlib.import_module(name)
    print(json.dumps([ingest(job) for job in json.loads(Path(sys.argv[1]).read_text())]))
