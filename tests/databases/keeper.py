"""Keeps a server of the tests running as long as anybody uses it, and leaves nothing behind.

Everybody who uses the server holds a shared lock on a file. The keeper, a process of its own,
waits for the exclusive lock: the kernel gives it when the last user has ended, however it ended.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

PATIENCE_S = 30.0
SHORT = Path("/tmp")  # the path of a Unix socket may have about 100 characters


class Unprivileged:
    """The user that a server runs as: servers of databases refuse to be started by root."""

    def __init__(self) -> None:
        self.uid, self.gid = os.getuid(), os.getgid()
        self.options: dict[str, Any] = {}
        """What makes `subprocess` start a process as this user."""
        if self.uid == 0:
            nobody = pwd.getpwnam("nobody")
            self.uid, self.gid = nobody.pw_uid, nobody.pw_gid
            self.options = {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> Path:
        """Give a file or folder to this user."""
        if self.options:
            os.chown(path, self.uid, self.gid)
        return path

    def folder(self, prefix: str) -> Path:
        """A new folder of this user's, with a path that is short enough for a socket."""
        parent = SHORT if SHORT.is_dir() else None
        return self.own(Path(tempfile.mkdtemp(prefix=prefix, dir=parent)))


@contextlib.contextmanager
def locked(path: Path, kind: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Hold the lock of a file, which is made if it is missing."""
    with path.open("a") as file:
        fcntl.flock(file, kind)
        yield


@contextlib.contextmanager
def shared(
    name: str, folder: Path, start: Callable[[Path], dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """What `start` said of the server that every process with this `folder` uses.

    The first process calls `start` with the file whose lock the users hold, for `keep`.
    """
    users = folder / f"{name}.users"
    with contextlib.ExitStack() as held:
        with locked(folder / f"{name}.start"):
            held.enter_context(locked(users, fcntl.LOCK_SH))
            state = _state(users)
            if not state.exists():
                state.write_text(json.dumps(start(users)), "utf-8")
            known = json.loads(state.read_text("utf-8"))
        yield known


def keep(
    users: Path,
    folder: Path,
    owner: Unprivileged,
    command: Sequence[str | Path],
    is_ready: Callable[[], bool],
) -> None:
    """Start a server in `folder`, and wait until it is ready; raises RuntimeError with its log.

    When nobody holds the lock of `users` any more, it ends, and `folder` is removed.
    """
    log = folder / "server.log"
    who = (str(owner.uid), str(owner.gid)) if owner.options else ("", "")
    with log.open("ab") as output:
        keeper = subprocess.Popen(
            [sys.executable, "-S", "-E", __file__, users, folder, *who, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # no Ctrl-C of the tests reaches it
        )
    deadline = time.monotonic() + PATIENCE_S
    while not is_ready():
        if keeper.poll() is not None or time.monotonic() > deadline:
            said = log.read_text("utf-8", "replace") if log.exists() else ""
            raise RuntimeError(f"{command[0]} did not start:\n{said}")
        time.sleep(0.005)
    keeper.returncode = 0  # it may outlive this process, which need not wait for it


def _state(users: Path) -> Path:
    return users.with_suffix(".json")


class _EndedError(Exception):
    """The server has ended, or the keeper was told to."""


def _main(users: str, folder: str, uid: str, gid: str, *command: str) -> None:
    def ended(*_: object) -> None:
        raise _EndedError

    signal.signal(signal.SIGCHLD, ended)
    signal.signal(signal.SIGTERM, ended)
    who: dict[str, Any] = {}
    if uid:
        who = {"user": int(uid), "group": int(gid), "extra_groups": []}
    server: subprocess.Popen[bytes] | None = None
    with contextlib.ExitStack() as held:
        try:
            server = subprocess.Popen(command, cwd=folder, **who)
            held.enter_context(locked(Path(users)))
        except _EndedError:
            pass
        finally:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _state(Path(users)).unlink(missing_ok=True)
            if server is not None:
                server.send_signal(signal.SIGQUIT)  # at once: nothing of it is needed any more
                server.wait()
                if server.returncode in {0, -signal.SIGQUIT}:
                    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _main(*sys.argv[1:])
