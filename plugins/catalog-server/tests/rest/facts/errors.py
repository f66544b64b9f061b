"""What goes wrong, and how it is said (contract §10.1)."""

from __future__ import annotations

from collections.abc import Iterator

from rest.case import NOTHING, Ask, Case, case, delete, get, make, patch, post, put
from rest.expect import Bracketed, Matching
from rest.specimens import specimen

_JSON = {"Content-Type": "application/json"}
_PATCH = {"Content-Type": "application/json-patch+json"}

_NO_JSON = {
    "empty": b"",
    "half an object": b'{"name": ',
    "a bare word": b"name",
    "single quotes": b"{'name': 'x'}",
    "a comma too many": b'{"name": "x",}',
    "two values": b"{} {}",
    "NaN": b'{"name": NaN}',
    "Infinity": b'{"name": Infinity}',
    "a comment": b'{"name": "x"} // x',
    "a control character in a text": b'{"name": "a\nb"}',
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "nested a hundred thousand deep": b"[" * 100_000,
    "closed a hundred thousand deep": b"[" * 100_000 + b"]" * 100_000,
    "a form": b"name=x&service=y",
    "a number of ten thousand digits": b'{"name": ' + b"9" * 10_000 + b"}",
    "a number beyond all bounds": b'{"name": 1e999}',
}


def _no_json() -> Iterator[Case]:
    for what, body in _NO_JSON.items():
        yield case(
            "§10.1",
            f"a body that is {what} is 400 wherever it is sent",
            put("databases", body, 400),
            post("databases", body, 400),
            put("services/databaseServices", body, 400),
            put("lineage", body, 400),
            put("tables/restore", body, 400),
            make("database"),
            Ask("PATCH", "databases/{database.id}", 400, body, sends=_PATCH),
            get("databases/{database.id}", shows={"version": 0.1}),
            since="1.7",
        )
        yield case(
            "§10.1",
            f"a batch that is {what} is 400",
            put("tables/bulk", body, 400),
            since="1.11",
        )
        yield case(
            "§10.1",
            f"a request to delete what is stale that is {what} is 400",
            Ask("DELETE", "tables/deleteStale", 400, body, sends=_JSON),
            since="2.0",
        )


