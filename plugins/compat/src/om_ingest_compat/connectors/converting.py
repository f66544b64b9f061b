"""What a connector yields, as records of the host.

Classes are told by their names: they may be ours, or those of a real openmetadata-ingestion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from om_ingest import model
from om_ingest.kinds import EntityKind, as_request, kind_of
from om_ingest.model import fqn
from pydantic import BaseModel

from om_ingest_compat.connectors.steps import client
from om_ingest_compat.running import current
from om_ingest_compat.shims.entities import in_core, json_of, kind_named, reference_to, text_of

Convert = Callable[[Any], Iterable[Any] | None]


class UndeliverableError(Exception):
    """A record of a connector cannot be delivered; the text says why."""


def converted(record: Any) -> Iterator[Any]:
    """The records that one object of a connector stands for; none if it was dealt with here.

    Raises `UndeliverableError` with the reason, and what the store raises.
    """
    for cls in type(record).__mro__:
        convert = _BY_NAME.get(cls.__name__)
        if convert is not None:
            yield from convert(record) or ()
            return
    core = _core_class(type(record))
    if core is None:
        raise UndeliverableError("om-ingest has no such record")
    yield in_core(core, record)


def _core_class(cls: type[Any]) -> type[BaseModel] | None:
    """The request of core that a request of a real openmetadata-ingestion stands for."""
    if not (issubclass(cls, BaseModel) and cls.__name__.startswith(("Create", "Add"))):
        return None
    found = getattr(model, cls.__name__, None)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def _kind(entity: Any) -> EntityKind:
    kind = kind_named(entity)
    if kind is None:
        name = getattr(entity, "__name__", type(entity).__name__)
        raise UndeliverableError(f"om-ingest has no {name}")
    return kind


def _reference(entity: Any) -> model.EntityReference:
    """A reference to an entity that was read, or to a reference, by its FQN if that is known."""
    if entity is None:
        raise UndeliverableError("it says nothing of what it belongs to")
    found = reference_to(entity)
    if found.fullyQualifiedName:
        return model.EntityReference(
            type=str(found.type), fullyQualifiedName=str(found.fullyQualifiedName)
        )
    if found.id is None:
        raise UndeliverableError(f"{type(entity).__name__} has neither id nor fullyQualifiedName")
    return model.EntityReference(type=str(found.type), id=found.id)


def _fqn(entity: Any) -> str:
    reference = _reference(entity)
    if reference.fullyQualifiedName:
        return reference.fullyQualifiedName
    found = current().context.metadata.get_by_id(kind_of(reference.type).entity, reference.id)
    if found is None:
        raise UndeliverableError(f"there is no {reference.type} with id {reference.id}")
    return found.fullyQualifiedName


def _tag(record: Any) -> Iterator[Any]:
    above = in_core(model.CreateClassificationRequest, record.classification_request)
    tag = in_core(model.CreateTagRequest, record.tag_request)
    yield above
    if tag.classification is None and tag.parent is None:  # up to 0.13
        tag = tag.model_copy(update={"classification": fqn.quote(str(above.name))})
    yield tag


def _edge(record: Any) -> Iterator[Any]:
    if getattr(record, "override_lineage", False):
        current().status.warning(
            "override_lineage", "om-ingest replaces no edges: those of earlier runs stay"
        )
    edge = record.lineage_request
    if type(edge).__name__ == "OMetaFQNLineageRequest":
        yield from _edge_by_fqn(edge)
    else:
        yield in_core(model.AddLineageRequest, edge)


def _edge_by_fqn(record: Any) -> Iterator[Any]:
    edge: dict[str, Any] = {}
    for end in ("from", "to"):
        given = getattr(record, f"{end}_entity_type", None) or "table"
        kind = kind_named(given if isinstance(given, type) else text_of(given))
        edge[f"{end}Entity"] = {
            "type": text_of(given) if kind is None else kind.entity_type,
            "fullyQualifiedName": text_of(getattr(record, f"{end}_entity_fqn")),
        }
    details = getattr(record, "lineage_details", None)
    if details is not None:
        edge["lineageDetails"] = json_of(details)
    yield in_core(model.AddLineageRequest, {"edge": edge})


def _run(record: Any) -> Iterator[Any]:
    yield from _runs_of(record, [record.pipeline_status])


def _runs(record: Any) -> Iterator[Any]:
    yield from _runs_of(record, record.pipeline_statuses)


def _runs_of(record: Any, statuses: Iterable[Any]) -> Iterator[Any]:
    for status in statuses:
        yield model.AddPipelineStatusRequest(
            pipeline=text_of(record.pipeline_fqn),
            pipelineStatus=_in_milliseconds(in_core(model.PipelineStatus, status)),
        )


_SECONDS = 100_000_000_000
"""Timestamps below are in seconds: in milliseconds they would be of 1970 to 1973."""


def _in_milliseconds(status: Any) -> Any:
    """A run of a pipeline with its times in milliseconds; up to 1.1 connectors tell seconds."""
    for part in (status, *(status.taskStatus or ())):
        for name in {"timestamp", "startTime", "endTime"} & type(part).model_fields.keys():
            at = getattr(part, name)
            if at is not None and 0 < at < _SECONDS:
                setattr(part, name, at * 1000)
    return status


def _samples_of(field: str, core: type[BaseModel], data: str) -> Convert:
    def convert(record: Any) -> Iterator[Any]:
        yield model.AddSampleDataRequest(
            entity=_reference(getattr(record, field)),
            sampleData=in_core(core, getattr(record, data)),
        )

    return convert


def _profile(record: Any) -> Iterator[Any]:
    profile = in_core(model.CreateTableProfileRequest, record.profile)
    yield model.AddTableProfileRequest(table=_fqn(record.table), profile=profile)


def _usage_of(field: str) -> Convert:
    def convert(record: Any) -> Iterator[Any]:
        yield model.AddUsageRequest(
            entity=_reference(getattr(record, field)),
            usage=in_core(model.UsageRequest, record.usage),
        )

    return convert


def _life_cycle(record: Any) -> None:
    kind, name = _kind(record.entity), text_of(record.entity_fqn)
    value = json_of(in_core(model.LifeCycle, record.life_cycle))
    operation = {"op": "add", "path": "/lifeCycle", "value": value}
    if current().context.metadata.patch(kind.entity, name, [operation]) is None:
        raise UndeliverableError(f"there is no {kind.entity_type} {name}")
    current().count_change("patched", kind.entity_type, name)


def _deleted(record: Any) -> None:
    kind, name = _kind(record.entity), _fqn(record.entity)
    recursive = bool(getattr(record, "mark_deleted_entities", False))
    if not current().context.metadata.delete(kind.entity, name, recursive=recursive):
        raise UndeliverableError(f"there is no {kind.entity_type} {name}")
    current().count_deleted(kind, name, recursive=recursive, hard=False)


def _patched(record: Any) -> None:
    before = record.original_entity
    kind, name = _kind(before), text_of(before.fullyQualifiedName)
    if current().context.metadata.get_by_name(kind.entity, name) is None:
        raise UndeliverableError(f"there is no {kind.entity_type} {name}")
    client().patch(entity=type(before), source=before, destination=record.new_entity)


def _table_with_parents(record: Any) -> Iterator[Any]:
    """What the first releases yield for a table: with its database and schema, as entities."""
    above = fqn.quote(str(current().block["serviceName"]))
    parts = (record.database, record.database_schema, record.table)
    for entity_type, given in zip(("database", "databaseSchema", "table"), parts, strict=True):
        kind = kind_of(entity_type)
        shown = json_of(given)
        place = {"name": shown["name"], str(kind.parent_field): above}
        request = in_core(kind.request, {**as_request(kind, shown), **place})
        yield request
        above = kind.fqn_below(above, str(request.name))


def _property(record: Any) -> None:
    client().create_or_update_custom_property(record)


def _constraints(record: Any) -> None:
    if client().patch_table_constraints(record.table, record.constraints or ()) is None:
        raise UndeliverableError(f"there is no table {text_of(record.table.fullyQualifiedName)}")


def _user(record: Any) -> Iterator[Any]:
    user = json_of(record.user)
    for given in record.teams or ():
        team = in_core(model.CreateTeamRequest, given)
        yield team
        found = current().context.metadata.get_by_name(model.Team, fqn.quote(str(team.name)))
        if found is not None:
            user["teams"] = [*(user.get("teams") or ()), str(found.id)]
    yield in_core(model.CreateUserRequest, user)
    if record.roles:
        raise UndeliverableError("om-ingest has no roles; the user and its teams are delivered")


_BY_NAME: dict[str, Convert] = {
    "OMetaTagAndClassification": _tag,
    "OMetaLineageRequest": _edge,
    "OMetaFQNLineageRequest": _edge_by_fqn,
    "OMetaPipelineStatus": _run,
    "OMetaBulkPipelineStatus": _runs,
    "OMetaDatabaseAndTable": _table_with_parents,
    "OMetaTopicSampleData": _samples_of("topic", model.TopicSampleData, "sample_data"),
    "OMetaIndexSampleData": _samples_of("entity", model.TopicSampleData, "data"),
    "OMetaTableSampleData": _samples_of("table", model.TableData, "sample_data"),
    "OMetaTableProfileSampleData": _profile,
    "DashboardUsage": _usage_of("dashboard"),
    "PipelineUsage": _usage_of("pipeline"),
    "OMetaLifeCycleData": _life_cycle,
    "OMetaCustomProperties": _property,
    "OMetaTableConstraints": _constraints,
    "PatchRequest": _patched,
    "DeleteEntity": _deleted,
    "OMetaUserProfile": _user,
}
"""How the records are converted that are no requests, by the name of their class."""
