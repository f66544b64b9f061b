"""Valid values for every field of requests and entities, generated from the models.

Each value exists in three flavours, which differ everywhere: what the source says, what it says
after it has changed, and what a person sets.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any
from uuid import UUID

from om_ingest.config import fields_of
from om_ingest.kinds import KINDS, EntityKind
from om_ingest.model import (
    CreateRequest,
    CreateUserRequest,
    EntityReference,
    FieldModel,
    MlFeature,
    PartitionColumnDetails,
    SearchIndexField,
    TableConstraint,
    TagLabel,
    Task,
)
from pydantic import BaseModel

from tests.every_kind import PRODUCTS

Body = dict[str, Any]
_MEMBERS = (FieldModel, MlFeature, SearchIndexField, Task)
"""Members of lists that are generated; columns are written out."""

FLAVOURS = ("source", "other", "person")

NEIGHBOURS: dict[str, Body] = {
    "user": {"email": "{me}@example.com"},
    "team": {"teamType": "BusinessUnit"},
    "classification": {"description": "Labels."},
    "tag": {"classification": "person-classification", "description": "A label."},
    "domain": {"description": "A domain.", "domainType": "Aggregate"},
    "dataProduct": {"description": "A product.", "domains": ["{flavour}-domain"]},
    "glossary": {"description": "Words."},
    "glossaryTerm": {"glossary": "person-glossary", "description": "A word."},
    "databaseService": {"serviceType": PRODUCTS["database"]},
    "database": {"service": "person-databaseService"},
    "databaseSchema": {"database": "person-databaseService.person-database"},
    "table": {
        "databaseSchema": "person-databaseService.person-database.person-databaseSchema",
        "columns": [{"name": "a", "dataType": "INT"}],
    },
    "storedProcedure": {
        "databaseSchema": "person-databaseService.person-database.person-databaseSchema",
        "storedProcedureCode": {"language": "SQL", "code": "select 1"},
    },
    "dashboardService": {"serviceType": PRODUCTS["dashboard"]},
    "chart": {"service": "person-dashboardService"},
    "dashboardDataModel": {
        "service": "person-dashboardService",
        "dataModelType": "SupersetDataModel",
        "columns": [{"name": "a", "dataType": "INT"}],
    },
    "dashboard": {"service": "person-dashboardService"},
    "metric": {},
}
"""Entities that others refer to, one of each flavour; `{me}` is the name."""


def neighbours() -> Iterator[CreateRequest]:
    """The requests for all neighbours, and the person, in an order in which they can be written."""
    yield CreateUserRequest(name="ann", email="ann@example.com", isAdmin=True)
    for entity_type, body in NEIGHBOURS.items():
        for flavour in reversed(FLAVOURS):  # person's first: it is the parent of the others
            yield KINDS[entity_type].request.model_validate(_filled(entity_type, flavour, body))


def _filled(entity_type: str, flavour: str, body: Body) -> Body:
    me = f"{flavour}-{entity_type}"

    def fill(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace("{me}", me).replace("{flavour}", flavour)
        return [fill(item) for item in value] if isinstance(value, list) else value

    return {"name": me, **{field: fill(value) for field, value in body.items()}}


Reference = Callable[[tuple[str, str]], Body]
"""The reference to the neighbour of an entity type and flavour, with its id."""


class Values:
    """Makes values; `reference` gives the neighbours that they refer to."""

    def __init__(self, reference: Reference) -> None:
        self._find = reference

    def _reference(self, entity_type: str, flavour: str) -> Body:
        return dict(self._find((entity_type, flavour)))

    def of(self, model: type[BaseModel], field: str, flavour: str, kind: EntityKind) -> Any:
        """A value of a field of the kind's request or entity, or of a model in it, as JSON."""
        special = self._special(kind, field, flavour)
        if special is not None and model in (kind.request, kind.entity):
            return special(model)
        return self._value(fields_of(model)[field].annotation, field, flavour, kind)

    def _special(
        self, kind: EntityKind, field: str, flavour: str
    ) -> Callable[[type[BaseModel]], Any] | None:
        """How fields are made whose type does not say what they may hold."""
        number = FLAVOURS.index(flavour) + 1
        if field in kind.id_links:
            return lambda model: self._by_id(model, field, kind.id_links[field], flavour)
        linked = {"domains": "domain", "dataProducts": "dataProduct", **kind.links}.get(field)
        if linked is not None:
            return lambda model: self._link(model, field, linked, flavour)
        plain: dict[str, Any] = {
            "teamType": ("Department", "Division", "BusinessUnit")[number - 1],
            "connection": {"config": {"type": PRODUCTS.get(kind.segment or ""), "by": flavour}},
            "startDate": f"2024-0{number}-01T00:00:00Z",
            "columns": self.columns(flavour),
            "processingEngine": _fixed("ingestionRunner", number),
            "ingestionRunner": _fixed("ingestionRunner", number),
            "personas": [_fixed("persona", number)],
            "defaultPersona": _fixed("persona", number),
            "triggeredBy": self._reference("storedProcedure", flavour),
            "assets": [self._reference("table", flavour)],
            "queryUsedIn": [self._reference("table", flavour)],
            "certification": {
                "tagLabel": self.label(flavour),
                "appliedDate": 1_700_000_000_000,
                "expiryDate": 1_900_000_000_000,
            },
            "sourceConfig": {"config": {"type": "DatabaseMetadata", "by": flavour}},
            "style": {"color": f"#00000{number}"},
            "profile": {"images": {"image": f"https://example.com/{flavour}"}},
            "entityStatus": "Deprecated",
            "isAdmin": flavour == "person",  # a server lets no bot make administrators
        }
        return (lambda model: plain[field]) if field in plain else None

    def _by_id(self, model: type[BaseModel], field: str, target: str, flavour: str) -> Any:
        """Ids in requests, references in entities."""
        if target in KINDS:
            one = self._reference(target, flavour)
        else:
            one = _fixed(target, FLAVOURS.index(flavour) + 1)
        value = one["id"] if issubclass(model, CreateRequest) else one
        return [value] if _is_list(fields_of(model)[field].annotation) else value

    def _link(self, model: type[BaseModel], field: str, target: str, flavour: str) -> Any:
        """FQNs in requests, references in entities."""
        one = self._reference(target, flavour)
        if issubclass(model, CreateRequest):
            one = one["fullyQualifiedName"]
        elif field == "relatedTerms":
            one = {"term": one, "relationType": "relatedTo"}
        return [one] if _is_list(fields_of(model)[field].annotation) else one

    def columns(self, flavour: str) -> list[Body]:
        """Two columns, the first with a column in it; the changed source has another type."""
        kind = "VARCHAR" if flavour == "other" else "STRING"
        inner = {"name": "inner", "dataType": kind, "description": flavour, "dataLength": 9}
        return [
            {
                "name": "a",
                "dataType": "STRUCT",
                "description": flavour,
                "displayName": flavour,
                "tags": [self.label(flavour)],
                "children": [inner],
            },
            {
                "name": "b",
                "dataType": kind,
                "description": flavour,
                "dataLength": 9,
                "constraint": ("NOT_NULL", "UNIQUE", "NULL")[FLAVOURS.index(flavour)],
            },
        ]

    def label(self, flavour: str) -> Body:
        """A label with one of the tags."""
        return {
            "tagFQN": self._reference("tag", flavour)["fullyQualifiedName"],
            "source": "Classification",
            "labelType": "Manual",
            "state": "Confirmed",
        }

    def _value(self, annotation: Any, name: str, flavour: str, kind: EntityKind) -> Any:
        inner = _without_none(annotation)
        number = FLAVOURS.index(flavour) + 1
        if typing.get_origin(inner) is list:
            item = _without_none(typing.get_args(inner)[0])
            return [self._value(item, name, flavour, kind)]
        if inner is EntityReference:
            return self._reference("user", flavour)
        if inner is TagLabel:
            return self.label(flavour)
        if typing.get_origin(inner) is dict or inner is Any:
            return {f"of-{flavour}": flavour}
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return self._model(inner, flavour, kind)
        if isinstance(inner, type) and issubclass(inner, Enum):
            options = [option.value for option in inner]
            return options[(number - 1) % len(options)]
        if inner is bool:
            return flavour != "person"
        if inner in (int, float):
            stamp = "timestamp" in name.lower() or name.endswith(("Time", "Date"))
            place = (2, 3, 1)[number - 1]  # the latest access wins on a server
            return 1_700_000_000_000 + place if stamp else place
        if inner is UUID:
            return str(UUID(int=number))
        return _text(name, flavour, number)

    def _model(self, model: type[BaseModel], flavour: str, kind: EntityKind) -> Body:
        """A nested object with a value in each of its fields."""
        special: dict[str, Any] = {
            "columns": self.columns(flavour),
            "profile": None,
            "customMetrics": None,
            "fullyQualifiedName": None,
            "jsonSchema": None,
            "accessedByAProcess": None,
        }
        if model is TableConstraint:
            return {
                "constraintType": ("UNIQUE", "SORT_KEY", "DIST_KEY")[FLAVOURS.index(flavour)],
                "columns": ["b"],
            }
        if model is PartitionColumnDetails:
            return {"columnName": "b", "intervalType": "TIME-UNIT", "interval": flavour}
        body: Body = {}
        for field, info in fields_of(model).items():
            if model in _MEMBERS and field in ("name", "dataType", "children"):
                continue
            if field in special and (field != "columns" or "Model" in model.__name__):
                value = special[field]
            else:
                value = self._value(info.annotation, field, flavour, kind)
            if value is not None:
                body[field] = value
        if model in _MEMBERS:
            body["name"] = "a"
            if "dataType" in model.model_fields:
                types_of = _without_none(fields_of(model)["dataType"].annotation)
                options = [option.value for option in types_of]
                body["dataType"] = options[1 if flavour == "other" else 0]
            body.pop("downstreamTasks", None)
        return body


