"""Commands that start warm: forked from a process that has imported om-ingest already.

Half of what the tests cost was imports, done anew for each of thousands of commands. A command
that a test runs to its end is therefore forked from a server, of which each process of pytest
has one. It has arguments, environment, working directory, path and streams of its own, and ends
as every process does. Where more than that counts, it starts cold, as it does for users:

- what is started in order to be watched or signalled (`Cli.start`), but for servers
  that are there for the sake of others (`LiveServer`);
- where Python, or a module that is loaded, reads the environment when it starts;
- where a folder of the PYTHONPATH has a module of a name that is loaded;
- with `OM_INGEST_TESTS_COLD=1`, as in `nox -s full`, under coverage, and without Linux.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import io
import marshal
import os
import pkgutil
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path

PACKAGES = ("om_ingest", "om_ingest_catalog", "om_ingest_catalog_server")
OTHERS = ("httpx", "rich.console", "rich.table", "sqlite3", "yaml")
LATE = {"__main__", "command", "pytest_plugin", "tracing"}
"""Modules that are not loaded: they belong to other commands, to pytest, or to OpenTelemetry."""

COLD = ("OM_INGEST_TESTS_COLD", "COVERAGE_PROCESS")
READ_AT_START = ("LANG", "LC_", "LD_", "PYDANTIC_", "PYTHON", "SSL", "TZ")
"""How variables begin that are read once for all."""

_PIPE = 2**16
"""Bytes that a pipe takes before anybody reads."""


def can_run(env: Mapping[str, str], stdin: bytes) -> bool:
    """Whether a command of this environment and input may start warm; if not, it starts cold."""
    if sys.platform != "linux" or any(name.startswith(COLD) for name in env):
        return False
    if _read_at_start(env) != _read_at_start(os.environ) or len(stdin) > _PIPE:
        return False
    loaded, _ = _server()
    for folder in filter(None, env.get("PYTHONPATH", "").split(os.pathsep)):
        with suppress(OSError):
            if loaded & {path.name.partition(".")[0] for path in Path(folder).iterdir()}:
                return False
    return True


class Running:
    """A command that runs; as much of a `subprocess.Popen` as tests need. Closed, it is killed."""

    def __init__(
        self, words: Sequence[str], env: Mapping[str, str], folder: str, streams: Sequence[int]
    ) -> None:
        """Start `om-ingest` with these arguments; `streams` are its first three descriptors."""
        self.words = words
        self.returncode: int | None = None
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(_server()[1])
        request = marshal.dumps((list(words), dict(env), folder))
        socket.send_fds(self._socket, [len(request).to_bytes(8, "big")], streams)
        self._socket.sendall(request)
        self.pid = self._number()

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, or minus the number of the signal that killed it.

        Raises `subprocess.TimeoutExpired` after `timeout` seconds.
        """
        if self.returncode is None:
            self._socket.settimeout(timeout)
            try:
                self.returncode = os.waitstatus_to_exitcode(self._number())
            except TimeoutError:
                raise subprocess.TimeoutExpired(["om-ingest", *self.words], timeout or 0) from None
        return self.returncode

    def close(self) -> None:
        """Kill it, if it still runs."""
        self._socket.close()

    def _number(self) -> int:
        answer = self._socket.recv(8)
        assert len(answer) == 8, "the server of warm commands has ended"
        return int.from_bytes(answer, "big")


def run(
    words: Sequence[str], env: Mapping[str, str], folder: str, stdin: bytes, patience_s: float
) -> tuple[int, bytes, bytes]:
    """Run `om-ingest` with these arguments to its end: its exit code, and what it printed.

    Raises `subprocess.TimeoutExpired` after `patience_s`, and when this process is interrupted
    what that raises; the command is killed then.
    """
    deadline = time.monotonic() + patience_s
    with ExitStack() as opened:
        with ExitStack() as handed_over:
            theirs, fed = _pipe(handed_over, handed_over)
            os.write(fed, stdin)
            ours, streams = [], [theirs]
            for _ in range(2):
                read, written = _pipe(opened, handed_over)
                ours.append(read)
                streams.append(written)
            command = opened.enter_context(closing(Running(words, env, folder, streams)))
        printed = {read: bytearray() for read in ours}
        poll = select.poll()
        for read in ours:
            poll.register(read, select.POLLIN)
        waiting = set(ours)
        while waiting:
            ready = poll.poll(max(deadline - time.monotonic(), 0) * 1000)
            if not ready:
                raise subprocess.TimeoutExpired(["om-ingest", *words], patience_s)
            for descriptor, _ in ready:
                if data := os.read(descriptor, _PIPE):
                    printed[descriptor] += data
                else:
                    poll.unregister(descriptor)
                    waiting.remove(descriptor)
        code = command.wait(max(deadline - time.monotonic(), 0.001))
    return code, *(bytes(printed[read]) for read in ours)


def _pipe(reader: ExitStack, writer: ExitStack) -> tuple[int, int]:
    """A pipe, whose ends are closed with these."""
    read, written = os.pipe()
    reader.callback(os.close, read)
    writer.callback(os.close, written)
    return read, written


