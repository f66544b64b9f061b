"""What DuckDB says when it fails, in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from om_ingest import SourceError, WorkflowError

_EXTENSION = re.compile(r'xtension[^"\']*["\'](?:[^"\']*/)?(\w+?)(?:\.duckdb_extension)?["\':\n]')

# How DuckDB's messages read, from 1.0 to 2.0: Python gets no codes of them.
_FAULTS: tuple[tuple[str, str, str], ...] = (
    (
        r"could not set lock.*?(?P<detail>\(PID \d+\))?",
        "{place} is locked by another program {detail}",
        "Run again when that program has closed the file, or read a copy of it.",
    ),
    (
        r"different configuration|file handle conflict",
        "{place} is open in this process already, with other settings",
        "Close it before the run, or read a copy of it.",
    ),
    (
        r"with version number (?P<detail>\d+)",
        "{place} has the format {detail} of DuckDB, which DuckDB {version} does not read",
        "Install a newer release of the package duckdb, such as `pip install -U duckdb`.",
    ),
    (
        r"not a valid DuckDB database|launch in-memory database in read-only",  # by the suffix
        "{place} is not a DuckDB database",
        "Point databasePath at a file that DuckDB has written.",
    ),
    (
        r"encrypted|encryption key",
        "{place} is encrypted",
        "Attach it in initSql with its key: ATTACH '…' AS name (ENCRYPTION_KEY '…', READ_ONLY).",
    ),
    (
        r"replaying WAL",
        "{place} was left in the middle of a write: {error}",
        "Open it once with the program that writes it, so that DuckDB can finish that write.",
    ),
    (
        r"corrupt|checksum|could not read enough|serialization|deserializ|INTERNAL Error",
        "{place} is damaged: {error}",
        "Restore a backup, or copy what can be read with EXPORT DATABASE.",
    ),
    (
        r"permission denied",
        "No permission to read {place}",
        "Give the user that runs om-ingest the right to read the file and its folder.",
    ),
    (
        r"motherduck.*(token|auth|jwt|login)|(invalid|expired).*token",
        "MotherDuck refuses to log in: {error}",
        "Set motherduckToken, or the variable MOTHERDUCK_TOKEN, to a token that is valid.",
    ),
    (
        r"INTERRUPT Error",
        "Reading {place} took too long",
        "Raise sampleTimeout, or leave the view out with tableFilterPattern.",
    ),
    (
        r"out of memory",
        "DuckDB has not enough memory for {place}: {error}",
        "Raise it in the config: settings: {{memory_limit: 4GB}}.",
    ),
)


def fault(error: Exception, place: str, version: str) -> SourceError:
    """The error of DuckDB in plain words; `place` is what was read."""
    text = str(error)
    if found := _EXTENSION.search(text):
        name = found[1]
        return SourceError(
            f"{place} needs the extension {name} of DuckDB, and it is not installed",
            f"Install it once: python -c \"import duckdb; duckdb.sql('INSTALL {name}')\". om-ingest"
            " does not download extensions unless settings: {autoinstall_known_extensions: true}.",
        )
    short = " ".join(text.partition("\n\n")[0].split())
    for pattern, what, remedy in _FAULTS:
        found = re.search(pattern, text, re.IGNORECASE | re.DOTALL)
        if found is not None:
            detail = found.groupdict().get("detail") or ""
            if not detail and pattern.startswith("could not set lock"):
                process = re.search(r"\(PID \d+\)", text)
                detail = process[0] if process else ""
            words = {"place": place, "detail": detail, "error": short, "version": version}
            return SourceError(" ".join(what.format(**words).split()), remedy.format(**words))
    return SourceError(f"DuckDB cannot read {place}: {short}", "Try to read it with DuckDB itself.")


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Raise errors of DuckDB as `SourceError` in plain words."""
    import duckdb  # the driver is an extra

    try:
        yield
    except duckdb.Error as error:
        raise fault(error, place, duckdb.__version__) from None
    except RuntimeError as error:
        if "interrupt" not in str(error).lower():
            raise
        # A handler of a signal has raised; DuckDB hides what.
        raise SourceError(f"Reading {place} was interrupted", "Run again.") from None


@contextmanager
def told_of_config(key: str) -> Iterator[None]:
    """As `explained`, for what the workflow file says under a key."""
    import duckdb  # the driver is an extra

    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise fault(error, f"what {key} says", duckdb.__version__) from None
    except duckdb.Error as error:
        first = " ".join(str(error).split())
        raise WorkflowError(f"{key}: {first}", f"Correct {key} in the workflow file.") from None