def _fixed(entity_type: str, number: int) -> Body:
    """A reference to something that is no entity of ours, such as a role."""
    return {"id": str(UUID(int=number)), "type": entity_type}


def _text(name: str, flavour: str, number: int) -> str:
    lower = name.lower()
    if lower.endswith(("url", "link", "uri", "endpoint", "server", "iri")):
        return f"https://example.com/{flavour}"
    if name == "email":
        return f"{flavour}@example.com"
    if lower.endswith("period"):
        return f"P{number}D"
    if name in ("startDate", "endDate", "generatedAt"):
        return f"2024-0{number}-01T00:00:00Z"
    if name == "scheduleInterval":
        return f"0 {number} * * *"
    if name == "timezone":
        return ("Europe/Berlin", "Asia/Tokyo", "America/Lima")[number - 1]
    if name == "pipelineTimezone":
        return "UTC"
    return f"{name} {flavour}" if name in ("description", "displayName") else flavour


def _is_list(annotation: Any) -> bool:
    return typing.get_origin(_without_none(annotation)) is list


def _without_none(annotation: Any) -> Any:
    """The first type of a union, without its constraints."""
    while True:
        origin = typing.get_origin(annotation)
        if origin is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif origin in (typing.Union, types.UnionType):
            annotation = next(
                option for option in typing.get_args(annotation) if option is not type(None)
            )
        else:
            return annotation
