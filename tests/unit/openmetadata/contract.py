"""What a server answers, field by field, as the pages of the REST contract tell it (§3.1, §9)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from om_ingest.kinds import KINDS

from tests.every_kind import PRODUCTS

TIME_MS = 1772323200123
"""What stands for each date and time, which servers show in milliseconds."""

_PAGES = Path(__file__).parents[3] / "plugins/catalog/docs/rest-contract"
_ID = "00000000-0000-4000-8000-000000000001"
# fmt: off
_REFERENCE = {
    "id": _ID, "type": "user", "name": "n", "fullyQualifiedName": "n", "displayName": "d",
    "description": "d", "deleted": False, "inherited": False, "href": "https://x.test/n",
}
_CHANGE = {
    "fieldsAdded": [{"name": "tags", "newValue": "[]"}],
    "fieldsUpdated": [{"name": "description", "oldValue": "a", "newValue": "b"}],
    "fieldsDeleted": [],
    "previousVersion": 0.1,
}
_VALUES: dict[str, Any] = {
    "string": "text", "name": "n", "FQN": "a.b", "uuid": _ID, "URI": "https://x.test/a",
    "date": "2026-03-01", "date-time": TIME_MS, "email": "ann@x.test", "any": {"a": [1]},
    "integer": 7, "number": 1.5, "boolean": True, "lists of any": [1, "a", None],
    "EntityReference": _REFERENCE, "ChangeDescription": _CHANGE, "EntityStatus": "Approved",
    "ProviderType": "user", "LifecycleStage": "PRODUCTION", "DataProductType": "other",
    "Visibility": "PRIVATE", "PortfolioPriority": "HIGH", "PipelineType": "metadata",
    "LogLevels": "INFO", "TransformationType": "SQL", "ProfileSampleType": "ROWS",
    "PipelineState": "success", "DirectoryType": "Root", "FileType": "Document",
    "SpreadsheetMimeType": "text/csv", "MetricType": "COUNT", "UnitOfMeasurement": "COUNT",
    "MetricGranularity": "DAY", "MetricExpression": {"language": "SQL", "code": "1"},
    "LastRunStatus": "Successful", "SourceConfig": {"config": {"type": "DatabaseMetadata"}},
    **{f"{kind.class_name}Type": PRODUCTS[kind.segment] for kind in KINDS.values() if kind.segment},
}
# fmt: on
_WITHOUT_SHAPE = {"a": 1}
"""What stands for a class that the contract does not describe."""

_COMMON = (
    "`displayName`, `description`, `sourceUrl`: string; `owners`: list of EntityReference; `tags`: "
    "list of TagLabel; `domains`: list of string; `dataProducts`: list of FQN; `extension`: any; "
    "`lifeCycle`: LifeCycle; `sourceHash`: string"
)
_OF_ANSWERS = (
    "`id`: uuid; `fullyQualifiedName`: FQN; `version`: number; `updatedAt`: integer; `updatedBy`, "
    "`impersonatedBy`: string; `href`: URI; `deleted`: boolean; `changeDescription`, "
    "`incrementalChangeDescription`: ChangeDescription"
)
_ASSET = (
    "`followers`: list of EntityReference; `votes`: Votes; `certification`: AssetCertification; "
    "`entityStatus`: EntityStatus; `dataContract`: EntityReference"
)
_SERVICE = (
    "`displayName`, `description`: string; `pipelines`, `owners`, `followers`, `domains`: list of "
    "EntityReference; `tags`: list of TagLabel; `testConnectionResult`: TestConnectionResult; "
    "`ingestionRunner`: EntityReference"
)


def answers() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each kind with an entity of it as a server answers it, with every field that it may have."""
    for kind in KINDS.values():
        if kind.segment is not None:
            fields = _fields(f"{_SERVICE}; {_OF_ANSWERS}")
            product = PRODUCTS[kind.segment]
            more = {"serviceType": product, "connection": {"config": {"type": product}}}
            if not {"impersonatedBy", "entityStatus"} & kind.entity.model_fields.keys():
                fields.pop("impersonatedBy")
        elif kind.entity_type == "ingestionPipeline":
            fields, more = _pipeline_fields(), {}
        else:
            fields, more = _answer_fields(kind.class_name), {}
        section = kind.class_name
        body = {name: _value(section, told, ()) for name, told in fields.items()}
        yield kind.entity_type, {**body, "name": "n", **more}


