"""What is measured of an entity: profiles, metrics, usage (contract §3.0, §3.1)."""

from __future__ import annotations

from rest.case import case, delete, get, make, post, put
from rest.expect import ABSENT, NOBODY

_NOON = 1_700_000_000_000
_HOUR = 3_600_000
_TABLE_PROFILE = {"timestamp": _NOON, "rowCount": 7, "columnCount": 2}
_USED = {"date": "2026-01-31", "count": 1}
_COLUMN_PROFILE = {"name": "id", "timestamp": _NOON, "nullCount": 0}


CASES = [
    case(
        "§3.0",
        "profiles of a table and its columns are stored, and found in a span of time",
        make("table"),
        put(
            "tables/{table.id}/tableProfile",
            {"tableProfile": _TABLE_PROFILE, "columnProfile": [_COLUMN_PROFILE]},
            200,
        ),
        get(
            f"tables/{{table}}/tableProfile?startTs={_NOON}&endTs={_NOON}",
            shows={"data": [{"rowCount": 7}]},
        ),
        get(f"tables/{{table}}/tableProfile?startTs=0&endTs={_NOON - 1}", shows={"data": []}),
        get(
            f"tables/{{table}}.id/columnProfile?startTs={_NOON}&endTs={_NOON + _HOUR}",
            shows={"data": [{"nullCount": 0}]},
        ),
    ),
    case(
        "§3.0",
        "the latest profile is the one with the latest timestamp, in whatever order they came",
        make("table"),
        *(
            put(
                "tables/{table.id}/tableProfile",
                {"tableProfile": {"timestamp": at, "rowCount": rows}},
                200,
            )
            for at, rows in ((_NOON + _HOUR, 2), (_NOON, 1))
        ),
        get("tables/{table}/tableProfile/latest", shows={"profile": {"rowCount": 2}}),
    ),
    case(
        "§3.0",
        "a profile whose timestamp has fewer than 12 digits is 400",
        make("table"),
        put(
            "tables/{table.id}/tableProfile",
            {"tableProfile": {"timestamp": 1_700_000_000, "rowCount": 1}},
            400,
        ),
    ),
    case(
        "§3.0",
        "a profile without a timestamp is 400 and names it",
        make("table"),
        put(
            "tables/{table.id}/tableProfile",
            {"tableProfile": {"rowCount": 1}},
            400,
            says="timestamp",
        ),
    ),
    case(
        "§3.0",
        "a table's usage is overwritten by POST and added to by PUT",
        make("table"),
        post("usage/table/{table.id}", {"date": "2026-01-31", "count": 5}, (200, 201)),
        post("usage/table/{table.id}", {"date": "2026-01-31", "count": 3}, (200, 201)),
        get(
            "tables/{table.id}?fields=usageSummary",
            shows={"usageSummary": {"dailyStats": {"count": 3}, "date": "2026-01-31"}},
        ),
        put("usage/table/name/{table}", {"date": "2026-01-31", "count": 4}, (200, 201)),
        get(
            "tables/{table.id}?fields=usageSummary",
            shows={"usageSummary": {"dailyStats": {"count": 7}}, "version": 0.1},
        ),
    ),
    case(
        "§3.0",
        "a day of usage is written YYYY-MM-DD, or refused",
        make("table"),
        *(
            post("usage/table/{table.id}", {"date": day, "count": 5}, 400)
            for day in ("31.01.2026", "2026-02-30", "2026-1-3", "")
        ),
        *(
            get(f"usage/{one}?date={day}", 400, says="YYYY-MM-DD")
            for day in ("x", "31.01.2026", "2026-02-30", "2026-1-3")
            for one in ("table/{table.id}", "table/name/{table}")
        ),
        post("usage/compute.percentile/table/2026-02-30", None, 400),
    ),
    case(
        "§3.0",
        "a profile of a day is deleted",
        make("table"),
        put("tables/{table.id}/tableProfile", {"tableProfile": _TABLE_PROFILE}),
        delete(f"tables/{{table}}/table/{_NOON}/profile"),
        get(f"tables/{{table}}/tableProfile?startTs=0&endTs={_NOON}", shows={"data": []}),
    ),
    case(
        "§3.0",
        "system profiles of a table are found in a span of time",
        make("table"),
        put(
            "tables/{table.id}/tableProfile",
            {
                "tableProfile": _TABLE_PROFILE,
                "systemProfile": [{"timestamp": _NOON, "operation": "INSERT", "rowsAffected": 3}],
            },
        ),
        get(
            f"tables/{{table}}/systemProfile?startTs={_NOON}&endTs={_NOON}",
            shows={"data": [{"operation": "INSERT", "rowsAffected": 3}]},
        ),
    ),
    case(
        "§3.0",
        "a custom metric of a table is kept by its name, and deleted",
        make("table"),
        put(
            "tables/{table.id}/customMetric",
            {"name": "rows", "expression": "select count(*) from t"},
            200,
        ),
        get("tables/{table.id}?fields=customMetrics", shows={"customMetrics": [{"name": "rows"}]}),
        delete("tables/{table.id}/customMetric/rows"),
        get("tables/{table.id}?fields=customMetrics", shows={"customMetrics": NOBODY}),
    ),
    case(
        "§3.0",
        "how a table is profiled is stored, shown and deleted",
        make("table"),
        put("tables/{table.id}/tableProfilerConfig", {"profileQuery": "select 1"}, 200),
        get(
            "tables/{table.id}/tableProfilerConfig",
            shows={"tableProfilerConfig": {"profileQuery": "select 1"}},
        ),
        delete("tables/{table.id}/tableProfilerConfig"),
        get("tables/{table.id}/tableProfilerConfig", shows={"tableProfilerConfig": ABSENT}),
    ),
    case(
        "§3.0",
        "usage is that of a day: another day does not touch it",
        make("dashboard"),
        put("usage/dashboard/{dashboard.id}", {"date": "2026-01-30", "count": 5}, (200, 201)),
        put("usage/dashboard/{dashboard.id}", {"date": "2026-01-31", "count": 2}, (200, 201)),
        get(
            "dashboards/{dashboard.id}?fields=usageSummary",
            shows={
                "usageSummary": {
                    "date": "2026-01-31",
                    "dailyStats": {"count": 2},
                    "weeklyStats": {"count": 7},
                    "monthlyStats": {"count": 7},
                }
            },
        ),
    ),
    case(
        "§3.0",
        "usage of an unknown entity is 404, of no kind or with a negative count 400",
        make("table"),
        post("usage/table/11111111-2222-3333-4444-555555555555", _USED, 404),
        post("usage/table/name/nobody{me}", _USED, 404),
        post("usage/chair/{table.id}", _USED, (400, 404)),
        post("usage/table/{table.id}", {**_USED, "count": -1}, 400),
        post("usage/table/{table.id}", {"date": "2026-01-31"}, 400, says="count"),
    ),
]
