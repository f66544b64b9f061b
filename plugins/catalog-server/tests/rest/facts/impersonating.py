"""Writing in the name of somebody else (contract §1.1)."""

from __future__ import annotations

from rest.case import JANE, case, delete, get, make, patch, put, replacing, token
from rest.expect import ABSENT
from rest.specimens import specimen

_AS_JANE = {"X-Impersonate-User": "Jane"}
_SERVICES = "services/databaseServices"

CASES = [
    case(
        "§1.1",
        "a bot may write in the name of a user; both are told, in old versions too",
        make("databaseService"),
        put(
            "databases",
            specimen("database"),
            201,
            {"updatedBy": "jane", "impersonatedBy": "ingestion-bot"},
            sends=_AS_JANE,
            keeps={"one": "id"},
        ),
        patch(
            "databases/{one}",
            replacing("/description", "Said."),
            200,
            {"updatedBy": "ingestion-bot", "impersonatedBy": ABSENT, "version": 0.2},
        ),
        patch(
            "databases/{one}",
            replacing("/displayName", "One"),
            200,
            {"updatedBy": "jane", "impersonatedBy": "ingestion-bot", "version": 0.3},
            sends=_AS_JANE,
        ),
        get("databases/{one}", shows={"impersonatedBy": "ingestion-bot"}),
        get("databases/{one}/versions/0.2", shows={"impersonatedBy": ABSENT}),
        get("databases/{one}/versions/0.1", shows={"impersonatedBy": "ingestion-bot"}),
        delete(
            "databases/{one}",
            200,
            {"updatedBy": "jane", "impersonatedBy": "ingestion-bot", "version": 0.4},
            sends=_AS_JANE,
        ),
        put("databases", specimen("database"), 200, {"impersonatedBy": ABSENT, "deleted": False}),
        since="1.11",
    ),
    case(
        "§1.1",
        "the rules for who writes in a user's name stay those of a bot",
        make("table", description="Old."),
        put(
            "tables",
            specimen("table", description="New."),
            shows={"description": "Old."},
            sends=_AS_JANE,
        ),
        get("users/loggedInUser", shows={"name": "jane"}, sends=_AS_JANE),
    ),
    case(
        "§1.1",
        "who is not a bot cannot be somebody else: 403, and nothing is written",
        put(
            _SERVICES,
            specimen("databaseService"),
            403,
            says="'joe'",
            sends=_AS_JANE,
            by=token(sub="joe"),
        ),
        get("tables", 403, sends=_AS_JANE, by=JANE),
        get(f"{_SERVICES}/name/databaseservice_{{me}}", 404),
    ),
    case(
        "§1.1",
        "who is not a bot cannot write a batch for somebody else: 403",
        put("tables/bulk", [], 403, sends=_AS_JANE, by=JANE),
        since="1.11",
    ),
]
