"""What is known of the file system that a file lies on: whether other hosts use it, and see locks,
and which path leads to it from other containers, too.

Linux tells it in `/proc/self/mountinfo` (proc_pid_mountinfo(5)); elsewhere nothing is known, and a
file system is taken for one of this host.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

_NETWORK = re.compile(
    "nfs4?|cifs|smb3?|smbfs|ceph|lustre|gpfs|glusterfs|ocfs2|gfs2|afs|beegfs|9p|virtiofs"
    "|fuse[.](?!fuse-overlayfs|mergerfs).+"  # those two put folders of this host together
)
"""Types that several hosts can have mounted at the same time."""

_LOCKING = re.compile("nfs4?|cifs|smb3?|smbfs|ceph|gpfs|ocfs2|gfs2|fuse[.](glusterfs|ceph)")
"""Those of them whose locks are seen by all hosts, unless the mount says otherwise."""

_NOT_LOCKING = re.compile("nolock|nobrl|local_lock=(all|flock|posix)")


class FileSystem(NamedTuple):
    """The file system of one path."""

    is_shared: bool = False
    """Whether other hosts may use it at the same time."""

    keeps_locks: bool = False
    """Whether they do not see the locks that are held on this host."""


def lasting(path: Path) -> Path:
    """The absolute path without links, except those of a volume of Kubernetes that has files.

    Each container and each change of a ConfigMap or Secret has a folder `..2026_01_31_…`: the link
    `..data` leads to it, and the names that people use are links behind that one
    (`k8s.io/kubernetes/pkg/volume/util/atomic_writer.go`).
    """
    real = path.resolve()
    for folder in real.parents:
        if folder.name.startswith("..") and folder.with_name("..data").is_symlink():
            return folder.parent / real.relative_to(folder)
    return real


def of(path: Path) -> FileSystem:
    """What is known of the file system that a path lies on."""
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines()
        folder = os.path.realpath(path)
    except OSError:
        return FileSystem()
    place, kind, options = "", "", ""
    for line in lines:
        mount, _, source = line.partition(" - ")
        fields, described = mount.split(), source.split()
        if len(fields) < 6 or len(described) < 3:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[4])
        inside = folder == point or folder.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(place):  # of two at one place the later one is seen
            place, kind, options = point, described[0], f"{fields[5]},{described[2]}"
    if not _NETWORK.fullmatch(kind):
        return FileSystem()
    is_off = any(_NOT_LOCKING.fullmatch(option) for option in options.split(","))
    return FileSystem(is_shared=True, keeps_locks=is_off or not _LOCKING.fullmatch(kind))