CASES = [
    *_no_json(),
    case(
        "§10.1",
        "an error is JSON with code and message",
        *(
            get(
                "tables/name/nobody{me}",
                404,
                {"code": 404, "message": "table instance for nobody{me} not found"},
                headers={"Content-Type": Matching("^application/json")},
                sends={"Accept": accepted},
            )
            for accepted in ("*/*", "application/json;charset=utf-8", "text/html, */*;q=0.8")
        ),
    ),
    case(
        "§10.1",
        "who does not accept JSON is answered 406",
        get("tables", 406, sends={"Accept": "text/html"}),
        get("tables/name/nobody{me}", 406, sends={"Accept": "text/html, application/json;q=0"}),
        since="1.12",
    ),
    case(
        "§10.1",
        "one slash more at the end of a path makes no difference",
        make("database"),
        get("databases/?service={databaseService}", shows={"paging": {"total": 1}}),
        get("databases/{database.id}/", shows={"id": "{database.id}"}),
        put("databases/", specimen("database"), 200, {"id": "{database.id}"}),
    ),
    case(
        "§10.1",
        "an unknown path is 404 in JSON",
        *(get(path, 404) for path in ("chairs", "", "tables//", "/api/v2/tables")),
        get("/nowhere", 404),
        since="1.12",
    ),
    case(
        "§10.1",
        "an id that is no UUID is 404",
        *(get(f"tables/{text}", 404) for text in ("1", "x-y", "11111111-2222-3333-4444", "%20")),
        put("tables/no-uuid/sampleData", {"columns": [], "rows": []}, 404),
        delete("tables/async/no-uuid", 404),
        since="1.12",
    ),
    case(
        "§10.1",
        "a method that a path has not is 405 and says which there are",
        post("tables/name/x", {}, 405, headers={"Allow": Matching("GET")}),
        delete("tables", 405, headers={"Allow": Matching("POST, PUT|PUT")}),
        Ask("OPTIONS", "tables", 405),
        Ask("TRACE", "tables", 405),
        patch("system/version", [], 405),
        since="1.12",
    ),
    case(
        "§10.1",
        "HEAD answers the headers of a GET",
        make("table"),
        Ask("HEAD", "tables/{table.id}", 200, headers={"Content-Type": "application/json"}),
        Ask("HEAD", "tables/name/nobody{me}", 404),
    ),
    case(
        "§6.4",
        "HEAD answers the entity tag, too",
        make("table"),
        Ask("HEAD", "tables/{table.id}", 200, headers={"ETag": Matching('"')}),
        since="1.9",
    ),
    case(
        "§10.1",
        "before 1.12 what no handler takes is 500, and is named in its responseMessage",
        *(
            Ask(method, path, 500, body, {"responseMessage": Matching(f"message .HTTP {said}.")})
            for method, path, body, said in (
                ("GET", "chairs", NOTHING, "404 Not Found"),
                ("GET", "tables/no-uuid", NOTHING, "404 Not Found"),
                ("GET", "services/databaseServices/name/a/b", NOTHING, "404 Not Found"),
                ("POST", "tables/name/x", {}, "405 Method Not Allowed"),
                ("PUT", "users/bulk", [], "405 Method Not Allowed"),
                ("PATCH", "tables/name/x", {}, "415 Unsupported Media Type"),
            )
        ),
        until="1.12",
    ),
    case(
        "§10.1",
        "a body of another media type is 415",
        *(
            put("databases", b'{"name": "x"}', 415, sends={"Content-Type": media_type})
            for media_type in ("text/plain", "application/xml", "application/json-patch+json", "x")
        ),
        since="1.12",
    ),
    case(
        "§10.1",
        "a media type may have a charset, in whatever case",
        make("databaseService"),
        put(
            "databases",
            specimen("database"),
            201,
            sends={"Content-Type": "Application/JSON; charset=utf-8"},
        ),
    ),
    *(
        case(
            "§10.1",
            f"a request that is {what} is 400",
            *(put(path, body, 400) for path in ("databases", "tables", "lineage", "users")),
            *(post(path, body, 400) for path in ("databases", "tables", "users")),
            since="1.7" if what == "null" else "",
        )
        for what, body in (
            ("an array", []),
            ("a text", "x"),
            ("a number", 5),
            ("true", True),
            ("null", b"null"),
            ("an empty object", {}),
        )
    ),
    *(
        case(
            "§10.1",
            f"a {field} of the wrong type is 400, names the field, and writes nothing",
            make("databaseSchema"),
            put("tables", specimen("table") | {field: value}, 400, says=field.partition(".")[0]),
            get("tables/name/{databaseSchema}.table_{me}", 404),
        )
        for field, value in (
            ("description", {"a": 1}),
            ("columns", {"name": "x"}),
            ("tags", "x"),
            ("owners", [5]),
            ("tableType", 1),
            ("tableConstraints", {}),
            ("sourceUrl", []),
            ("lifeCycle", "x"),
            ("sourceHash", {}),
            ("domains", "x"),
            ("retentionPeriod", []),
        )
    ),
    case(
        "§10.1",
        "a number or boolean is taken for its text",
        make("databaseSchema"),
        put(
            "tables",
            specimen(
                "table",
                displayName=5,
                sourceHash=1.5,
                columns=[{"name": "a", "dataType": "INT", "description": True}],
            ),
            201,
            {
                "displayName": "5",
                "sourceHash": "1.5",
                "columns": [{"name": "a", "description": "true"}],
            },
        ),
        put(
            "tables",
            specimen("table", databaseSchema=5),
            404,
            says="databaseSchema instance for 5 not found",
        ),
    ),
    case(
        "§10.1",
        "a wrong type deep inside is named with the way to it",
        make("databaseSchema"),
        put(
            "tables",
            specimen("table", columns=[{"name": "a", "dataType": "INT", "precision": "x"}]),
            400,
            says="precision",
        ),
    ),
    case(
        "§10.1",
        "an unknown field is all that is told of a request",
        make("databaseSchema"),
        put("tables", specimen("table", columns=[{"name": "a"}], bogus=1), 400, says="bogus"),
        until="1.13",
    ),
    case(
        "§10.1",
        "an unknown field or value is an invalid format, and no more is told",
        make("databaseSchema"),
        *(
            put("tables", body, 400, {"message": "Invalid request format"})
            for body in (
                specimen("table", columns=[{"name": "a"}], bogus=1),
                specimen("table", tableType="Chair"),
            )
        ),
        since="1.13",
    ),
    case(
        "§10.1",
        "what is wrong with a request is a list in brackets",
        make("databaseSchema"),
        put("databases", {"service": "s"}, 400, {"message": "[name must not be null]"}),
        post(
            "databases",
            {"name": None, "service": None},
            400,
            {"message": Bracketed(("name must not be null", "service must not be null"))},
        ),
        put(
            "tables",
            specimen("table", columns=[{"name": "a"}]),
            400,
            {"message": "[columns.0.dataType must not be null]"},
        ),
        make("table"),
        patch(
            "tables/{table.id}",
            [{"op": "remove", "path": "/columns"}],
            400,
            {"message": "[columns must not be null]"},
        ),
    ),
    case(
        "§10.1",
        "what is wrong with a row of a batch is a list in brackets, too",
        put(
            "tables/bulk",
            [{"name": "t", "databaseSchema": "s", "columns": "x"}, [], None],
            200,
            {
                "failedRequest": [
                    {"message": "[columns must be an array]"},
                    {"message": "[request body must be an object]"},
                    {"message": "[request body must not be null]"},
                ]
            },
        ),
        since="1.11",
    ),
    case(
        "§10.1",
        "of a name that is in a request twice, neither makes it fail with 500",
        make("databaseService"),
        put("databases", b'{"name": "a", "name": "b", "service": "nobody"}', (400, 404)),
        since="1.7",
    ),
    case(
        "§10.1",
        "a body over the limit is 413",
        put("databases", b'{"name": "' + b"x" * 30_000 + b'"}', 413),
        put("tables/bulk", b"[" + b" " * 30_000 + b"]", 413),
        server="small",
        since="1.11",
    ),
    case(
        "§10.1",
        "a body within the limit is not 413",
        put("tables/bulk", b"[" + b" " * 19_998 + b"]", 200),
        server="small",
        since="1.11",
    ),
    case(
        "§10.1",
        "what this server has not is 501 in JSON, never a wrong success",
        get("bots", 501),
        get("apps", 501),
        put("policies", {}, 501),
        post("users/login", {}, 501),
        get("system/settings", 501),
        get("tables/name/x/export", 501),
        get("tables/history?startTs=0&endTs=1", 501),
        post("openlineage/lineage", {}, 501),
    ),
    case(
        "§10.1",
        "below a collection that this server has not, all is 501: 404 would be about an entity",
        get("apps/name/x/status", 501),
        get("kpi/x/kpiResult", 501),
        put("tasks/x/resolve", {}, 501),
        get("dataQuality/testSuites/search/list?q=x", 501),
        get("metadata/types/name/table/customProperties", 501),
        delete("bots/x/y/z", 501),
    ),
    case(
        "§10.1",
        "what is in no table stays 404 in JSON, next to what is missing too",
        *(
            get(path, 404, {"code": 404})
            for path in ("bots//", "bots//x", "bot/x", "openlineage/x", "services/x/y", "data/x")
        ),
        since="1.12",
    ),
    case(
        "§10.1",
        "a query that is no UTF-8 or has a stray % is answered, not 500",
        get("tables?fields=%FF", 400),
        get("tables?whatever=%", 200),
        get("tables?%", 200),
        get("tables?&&&=&", 200),
    ),
    case(
        "§10.1",
        "a parameter that nobody knows does no harm",
        get("tables?whatever=1&limit=0", 200),
    ),
]
