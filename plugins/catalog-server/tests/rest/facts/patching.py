"""JSON Patch (contract §6.4)."""

from __future__ import annotations

from typing import Any

from rest.case import (
    JANE,
    Ask,
    Case,
    case,
    change,
    delete,
    get,
    label,
    make,
    patch,
    replacing,
)
from rest.expect import ABSENT, ANYTHING, NOBODY, Holding, Matching

_ONE = "databases/{database.id}"
_DATABASE = make("database", displayName="One", description="Said.")


def _patch(*operations: dict[str, Any], **more: Any) -> Ask:
    return patch(_ONE, list(operations), 200, **more)


def _unchanged(**shown: Any) -> Ask:
    return get(_ONE, shows={"version": 0.1, "displayName": "One", **shown})


def _refused(claim: str, operations: Any, since: str = "1.7") -> Case:
    """A refusal; 1.6 answers 500 to what it fails to apply."""
    return case("§6.4", claim, _DATABASE, patch(_ONE, operations, 400), _unchanged(), since=since)


_REFUSED = [
    _refused("a patch that is no array is refused", {"op": "remove", "path": "/displayName"}, ""),
    _refused("an operation that RFC 6902 has not is refused", [{"op": "pluck", "path": "/x"}]),
    _refused("an operation without a path is refused", [{"op": "remove"}]),
    _refused("an add without a value is refused", [{"op": "add", "path": "/displayName"}]),
    _refused("removing what is not there is refused", [{"op": "remove", "path": "/sourceUrl"}]),
    _refused(
        "replacing what is not there is refused",
        [{"op": "replace", "path": "/no/such", "value": 1}],
    ),
    _refused("a path without a slash is refused", [{"op": "remove", "path": "displayName"}]),
    _refused(
        "a test that fails refuses the whole patch",
        [
            {"op": "replace", "path": "/displayName", "value": "Two"},
            {"op": "test", "path": "/displayName", "value": "Three"},
        ],
    ),
    _refused("an unknown property is refused", replacing("/bogus", 1), ""),
    _refused("a value of the wrong type is refused", replacing("/displayName", {"a": 1}), ""),
    _refused("removing what is required is refused", [{"op": "remove", "path": "/"}]),
    _refused("an index that is no number is refused", replacing("/tags/x", {}), ""),
    _refused("an index beyond the end is refused", replacing("/tags/7", label("x"))),
    _refused("removing from a text is refused", [{"op": "remove", "path": "/displayName/-"}]),
    _refused("an operation that is no object is refused", ["remove"], ""),
    case(
        "§6.4",
        "1.6 fails with 500 at a patch that it cannot apply",
        _DATABASE,
        patch(_ONE, [{"op": "pluck", "path": "/x"}], 500),
        patch(_ONE, [{"op": "remove", "path": "/no/such"}], 500),
        patch(_ONE, [{"op": "replace", "path": "/sourceUrl", "value": "http://x"}], 500),
        _unchanged(),
        until="1.7",
    ),
]

