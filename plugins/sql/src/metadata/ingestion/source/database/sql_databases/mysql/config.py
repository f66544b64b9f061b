"""Config of the sources `mysql` and `mariadb`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from metadata.ingestion.source.database.sql_databases.connecting.config import KEPT, ServerConfig
from om_ingest.model import EntityName
from pydantic import Field, model_validator

_FORMER = {"sslCA": "caCertificate", "sslCert": "sslCertificate", "sslKey": "sslKey"}
"""Keys of OpenMetadata until 1.3, and what they are called in `sslConfig`."""


class MysqlConfig(ServerConfig):
    """Config of the sources `mysql` and `mariadb`: OpenMetadata's keys, and a few of its own."""

    protocol: ClassVar[str] = "mysql"
    product: ClassVar[str] = "MySQL"
    default_port: ClassVar[int] = 3306
    database_key: ClassVar[str] = "databaseSchema"
    stored_keys: ClassVar[tuple[str, ...]] = (
        *("databaseName", "databaseSchema", "scheme", "sslConfig", "sampleDataStorageConfig"),
    )

    databaseName: EntityName | None = None
    """Name of the database entity, of which MySQL has none; default: `default`."""

    databaseSchema: str | None = None
    """The one schema to read, which MySQL calls a database; default: every one that the filter
    patterns keep."""

    useSlowLogs: bool = Field(default=False, json_schema_extra=KEPT)
    """Read queries from the slow log. Not used."""

    queryHistoryTable: str | None = Field(default=None, json_schema_extra=KEPT)
    """Table with a history of queries. Not used."""

    @model_validator(mode="before")
    @classmethod
    def _take_former_keys(cls, values: Any) -> Any:
        """Put the certificates that OpenMetadata had beside the other keys before 1.4 together."""
        if not isinstance(values, dict) or not _FORMER.keys() & values.keys():
            return values
        kept = {key: value for key, value in values.items() if key not in _FORMER}
        found = {now: values.get(former) for former, now in _FORMER.items()}
        return {"sslConfig": {key: value for key, value in found.items() if value}, **kept}

    def limits(self) -> Iterator[str]:
        """The keys that are given and not used, a line each, with what to do."""
        yield from super().limits()
        for key in ("useSlowLogs", "queryHistoryTable"):
            if getattr(self, key):
                yield f"{key} is not used: queries come from the performance schema; remove it"
        if self.scheme not in (None, "", "mysql+pymysql"):
            yield f"scheme is not used: PyMySQL connects, whatever {self.scheme!r} means"
