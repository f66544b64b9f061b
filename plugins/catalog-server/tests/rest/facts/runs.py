"""Ingestion pipelines and what their runs report (contract §9)."""

from __future__ import annotations

from typing import Any

from rest.case import Ask, case, delete, get, make, patch, put, replacing
from rest.expect import ABSENT, ANYTHING, Holding, Sized
from rest.specimens import specimen

_TOP = "services/ingestionPipelines"
_STATUS = f"{_TOP}/{{ingestionPipeline}}/pipelineStatus"
_PIPELINE = make("ingestionPipeline")
_START = 1_700_000_000_000
_SLASHED = {"id": "{slashed.id}", "type": "databaseService"}
_STEP = {
    "name": "Source",
    "records": 4,
    "updated_records": 0,
    "warnings": 0,
    "errors": 1,
    "filtered": 0,
    "failures": [{"name": "bad", "error": "boom"}],
}


def _run(run_id: str = "r1", state: str = "running", **more: Any) -> dict[str, Any]:
    return {
        "runId": run_id,
        "pipelineState": state,
        "startDate": _START,
        "timestamp": _START,
    } | more


def _report(body: Any, status: Any = (200, 201), **more: Any) -> Ask:
    return put(_STATUS, body, status, **more)


_LOOKALIKES = [
    {"id": "1", "type": ["table"]},
    {"id": ["1"], "type": "table"},
    {"tagFQN": ["PII.None"], "source": "Classification"},
    {"tagFQN": "PII.None", "source": ["Classification"]},
]

