"""The JSON Schema of the report of a run."""

from __future__ import annotations

import json
from typing import Any

from om_ingest.store import Outcome
from om_ingest.workflow.circumstances import SCHEMA_VERSION

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_SECONDS = {"type": "number", "minimum": 0}
_FLAG = {"type": "boolean"}
_MOMENT = {"type": "string", "format": "date-time"}
_COUNTS = {"type": "object", "additionalProperties": _COUNT}


def text() -> str:
    """The schema as JSON, for `om-ingest schema --report` and the site."""
    return json.dumps(schema(), indent=2) + "\n"


def schema() -> dict[str, Any]:
    """The schema (draft 2020-12). Every key is required; keys that it does not name are allowed."""
    outcomes = {outcome.value: _COUNT for outcome in Outcome}
    by_type = {"type": "object", "additionalProperties": _object(outcomes)}
    keys: dict[str, Any] = {
        "runId": _TEXT,
        "state": {"enum": ["running", "success", "failed", "interrupted"]},
        "exitCode": _or_null({"type": "integer", "minimum": 0, "maximum": 255}),
        "source": _TEXT,
        "distribution": _TEXT,
        "serviceName": _TEXT,
        "sink": _TEXT,
        "startedAt": _MOMENT,
        "resumedFrom": _or_null(_TEXT),
        "schemaVersion": {"type": "string", "pattern": rf"^{SCHEMA_VERSION.partition('.')[0]}\."},
        "endedAt": _or_null(_MOMENT),
        "host": _object({"version": _TEXT, "python": _TEXT, "platform": _TEXT}),
        "connector": _object({"name": _TEXT, "distribution": _TEXT, "version": _TEXT}),
        "workflow": _object(
            {
                "file": _or_null(_TEXT),
                "digest": _or_null({"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}),
                "pipelineFqn": _or_null(_TEXT),
            }
        ),
        "phases": _list(
            {"name": _TEXT, "startedAt": _MOMENT, "duration_s": _SECONDS, "error": _TEXT}
        ),
        "peakMemoryBytes": _object({"process": _or_null(_COUNT), "children": _or_null(_COUNT)}),
        "retries": _object(
            {**_RETRIES, "servers": _list({"server": _TEXT, **_RETRIES, "reasons": _REASONS})}
        ),
        "dryRun": _FLAG,
        "overrideMetadata": _FLAG,
        "limit": _or_null({"type": "integer", "minimum": 1}),
        "skipped": _COUNT,
        "derived": _COUNT,
        "durations_s": _object(dict.fromkeys(("prepare", "read", "write", "total"), _SECONDS)),
        "recordsPerSecond": _SECONDS,
        "records": _object({"yielded": _COUNT, **outcomes, "filtered": _COUNT}),
        "byEntityType": by_type,
        "failures": _NOTES,
        "sourceStatus": _object(
            {
                "scanned": _COUNT,
                "warnings": _NOTES,
                "failures": _NOTES,
                "filtered": _NOTES,
                "changes": {"type": "object", "additionalProperties": _COUNTS},
            }
        ),
        "deliveryWarnings": _object(
            {"total": _COUNT, "samples": _list({"key": _TEXT, "reason": _TEXT, "records": _COUNT})}
        ),
        "processors": _list(
            {
                "name": _TEXT,
                "counts": {"type": "object", "additionalProperties": {"type": "number"}},
                "warnings": _NOTES,
            }
        ),
        "readToEnd": _FLAG,
        "stale": _or_null(
            _object(
                {
                    "dryRun": _FLAG,
                    "markedDeleted": _COUNTS,
                    "samples": _TEXTS,
                    "leftOut": _object({"kept": _COUNTS, "markedDeleted": _COUNTS}),
                    "failures": _NOTES,
                    "keptScopes": _list({"scope": _TEXT, "reason": _TEXT}),
                }
            )
        ),
        "errors": _TEXTS,
        "faults": _list({"name": _TEXT, "reason": _TEXT, "place": _TEXT, "traceback": _TEXT}),
        "journal": _or_null(
            _object(
                {
                    "folder": _TEXT,
                    "job": _TEXT,
                    "acknowledged": _COUNT,
                    "lastSuccess": _or_null(_MOMENT),
                    "lastSuccessRunId": _or_null(_TEXT),
                }
            )
        ),
        "deadLetters": _or_null(_TEXT),
        "deadLettersPath": _or_null(_TEXT),
        "notReplayable": _COUNT,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:om-ingest:report:{SCHEMA_VERSION}",
        "title": "Report of a run of om-ingest",
        "description": f"Version {SCHEMA_VERSION} of what `om-ingest run --report FILE` writes.",
        **_object(keys),
    }


def _object(keys: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(keys), "properties": keys}


def _list(keys: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": _object(keys)}


def _or_null(value: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [value, {"type": "null"}]}


_TEXTS = {"type": "array", "items": _TEXT}
_RETRIES = {"count": _COUNT, "lost_s": _SECONDS}
_REASONS = _list({"reason": _TEXT, **_RETRIES})
_NOTES = _object(
    {
        "total": _COUNT,
        "samples": _list({"key": _TEXT, "reason": _TEXT}),
        "reasons": _list({"reason": _TEXT, "count": _COUNT, "keys": _TEXTS}),
    }
)
