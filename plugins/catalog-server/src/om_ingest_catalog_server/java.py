"""Names of OpenMetadata's Java classes, as messages about bodies have them."""

from __future__ import annotations

from functools import cache

_JAVA = {"AddLineageRequest": "api.lineage.AddLineage", "DataType": "type.ColumnDataType"}
_PACKAGES = {
    "Service": "api.services",
    "IngestionPipeline": "api.services.ingestionPipelines",
    **dict.fromkeys(("Classification", "Tag"), "api.classification"),
    **dict.fromkeys(("Domain", "DataProduct"), "api.domains"),
    **dict.fromkeys(("User", "Team"), "api.teams"),
}


@cache
def class_of(name: str) -> str:
    """The Java class of one of ours; for parts of entities its package is a guess."""
    given = _JAVA.get(name)
    if given is None and name.startswith("Create") and name.endswith("Request"):
        what = name.removeprefix("Create").removesuffix("Request")
        package = _PACKAGES.get(what) or _PACKAGES.get(what[-len("Service") :], "api.data")
        given = f"{package}.Create{what}"
    return f"org.openmetadata.schema.{given or f'type.{name}'}"


def entity_class(request: str) -> str:
    """The Java class of the entities that a request is for."""
    return class_of(request).replace(".api.", ".entity.").replace(".Create", ".")
