"""Fields as releases before the current one call them, and what they are called now.

They are taken and read under both names. `tests/upstream_names.py` holds the fields and members of
releases against these tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from om_ingest_compat.imitations import IMITATIONS


class Earlier(NamedTuple):
    """A field by its earlier name."""

    current: str
    """Its name now."""

    is_one: bool = False
    """Whether it had one value where there is a list now."""


_OWNER = Earlier("owners", is_one=True)
_URL = Earlier("sourceUrl")

FIELDS: Mapping[str, Earlier] = {
    "owner": _OWNER,  # up to 1.4
    "domain": Earlier("domains", is_one=True),  # 1.3 to 1.8
    "viewDefinition": Earlier("schemaDefinition"),  # up to 1.4
    "chartUrl": _URL,  # up to 1.0
    "dashboardUrl": _URL,
    "pipelineUrl": _URL,
    "taskUrl": _URL,
    "containerUrl": _URL,
    "stack_trace": Earlier("stackTrace"),  # of an error, up to 1.2
    "customMetricsProfile": Earlier("customMetrics"),  # of a column, up to 1.2
    "status": Earlier("entityStatus"),  # of a glossary term, up to 1.9
}
"""Earlier name -> field, for every model that has the current name and not the earlier one."""

_NO_LOGIN = "the field is left out, since om-ingest makes no logins"
_OF_SERVER = "the field is left out, since a server sets it"

_NO_TYPE = "the field is left out: from 0.14 on there is no such type"

IGNORED: Mapping[str, Mapping[str, str]] = {
    "CreateClassificationRequest": {"categoryType": _NO_TYPE},
    "CreateUserRequest": dict.fromkeys(
        ("authenticationMechanism", "confirmPassword", "createPasswordType", "password"), _NO_LOGIN
    ),
    "User": {"authenticationMechanism": _NO_LOGIN},
    "ChangeDescription": {"changeSummary": _OF_SERVER},
    "LineageDetails": {"tempLineageTables": "the field is left out: it is of upstream's parser"},
}
"""Model -> field -> why it is taken and not delivered."""


def _partition(values: dict[str, Any]) -> None:
    """Up to 1.3 a partition had names of columns, and one interval for all."""
    shared = {name: values.pop(name, None) for name in ("intervalType", "interval")}
    values["columns"] = [
        {"columnName": str(getattr(column, "root", column)), **shared}
        if isinstance(column, str) or hasattr(column, "root")
        else column
        for column in values.get("columns") or ()
    ] or [shared]


def _topic(values: dict[str, Any]) -> None:
    """Up to 0.12 the schema of a topic had no model of its own."""
    schema = {n: values.pop(n) for n in ("schemaText", "schemaType") if n in values}
    values.setdefault("messageSchema", schema)


REWRITES: Mapping[str, tuple[tuple[str, ...], Callable[[dict[str, Any]], None]]] = {
    "TablePartition": (("intervalType", "interval"), _partition),
    "CreateTopicRequest": (("schemaText", "schemaType"), _topic),
}
"""Model -> its earlier fields that no single field stands for, and what rewrites them."""


MEMBERS: Mapping[str, Mapping[str, str]] = {
    "DashboardServiceType": {"Mstr": "MicroStrategy"},  # 1.3 to 1.8
    "ApiServiceType": {"REST": "Rest"},  # 1.5
    "DataModelType": {"QlikSenseDataModel": "QlikDataModel"},  # up to 1.3
    "TagSource": {"Tag": "Classification"},  # up to 0.13
    "DatabaseServiceType": {"Iceberg": "CustomDatabase"},  # 1.3 to 1.5
    "SpreadsheetMimeType": {  # upstream makes names of the values
        "application_vnd_google_apps_spreadsheet": "GoogleSheets",
        "application_vnd_ms_excel": "ExcelXls",
        "application_vnd_oasis_opendocument_spreadsheet": "OpenDocument",
        "application_vnd_openxmlformats_officedocument_spreadsheetml_sheet": "ExcelXlsx",
        "text_csv": "Csv",
        "text_tab_separated_values": "Tsv",
    },
}
"""Enum -> member as upstream calls it, or called it -> as core does."""


def with_earlier_members(enum: Any) -> Any:
    """An enum of core that also has the members of earlier releases as attributes."""
    for earlier, current in MEMBERS.get(enum.__name__, {}).items():
        if not hasattr(enum, earlier):
            setattr(enum, earlier, enum[current])
    return enum


_OF_MODEL: dict[type[Any], dict[str, Earlier]] = {}


def of_model(core: type[Any]) -> dict[str, Earlier]:
    """The earlier names of the fields of a model."""
    found = _OF_MODEL.get(core)
    if found is None:
        fields = core.model_fields
        found = _OF_MODEL[core] = {
            name: field
            for name, field in FIELDS.items()
            if field.current in fields and name not in fields
        }
    return found


def properties_of(core: type[Any]) -> dict[str, Any]:
    """What reads and writes the fields of a model by their earlier names."""
    found = {name: _property(field) for name, field in of_model(core).items()}
    for name in IGNORED.get(core.__name__, ()):
        found[name] = property(lambda model: None)
    return found


def _property(field: Earlier) -> property:
    def read(model: Any) -> Any:
        value = getattr(model, field.current)
        if field.is_one:
            return value[0] if value else None
        return value

    def write(model: Any, value: Any) -> None:
        setattr(model, field.current, _listed(value) if field.is_one else value)

    return property(read, write)


def _listed(value: Any) -> Any:
    return value if value is None or isinstance(value, list) else [value]


def renamed(core: type[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a model under the current names of their fields."""
    values = dict(given)
    for name, field in of_model(core).items():
        if name in values:
            value = values.pop(name)
            wanted = _listed(value) if field.is_one else value
            if value is not None and not values.get(field.current):
                values[field.current] = wanted
            elif value is not None and values[field.current] != wanted:
                why = f"the field is left out: {field.current} is given, too"
                IMITATIONS.note("metadata.generated.schema", f"{core.__name__}.{name}", why)
    model = core.__name__
    for name, why in IGNORED.get(model, {}).items():
        if values.pop(name, None) is not None and why != _NO_TYPE:  # nobody misses it
            IMITATIONS.note("metadata.generated.schema", f"{model}.{name}", why)
    names, rewrite = REWRITES.get(model, ((), None))
    if rewrite is not None and any(name in values for name in names):
        rewrite(values)
    return values
