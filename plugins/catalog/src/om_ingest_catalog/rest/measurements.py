"""Profiles, joins, custom metrics and usage over REST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from om_ingest import model
from om_ingest.errors import NotFoundError
from om_ingest.kinds import KINDS
from om_ingest.model import fqn as names

from om_ingest_catalog.attachments import attachment, putting, usage
from om_ingest_catalog.documents.computed_fields import attach_profiles
from om_ingest_catalog.rest.access import EntityAccess
from om_ingest_catalog.rows import backlinks
from om_ingest_catalog.rows.body import Body, dump, parse
from om_ingest_catalog.rows.file import EntityRow
from om_ingest_catalog.rows.reading import Key
from om_ingest_catalog.rules.references import resolve_references
from om_ingest_catalog.rules.request import checked, checked_object

ProfileType = Literal["table", "column", "system"]
"""Type of a profile: of a table, of a column, or of the DML statements on a table."""

_TABLE_PARTS = KINDS["table"].depth  # the parts of an FQN after these are a column's path


class Measurements(EntityAccess):
    """Measurements of data, and their configuration: part of `Attachments`."""

    def put_table_profile(self, key: Key, body: Mapping[str, Any]) -> Body:
        """Store a `CreateTableProfileRequest`; the table with its latest profile."""
        profile = checked(model.CreateTableProfileRequest, body)
        with self._changing("table", key) as row:
            putting.put_table_profile(self._file, row, profile)
        return self._entity(row, "profile")

    def profiles(
        self,
        key: Key,
        profile_type: ProfileType = "table",
        start: int | None = None,
        end: int | None = None,
    ) -> list[Body]:
        """Profiles from `start` to `end`; for type `column`, `key` is the FQN of a column."""
        row, name = self._profiled(key, profile_type)
        return attachment.series(self._file, row, name, start, end)

    def latest_profile(self, key: Key) -> Body:
        """The table with the latest profiles of itself and its columns."""
        row = self._row("table", key)
        entity = self._entity(row, "profile", "customMetrics")
        attach_profiles(self._file, row, entity)
        return entity

    def delete_profile(self, key: Key, profile_type: ProfileType, at: int) -> None:
        """Delete the profile with this timestamp; raises `NotFoundError` if there is none."""
        with self._writing():
            row, name = self._profiled(key, profile_type)
            if not attachment.remove_at(self._file, row, name, at):
                raise NotFoundError.of(name, at)

    def put_joins(self, key: Key, body: Mapping[str, Any]) -> Body:
        """Store the joins of a table from a day on; the table with the sums of its joins."""
        joins = checked(model.TableJoins, body)
        with self._changing("table", key) as row:
            putting.put_joins(self._file, row, joins)
        return self._entity(row, "joins")

    def put_data_model(self, key: Key, body: Mapping[str, Any]) -> Body:
        """Store the dbt or DDL model of a table; the table with it."""
        data_model = checked(model.DataModel, body)
        with self._changing("table", key) as row:
            resolve_references("table", {"dataModel": data_model}, self._writer.targets)
            old = parse(row.body)
            new = {**old, "dataModel": data_model}
            backlinks.replace(self._file, row, old, new)
            row = row._replace(body=dump(new))
            self._file.update(row)
        return self._entity(row)

    def put_profiler_config(self, key: Key, body: Mapping[str, Any]) -> Body:
        """Store the profiler configuration of a table; the table with it."""
        with self._changing("table", key) as row:
            attachment.put(self._file, row, "tableProfilerConfig", checked_object(body))
        return self._entity(row, "tableProfilerConfig")

    def profiler_config(self, key: Key) -> Body:
        """The table with its profiler configuration, if it has one."""
        return self._entity(self._row("table", key), "tableProfilerConfig")

    def delete_profiler_config(self, key: Key) -> Body:
        """Delete the profiler configuration of a table; the table without it."""
        return self._remove("table", key, "tableProfilerConfig")

    def put_custom_metric(self, key: Key, body: Mapping[str, Any]) -> Body:
        """Store a custom metric of a table, or of its column `columnName`, by its `name`."""
        with self._changing("table", key) as row:
            putting.put_custom_metric(self._file, row, checked_object(body))
        return self._entity(row, "customMetrics")

    def delete_custom_metric(self, key: Key, name: str, column: str | None = None) -> Body:
        """Delete a custom metric of a table, or of one of its columns; the table without it."""
        with self._changing("table", key) as row:
            if not attachment.remove(self._file, row, putting.metric_name(row, column), name):
                raise NotFoundError.of("customMetric", name)
        return self._entity(row, "customMetrics")

    def put_usage(
        self, entity_type: str, key: Key, body: Mapping[str, Any], *, add: bool = False
    ) -> Body:
        """Set the usage count of a day (POST), or `add` to it (PUT); the entity with its usage."""
        request = checked(model.UsageRequest, body)
        with self._changing(entity_type, key) as row:
            usage.put_usage(self._file, row, request, add=add)
        return self._entity(row, "usageSummary")

    def usage(self, entity_type: str, key: Key, last: str, day_count: int) -> Body:
        """An entity, as `entity`, and its `usage`: of the days with a count among so many up to
        the last (YYYY-MM-DD), latest first.
        """
        row = self._row(entity_type, key)
        reference = {
            "id": row.id,
            "type": entity_type,
            "name": row.name,
            "fullyQualifiedName": row.fqn,
        }
        with self._checking():
            days = usage.of_days(self._file, row, last, day_count)
        return {"entity": reference, "usage": days}

    def compute_percentiles(self, entity_type: str, day: str) -> int:
        """Compute percentile ranks of entities of a kind used on a day (YYYY-MM-DD); how many."""
        with self._writing():
            return usage.rank(self._file, entity_type, day)

    def _profiled(self, key: Key, profile_type: ProfileType) -> tuple[EntityRow, str]:
        """The table, and the attachment name of its profiles of this type."""
        if profile_type != "column":
            return self._row("table", key), f"{profile_type}Profile"
        parts = names.split(str(key))
        row = self._row("table", names.join(*parts[:_TABLE_PARTS]))
        return row, f"{putting.COLUMN_PROFILE}{names.join(*parts[_TABLE_PARTS:])}"
