"""What only one kind of entity has: samples, tasks, charts, children of a container."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metadata.generated.schema.entity.data.chart import Chart
from metadata.generated.schema.entity.data.container import Container
from metadata.generated.schema.entity.data.dashboard import Dashboard
from metadata.generated.schema.entity.data.dashboardDataModel import DashboardDataModel
from metadata.generated.schema.entity.data.directory import Directory
from metadata.generated.schema.entity.data.file import File
from metadata.generated.schema.entity.data.mlmodel import MlModel
from metadata.generated.schema.entity.data.searchIndex import SearchIndex, SearchIndexSampleData
from metadata.generated.schema.entity.data.spreadsheet import Spreadsheet
from metadata.generated.schema.entity.data.table import TableData
from metadata.generated.schema.entity.data.topic import Topic, TopicSampleData
from metadata.generated.schema.entity.data.worksheet import Worksheet
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.generated.schema.type.usageRequest import UsageRequest
from metadata.ingestion.models.table_metadata import ColumnTag

from driver.kinds import COLUMNS, fqn_of, make, request_for
from driver.scene import Scene


def plays(scene: Scene) -> dict[str, Callable[[], Assets]]:
    """One scenario over the families other than databases."""
    return {"assets": lambda: Assets(scene)}


class Assets:
    """The calls of the client for dashboards, topics, containers, drives, indexes and models."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.client = scene.client

    def _with(self, entity: type[Any], **fields: Any) -> Any:
        """An entity named "assets", made with further fields; its name may be among them."""
        request = request_for(self.client, entity, "assets")
        body = request.model_dump(exclude_unset=True, mode="json") | fields
        return self.client.create_or_update(type(request).model_validate(body))

    def dashboard(self) -> dict[str, Any]:
        """A dashboard, and the charts and data models that are on it."""
        charts = [fqn_of(self._with(Chart, name=name)) for name in ("bar", "pie")]
        model = self._with(DashboardDataModel, name="cube")
        made = self._with(Dashboard, charts=charts, dataModels=[fqn_of(model)])
        found = self.client.get_by_name(Dashboard, fqn_of(made), fields=["charts", "dataModels"])
        return {
            "charts": sorted(ref.fullyQualifiedName for ref in found.charts.root),
            "data models": [ref.fullyQualifiedName for ref in found.dataModels.root],
        }

    def dashboard_usage(self) -> list[int]:
        """A day's count, and what is added to it."""
        dashboard = self.client.get_by_name(Dashboard, "assets.assets")
        counts = []
        for count in (4, 6):
            request = UsageRequest(date="2024-05-01", count=count)
            self.client.publish_dashboard_usage(dashboard, request)
            now = self.client.get_by_name(Dashboard, "assets.assets", fields=["usageSummary"])
            counts.append(now.usageSummary.dailyStats.count)
        return counts

    def topic(self) -> dict[str, Any]:
        """A topic with a schema, and messages from it."""
        schema = {
            "schemaType": "Avro",
            "schemaText": "{}",
            "schemaFields": [
                {
                    "name": "order",
                    "dataType": "RECORD",
                    "children": [{"name": "id", "dataType": "INT"}],
                }
            ],
        }
        topic = self._with(Topic, messageSchema=schema)
        sample = TopicSampleData(messages=["one", "two"])
        stored = self.client.ingest_topic_sample_data(topic, sample)
        field = topic.messageSchema.schemaFields[0].children[0]
        read = self.client.get_topic_sample_data(topic).sampleData
        return {"field": fqn_of(field), "stored": stored.messages, "read": read.messages}

    def search_index(self) -> Any:
        index = make(self.client, SearchIndex, "assets")
        sample = SearchIndexSampleData(messages=['{"title": "x"}'])
        return self.client.ingest_search_index_sample_data(index, sample).messages

    def containers(self) -> dict[str, Any]:
        """A container in a container, and the page of the outer one's children."""
        outer = make(self.client, Container, "assets")
        parent = EntityReference(id=outer.id, type="container").model_dump(
            mode="json", exclude_none=True
        )
        inner = [self._with(Container, name=name, parent=parent) for name in ("a.b", "c")]
        page = self.client.list_container_children(fqn_of(outer), limit=1)
        rest = self.client.list_container_children(fqn_of(outer), limit=1, offset=1)
        found = self.client.get_by_name(Container, fqn_of(inner[0]), fields=["parent"])
        roots = self.client.list_all_entities(
            Container, params={"service": "assets", "root": "true"}
        )
        return {
            "fqn": fqn_of(inner[0]),
            "parent": found.parent.fullyQualifiedName,
            "total": page.total,
            "children": [fqn_of(each) for each in (*page.entities, *rest.entities)],
            "roots": [fqn_of(each) for each in roots],
        }

    def container_data(self) -> dict[str, Any]:
        """A container of structured files: its columns, tagged, and a sample of its rows."""
        model = {"isPartitioned": False, "columns": COLUMNS[:1]}
        container = self._with(Container, name="files", dataModel=model)
        tag = ColumnTag(column_fqn=f"{fqn_of(container)}.id", tag_label=self.scene.label("Secret"))
        self.client.patch_column_tags(container, [tag])
        self.client.ingest_container_sample_data(
            container, TableData(columns=["id"], rows=[[1], [2]])
        )
        now = self.client.get_by_name(Container, fqn_of(container), fields=["tags", "dataModel"])
        column = now.dataModel.columns[0]
        sample = self.client.get_container_sample_data(container).sampleData
        return {
            "column": fqn_of(column),
            "tags": [label.tagFQN.root for label in column.tags],
            "rows": sample.rows,
        }

    def drive(self) -> dict[str, Any]:
        """A folder in a folder, with a file, and a sheet of a spreadsheet in it."""
        outer = make(self.client, Directory, "assets")
        inner = self._with(Directory, name="in", parent=fqn_of(outer))
        file = self._with(File, name="x.csv", directory=fqn_of(inner), columns=COLUMNS[:1])
        parent = {"id": str(inner.id.root), "type": "directory"}
        book = self._with(Spreadsheet, name="book", parent=parent)
        sheet = self._with(Worksheet, name="first", spreadsheet=fqn_of(book), columns=COLUMNS[:1])
        self.client.ingest_file_sample_data(file, TableData(columns=["id"], rows=[[1]]))
        sample = self.client.get_file_sample_data(file)
        return {
            "fqns": [fqn_of(each) for each in (inner, file, book, sheet)],
            "columns": [fqn_of(each.columns[0]) for each in (file, sheet)],
            "rows": sample.sampleData.rows,
        }

    def model(self) -> dict[str, Any]:
        """A model with features and parameters, and the dashboard that shows it."""
        self._with(
            MlModel,
            mlFeatures=[{"name": "age", "dataType": "numerical"}],
            mlHyperParameters=[{"name": "depth", "value": "3"}],
            dashboard="assets.assets",
        )
        found = self.client.get_by_name(
            MlModel, "assets.assets", fields=["dashboard", "mlFeatures", "mlHyperParameters"]
        )
        return {
            "features": [fqn_of(feature) for feature in found.mlFeatures],
            "parameters": [each.value for each in found.mlHyperParameters],
            "dashboard": found.dashboard.fullyQualifiedName,
        }
