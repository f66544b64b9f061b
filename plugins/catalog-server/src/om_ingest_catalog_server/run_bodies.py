"""Validation of progress, metrics and logs of runs, which are kept in memory (contract §9)."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException

_TEXT, _NUMBER, _LIST, _OBJECT, _FLAG = (str,), (int,), (list,), (dict,), (bool,)

PROGRESS: dict[str, tuple[type, ...]] = {
    "runId*": _TEXT,
    "timestamp*": _NUMBER,
    "updateType*": _TEXT,
    "stepName": _TEXT,
    "progress": _OBJECT,
    "globalCounters": _LIST,
    "estimatedSecondsRemaining": _NUMBER,
    "totalAssetsIngested": _NUMBER,
    "currentEntity": _TEXT,
    "message": _TEXT,
}
"""Fields of a ProgressUpdate; `*` marks required ones."""

METRICS: dict[str, tuple[type, ...]] = {
    "runId*": _TEXT,
    "stepName*": _TEXT,
    "batchTimestamp": _NUMBER,
    "metrics*": _LIST,
}
"""Fields of an OperationMetricsBatch."""

LOGS: dict[str, tuple[type, ...]] = {
    "logs*": _TEXT,
    "timestamp": _NUMBER,
    "connectorId": _TEXT,
    "compressed": _FLAG,
    "lineCount": _NUMBER,
}
"""Fields of a chunk of a log."""

UPDATE_TYPES = {"DISCOVERY", "PROCESSING", "STEP_COMPLETE", "PIPELINE_COMPLETE", "ERROR"}


def check(body: dict[str, Any], fields: dict[str, tuple[type, ...]]) -> dict[str, Any]:
    """The body without nulls; raises `HTTPException` (400) that names the first invalid field."""
    types = {name.rstrip("*"): kinds for name, kinds in fields.items()}
    given = {name: value for name, value in body.items() if value is not None}
    for name, value in given.items():
        if name not in types:
            raise HTTPException(400, f"[{name} is not a field of this request]")
        if type(value) not in types[name]:
            raise HTTPException(400, f"[{name} must be of type {types[name][0].__name__}]")
    for name in fields:
        if name.endswith("*") and name[:-1] not in given:
            raise HTTPException(400, f"[{name[:-1]} must not be null]")
    if given.get("updateType", "ERROR") not in UPDATE_TYPES:
        raise HTTPException(400, f"[updateType must be one of {sorted(UPDATE_TYPES)}]")
    return given
