"""`sourceConfig.config` of a workflow file: filter patterns and include flags, typed.

Fields, defaults and matching are OpenMetadata's (REST contract §11.3, §11.4).
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator, model_validator


class Settings(BaseModel):
    """Base of all blocks of a workflow file: unknown keys are errors.

    Attribute docstrings are not collected when the class is made: reading them from the
    source text would take a fifth of the time of a short run.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _left_empty(cls, values: Any) -> Any:
        """Let a key with nothing behind it count as left out, as OpenMetadata does."""
        if not isinstance(values, dict) or None not in values.values():
            return values
        fields = cls.model_fields
        return {
            key: value
            for key, value in values.items()
            if value is not None or key not in fields or fields[key].is_required()
        }


class FilterPattern(Settings):
    """Regular expressions that select names; matched at the start, ignoring case."""

    includes: list[str] = []
    """Keep a name that one of these matches; an empty list keeps all."""

    excludes: list[str] = []
    """Drop a name that one of these matches, even if an include matches too."""

    @field_validator("includes", "excludes")
    @classmethod
    def _compile(cls, patterns: list[str]) -> list[str]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"not a regular expression: {pattern!r}: {error}") from None
        return patterns

    def keeps(self, name: str) -> bool:
        """Whether `name` passes; an empty name never does (contract §11.4)."""
        if not name:
            return False

        def matches(patterns: list[str]) -> bool:
            return any(re.match(pattern, name, re.IGNORECASE) for pattern in patterns)

        return (not self.includes or matches(self.includes)) and not matches(self.excludes)


class SourceConfig(Settings):
    """Settings of every kind of source; each family adds its own fields."""

    type: str | None = None
    """Kind of workflow."""

    overrideMetadata: bool = False
    """Let what the source says replace what people have set: descriptions, display names, owners,
    experts, reviewers, domains, tags, custom properties and more, which `om-ingest check` lists.
    What the source leaves out stays, and so does what is only set at creation: `isAdmin`."""

    extra: dict[str, Any] = {}
    """Settings of a kind of workflow without a typed model, as written in the file."""


class NestedSourceConfig(SourceConfig):
    """Settings of a source that reads nested assets: tables in schemas, files in directories."""

    useFqnForFiltering: bool = False
    """Match the patterns against the FQN instead of the bare name."""

    includeTags: bool = True
    """Read tags."""

    includeOwners: bool = False
    """Read owners."""

    threads: int = 1
    """Threads that a source may use."""


class DatabaseSourceConfig(NestedSourceConfig):
    """Settings of a source that reads a database."""

    type: Literal["DatabaseMetadata"] = "DatabaseMetadata"

    databaseFilterPattern: FilterPattern | None = None
    """Which databases to read."""

    schemaFilterPattern: FilterPattern | None = None
    """Which schemas to read."""

    tableFilterPattern: FilterPattern | None = None
    """Which tables and views to read."""

    storedProcedureFilterPattern: FilterPattern | None = None
    """Which stored procedures to read."""

    includeTables: bool = True
    """Read tables."""

    includeViews: bool = True
    """Read views."""

    includeStoredProcedures: bool = True
    """Read stored procedures."""

    includeDDL: bool = False
    """Read the statement that created a table."""

    includeCustomProperties: bool = False
    """Read custom properties."""

    markDeletedTables: bool = True
    """Mark tables as deleted that are gone from the source."""

    markDeletedStoredProcedures: bool = True
    """Mark stored procedures as deleted that are gone from the source."""

    markDeletedSchemas: bool = False
    """Mark schemas as deleted that are gone from the source."""

    markDeletedDatabases: bool = False
    """Mark databases as deleted that are gone from the source."""

    ownerConfig: dict[str, Any] | None = None
    """Owners by name pattern, as OpenMetadata defines it."""

    queryLogDuration: int = 1
    """Days of query log to read."""

    queryParsingTimeoutLimit: int = 300
    """Timeout for parsing one query, in seconds."""

    incremental: dict[str, Any] | None = None
    """Incremental extraction, as OpenMetadata defines it."""

    extractJsonSchema: bool = False
    """Derive a schema for JSON columns from samples."""

    jsonSchemaSampleSize: int = 10
    """Rows to sample for `extractJsonSchema`, 1 to 1000."""
