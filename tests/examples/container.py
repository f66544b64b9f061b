"""A container without a daemon: the steps of a Containerfile, and a process as its image says.

The root file system is an overlay of the machine's own, in place of what `FROM` names; it is
mounted in a namespace of its own, so the machine keeps nothing. It needs root, and util-linux.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ISOLATED = ("unshare", "--mount", "sh", "-eu")


class Image:
    """What a Containerfile builds; `root(stage)` is a shell script that mounts a stage's root."""

    def __init__(self, file: Path, context: Path, folder: Path) -> None:
        """`context` holds the files to copy; the layers are made in `folder`."""
        self.folder = folder
        self.env: dict[str, str] = {}
        self.user = self.workdir = ""
        self.entrypoint: list[str] = []
        self._context = context
        self._stage = ""
        self._script: list[str] = []
        for word, rest in _instructions(file.read_text("utf-8")):
            getattr(self, f"_{word.lower()}")(rest)

    def build(self, env: Mapping[str, str]) -> None:
        """Run the steps; `env` are arguments of the build."""
        script = "\n".join(self._script)
        done = subprocess.run(ISOLATED, input=script, text=True, env=env, capture_output=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def root(self, stage: str = "") -> str:
        """Mount the root file system of a stage, the last one by default, as `$stage`."""
        stage = stage or self._stage
        at = self.folder / stage
        layers = f"lowerdir=/,upperdir={at}/upper,workdir={at}/work"
        # What the machine's Python lies in need not be open to others; an image's is.
        parents = [str(path) for path in Path(sys.base_prefix).parents if path != Path("/")]
        return f"""
            mkdir -p {at}/upper {at}/work {at}/root
            mount -t overlay overlay -o {layers} {at}/root
            mount --rbind /dev {at}/root/dev
            {"".join(f"chmod o+x {at}/root{path}; " for path in parents)}
        """

    def run(
        self, arguments: Sequence[str], env: Mapping[str, str], mounts: Mapping[str, Path]
    ) -> Container:
        """Start a container with a read-only root; of the mounts only /data can be written."""
        root = self.folder / self._stage / "root"
        script = [self.root(), f"mount -t tmpfs tmpfs {root}/tmp"]
        for place, folder in mounts.items():
            script += [f"mkdir -p {root}{place}", f"mount --bind {folder} {root}{place}"]
            if place != "/data":
                script += [f"mount -o remount,bind,ro {root}{place}"]
        user, _, group = self.user.partition(":")
        variables = [f"{name}={value}" for name, value in {**self.env, **env}.items()]
        command = [
            *("env", "-i", f"--chdir={self.workdir}", *variables),
            *("setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"),
            *("--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"),
            *self.entrypoint,
            *arguments,
        ]
        inside = f"mount -t proc proc {root}/proc; mount -o remount,ro {root}; "
        inside += f"exec chroot {root} {shlex.join(command)}"
        isolated = ["exec", "unshare", "--pid", "--fork", "--kill-child", "sh", "-euc", inside]
        script += [shlex.join(isolated)]
        return Container([*ISOLATED, "-c", "\n".join(script)])

    def _from(self, rest: str) -> None:
        self._stage = rest.partition(" AS ")[2] or "last"
        assert re.fullmatch(r"\S+:\d+\.\d+\.\d+-\S+( AS \w+)?", rest), f"{rest}: pin a version"
        self._script += [self.root(), f"ln -s {sys.executable} {self._at}/usr/local/bin/python"]
        self._script[-1] = f"rm -f {self._at}/usr/local/bin/python; {self._script[-1]}"

    @property
    def _at(self) -> Path:
        return self.folder / self._stage / "root"

    def _copy(self, rest: str) -> None:
        *options, source, target = rest.split()
        stage = options[0].removeprefix("--from=") if options else ""
        place = self.folder / stage / "root" if stage else self._context
        self._script += [f"cp -a {place}/{source.lstrip('/')} {self._at}{target}"]

    def _run(self, rest: str) -> None:
        self._script += [f"chroot {self._at} sh -euc {shlex.quote(rest)}"]

    def _env(self, rest: str) -> None:
        self.env |= dict(each.split("=", 1) for each in shlex.split(rest))

    def _user(self, rest: str) -> None:
        self.user = rest

    def _workdir(self, rest: str) -> None:
        self.workdir = rest

    def _entrypoint(self, rest: str) -> None:
        self.entrypoint = json.loads(rest)


class Container:
    """A process that runs in an image, as the first of its namespace."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.log = ""

    def wait(self, timeout_s: float = 120) -> int:
        """The exit code; `log` has what was printed."""
        self.log, _ = self._process.communicate(timeout=timeout_s)
        return self._process.returncode

    def stop(self) -> None:
        """Send SIGTERM to the first process, as soon as that is the program of the image."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
            for child in children.read_text().split():
                if _blocks_term(int(child)):
                    os.kill(int(child), signal.SIGTERM)
                    return
            time.sleep(0.001)
        raise TimeoutError(self._process.pid)


def _blocks_term(pid: int) -> bool:
    """Whether a process is that of the entry point, which has SIGTERM blocked first of all."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # it has ended
        return False
    (name,) = re.findall(r"^Name:\s*(.*)$", status, re.MULTILINE)
    (mask,) = re.findall(r"^SigBlk:\s*(\w+)$", status, re.MULTILINE)
    return name in {"env", "om-ingest"} and bool(int(mask, 16) >> (signal.SIGTERM - 1) & 1)


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if line and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            yield word, rest
