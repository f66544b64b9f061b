"""What a connector yields, as records of the host.

Classes are told by their names: they may be ours, or those of a real openmetadata-ingestion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

from om_ingest import model
from om_ingest.kinds import kind_of
from om_ingest.model import AddLineageRequest, EntityReference
from pydantic import BaseModel

from om_ingest_compat.connectors.steps import client
from om_ingest_compat.running import current
from om_ingest_compat.shims.entities import kind_named, spelled, text_of

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
    yield _in_core(core, record)


def _core_class(cls: type[Any]) -> type[BaseModel] | None:
    """The request of core that a request of a real openmetadata-ingestion stands for."""
    if not (issubclass(cls, BaseModel) and cls.__name__.startswith(("Create", "Add"))):
        return None
    found = getattr(model, cls.__name__, None)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def _in_core(core: type[BaseModel], given: Any) -> Any:
    """An object of a class of core, in the fields of any release."""
    if isinstance(given, core):
        return given
    fields = given.model_dump(mode="json", exclude_none=True) if _is_model(given) else given
    return spelled(core).model_validate(fields)


def _is_model(given: Any) -> bool:
    return isinstance(given, BaseModel)


def _reference(entity: Any) -> EntityReference:
    """A reference to an entity that was read, or to a reference."""
    kind = kind_named(entity)
    entity_type = kind.entity_type if kind is not None else text_of(getattr(entity, "type", ""))
    fqn = getattr(entity, "fullyQualifiedName", None)
    if fqn is None and getattr(entity, "id", None) is None:
        raise UndeliverableError(f"{type(entity).__name__} has neither id nor fullyQualifiedName")
    if fqn is not None:
        return EntityReference(type=entity_type, fullyQualifiedName=text_of(fqn))
    return EntityReference(type=entity_type, id=UUID(text_of(entity.id)))


def _fqn(entity: Any) -> str:
    reference = _reference(entity)
    if reference.fullyQualifiedName:
        return reference.fullyQualifiedName
    found = current().context.metadata.get_by_id(kind_of(reference.type).entity, reference.id)
    if found is None:
        raise UndeliverableError(f"there is no {reference.type} with id {reference.id}")
    return found.fullyQualifiedName


def _tag(record: Any) -> Iterator[Any]:
    yield _in_core(model.CreateClassificationRequest, record.classification_request)
    yield _in_core(model.CreateTagRequest, record.tag_request)


def _edge(record: Any) -> Iterator[Any]:
    if getattr(record, "override_lineage", False):
        client().override_lineage(record.lineage_request)
    yield from converted_or_same(record.lineage_request)


def converted_or_same(record: Any) -> Iterator[Any]:
    """The record itself if it is one of core, or what it stands for."""
    if isinstance(record, AddLineageRequest):
        yield record
    else:
        yield from converted(record)


def _edge_by_fqn(record: Any) -> Iterator[Any]:
    ends: dict[str, Any] = {}
    for end in ("from", "to"):
        kind = getattr(record, f"{end}_entity_type", None)
        found = kind_named(text_of(kind) if not isinstance(kind, type) else kind)
        entity_type = found.entity_type if found is not None else text_of(kind or "table")
        fqn = text_of(getattr(record, f"{end}_entity_fqn"))
        ends[f"{end}Entity"] = EntityReference(type=entity_type, fullyQualifiedName=fqn)
    details = getattr(record, "lineage_details", None)
    if details is not None:
        ends["lineageDetails"] = _in_core(model.LineageDetails, details)
    yield AddLineageRequest(edge=model.EntitiesEdge(**ends))


def _run(record: Any) -> Iterator[Any]:
    yield model.AddPipelineStatusRequest(
        pipeline=text_of(record.pipeline_fqn),
        pipelineStatus=_in_core(model.PipelineStatus, record.pipeline_status),
    )


def _runs(record: Any) -> Iterator[Any]:
    for one in record.pipeline_statuses:
        yield model.AddPipelineStatusRequest(
            pipeline=text_of(record.pipeline_fqn),
            pipelineStatus=_in_core(model.PipelineStatus, one),
        )


def _messages(record: Any) -> Iterator[Any]:
    yield _sample(record.topic, model.TopicSampleData, record.sample_data)


def _documents(record: Any) -> Iterator[Any]:
    yield _sample(record.entity, model.TopicSampleData, record.data)


def _rows(record: Any) -> Iterator[Any]:
    yield _sample(record.table, model.TableData, record.sample_data)


def _sample(entity: Any, core: type[BaseModel], data: Any) -> Any:
    return model.AddSampleDataRequest(entity=_reference(entity), sampleData=_in_core(core, data))


def _profile(record: Any) -> Iterator[Any]:
    yield model.AddTableProfileRequest(
        table=_fqn(record.table), profile=_in_core(model.CreateTableProfileRequest, record.profile)
    )


def _usage_of(field: str) -> Convert:
    def convert(record: Any) -> Iterator[Any]:
        yield model.AddUsageRequest(
            entity=_reference(getattr(record, field)),
            usage=_in_core(model.UsageRequest, record.usage),
        )

    return convert


def _life_cycle(record: Any) -> None:
    kind = kind_named(record.entity)
    if kind is None:
        raise UndeliverableError(f"om-ingest has no {record.entity!r}")
    life_cycle = _in_core(model.LifeCycle, record.life_cycle).model_dump(
        mode="json", exclude_none=True
    )
    fqn = text_of(record.entity_fqn)
    operation = {"op": "add", "path": "/lifeCycle", "value": life_cycle}
    if current().context.metadata.patch(kind.entity, fqn, [operation]) is None:
        raise UndeliverableError(f"there is no {kind.entity_type} {fqn}")


def _deleted(record: Any) -> None:
    kind = kind_named(record.entity)
    if kind is None:
        raise UndeliverableError(f"om-ingest has no {type(record.entity).__name__}")
    fqn = _fqn(record.entity)
    recursive = bool(getattr(record, "mark_deleted_entities", False))
    current().context.metadata.delete(kind.entity, fqn, recursive=recursive)


def _patched(record: Any) -> None:
    client().patch(
        entity=type(record.original_entity),
        source=record.original_entity,
        destination=record.new_entity,
    )


def _property(record: Any) -> None:
    client().create_or_update_custom_property(record)


def _user(record: Any) -> Iterator[Any]:
    for team in record.teams or ():
        yield _in_core(model.CreateTeamRequest, team)
    if record.roles:
        raise UndeliverableError("om-ingest has no roles; the user and its teams are delivered")
    yield _in_core(model.CreateUserRequest, record.user)


_BY_NAME: dict[str, Convert] = {
    "OMetaTagAndClassification": _tag,
    "OMetaLineageRequest": _edge,
    "OMetaFQNLineageRequest": _edge_by_fqn,
    "OMetaPipelineStatus": _run,
    "OMetaBulkPipelineStatus": _runs,
    "OMetaTopicSampleData": _messages,
    "OMetaIndexSampleData": _documents,
    "OMetaTableSampleData": _rows,
    "OMetaTableProfileSampleData": _profile,
    "DashboardUsage": _usage_of("dashboard"),
    "PipelineUsage": _usage_of("pipeline"),
    "OMetaLifeCycleData": _life_cycle,
    "OMetaCustomProperties": _property,
    "PatchRequest": _patched,
    "DeleteEntity": _deleted,
    "OMetaUserProfile": _user,
}
"""How the records are converted that are no requests, by the name of their class."""
