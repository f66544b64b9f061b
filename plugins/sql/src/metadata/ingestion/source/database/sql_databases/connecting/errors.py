"""What drivers raise, in plain words: what, where, and what to do; never a password."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import NamedTuple

from metadata.ingestion.source.database.sql_databases.connecting.cases import CASES, Case
from om_ingest import SourceError
from om_ingest.errors import PluginImportError, described


class Target(NamedTuple):
    """What a source talks to, for messages."""

    product: str
    """`PostgreSQL`, `MySQL` …"""

    place: str
    """`db.example.com:5432`, or the path of a file."""

    database: str = ""
    user: str = ""

    def __str__(self) -> str:
        database = f", database {self.database!r}" if self.database else ""
        return f"{self.product} at {self.place}{database}" + (
            f", as user {self.user!r}" if self.user else ""
        )


def source_error(error: BaseException, target: Target, task: str = "connect to") -> SourceError:
    """The error of a driver, or of SQLAlchemy around it, as one of om-ingest.

    `task` is what was being done with the target: `Cannot connect to PostgreSQL at …`.
    """
    own = getattr(error, "orig", None) or error
    said = " ".join(str(own).split())
    if len(own.args) > 1 and isinstance(own.args[0], int):
        said = " ".join(str(own.args[1]).split())  # (1045, "Access denied …")
    case = _case(own, said)
    if case is None:
        why, remedy = said or described(own), "Correct the connection, or ask who runs the server."
    else:
        found = re.search(case.text, said, re.IGNORECASE)
        first = next((part for part in (found.groups() if found else ()) if part), "")
        why = case.why.replace("{1}", first).replace("{product}", target.product) or said
        remedy = case.remedy.replace("{database}", target.database).replace("{user}", target.user)
    return SourceError(f"Cannot {task} {target}: {why}", remedy)


def _case(error: BaseException, said: str) -> Case | None:
    """What goes wrong: by the code if the driver tells it, or else by its text."""
    number = next(iter(error.args), None)
    code = number if isinstance(number, int) else getattr(error, "sqlstate", None)
    by_code = (case for case in CASES if code in case.codes)
    return next(by_code, None) or next(
        (case for case in CASES if re.search(case.text, said, re.IGNORECASE)), None
    )


def require(module: str, extra: str) -> None:
    """Raise `PluginImportError` if a driver is not installed; imports nothing."""
    if find_spec(module) is None:
        raise _missing(module, "is not installed", extra)


def driver(module: str, extra: str) -> ModuleType:
    """The module of a driver; raises `PluginImportError` with the extra that installs it."""
    try:
        return import_module(module)
    except ImportError as error:
        why = "is not installed"
        if getattr(error, "name", None) != module.partition(".")[0]:
            why = f"cannot be imported: {' '.join(str(error).split())}"
        raise _missing(module, why, extra) from None


def _missing(module: str, why: str, extra: str) -> PluginImportError:
    remedy = f"Install it: pip install 'om-ingest-sql[{extra}]'."
    return PluginImportError(f"The driver {module} {why}", remedy)