@cache
def _sections() -> dict[str, dict[str, str]]:
    """The paragraphs of §3.1 by the class of the answer, then by the class that they describe."""
    text = (_PAGES / "03-entities.md").read_text("utf-8")
    found = {}
    for section in re.split(r"\n### ", text[text.index("## §3.1") :])[1:]:
        answer = re.search(r"\nAnswer `(\w+)`", section)
        pieces = re.split(r"\n\n(?=`\w+` \(|Answer `|(?:All|Common) )", section)
        named: dict[str, str] = {}
        for piece in pieces[1:]:
            head = re.match(r"(?:Answer )?`(\w+)`|(\w+)", piece)
            assert head is not None
            key = f"Answer {head[1]}" if piece.startswith("Answer") else head[1] or head[2]
            named[key] = piece
        found[answer[1] if answer else section.split(" ")[0]] = named
    return found


def _answer_fields(class_name: str) -> dict[str, str]:
    """Name and type of each field of an answer."""
    section = _sections()[class_name]
    request = next(piece for key, piece in section.items() if key.startswith("Create"))
    common = _fields(_COMMON)
    told = next((piece for key, piece in section.items() if key in ("All", "Common")), "")
    named = re.findall(r"`(\w+)`", told)
    common = {name: t for name, t in common.items() if (name in named) is told.startswith("Common")}
    fields = {**common, **_fields(request), **_fields(_OF_ANSWERS)}
    answer = " ".join(section[f"Answer {class_name}"].split())
    assets = _fields(_ASSET)
    if some := re.search(r"Of the asset fields (.*?)\.(?: |$)", answer):
        fields |= {name: assets[name] for name in re.findall(r"`(\w+)`", some[1])}
    elif "Asset fields" in answer:
        fields |= assets
    if "and `usageSummary`" in answer:
        fields["usageSummary"] = "UsageDetails"
    if "Has no `deleted`" in answer:
        del fields["deleted"]
    for part in re.findall(r"(?:Own|Other type): (.*?)\.(?= [A-Z]|$)", answer):
        fields |= _fields(part)
    for part in re.findall(r"References: (.*?)\.(?= [A-Z]|$)", answer):
        for name in re.findall(r"`(\w+)`", part):
            is_list = "list of" in fields.get(name, "")
            fields[name] = "list of EntityReference" if is_list else "EntityReference"
    if class_name == "Spreadsheet":
        del fields["parent"]  # it is `directory` there
    return fields


def _pipeline_fields() -> dict[str, str]:
    text = (_PAGES / "09-run-reporting.md").read_text("utf-8")
    fields = _fields(re.split(r"\n\n", text[text.index("**IngestionPipeline**") :])[0])
    del fields["openMetadataServerConnection"]  # with its token: no client keeps it
    _sections()["IngestionPipeline"] = {
        name: re.split(r"\n\n", text[text.index(f"**{name}**") :])[0]
        for name in ("AirflowConfig", "PipelineStatus", "StepSummary", "StackTraceError")
    }
    return fields


def _fields(piece: str) -> dict[str, str]:
    """Name and type of each field that a table or a paragraph lists."""
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| (.*?) \|", piece, re.MULTILINE)
    if not rows:
        plain = re.sub(r"^(?:\*\*\w+\*\*|`\w+` \(.*?\)):? ", "", " ".join(piece.split()))
        rows = re.findall(r"(`\w+`(?:, `\w+`)*): (.*?)(?=; `|\.?$)", plain)
    return {name: told for names, told in rows for name in re.findall(r"`(\w+)`", names)}


def _value(section: str, told: str, inside: tuple[str, ...]) -> Any:
    """A value of a type, e.g. of `list of Column` or `string (1-32)`."""
    told = re.sub(r" \(.*|  *=.*|`", "", told).strip()
    if told.startswith("list of "):
        return [_value(section, told.removeprefix("list of "), inside)]
    piece = _sections().get(section, {}).get(told)
    if piece is None and told in _VALUES:
        return _VALUES[told]
    piece = piece or next((named[told] for named in _sections().values() if told in named), None)
    if piece is None:
        return _WITHOUT_SHAPE
    if values := re.match(r"`\w+` \(\d+ values\): (.*?)[,.]", " ".join(piece.split())):
        return values[1]
    below = (*inside, told)
    return {
        name: _value(section, inner, below)
        for name, inner in _fields(piece).items()
        if below.count(told) < 2 or told not in inner
    }