CASES = [
    case(
        "§9",
        "what looks like a reference or a label in a configuration is shown as it was sent",
        make(
            "ingestionPipeline",
            sourceConfig={"config": {"type": "DatabaseMetadata", "parts": _LOOKALIKES}},
        ),
        get(
            f"{_TOP}/{{ingestionPipeline.id}}",
            shows={"sourceConfig": {"config": {"parts": _LOOKALIKES}}},
        ),
    ),
    case(
        "§9",
        "a pipeline lies in a service that a reference names, and has its defaults",
        make("databaseService"),
        put(
            _TOP,
            specimen("ingestionPipeline"),
            201,
            {
                "fullyQualifiedName": "{databaseService}.ingestionpipeline_{me}",
                "service": {"id": "{databaseService.id}", "type": "databaseService"},
                "pipelineType": "metadata",
                "sourceConfig": {"config": {"type": "DatabaseMetadata"}},
                "airflowConfig": ANYTHING,
                "deleted": False,
            },
        ),
    ),
    case(
        "§9",
        "what the official client sends to create its pipeline is taken",
        make("databaseService"),
        put(
            _TOP,
            {
                "name": "my_pipe",
                "pipelineType": "metadata",
                "sourceConfig": {"config": {"type": "DatabaseMetadata"}},
                "airflowConfig": {},
                "service": {"id": "{databaseService.id}", "type": "databaseService"},
                "enableStreamableLogs": False,
            },
            201,
            {"fullyQualifiedName": "{databaseService}.my_pipe"},
        ),
        get(f"{_TOP}/name/{{databaseService}}.my_pipe"),
        since="1.10",
    ),
    *(
        case(
            "§9",
            f"a pipeline may lie in a {family}",
            make(family),
            put(
                _TOP,
                specimen("ingestionPipeline", service={"id": f"{{{family}.id}}", "type": family}),
                201,
                {"service": {"type": family}},
            ),
        )
        for family in ("dashboardService", "messagingService", "pipelineService", "storageService")
    ),
    case(
        "§9",
        "a pipeline in an unknown service is 404, in what is no service 400",
        put(
            _TOP,
            specimen(
                "ingestionPipeline",
                service={"id": "11111111-2222-3333-4444-555555555555", "type": "databaseService"},
            ),
            404,
        ),
        make("table"),
        put(
            _TOP,
            specimen("ingestionPipeline", service={"id": "{table.id}", "type": "table"}),
            (400, 404),
        ),
    ),
    case(
        "§9",
        "a pipeline without its type, with an unknown one, or without configuration is 400",
        make("databaseService"),
        *(
            put(
                _TOP,
                {k: v for k, v in specimen("ingestionPipeline").items() if k != missing},
                400,
                says=missing,
            )
            for missing in ("pipelineType", "sourceConfig", "airflowConfig", "service")
        ),
        put(_TOP, specimen("ingestionPipeline", pipelineType="chair"), 400),
        put(_TOP, specimen("ingestionPipeline", airflowConfig={"bogus": 1}), 400),
    ),
    case(
        "§9",
        "a run is reported, and found by its id",
        _PIPELINE,
        _report(_run()),
        get(
            f"{_STATUS}/r1",
            shows={"runId": "r1", "pipelineState": "running", "timestamp": _START},
        ),
    ),
    case(
        "§9",
        "a run that is reported again is replaced: its runId is the key",
        _PIPELINE,
        _report(_run()),
        _report(_run(state="failed", endDate=_START + 9, status=[_STEP], config={})),
        get(
            f"{_STATUS}/r1",
            shows={"pipelineState": "failed", "endDate": _START + 9, "status": [_STEP]},
        ),
        get(f"{_STATUS}?startTs={_START}&endTs={_START}", shows={"data": Sized(1)}),
    ),
    case(
        "§9",
        "an unknown run is an empty answer, not a 404",
        _PIPELINE,
        get(f"{_STATUS}/no-such-run", (200, 204), headers={"Content-Type": ABSENT}),
    ),
    case(
        "§9",
        "a report for a pipeline that is not there is 404",
        put(f"{_TOP}/nobody{{me}}.x/pipelineStatus", _run(), 404),
        get(f"{_TOP}/nobody{{me}}.x/pipelineStatus", 404),
    ),
    case(
        "§9",
        "runs are found in a span of time",
        _PIPELINE,
        *(
            _report(_run(f"r{at}", startDate=_START + at, timestamp=_START + at))
            for at in (0, 1000, 2000)
        ),
        get(
            f"{_STATUS}?startTs={_START + 500}&endTs={_START + 1500}",
            shows={"data": [{"runId": "r1000"}], "paging": ANYTHING},
        ),
    ),
    case(
        "§9",
        "without a span there are the latest five",
        _PIPELINE,
        *(_report(_run(f"r{at}", timestamp=_START + at, startDate=_START + at)) for at in range(7)),
        get(
            _STATUS,
            shows={"data": Sized(5)},
        ),
        get(_STATUS, shows={"data": Holding({"runId": "r6"}, {"runId": "r2"})}),
    ),
    case(
        "§9",
        "a limit of runs holds",
        _PIPELINE,
        *(_report(_run(f"r{at}", timestamp=_START + at, startDate=_START + at)) for at in range(4)),
        get(f"{_STATUS}?startTs=0&endTs={_START + 9}&limit=2", shows={"data": Sized(2)}),
    ),
    case(
        "§9",
        "a run in an unknown state, without a run id of text, or with an unknown field is 400",
        _PIPELINE,
        _report(_run(state="tired"), 400),
        _report(_run(bogus=1), 400),
        _report({**_run(), "runId": []}, 400, says="runId"),
        _report(_run(status=[{"records": 1}]), 400, says="name"),
        _report([], 400),
        get(_STATUS, shows={"data": []}),
    ),
    case(
        "§9",
        "runs are deleted, one or all",
        _PIPELINE,
        *(_report(_run(f"r{at}", timestamp=_START + at)) for at in range(3)),
        delete(f"{_TOP}/{{ingestionPipeline.id}}/pipelineStatus/r1", (200, 204)),
        get(_STATUS, shows={"data": Sized(2)}),
        delete(f"{_TOP}/{{ingestionPipeline.id}}/pipelineStatus", (200, 204)),
        get(_STATUS, shows={"data": []}),
    ),
    case(
        "§9",
        "reports make no version of the pipeline",
        _PIPELINE,
        _report(_run()),
        get(f"{_TOP}/{{ingestionPipeline.id}}", shows={"version": 0.1}),
    ),
    case(
        "§9",
        "the progress of a run is taken with an empty answer",
        _PIPELINE,
        *(
            put(
                f"{_TOP}/progress/{{ingestionPipeline}}/r1",
                {"runId": "r1", "timestamp": _START, "updateType": kind, "globalCounters": []},
                200,
                headers={"Content-Type": ABSENT},
            )
            for kind in ("DISCOVERY", "PROCESSING", "STEP_COMPLETE", "PIPELINE_COMPLETE", "ERROR")
        ),
        since="2.0",
    ),
    case(
        "§9",
        "the progress of a run whose pipeline's name has a slash is taken",
        make("databaseService", "slashed", name="a/{me}"),
        put(
            _TOP,
            specimen(
                "ingestionPipeline", service={"id": "{slashed.id}", "type": "databaseService"}
            ),
            201,
        ),
        put(
            f"{_TOP}/progress/a%2F{{me}}.ingestionpipeline_{{me}}/r1",
            {"runId": "r1", "timestamp": _START, "updateType": "PROCESSING"},
            200,
        ),
        since="2.0",
    ),
    case(
        "§9",
        "a progress of no kind is 400",
        _PIPELINE,
        put(
            f"{_TOP}/progress/{{ingestionPipeline}}/r1",
            {"runId": "r1", "timestamp": _START, "updateType": "NAP"},
            400,
        ),
        since="2.0",
    ),
    case(
        "§9",
        "a pipeline is patched like any entity, and its runs go with it",
        _PIPELINE,
        _report(_run()),
        patch(
            f"{_TOP}/{{ingestionPipeline.id}}",
            replacing("/displayName", "Nightly"),
            200,
            {"displayName": "Nightly"},
        ),
        delete(f"{_TOP}/{{ingestionPipeline.id}}?hardDelete=true"),
        put(_TOP, specimen("ingestionPipeline"), 201),
        get(_STATUS, shows={"data": []}),
    ),
    case(
        "§6.5",
        "a service that has pipelines is not empty, and takes them with it",
        _PIPELINE,
        delete("services/databaseServices/{databaseService.id}", 400),
        delete("services/databaseServices/{databaseService.id}?recursive=true"),
        get(f"{_TOP}/{{ingestionPipeline.id}}", 404),
    ),
    case(
        "§9",
        "orchestration is not there, and says so",
        _PIPELINE,
        *(
            Ask("POST", f"{_TOP}/{verb}/{{ingestionPipeline.id}}", 501)
            for verb in ("trigger", "deploy", "kill", "toggleIngestion")
        ),
    ),
]