CASES = [
    *_REFUSED,
    case(
        "§6.4",
        "a patch adds, replaces, removes, moves, copies and tests",
        _DATABASE,
        _patch(
            {"op": "test", "path": "/displayName", "value": "One"},
            {"op": "replace", "path": "/displayName", "value": "Two"},
            {"op": "copy", "from": "/displayName", "path": "/sourceUrl"},
            {"op": "move", "from": "/sourceUrl", "path": "/description"},
            shows={"displayName": "Two", "description": "Two", "version": 0.2},
        ),
        _patch({"op": "remove", "path": "/description"}, shows={"description": ABSENT}),
    ),
    case(
        "§6.4",
        "a patch that replaces a field that is not there adds it",
        make("database"),
        patch(
            _ONE,
            [{"op": "replace", "path": "/displayName", "value": "Two"}],
            200,
            {"displayName": "Two", "version": 0.2},
        ),
        since="1.7",
    ),
    case(
        "§6.4",
        "a patch finds what references and labels show of their targets, and stores none of it",
        make("tag"),
        make("user", "old"),
        make("user", "new", displayName="New"),
        make("database", owners=[{"id": "{old.id}", "type": "user"}], tags=[label("{tag}")]),
        patch(
            _ONE,
            [
                {"op": "replace", "path": "/owners/0/id", "value": "{new.id}"},
                {"op": "replace", "path": "/owners/0/name", "value": "{new.name}"},
                {"op": "replace", "path": "/owners/0/displayName", "value": "New"},
                {"op": "replace", "path": "/owners/0/fullyQualifiedName", "value": "{new}"},
                {"op": "remove", "path": "/tags/0/description"},
            ],
            200,
            {
                "owners": [{"id": "{new.id}", "displayName": "New"}],
                "tags": [{"tagFQN": "{tag}", "description": "A tag."}],
                "changeDescription": {"fieldsAdded": [{"name": "owners"}], "fieldsUpdated": []},
            },
        ),
    ),
    case(
        "§6.4",
        "an empty patch changes nothing",
        _DATABASE,
        _patch(headers=change("entityNoChange"), shows={"version": 0.1}),
        since="1.7",
    ),
    case(
        "§6.4",
        "a patch to what is already so changes nothing",
        _DATABASE,
        _patch(*replacing("/displayName", "One"), headers=change("entityNoChange")),
        _unchanged(updatedBy="ingestion-bot"),
        since="1.7",
    ),
    *(
        case(
            "§6.4",
            f"a patch answers the whole entity{what}",
            make("user"),
            make("database", owners=[{"id": "{user.id}", "type": "user"}]),
            patch(
                _ONE,
                replacing("/displayName", "Two"),
                200,
                {"owners": [{"id": "{user.id}"}], "service": {"id": "{databaseService.id}"}},
                headers={"ETag": tag},
            ),
            since=since,
            until=until,
        )
        for what, tag, since, until in (
            (" and its ETag", Matching('^(W/)?"'), "1.9", ""),
            (", and before 1.9 no ETag", ABSENT, "", "1.9"),
        )
    ),
    case(
        "§6.4",
        "identity, version and the change log are restored, not patched; deletion is refused",
        _DATABASE,
        _patch(
            {"op": "replace", "path": "/id", "value": "11111111-2222-3333-4444-555555555555"},
            {"op": "replace", "path": "/fullyQualifiedName", "value": "x.y"},
            {"op": "replace", "path": "/version", "value": 7.7},
            {"op": "replace", "path": "/updatedBy", "value": "mallory"},
        ),
        patch(_ONE, replacing("/deleted", True), 400, says="attribute deleted"),
        get(
            _ONE,
            shows={
                "id": "{database.id}",
                "fullyQualifiedName": "{database}",
                "version": 0.1,
                "deleted": False,
                "updatedBy": "ingestion-bot",
            },
        ),
    ),
    case(
        "§6.4",
        "a bot's patch writes over what people wrote, unlike its PUT",
        make("database"),
        patch(_ONE, replacing("/description", "By Jane."), by=JANE),
        patch(_ONE, replacing("/description", "By the bot."), 200, {"description": "By the bot."}),
    ),
    case(
        "§6.4",
        "a patch removes tags and owners, which no PUT does",
        make("tag"),
        make("user"),
        make("database", tags=[label("{tag}")], owners=[{"id": "{user.id}", "type": "user"}]),
        _patch(
            {"op": "remove", "path": "/tags/0"},
            {"op": "remove", "path": "/owners/0"},
            shows={"version": 0.2},
        ),
        get(f"{_ONE}?fields=tags,owners", shows={"tags": [], "owners": NOBODY}),
    ),
    case(
        "§6.4",
        "a patch adds a tag to a column, at the end of the list",
        make("tag"),
        make("table"),
        patch(
            "tables/{table.id}",
            [{"op": "add", "path": "/columns/1/tags/-", "value": label("{tag}")}],
            200,
            {"columns": [ANYTHING, {"tags": [{"tagFQN": "{tag}"}]}]},
        ),
    ),
    case(
        "§6.4",
        "a patch adds a tag that does not exist: 404",
        _DATABASE,
        patch(_ONE, [{"op": "add", "path": "/tags/-", "value": label("No.Such{me}")}], 404),
        _unchanged(),
    ),
    case(
        "§6.4",
        "a patch that makes a table wrong is 400",
        make("table"),
        *(
            patch("tables/{table.id}", [{"op": "add", "path": path, "value": value}], 400)
            for path, value in (
                ("/columns/-", {"name": "id", "dataType": "INT"}),
                ("/columns/0/dataType", "NO_TYPE"),
                ("/columns", "x"),
                ("/columns/-", {"name": "s", "dataType": "STRUCT"}),
            )
        ),
        get("tables/{table.id}", shows={"version": 0.1, "columns": [ANYTHING, ANYTHING]}),
    ),
    case(
        "§6.4",
        "a patch that removes a column is a major change",
        make("table"),
        patch("tables/{table.id}", [{"op": "remove", "path": "/columns/1"}], 200, {"version": 1.1}),
    ),
    case(
        "§6.4",
        "a patch sets an extension, which a bot's PUT never changes",
        make("table"),
        patch("tables/{table.id}", replacing("/extension", {"a": "1"}), 200),
        get("tables/{table.id}?fields=extension", shows={"extension": {"a": "1"}}),
    ),
    case(
        "§6.4",
        "~0 and ~1 in a path stand for ~ and /",
        make("table", extension={"a/b~c": "1"}),
        patch(
            "tables/{table.id}",
            [{"op": "replace", "path": "/extension/a~1b~0c", "value": "2"}],
            200,
            {"extension": {"a/b~c": "2"}},
        ),
    ),
    case(
        "§6.4",
        "what a patch leaves alone may be deleted meanwhile, and an owner by id that it adds",
        make("tag"),
        make("user"),
        make("tag", "other"),
        make("database", tags=[label("{tag}")], owners=[{"id": "{user.id}", "type": "user"}]),
        delete("tags/{tag.id}"),
        delete("users/{user.id}"),
        patch(_ONE, replacing("/displayName", "Two"), 200, {"displayName": "Two"}),
        patch(
            _ONE,
            [{"op": "add", "path": "/tags/-", "value": label("{other}")}],
            200,
            {"tags": [{"tagFQN": "{tag}"}, {"tagFQN": "{other}"}]},
        ),
        make("database", "second"),
        patch("databases/{second.id}", replacing("/tags/-", label("{tag}")), 404),
        patch(
            "databases/{second.id}",
            replacing("/owners/-", {"id": "{user.id}", "type": "user"}),
            200,
            {"owners": [{"id": "{user.id}"}]},
        ),
    ),
    case(
        "§6.4",
        "a patch adds to a list in which another one has been deleted meanwhile",
        make("user", "gone"),
        make("user", "here"),
        make("database", owners=[{"id": "{gone.id}", "type": "user"}]),
        make("domain", experts=["{gone}"]),
        delete("users/{gone.id}"),
        patch(
            _ONE,
            replacing("/owners/-", {"id": "{here.id}", "type": "user"}),
            200,
            {"owners": [{"id": "{gone.id}"}, {"id": "{here.id}"}]},
        ),
        patch(
            "domains/{domain.id}",
            replacing("/experts/-", {"id": "{here.id}", "type": "user"}),
            200,
            {"experts": [{"id": "{gone.id}"}, {"id": "{here.id}"}]},
        ),
        make("database", "second", owners=[{"id": "{here.id}", "type": "user"}]),
        patch(
            "databases/{second.id}",
            replacing("/owners/-", {"id": "{gone.id}", "type": "user"}),
            200,
            {"owners": [{"id": "{here.id}"}, {"id": "{gone.id}"}]},
        ),
    ),
    case(
        "§6.4",
        "what is deleted cannot be patched",
        _DATABASE,
        delete(_ONE),
        patch(_ONE, replacing("/displayName", "Two"), 404),
    ),
    case(
        "§6.4",
        "changeSource is understood",
        _DATABASE,
        patch(f"{_ONE}?changeSource=Ingested", replacing("/displayName", "Two"), 200),
    ),
    case(
        "§10.1",
        "a patch with another media type is 415",
        _DATABASE,
        Ask(
            "PATCH",
            _ONE,
            415,
            replacing("/displayName", "Two"),
            sends={"Content-Type": "application/json"},
        ),
        _unchanged(),
        since="1.12",
    ),
    case(
        "§6.4",
        "a patch that changes nothing is told as an update",
        _DATABASE,
        _patch(*replacing("/displayName", "One"), headers=change("entityUpdated")),
        until="1.7",
    ),
    case(
        "§6.2",
        "the answer to a patch shows what it changed itself, the entity what the version did",
        make("database"),
        patch(_ONE, replacing("/displayName", "A")),
        patch(
            _ONE,
            replacing("/description", "Said."),
            200,
            {
                "changeDescription": {
                    "fieldsAdded": [{"name": "description", "newValue": "Said."}],
                    "fieldsUpdated": [],
                }
            },
        ),
        get(
            _ONE,
            shows={
                "changeDescription": {
                    "fieldsAdded": Holding({"name": "displayName"}, {"name": "description"}),
                    "previousVersion": 0.1,
                }
            },
        ),
        since="1.7",
    ),
]
