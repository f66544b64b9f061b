"""Whether the process that began a run still exists; its number alone may be another's by now."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_STARTED = 19
"""Place of the start time behind the name in `/proc/<pid>/stat`: field 22 (proc(5))."""


def beginning_of(pid: int) -> str:
    """When a process began, as a text that no other process with its number has.

    Empty where the system does not tell, and for a process that is gone.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    return f"{boot} {stat.rpartition(')')[2].split()[_STARTED]}"


def is_running(pid: int, beginning: str) -> bool:
    """Whether the process still runs that had this number and this beginning."""
    if beginning:
        return beginning_of(pid) == beginning
    if sys.platform == "win32":
        return True  # os.kill would end it there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True
