"""What the client adds to entities: lineage, samples, profiles, usage, runs and queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from om_ingest import Outcome, model
from om_ingest.errors import RecordError
from om_ingest.kinds import EntityKind
from om_ingest.model import Entity

from om_ingest_compat import running
from om_ingest_compat.client.rest_errors import APIError
from om_ingest_compat.client.writing import Writing
from om_ingest_compat.shims.entities import (
    as_asked,
    as_request,
    in_core,
    json_of,
    kind_named,
    reference_to,
    spelled,
    text_of,
)


class Attaching(Writing):
    """The methods of the client that attach something to an entity."""

    def create_or_update(self, data: Any = None, *, request: Any = None, entity: Any = None) -> Any:
        """Write one request now: the entity, or the lineage of the source of an edge.

        Raises `APIError` if it is refused.
        """
        given = next((one for one in (data, request, entity) if one is not None), None)
        if type(given).__name__ == "AddLineageRequest":
            return self.add_lineage(given)
        return super().create_or_update(given)

    def add_lineage(
        self, data: Any, check_patch: bool = False, return_lineage: bool = True
    ) -> dict[str, Any]:
        """Write one edge now, a request or its JSON; returns the lineage of its source.

        Its ends are given by id or by FQN. With `check_patch`, columns of the edge that is there
        already are kept. Raises `APIError` if an end does not exist.
        """
        request = in_core(model.AddLineageRequest, data)
        if check_patch:
            request = self._with_kept_columns(request)
        self._add(request)
        if not return_lineage:
            return {}
        source = request.edge.fromEntity
        return (
            self._lineage(source.type, str(source.fullyQualifiedName or ""), source.id, 1, 1) or {}
        )

    def add_lineage_by_name(
        self,
        from_entity_fqn: Any,
        from_entity_type: Any,
        to_entity_fqn: Any,
        to_entity_type: Any,
        lineage_details: Any = None,
        check_patch: bool = False,
        return_lineage: bool = True,
    ) -> dict[str, Any]:
        """As `add_lineage` for an edge between two entities by their FQNs."""
        edge: dict[str, Any] = {
            end: {"type": text_of(entity_type), "fullyQualifiedName": text_of(fqn)}
            for end, entity_type, fqn in (
                ("fromEntity", from_entity_type, from_entity_fqn),
                ("toEntity", to_entity_type, to_entity_fqn),
            )
        }
        if lineage_details is not None:
            edge["lineageDetails"] = json_of(lineage_details)
        return self.add_lineage({"edge": edge}, check_patch, return_lineage)

    def _with_kept_columns(self, request: Any) -> Any:
        edge = json_of(request)["edge"]
        lineage = self._lineage(
            edge["toEntity"]["type"],
            edge["toEntity"].get("fullyQualifiedName", ""),
            edge["toEntity"].get("id"),
            1,
            0,
        )
        ends = [self._id_of(edge[end]) for end in ("fromEntity", "toEntity")]
        for kept in (lineage or {}).get("upstreamEdges", ()):
            if [kept["fromEntity"], kept["toEntity"]] != ends:
                continue
            old, new = kept.get("lineageDetails") or {}, edge.setdefault("lineageDetails", {})
            columns = new.get("columnsLineage") or []
            columns += [one for one in old.get("columnsLineage") or () if one not in columns]
            if columns:
                new["columnsLineage"] = columns
            if old.get("pipeline"):
                new.setdefault("pipeline", old["pipeline"])
        return in_core(model.AddLineageRequest, {"edge": edge})

    def _id_of(self, reference: Mapping[str, Any]) -> str:
        if reference.get("id"):
            return str(reference["id"])
        found = self.get_entity_reference(reference["type"], reference["fullyQualifiedName"])
        return "" if found is None else str(found.id)

    def get_lineage_by_name(
        self, entity: Any, fqn: Any, up_depth: int = 1, down_depth: int = 1
    ) -> dict[str, Any] | None:
        """The lineage around an entity as JSON values; None if there is no such entity."""
        return self._lineage(entity, text_of(fqn), None, up_depth, down_depth)

    def get_lineage_by_id(
        self, entity: Any, entity_id: Any, up_depth: int = 1, down_depth: int = 1
    ) -> dict[str, Any] | None:
        """The lineage around an entity as JSON values; None if there is no such entity."""
        return self._lineage(entity, "", text_of(entity_id), up_depth, down_depth)

    def _lineage(
        self, entity: Any, fqn: str, entity_id: Any, up_depth: int, down_depth: int
    ) -> dict[str, Any] | None:
        kind = kind_named(entity)
        if kind is None:
            return None
        found = self._find(kind, fqn) if fqn else self._store.get_by_id(kind.entity, entity_id)
        if found is None:
            return None
        graph = self._store.get_lineage(
            kind.entity,
            str(found.fullyQualifiedName),
            upstream_depth=up_depth,
            downstream_depth=down_depth,
        )
        return None if graph is None else dict(json_of(graph))

    def ingest_table_sample_data(self, table: Any, sample_data: Any) -> Any:
        """Write rows of a table now, and return them; None, and a failure, if they are refused."""
        return self._sampled(table, model.TableData, sample_data)

    def ingest_container_sample_data(self, container: Any, sample_data: Any) -> Any:
        """Write rows of a container now; as `ingest_table_sample_data`."""
        return self._sampled(container, model.TableData, sample_data)

    def ingest_topic_sample_data(self, topic: Any, sample_data: Any) -> Any:
        """Write messages of a topic now; as `ingest_table_sample_data`."""
        return self._sampled(topic, model.TopicSampleData, sample_data)

    add_topic_sample_data = ingest_topic_sample_data

    def ingest_search_index_sample_data(self, search_index: Any, sample_data: Any) -> Any:
        """Write documents of a search index now; as `ingest_table_sample_data`."""
        return self._sampled(search_index, model.TopicSampleData, sample_data)

    def _sampled(self, entity: Any, core: type[Any], data: Any) -> Any:
        samples = in_core(core, data)
        request = model.AddSampleDataRequest(entity=reference_to(entity), sampleData=samples)
        try:
            self._add(request)
        except APIError as error:  # the client of a server tells it in the log only
            name = text_of(getattr(entity, "fullyQualifiedName", entity))
            running.current().status.failure(name, f"its sample data was refused: {error.what}")
            return None
        return samples

    def ingest_profile_data(self, table: Any, profile_request: Any) -> Any:
        """Write a profile of a table now, and return the table."""
        profile = in_core(model.CreateTableProfileRequest, profile_request)
        fqn = text_of(table.fullyQualifiedName)
        self._add(model.AddTableProfileRequest(table=fqn, profile=profile))
        return table

    ingest_table_profile_data = ingest_profile_data

    def ingest_table_data_model(self, table: Any, data_model: Any) -> Any:
        """Set the dbt model of a table now, and return the table."""
        return self._patched(table, {"dataModel": json_of(data_model)})

    def publish_table_usage(self, table: Any, table_usage_request: Any) -> None:
        """Write how often a table was used on a day."""
        self._used(table, table_usage_request)

    def publish_dashboard_usage(self, dashboard: Any, dashboard_usage_request: Any) -> None:
        """Write how often a dashboard was used on a day."""
        self._used(dashboard, dashboard_usage_request)

    def publish_pipeline_usage(self, pipeline: Any, pipeline_usage_request: Any) -> None:
        """Write how often a pipeline was used on a day."""
        self._used(pipeline, pipeline_usage_request)

    def publish_frequently_joined_with(self, table: Any, table_join_request: Any) -> None:
        """Set what a table is joined with."""
        self._patched(table, {"joins": json_of(table_join_request)})

    def _used(self, entity: Any, usage: Any) -> None:
        days = in_core(model.UsageRequest, usage)
        self._add(model.AddUsageRequest(entity=reference_to(entity), usage=days))

    def add_pipeline_status(self, fqn: Any, status: Any) -> Any:
        """Write one run of a pipeline now, and return the pipeline."""
        run = in_core(model.PipelineStatus, status)
        self._add(model.AddPipelineStatusRequest(pipeline=text_of(fqn), pipelineStatus=run))
        return self.get_by_name(spelled(model.Pipeline), fqn)

    def add_bulk_pipeline_status(self, fqn: Any, statuses: Iterable[Any]) -> Any:
        """Write several runs of a pipeline now, and return the pipeline."""
        pipeline = None
        for status in statuses:
            pipeline = self.add_pipeline_status(fqn, status)
        return pipeline

    def add_task_to_pipeline(self, pipeline: Any, *tasks: Any) -> Any:
        """Set tasks of a pipeline, and keep its others; returns the pipeline."""
        new = [json_of(task) for task in tasks]
        names = {task["name"] for task in new}
        kept = [json_of(task) for task in pipeline.tasks or () if text_of(task.name) not in names]
        return self._patched(pipeline, {"tasks": [*new, *kept]})

    def clean_pipeline_tasks(self, pipeline: Any, task_ids: Iterable[Any]) -> Any:
        """Keep only the tasks of a pipeline with these names; returns the pipeline."""
        names = set(map(text_of, task_ids))
        kept = [json_of(task) for task in pipeline.tasks or () if text_of(task.name) in names]
        return self._patched(pipeline, {"tasks": kept})

    def ingest_entity_queries_data(self, entity: Any, queries: Iterable[Any]) -> None:
        """Write queries now, each as one in which the entity is used.

        Those with `exclude_usage` are left out.
        """
        used = json_of(reference_to(entity))
        for query in queries:
            if getattr(query, "exclude_usage", None):
                continue
            body = json_of(as_request(query))
            others = [one for one in body.get("queryUsedIn") or () if one.get("id") != used["id"]]
            body["queryUsedIn"] = [*others, {"id": used["id"], "type": used["type"]}]
            self.create_or_update(in_core(model.CreateQueryRequest, body))

    ingest_table_queries_data = ingest_entity_queries_data

    def get_entity_queries(self, entity_id: Any, fields: Any = None) -> list[Any] | None:
        """The queries in which an entity is used; None if there are none."""
        wanted = text_of(entity_id)
        found = [
            as_asked(query, spelled(model.Query))
            for query in self._store.list_entities(model.Query)
            if any(str(used.id) == wanted for used in query.queryUsedIn or ())
        ]
        return found or None

    def _patched(self, entity: Any, values: Mapping[str, Any]) -> Any:
        kind = kind_named(entity)
        fqn = text_of(entity.fullyQualifiedName)
        operations = [
            {"op": "add", "path": f"/{name}", "value": value} for name, value in values.items()
        ]
        assert kind is not None, "callers give an entity of a kind that the store has"
        found = self.apply(kind, fqn, operations)
        return entity if found is None else as_asked(found, type(entity))

    def apply(self, kind: EntityKind, fqn: str, operations: list[dict[str, Any]]) -> Entity | None:
        """Apply a JSON Patch to an entity: what it is then; None if there is none.

        Raises `APIError` if it is refused.
        """
        try:
            found: Entity | None = self._store.patch(kind.entity, fqn, operations)
        except RecordError as error:
            raise APIError.of(error) from error
        if found is not None:
            self._count_change("patched", kind.entity_type, fqn)
        return found

    def _add(self, record: Any) -> None:
        (result,) = self._store.write([record])
        if result.outcome in (Outcome.FAILED, Outcome.LEFT_OUT):
            code = 404 if result.missing else 400
            raise APIError({"code": code, "message": result.reason})
        running.current().count_change("written", record.entity_type, "")
