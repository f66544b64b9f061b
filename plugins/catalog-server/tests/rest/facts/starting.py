"""Authentication, and what clients ask when they start (contract §1)."""

from __future__ import annotations

from rest.case import (
    JANE,
    case,
    delete,
    get,
    make,
    patch,
    post,
    put,
    token,
)
from rest.expect import ANYTHING, MILLISECONDS, Holding, Matching
from rest.live import TOKEN
from rest.specimens import specimen

_DATABASES = "services/databaseServices"
_SERVICE = specimen("databaseService")
_NO_TOKEN = "Not Authorized! Token not present"
_BAD_TOKEN = "Not Authorized! Invalid token."
_CHALLENGE = {"WWW-Authenticate": "om-auth"}

_AUTHENTICATION = [
    case("§1.1", "without a token file any token will do", put(_DATABASES, _SERVICE, 201, by="x")),
    case("§1.1", "without a token file no token will do", put(_DATABASES, _SERVICE, 201, by=None)),
    case(
        "§1.1",
        "with a token file a write without a token is 401",
        put(
            _DATABASES,
            _SERVICE,
            401,
            {"code": 401, "message": _NO_TOKEN},
            by=None,
            headers=_CHALLENGE,
        ),
        get(f"{_DATABASES}/name/{_SERVICE['name']}", 404, by=TOKEN),
        server="guarded",
    ),
    case(
        "§1.1",
        "with a token file a write with a token that is not in it is 401",
        post(_DATABASES, _SERVICE, 401, {"message": _BAD_TOKEN}, by="x", headers=_CHALLENGE),
        post(_DATABASES, _SERVICE, 401, {"message": _BAD_TOKEN}, by=TOKEN[:-1]),
        post(_DATABASES, _SERVICE, 401, {"message": _BAD_TOKEN}, by=f"{TOKEN}x"),
        get(f"{_DATABASES}/name/{_SERVICE['name']}", 404, by=TOKEN),
        server="guarded",
    ),
    case(
        "§1.1",
        "with a token file its token writes",
        put(_DATABASES, _SERVICE, 201, by=TOKEN),
        server="guarded",
    ),
    case(
        "§1.1",
        "the scheme Bearer is literal and case-sensitive",
        *(
            put(
                _DATABASES,
                _SERVICE,
                401,
                {"message": _NO_TOKEN},
                by=None,
                sends={"Authorization": given},
            )
            for given in (f"bearer {TOKEN}", f"BEARER {TOKEN}", f"Basic {TOKEN}", TOKEN)
        ),
        server="guarded",
    ),
    case(
        "§1.1",
        "a comment in the token file is no token",
        put(_DATABASES, _SERVICE, 401, by="# whoever runs the tests"),
        server="guarded",
    ),
    case(
        "§1.1",
        "with a token file every kind of write needs the token",
        put("tables/bulk", [], 401, by=None),
        post("tables", {}, 401, by=None),
        patch("tables/name/x", [], 401, by=None),
        delete("tables/name/x", 401, by=None),
        put("tables/restore", {}, 401, by=None),
        put("lineage", {}, 401, by=None),
        delete("tables/deleteStale", 401, by=None),
        put("services/ingestionPipelines/x/pipelineStatus", {}, 401, by=None),
        server="guarded",
    ),
    case(
        "§1.1",
        "the public paths need no token and tolerate one",
        *(
            get(path, by=by)
            for by in (None, "whatever")
            for path in ("system/version", "system/health", "system/config/auth")
        ),
        *(
            get(path, by=by)
            for by in (None, "whatever")
            for path in ("system/config/authorizer", "system/config/jwks")
        ),
        server="guarded",
    ),
    case(
        "§1.1",
        "who writes is the subject of the token",
        put(_DATABASES, _SERVICE, 201, {"updatedBy": "jane"}, by=JANE),
    ),
    case(
        "§1.1",
        "the claim email goes before preferred_username, and that before sub",
        put(
            _DATABASES,
            _SERVICE,
            201,
            {"updatedBy": "ann"},
            by=token(sub="c", preferred_username="b", email="ann@example.com"),
        ),
        put(
            _DATABASES,
            {**_SERVICE, "displayName": "x"},
            200,
            {"updatedBy": "bob"},
            by=token(sub="c", preferred_username="bob"),
        ),
    ),
    case(
        "§1.1",
        "isBot of the token decides between the rules for bots and for people",
        make("database", description="Written first."),
        put(
            "databases",
            specimen("database", description="By the bot."),
            200,
            {"description": "Written first."},
            by=token(sub="robot", isBot=True),
        ),
        put(
            "databases",
            specimen("database", description="By Jane."),
            200,
            {"description": "By Jane."},
            by=token(sub="jane", isBot=False),
        ),
    ),
    case(
        "§1.1",
        "a token that is no JWT is the ingestion bot",
        put(_DATABASES, _SERVICE, 201, {"updatedBy": "ingestion-bot"}, by="no.j.wt"),
        put(
            _DATABASES,
            {**_SERVICE, "displayName": "x"},
            200,
            {"updatedBy": "ingestion-bot"},
            by="e30.bm90IGpzb24.x",
        ),
    ),
]