def _read_at_start(env: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in env.items()
        if name.startswith(READ_AT_START) and name != "PYTHONPATH"
    }


@functools.cache
def _server() -> tuple[frozenset[str], str]:
    """Start the server of this process: the names of modules that it has, and its address."""
    folder = tempfile.mkdtemp(prefix="warm-")
    address = f"{folder}/socket"
    words = [sys.executable, __file__, address, str(Path(sys.executable).with_name("om-ingest"))]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    names = frozenset(process.stdout.readline().split())
    process.stdout.close()
    assert names, "the server of warm commands has not started"
    atexit.register(_stop, process, folder)
    return names, address


def _stop(server: subprocess.Popen[str], folder: str) -> None:
    server.kill()
    server.wait()
    shutil.rmtree(folder, ignore_errors=True)


class Server:
    """Forks a command for each client; `serve` returns in the command, with its words."""

    def __init__(self, address: str, script: str) -> None:
        self.address = address
        self.script = script
        self.running: dict[int, tuple[int, socket.socket]] = {}
        """By the descriptor that tells of a command's end: its process id, and its client."""
        self.poll = select.poll()

    def serve(self) -> None:
        """Answer clients until the process that started this one has ended."""
        parent = os.pidfd_open(os.getppid())
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(self.address)
        listener.listen(64)
        self.poll.register(parent, select.POLLIN)
        self.poll.register(listener, select.POLLIN)
        names = sorted({name.partition(".")[0] for name in sys.modules} - {"__main__"})
        print(*names, "sitecustomize", "usercustomize", flush=True)
        os.close(1)
        while True:
            for descriptor, _ in self.poll.poll():
                if descriptor == parent:  # it was killed: otherwise it stops this process
                    shutil.rmtree(Path(self.address).parent, ignore_errors=True)
                    os._exit(0)
                if descriptor == listener.fileno():
                    if self._fork(listener.accept()[0]):
                        listener.close()
                        return
                elif descriptor in self.running:
                    self._end(descriptor)
                else:
                    self._kill(descriptor)

    def _fork(self, client: socket.socket) -> bool:
        """Start what a client asks for; whether this is the new process."""
        head, streams, _, _ = socket.recv_fds(client, 8, 3)
        request = client.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL)
        pid = os.fork()
        if pid == 0:
            client.close()
            for descriptor, (_, other) in self.running.items():
                os.close(descriptor)
                other.close()
            _become(self.script, streams, *marshal.loads(request))
            return True
        for stream in streams:
            os.close(stream)
        client.send(pid.to_bytes(8, "big"))
        ended = os.pidfd_open(pid)
        self.running[ended] = pid, client
        self.poll.register(ended, select.POLLIN)
        self.poll.register(client, select.POLLHUP)
        return False

    def _end(self, descriptor: int) -> None:
        """Tell a client how its command has ended."""
        pid, client = self.running.pop(descriptor)
        _, status = os.waitpid(pid, 0)
        self.poll.unregister(descriptor)
        with suppress(KeyError):  # it was killed
            self.poll.unregister(client)
        os.close(descriptor)
        with suppress(OSError):
            client.send(status.to_bytes(8, "big"))
        client.close()

    def _kill(self, descriptor: int) -> None:
        """Kill the command of a client that was killed."""
        self.poll.unregister(descriptor)
        for pid, client in self.running.values():
            if client.fileno() == descriptor:
                os.kill(pid, signal.SIGKILL)


def _become(
    script: str, streams: Sequence[int], words: Sequence[str], env: dict[str, str], folder: str
) -> None:
    """Let this process be as one that was started so: what it is told, and how it speaks."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.argv = [script, *words]
    entries = filter(None, env.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:] = [str(Path(script).parent), *entries, *sys.path]
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        is_written = number > 0
        text = io.TextIOWrapper(
            open(number, "wb" if is_written else "rb", closefd=False),  # noqa: SIM115  # for good
            encoding="utf-8",
            errors="backslashreplace" if number == 2 else "strict",
            line_buffering=number == 2 or os.isatty(number),
        )
        setattr(sys, name, text)
        setattr(sys, f"__{name}__", text)


def _end(code: object) -> None:
    """End as Python does, but without taking all modules apart: that is most of a short command.

    Threads have ended, `atexit` has run, and what was printed is written; an end that is not so
    plain is left to Python.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001  # as Python's end does
    atexit._run_exitfuncs()  # noqa: SLF001  # as Python's end does
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
        if isinstance(code, int):
            os._exit(code & 0xFF)


def _load() -> None:
    """Import what commands import."""
    for package in PACKAGES:
        found = importlib.import_module(package)
        for module in pkgutil.walk_packages(found.__path__, f"{package}."):
            if not LATE & set(module.name.split(".")):
                importlib.import_module(module.name)
    for name in OTHERS:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    del sys.path[0]  # the folder of this file
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"  # as the command does before it imports it
    _load()
    Server(*sys.argv[1:]).serve()
    from om_ingest.program import main

    try:
        main()
    except SystemExit as ended:
        _end(ended.code)
        raise
