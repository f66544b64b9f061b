"""Passwords that are got for each connection: from a file, or from a program."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from om_ingest import SourceError
from om_ingest.errors import described


def of_file(path: Path) -> str:
    """The password in a file, without one line break at its end.

    Raises `SourceError` if it cannot be read, or holds nothing.
    """
    try:
        text = path.expanduser().read_text(encoding="utf-8")
    except (OSError, RuntimeError, UnicodeDecodeError, ValueError) as error:
        why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else reason(error)
        raise SourceError(
            f"The password file {path} cannot be read: {why}",
            "Correct passwordFile, or make the file readable for the user of this process.",
        ) from None
    password = text.removesuffix("\n").removesuffix("\r")
    if _has_lines(password):
        raise SourceError(
            f"The password file {path} has more than one line",
            "Write the password alone into it.",
        )
    if not password:
        raise SourceError(
            f"The password file {path} is empty",
            "Write the password into it, or leave out passwordFile.",
        )
    return password


def of_command(arguments: Sequence[str], timeout_s: float) -> str:
    """What a program prints, without one line break at its end.

    What it prints on standard error is told if it fails; what it prints on standard output is
    not, because that may be the password. Raises `SourceError` if it fails or prints nothing.
    """
    name = f"The program {arguments[0]!r} of passwordCommand"
    remedy = "Run it in a shell as the same user; it has to print the password and nothing else."
    try:
        done = subprocess.run(
            arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise SourceError(
            f"{name} did not end within {timeout_s:g} s",
            "Raise passwordCommandTimeout, or correct the program: it may be waiting for input.",
        ) from None
    except (OSError, ValueError) as error:
        raise SourceError(f"{name} cannot be run: {reason(error)}", remedy) from None
    if done.returncode:
        how = f"ended with exit code {done.returncode}"
        if done.returncode < 0:
            how = f"was ended by signal {-done.returncode}"
        said = " ".join(done.stderr.decode(errors="replace").split())
        raise SourceError(f"{name} {how}{': ' + said[:500] if said else ''}", remedy)
    try:
        password = done.stdout.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise SourceError(f"{name} printed what is not UTF-8", remedy) from None
    if _has_lines(password):
        raise SourceError(f"{name} printed more than one line", remedy)
    if not password:
        raise SourceError(f"{name} printed nothing", remedy)
    return password


def _has_lines(password: str) -> bool:
    """Whether it is no password: no server takes one that has lines, or the character NUL."""
    return "\n" in password or "\0" in password


def reason(error: Exception) -> str:
    """What the operating system says, without what was called."""
    return getattr(error, "strerror", None) or described(error)
