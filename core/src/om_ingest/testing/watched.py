"""The child process of `probe`: imports a class, creates it, and records what happens."""

from __future__ import annotations

import importlib
import importlib.util
import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from om_ingest.source import WorkflowContext
from om_ingest.testing.double import source_settings
from om_ingest.workflow.readback import ReadYourWrites

_FILES = ("open", "os.listdir", "os.scandir", "os.mkdir", "os.remove", "os.rename")


class _Watch:
    """Receives every audit event (PEP 578); such a hook cannot be removed."""

    def __init__(self, network: list[str], empty: str) -> None:
        self.network, self.empty = frozenset(network), os.path.realpath(empty)
        self.step = ""
        self.events: list[tuple[str, str, str]] = []
        self.folder: list[str] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.step:
            return
        if event in self.network:
            text = " ".join(str(a) for a in arguments if isinstance(a, str | int | tuple | bytes))
            self.events.append((self.step, event, text))
            raise PermissionError(f"{event}: there is no network here")
        if self.step == "import" and event in _FILES and self._inside(arguments[0]):
            self.folder.append(f"{event} {arguments[0]}")

    def _inside(self, path: Any) -> bool:
        if path is None:
            return True  # os.listdir() of the working directory
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        full = os.path.join(os.getcwd(), os.fsdecode(path))  # noqa: PTH109, PTH118  # Path.resolve raises audit events of its own
        return full == self.empty or full.startswith(self.empty + os.sep)


def main() -> None:
    """Carry out the request on standard input: a JSON object written by `probe`."""
    order = json.load(sys.stdin)
    home = Path.cwd()
    os.chdir(order["empty"])
    watch = _Watch(order["network"], order["empty"])
    sys.path[:] = order["path"]
    result: dict[str, Any] = {"problem": "", "import_s": 0.0, "logging": ""}
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    sys.addaudithook(watch)
    found: Any = None
    with _printed_to(order["printed"]):
        watch.step, began = "import", time.monotonic() - _queued_s()
        try:
            found = _load(order)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a module may raise anything
            result["problem"] = f"{type(error).__name__}: {error}"
        watch.step = ""
        result["import_s"] = time.monotonic() - _queued_s() - began
    if Path.cwd() != Path(order["empty"]).resolve():
        watch.folder.append(f"changed it to {Path.cwd().name}")
    if root.handlers != before[0]:
        result["logging"] = f"the root logger has the handlers {root.handlers}"
    elif root.level != before[1]:
        result["logging"] = f"the root logger has the level {logging.getLevelName(root.level)}"
    os.chdir(home)  # relative paths in the config start there
    if found is not None:
        context = WorkflowContext(
            metadata=ReadYourWrites(),
            service_name=order["service_name"],
            source_config=source_settings(order["source_config"]),
        )
        with _printed_to(os.devnull):
            watch.step = "create"
            with suppress(Exception, SystemExit):  # another check looks at that
                found.create(order["config"], {}, context)
            watch.step = ""
    printed = Path(order["printed"]).read_text(encoding="utf-8", errors="replace")
    result.update(printed=printed, folder=watch.folder, events=watch.events)
    Path(order["result"]).write_text(json.dumps(result), encoding="utf-8")
    os._exit(0)  # also if the connector has left threads running


def _queued_s() -> float:
    """Seconds that this process has waited for a processor; 0 where the system has no schedstat.

    It is subtracted, so that an import is not slow because the machine is busy.
    """
    try:
        return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def _load(order: dict[str, Any]) -> Any:
    try:
        found: Any = importlib.import_module(order["module"])
    except ModuleNotFoundError as error:
        if not f"{order['module']}.".startswith(f"{error.name}."):
            raise  # the module exists, a dependency of it does not
        # A module that pytest has imported by its file.
        spec = importlib.util.spec_from_file_location("module_of_the_source", order["file"])
        if spec is None or spec.loader is None:
            raise
        found = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = found
        spec.loader.exec_module(found)
    for part in order["class"].split("."):
        found = getattr(found, part)
    return found


@contextmanager
def _printed_to(path: str) -> Iterator[None]:
    """Send standard output and standard error to a file, those of C libraries too."""
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    kept = [os.dup(number) for number in (1, 2)]
    try:
        for number in (1, 2):
            os.dup2(target, number)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, descriptor in zip((1, 2), kept, strict=True):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.close(target)
