"""Imports and creates a source in a child process, and records what happens.

`probe` starts the child; `main` runs in it.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from om_ingest.errors import described
from om_ingest.host.hooks import Hooks
from om_ingest.source import WorkflowContext
from om_ingest.workflow.readback import ReadYourWrites

from om_ingest_testing.double import source_settings

if TYPE_CHECKING:
    from om_ingest_testing.source_run import Subject

# Python puts the working directory first for -c: what lies there must not be imported.
_CHILD = """
import sys
if sys.path[:1] == [""]: del sys.path[0]
from om_ingest_testing import probe
probe.main()
"""

_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
_FILES = ("open", "os.listdir", "os.scandir", "os.mkdir", "os.remove", "os.rename")


@dataclass
class Probe:
    """What was observed while the source was imported and created."""

    problem: str = ""
    """Why the source was not imported; empty if it was."""

    import_s: float = 0.0
    """Seconds that the import took, without om-ingest itself and, on Linux, without waiting
    for a processor."""

    printed: str = ""
    logging: str = ""
    """What changed at the root logger; empty if nothing did."""

    folder: list[str] = field(default_factory=list)
    """Accesses to the working directory."""

    events: list[tuple[str, str]] = field(default_factory=list)
    """Step (`import` or `create`), and name and arguments of the audit event."""

    def connections(self, step: str) -> list[str]:
        """Each attempt to connect, or to look up an address."""
        return [event for when, event in self.events if when == step]


def probe(subject: Subject, patience_s: float) -> Probe:
    """Import the class and create it in an empty working directory, without a network."""
    cls = subject.source_class
    if "<locals>" in cls.__qualname__:
        return Probe("it is defined inside a function: define it at the top of a module")
    with tempfile.TemporaryDirectory() as folder:
        order = {
            "module": cls.__module__,
            "file": inspect.getfile(cls),
            "class": cls.__qualname__,
            "path": [entry for entry in sys.path if entry not in ("", ".")],
            "config": subject.config,
            "service_name": subject.service_name,
            "source_config": subject.source_config,
            "folder": folder,
        }
        try:
            subprocess.run(
                [sys.executable, "-c", _CHILD],
                input=json.dumps(order).encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=patience_s,
            )
        except subprocess.TimeoutExpired:
            return Probe(f"it was still busy after {patience_s:g} s")
        try:
            return Probe(**json.loads(Path(folder, "result.json").read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return Probe("it ended the process")


def main() -> None:
    """Carry out the request on standard input: a JSON object written by `probe`."""
    order = json.load(sys.stdin)
    home, folder, found = Path.cwd(), Path(order["folder"]), Probe()
    empty, printed = folder / "empty", folder / "printed.txt"
    empty.mkdir()
    os.chdir(empty)
    watch = _Watch(str(empty), found)
    sys.path[:] = order["path"]
    root, source = logging.getLogger(), None
    hooks = Hooks()
    handlers, level = list(root.handlers), root.level
    sys.addaudithook(watch)
    with _printed_to(printed), hooks.frameworks.provided():
        watch.step, began = "import", time.monotonic() - _queued_s()
        try:
            source = _load(order)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a module may raise anything
            found.problem = described(error)
        watch.step = ""
        found.import_s = time.monotonic() - _queued_s() - began
    if Path.cwd() != empty.resolve():
        found.folder.append(f"changed it to {Path.cwd().name}")
    if root.handlers != handlers:
        found.logging = f"the root logger has the handlers {root.handlers}"
    elif root.level != level:
        found.logging = f"the root logger has the level {logging.getLevelName(root.level)}"
    os.chdir(home)  # relative paths in the config start there
    if source is not None:
        context = WorkflowContext(
            metadata=ReadYourWrites(),
            service_name=order["service_name"],
            source_config=source_settings(order["source_config"]),
        )
        with _printed_to(Path(os.devnull)), hooks.frameworks.provided():
            watch.step = "create"
            with suppress(Exception, SystemExit):  # another check looks at that
                source.create(order["config"], {}, context)
            watch.step = ""
    found.printed = printed.read_text(encoding="utf-8", errors="replace")
    (folder / "result.json").write_text(json.dumps(asdict(found)), encoding="utf-8")
    os._exit(0)  # also if the connector has left threads running


class _Watch:
    """Receives every audit event (PEP 578); such a hook cannot be removed."""

    def __init__(self, empty: str, found: Probe) -> None:
        self.empty, self.found, self.step = os.path.realpath(empty), found, ""

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.step:
            return
        if event in _NETWORK:
            text = " ".join(str(a) for a in arguments if isinstance(a, str | int | tuple | bytes))
            self.found.events.append((self.step, f"{event} {text}"))
            raise PermissionError(f"{event}: there is no network here")
        if self.step == "import" and event in _FILES and self._is_inside(arguments[0]):
            self.found.folder.append(f"{event} {arguments[0]}")

    def _is_inside(self, path: Any) -> bool:
        if path is None:
            return True  # os.listdir() of the working directory
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        full = os.path.join(os.getcwd(), os.fsdecode(path))  # noqa: PTH109, PTH118  # Path.resolve raises audit events of its own
        return full == self.empty or full.startswith(self.empty + os.sep)


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
def _printed_to(path: Path) -> Iterator[None]:
    """Send standard output and standard error to a file, those of C libraries too."""
    kept = [(number, os.dup(number)) for number in (1, 2)]
    with path.open("wb") as target:
        for number, _ in kept:
            os.dup2(target.fileno(), number)
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, descriptor in kept:
                os.dup2(descriptor, number)
                os.close(descriptor)
