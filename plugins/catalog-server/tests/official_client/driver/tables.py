"""What belongs to a table: columns, constraints, samples, profiles, usage, joins, queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metadata.generated.schema.api.data.createQuery import CreateQueryRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.api.data.createTableProfile import CreateTableProfileRequest
from metadata.generated.schema.api.tests.createCustomMetric import CreateCustomMetricRequest
from metadata.generated.schema.entity.data.query import Query
from metadata.generated.schema.entity.data.table import (
    ColumnProfile,
    DataModel,
    SystemProfile,
    Table,
    TableConstraint,
    TableData,
    TableJoins,
    TableProfile,
    TableProfilerConfig,
)
from metadata.generated.schema.type.lifeCycle import LifeCycle
from metadata.generated.schema.type.usageRequest import UsageRequest
from metadata.ingestion.models.table_metadata import ColumnDescription, ColumnTag
from metadata.utils import fqn

from driver.kinds import SQL, fqn_of, make, request_for
from driver.scene import Scene, connect, refused, token

DESCRIBED = "described.described.described.described"

SECOND = 1_700_000_000_000
"""A moment, in milliseconds."""


def plays(scene: Scene) -> dict[str, Callable[[], Tables]]:
    """One table, and what the client can hang on it."""
    return {"tables": lambda: Tables(scene)}


class Tables:
    """The calls of the client that are about one table."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.client = scene.client
        self.table: Table = make(self.client, Table, "tables")
        self.fqn = fqn_of(self.table)

    def _now(self, *fields: str) -> Any:
        return self.client.get_by_name(Table, self.fqn, fields=list(fields))

    def columns(self) -> list[Any]:
        return [fqn_of(column) for column in self.client.get_table_columns(self.fqn)]

    def nested_column_fqn(self) -> str:
        return fqn_of(self._now().columns[1].children[0])

    def column_described(self) -> list[str | None]:
        """The first column, and one inside the second."""
        self.client.patch_column_description(self._now(), f"{self.fqn}.id", "Which one")
        inner = ColumnDescription(column_fqn=f'{self.fqn}.address."zip.code"', description="Where")
        self.client.patch_column_descriptions(self._now(), [inner])
        columns = self._now().columns
        return [columns[0].description.root, columns[1].children[0].description.root]

    def column_tagged(self) -> list[str]:
        tag = ColumnTag(column_fqn=f"{self.fqn}.id", tag_label=self.scene.label("Secret"))
        self.client.patch_column_tags(self._now("tags", "columns"), [tag])
        return [tag.tagFQN.root for tag in self._now("tags", "columns").columns[0].tags]

    def columns_keep_what_people_wrote(self) -> list[Any]:
        """After the request is sent again."""
        make(self.client, Table, "tables")
        column = self._now("tags", "columns").columns[0]
        return [column.description.root, [tag.tagFQN.root for tag in column.tags]]

    def constrained(self) -> list[Any]:
        constraint = TableConstraint(constraintType="UNIQUE", columns=["id"])
        self.client.patch_table_constraints(self._now(), [constraint])
        return self._now("tableConstraints").tableConstraints

    def stale_patch(self) -> dict[str, Any] | None:
        """A patch of a version that is no more."""
        now = self._now()
        changed = now.model_copy(deep=True)
        changed.displayName = "Too late"
        return refused(lambda: self.client.patch(Table, now, changed, if_match='W/"0.05"'))

    def patched(self) -> list[Any]:
        """Several fields in one patch."""
        now = self._now()
        changed = now.model_copy(deep=True)
        changed.displayName, changed.retentionPeriod = "Customers", None
        self.client.patch(Table, now, changed)
        return [self._now().displayName]

    def sample_data(self) -> list[Any]:
        """As stored, as read, and after it was deleted."""
        data = TableData(columns=["id"], rows=[[1], [2]])
        stored = self.client.ingest_table_sample_data(self.table, data)
        read = self.client.get_sample_data(self.table).sampleData
        self.client.delete_sample_data(self.table)
        return [stored, read, self.client.get_sample_data(self.table).sampleData]

    def profile(self) -> dict[str, Any]:
        for second, rows in ((SECOND, 2.0), (SECOND + 1000, 3.0)):
            self.client.ingest_profile_data(
                self.table,
                CreateTableProfileRequest(
                    tableProfile=TableProfile(timestamp=second, rowCount=rows, columnCount=2.0),
                    columnProfile=[ColumnProfile(name="id", timestamp=second, nullCount=rows)],
                    systemProfile=[
                        SystemProfile(timestamp=second, operation="INSERT", rowsAffected=1)
                    ],
                ),
            )
        span = (SECOND - 1, SECOND + 1001)
        tables = self.client.get_profile_data(self.fqn, *span)
        columns = self.client.get_profile_data(f"{self.fqn}.id", *span, profile_type=ColumnProfile)
        systems = self.client.get_profile_data(self.fqn, *span, profile_type=SystemProfile)
        first = self.client.get_profile_data(self.fqn, SECOND, SECOND)
        return {
            "table": [each.rowCount for each in tables.entities],
            "column": [each.nullCount for each in columns.entities],
            "system": [each.rowsAffected for each in systems.entities],
            "first": [each.rowCount for each in first.entities],
            "latest": self.client.get_latest_table_profile(self.fqn).profile.rowCount,
        }

    def usage(self) -> list[Any]:
        """A day's count, and the count that replaces it."""
        counts = []
        for count in (4, 6):
            request = UsageRequest(date="2024-05-01", count=count)
            self.client.publish_table_usage(self.table, request)
            summary = self._now("usageSummary").usageSummary
            counts.append([str(summary.date.root), summary.dailyStats.count])
        return counts

    def percentile(self) -> float:
        """How the table's usage compares, once that has been computed."""
        self.client.compute_percentile(Table, "2024-05-01")
        return self._now("usageSummary").usageSummary.dailyStats.percentileRank

    def joins(self) -> Any:
        other = {"fullyQualifiedName": f"{self.fqn}.address", "joinCount": 7}
        joins = {
            "startDate": "2024-05-01",
            "dayCount": 1,
            "columnJoins": [{"columnName": "id", "joinedWith": [other]}],
        }
        self.client.publish_frequently_joined_with(self.table, TableJoins.model_validate(joins))
        return self._now("joins").joins

    def data_model(self) -> Any:
        model = DataModel(modelType="DBT", sql="select 1", path="models/x.sql")
        self.client.ingest_table_data_model(self.table, model)
        return self._now("dataModel").dataModel

    def profiler_config(self) -> Any:
        config = TableProfilerConfig(profileQuery="select 1", excludeColumns=["address"])
        changed = self.client.create_or_update_table_profiler_config(self.fqn, config)
        return changed.tableProfilerConfig

    def custom_metric(self) -> list[str]:
        metric = CreateCustomMetricRequest(name="big", expression="select count(*) from x")
        self.client.create_or_update_custom_metric(metric, str(self.table.id.root))
        return [each.name.root for each in self._now("customMetrics").customMetrics]

    def life_cycle(self) -> Any:
        life = LifeCycle.model_validate(
            {"created": {"timestamp": SECOND, "accessedByAProcess": "etl"}}
        )
        self.client.patch_life_cycle(self._now("lifeCycle"), life)
        return self._now("lifeCycle").lifeCycle

    def query(self) -> dict[str, Any]:
        """A query that uses the table, stored twice."""
        request = CreateQueryRequest(query=SQL, service="tables", exclude_usage=False)
        for _ in range(2):
            self.client.ingest_entity_queries_data(self.table, [request.model_copy(deep=True)])
        found = self.client.get_entity_queries(self.table.id, fields=["queryUsedIn"])
        return {
            "queries": [each.query.root for each in found],
            "used in": [ref.id == self.table.id for ref in found[0].queryUsedIn.root],
            "fqn": [fqn_of(each) for each in found],
        }

    def query_by_hash(self) -> str:
        name = fqn.build(
            self.client,
            Query,
            service_name="tables",
            query_checksum=self.client._get_query_hash(SQL),  # noqa: SLF001 - no public name
        )
        return self.client.get_by_name(Query, name).query.root

    def query_processed(self) -> bool:
        """A query whose lineage was drawn is marked, by its FQN as it stands."""
        (query,) = self.client.get_entity_queries(self.table.id)
        self.client.patch_lineage_processed_flag(Query, fqn_of(query))
        return self.client.get_by_id(Query, query.id).processedLineage

    def reserved_characters(self) -> dict[str, Any]:
        """Names that the client rewrites on the way out, and back on the way in."""
        request = CreateTableRequest.model_validate(
            {
                "name": 'a "b"::c > d',
                "databaseSchema": "tables.tables.tables",
                "columns": [{"name": 'net > "gross"', "dataType": "INT"}],
            }
        )
        made = self.client.create_or_update(request)
        name = fqn.build(
            self.client,
            Table,
            service_name="tables",
            database_name="tables",
            schema_name="tables",
            table_name='a "b"::c > d',
            skip_es_search=True,
        )
        found = self.client.get_by_name(Table, name)
        return {
            "same": found.id == made.id,
            "name": found.name.root,
            "column": found.columns[0].name.root,
        }

    def described_by_request(self) -> list[str]:
        """By a bot, by a bot again, and by a person."""
        people = (self.client, self.client, connect(self.scene.url, token("ada", bot=False)))
        seen = []
        for number, client in enumerate(people):
            request = request_for(client, Table, "described")
            client.create_or_update(request.model_copy(update={"description": f"By {number}"}))
            seen.append(client.get_by_name(Table, DESCRIBED).description.root)
        return seen
