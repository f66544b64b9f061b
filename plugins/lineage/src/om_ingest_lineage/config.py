"""Config of the processor `sql-lineage`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from om_ingest.config import Settings
from pydantic import ConfigDict, Field, field_validator

OWN_SCHEMA = "$schema"
"""Stands in a search path for the schema that a statement stands in."""


def known_dialect(name: str) -> str:
    """What sqlglot calls a dialect, e.g. `tsql` for `mssql`; raises `ValueError` for no dialect."""
    from om_ingest_lineage.analysis.dialects import dialect_of  # imports sqlglot

    known = dialect_of(name)
    if known is None:
        from sqlglot.dialects.dialect import Dialects

        names = ", ".join(sorted(dialect.value for dialect in Dialects if dialect.value))
        raise ValueError(f"no dialect {name!r}; known: {names}")
    return known[1].name


class SqlLineageConfig(Settings):
    """What `sql-lineage` reads, and how names in it are understood."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    dialect: str | dict[str, str] | None = None
    """The dialect of SQL, e.g. `postgres` or `tsql`, or one for each service by its name. Default:
    what the type of the service says."""

    searchPath: list[str] = []
    """Schemas in which a name without one is looked for, in order; `$schema` is that of the view
    itself. Default: the view's own schema, and the dialect's default such as `public`."""

    database: str = ""
    """Database of statements that stand in none, such as queries and files. Default: any."""

    services: list[str] = []
    """Services that are looked into for a name that the statement's own service does not have:
    for databases that are linked to each other."""

    files: list[str] = []
    """Files of SQL to read as well; patterns such as `etl/*.sql` are allowed. Their names mean
    what they mean in the service of the run."""

    views: bool = True
    """Whether to read definitions of views."""

    procedures: bool = True
    """Whether to read the code of procedures and functions."""

    queries: bool = True
    """Whether to read queries that the source yields."""

    timeout_s: Annotated[float, Field(gt=0)] = 5.0
    """Seconds that one statement may take."""

    maxStatementChars: Annotated[int, Field(gt=0)] = 1_000_000
    """Longest statement that is read, in characters."""

    cache: Path | bool = True
    """File that keeps results between runs; false for none. Default: `om-ingest/lineage.db` in
    the user's folder for caches."""

    report: Path | None = None
    """File to write one line of JSON into for each edge, with its confidence, and for each thing
    that could not be told, with its reason."""

    removeGone: bool = True
    """Whether edges of a view that an earlier run has drawn and that its statement no longer has
    are removed, where the target can do that. Edges that people have drawn always stay."""

    @field_validator("searchPath")
    @classmethod
    def _no_other_variables(cls, path: list[str]) -> list[str]:
        for schema in path:
            if schema.startswith("$") and schema != OWN_SCHEMA:
                raise ValueError(
                    f"{schema!r} means nothing here: of variables there is {OWN_SCHEMA}, the"
                    " schema of the view itself"
                )
        return path

    @field_validator("dialect")
    @classmethod
    def _known(cls, dialect: str | dict[str, str] | None) -> str | dict[str, str] | None:
        if isinstance(dialect, dict):
            return {service: known_dialect(name) for service, name in dialect.items()}
        return known_dialect(dialect) if dialect else None