_STARTING = [
    case(
        "§1.3",
        "system/version is version, revision and timestamp, without a token",
        get(
            "system/version",
            shows={"version": "{version}", "revision": ANYTHING, "timestamp": MILLISECONDS},
            by=None,
        ),
    ),
    case(
        "§1.4",
        "the version starts with three numbers",
        get("system/version", shows={"version": Matching(r"^\d+\.\d+\.\d+")}),
    ),
    case("§1.3", "system/health answers 200", get("system/health", by=None)),
    case("§1.3", "system/status is JSON", get("system/status", shows={"database": ANYTHING})),
    case(
        "§1.3",
        "system/config/auth, authorizer and jwks are JSON objects",
        get("system/config/auth", shows={"provider": ANYTHING}, by=None),
        get("system/config/authorizer", shows={}, by=None),
        get("system/config/jwks", shows={"keys": ANYTHING}, by=None),
    ),
    case(
        "§1.3",
        "system/entities/count and services/count are objects of numbers",
        make("table"),
        get("system/entities/count", shows={"tableCount": ANYTHING}),
        get("system/services/count", shows={"databaseServiceCount": ANYTHING}),
    ),
    case("§1.3", "there are no limits", get("limits", shows={"enable": False})),
    case(
        "§1.3",
        "users/loggedInUser is the user of the token",
        get("users/loggedInUser", shows={"name": "jane", "id": ANYTHING}, by=JANE),
        get("users/loggedInUser", shows={"name": "ingestion-bot", "isBot": True}),
    ),
    case(
        "§1.2",
        "a Content-Type on a GET does no harm",
        get("tables", sends={"Content-Type": "application/json", "Accept": "*/*"}),
    ),
    case(
        "§1.2",
        "a hostPort that ends in a slash makes //v1, which is understood",
        get("/api//v1/system/version", shows={"version": "{version}"}),
    ),
    case(
        "§1.2",
        "an unknown user agent and extra headers do no harm",
        get(
            "system/version",
            sends={
                "User-Agent": "customDatabase_metadata (service: svc; v2.0.7.0)",
                "X-OpenMetadata-Persona": "x",
            },
        ),
    ),
    case(
        "§14.1",
        "search finds nothing by an unknown name, in the shape of Elasticsearch",
        get(
            "search/fieldQuery?fieldName=fullyQualifiedName&fieldValue=no.such.{me}"
            "&from=0&size=10&index=table_search_index&deleted=false",
            shows={"hits": {"total": {"value": 0}, "hits": []}},
        ),
        get(
            "search/query?q=nothing{me}&index=table_search_index&from=0&size=10&deleted=false",
            shows={"hits": {"total": {"value": 0}, "hits": []}},
        ),
    ),
    case(
        "§14.1",
        "search finds a table by its FQN, with the entity as the source of the hit",
        make("table"),
        get(
            "search/fieldQuery?fieldName=fullyQualifiedName&fieldValue={table}"
            "&from=0&size=10&index=table_search_index&deleted=false",
            shows={
                "hits": {
                    "total": {"value": 1},
                    "hits": Holding({"_source": {"fullyQualifiedName": "{table}"}}),
                }
            },
        ),
    ),
]

CASES = [*_AUTHENTICATION, *_STARTING]
