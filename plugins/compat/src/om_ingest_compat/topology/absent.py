"""Upstream classes that are too much to imitate: importing them is harmless, using them is told."""

from __future__ import annotations

from typing import Any, NoReturn

from om_ingest.errors import PluginFaultError

from om_ingest_compat.imitations import IMITATIONS

_COMMON_DB = "metadata.ingestion.source.database.common_db_source"
_PARSER = "metadata.ingestion.lineage.parser"

_BESIDE = "Install openmetadata-ingestion beside om-ingest: its own class is then used."


class Absent:
    """A class that om-ingest-compat does not have; subclassing or calling it raises the reason."""

    def __init__(self, module: str, name: str, instead: str) -> None:
        """`instead` is what else an author can do."""
        self._full = f"{module}.{name}"
        self._instead = instead
        self._note = module, name

    def _refuse(self, verb: str) -> NoReturn:
        IMITATIONS.note(*self._note, "it can be imported and not used")
        raise PluginFaultError(
            f"{self._full} is {verb}, and om-ingest-compat does not have it",
            f"{_BESIDE} Or {self._instead}",
        )

    def __mro_entries__(self, bases: tuple[Any, ...]) -> NoReturn:
        self._refuse("subclassed")

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse("called")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse(f"asked for {name!r}")

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def __or__(self, other: Any) -> Any:
        return other  # `LineageParser | None` in an annotation

    __ror__ = __or__

    def __repr__(self) -> str:
        return f"<stand-in for {self._full}>"


_PORT = "port the connector to om_ingest with the plugin om-ingest-sql, which reads databases."
_PARSE = "yield AddLineageRequest for the tables that the connector knows."


CommonDbSourceService = Absent(_COMMON_DB, "CommonDbSourceService", _PORT)
TableNameAndType = Absent(_COMMON_DB, "TableNameAndType", _PORT)
MultiDBSource = Absent("metadata.ingestion.source.database.multi_db_source", "MultiDBSource", _PORT)
SqlColumnHandlerMixin = Absent(
    "metadata.ingestion.source.database.sql_column_handler", "SqlColumnHandlerMixin", _PORT
)
StoredProcedureMixin = Absent(
    "metadata.ingestion.source.database.stored_procedures_mixin", "StoredProcedureMixin", _PORT
)
LineageParser = Absent(_PARSER, "LineageParser", _PARSE)
