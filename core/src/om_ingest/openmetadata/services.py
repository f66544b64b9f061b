"""`get_service_or_create`: a connector's service, from its JSON and the server's config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from om_ingest.config.validation import validated
from om_ingest.errors import Problem, WorkflowError
from om_ingest.kinds import SERVICE_KINDS, EntityKind
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.openmetadata.store import OpenMetadata


def get_service_or_create(
    service_json: Mapping[str, Any], metadata_config: MetadataServerConfig | Mapping[str, Any]
) -> Any:
    """The service with the name in `service_json`; created first if the server has none.

    `service_json` holds the fields of a request for a service: `name`, `serviceType` and more;
    the family follows from `serviceType`, or from `type` such as `databaseService`. A source
    that runs in a workflow has `ctx.metadata.get_service_or_create`, whichever sink it has.

    Raises `WorkflowError` when one of the two is wrong, `ServerError` and `RecordError`.
    """
    values = dict(service_json)
    kind = _kind_of(values.pop("type", None), values.get("serviceType"))
    request = validated(kind.request, values)
    with OpenMetadata(metadata_config) as store:
        return store.get_service_or_create(request)


def _kind_of(entity_type: object, service_type: object) -> EntityKind:
    for kind in SERVICE_KINDS.values():
        if entity_type == kind.entity_type:
            return kind
        known = kind.request.model_fields["serviceType"].annotation
        if entity_type is None and service_type in {str(item.value) for item in known or ()}:
            return kind
    raise WorkflowError(
        f"OpenMetadata has no serviceType {service_type!r}",
        "Use one that it has, such as Postgres or CustomDatabase; see the reference.",
        (Problem(("serviceType",), "not a type of service"),),
    )
