"""Which fields an answer shows (contract §3.0), and what they point at."""

from __future__ import annotations

from rest.case import JANE, case, get, label, make, patch, put, replacing
from rest.expect import ABSENT, ANYTHING, Holding, Sized
from rest.specimens import specimen

_TABLE_FIELDS = (
    *("tableConstraints", "tablePartition", "usageSummary", "owners", "customMetrics", "columns"),
    *("sampleData", "tags", "followers", "joins", "schemaDefinition", "dataModel", "extension"),
    *("testSuite", "domains", "dataProducts", "lifeCycle", "sourceHash", "votes", "certification"),
)


def _owner(alias: str, entity_type: str = "user") -> dict[str, str]:
    return {"id": f"{{{alias}.id}}", "type": entity_type}


CASES = [
    case(
        "§3.0",
        "GET without fields shows values and parents, and relations only if they are named",
        make("tag"),
        make("user"),
        make("table", tags=[label("{tag}")], owners=[_owner("user")], description="Said."),
        get(
            "tables/{table.id}",
            shows={
                "description": "Said.",
                "columns": Sized(2),
                "databaseSchema": {"id": "{databaseSchema.id}"},
                "tags": ABSENT,
                "owners": ABSENT,
            },
        ),
        get(
            "tables/name/{table}?fields=tags",
            shows={"tags": [{"tagFQN": "{tag}"}], "owners": ABSENT},
        ),
        get(
            "tables/{table.id}?fields=owners,tags",
            shows={"owners": [{"id": "{user.id}", "type": "user", "name": "{user.name}"}]},
        ),
    ),
    case(
        "§3.0",
        "fields=* shows all",
        make("user"),
        make("table", owners=[_owner("user")], sourceHash="abc"),
        get(
            "tables/{table.id}?fields=*",
            shows={"owners": [_owner("user")], "sourceHash": "abc", "tags": []},
        ),
    ),
    case(
        "§3.0",
        "a field that a kind does not have is 400, by id, by name and in lists",
        make("table"),
        get("tables/{table.id}?fields=bogus", 400, says="Invalid field name bogus"),
        get("tables/name/{table}?fields=tags,bogus", 400, says="Invalid field name bogus"),
        get("tables?fields=bogus", 400, says="Invalid field name bogus"),
        get("databases?fields=columns", 400, says="Invalid field name columns"),
    ),
    *(
        case(
            "§3.0",
            f"the fields of a table that may be named include {name}",
            make("table"),
            get(f"tables/{{table.id}}?fields={name}", shows={"columns": ANYTHING}),
            get(f"tables?limit=1&fields={name}"),
            since="1.9" if name == "domains" else "",
        )
        for name in _TABLE_FIELDS
    ),
    case(
        "§3.0",
        "tags of columns are shown with fields=columns,tags or *, and in lists with fields=tags",
        make("tag"),
        make("table", columns=[{"name": "a", "dataType": "INT", "tags": [label("{tag}")]}]),
        *(
            get(f"tables/{{table.id}}?fields={fields}", shows={"columns": [{"tags": tags}]})
            for fields, tags in (
                ("", ABSENT),
                ("tags", ABSENT),
                ("columns", ABSENT),
                ("columns,tags", [{"tagFQN": "{tag}"}]),
                ("*", [{"tagFQN": "{tag}"}]),
            )
        ),
        *(
            get(
                f"tables?databaseSchema={{databaseSchema}}&fields={fields}",
                shows={"data": [{"columns": [{"tags": tags}]}]},
            )
            for fields, tags in (("", ABSENT), ("tags", [{"tagFQN": "{tag}"}]))
        ),
    ),
    case(
        "§3.0",
        "tags of the fields of a topic are shown with fields=tags",
        make("tag"),
        make(
            "topic",
            messageSchema={
                "schemaType": "JSON",
                "schemaFields": [{"name": "a", "dataType": "STRING", "tags": [label("{tag}")]}],
            },
        ),
        *(
            get(
                f"topics/{{topic.id}}?fields={fields}",
                shows={"messageSchema": {"schemaFields": [{"tags": tags}]}},
            )
            for fields, tags in (("", ABSENT), ("tags", [{"tagFQN": "{tag}"}]))
        ),
    ),
    case(
        "§3.0",
        "every table shows its columns, in lists too",
        make("table"),
        get(
            "tables?databaseSchema={databaseSchema}&fields=tags",
            shows={"data": [{"columns": Sized(2), "tags": []}]},
        ),
    ),
    case(
        "§3.0",
        "answers have no nulls, and nulls in a request are no values",
        make("databaseSchema"),
        put("tables", specimen("table", description=None, displayName=None), 201),
        get(
            "tables/name/{databaseSchema}.table_{me}",
            shows={"description": ABSENT, "displayName": ABSENT},
        ),
    ),
    case(
        "§3.0",
        "owners need no more than id and type, and are shown with their names",
        make("user"),
        make("databaseService"),
        put(
            "databases",
            specimen("database", owners=[_owner("user")]),
            201,
            {"owners": [{**_owner("user"), "name": "{user.name}", "fullyQualifiedName": "{user}"}]},
        ),
    ),
    case(
        "§3.0",
        "up to five users own something, six are refused",
        *(make("user", f"u{number}") for number in range(6)),
        make("databaseService"),
        put(
            "databases",
            specimen("database", owners=[_owner(f"u{number}") for number in range(6)]),
            400,
        ),
        put(
            "databases",
            specimen("database", owners=[_owner(f"u{number}") for number in range(5)]),
            201,
            {"owners": Sized(5)},
        ),
    ),
    case(
        "§3.0",
        "one team that is a Group owns something",
        make("team"),
        make("database", owners=[_owner("team", "team")]),
        get("databases/{database.id}?fields=owners", shows={"owners": [_owner("team", "team")]}),
    ),
    case(
        "§3.0",
        "two teams, a team beside a user, and a team that is no Group are refused as owners",
        make("team", "a"),
        make("team", "b"),
        make("team", "c", teamType="Department"),
        make("user"),
        make("databaseService"),
        *(
            put("databases", specimen("database", owners=owners), 400)
            for owners in (
                [_owner("a", "team"), _owner("b", "team")],
                [_owner("a", "team"), _owner("user")],
                [_owner("c", "team")],
            )
        ),
    ),
    case(
        "§3.0",
        "an owner that does not exist is 404",
        make("databaseService"),
        put(
            "databases",
            specimen(
                "database",
                owners=[{"id": "11111111-2222-3333-4444-555555555555", "type": "user"}],
            ),
            404,
        ),
    ),
    case(
        "§3.0",
        "a tag label needs tagFQN, labelType and state",
        make("tag"),
        make("databaseService"),
        *(
            put(
                "databases",
                specimen(
                    "database",
                    tags=[{k: v for k, v in label("{tag}").items() if k != missing}],
                ),
                400,
                says=missing,
            )
            for missing in ("tagFQN", "labelType", "state")
        ),
        put("databases", specimen("database", tags=[label("{tag}")]), 201),
    ),
    case(
        "§3.0",
        "a tag label without a source is that of a classification",
        make("tag"),
        make("databaseService"),
        put(
            "databases",
            specimen(
                "database",
                tags=[{"tagFQN": "{tag}", "labelType": "Manual", "state": "Confirmed"}],
            ),
            201,
            {"tags": [{"tagFQN": "{tag}", "source": "Classification"}]},
        ),
    ),
    case(
        "§3.0",
        "a tag that does not exist is 404",
        make("databaseService"),
        put(
            "databases",
            specimen("database", tags=[label("No.Such{me}")]),
            404,
            says="tag instance for No.Such{me} not found",
        ),
    ),
    case(
        "§3.0",
        "a tag that is disabled is refused",
        make("tag"),
        make("databaseService"),
        patch("tags/{tag.id}", replacing("/disabled", True), 200, {"disabled": True}),
        put("databases", specimen("database", tags=[label("{tag}")]), 400),
    ),
    case(
        "§3.0",
        "two tags of a classification that are mutually exclusive are refused",
        make("classification", mutuallyExclusive=True),
        make("tag", "one"),
        make("tag", "two"),
        make("databaseService"),
        put("databases", specimen("database", tags=[label("{one}"), label("{two}")]), 400),
        put("databases", specimen("database", tags=[label("{one}")]), 201),
        put("databases", specimen("database", tags=[label("{two}")]), 400),
    ),
    case(
        "§3.0",
        "the FQN of a tag with the source Glossary is that of no term: 404",
        make("tag"),
        make("databaseService"),
        put(
            "databases",
            specimen("database", tags=[label("{tag}", source="Glossary")]),
            404,
            says="glossaryTerm instance for {tag} not found",
        ),
    ),
    case(
        "§3.0",
        "a term brings the tags that it has, as derived ones",
        make("tag"),
        make("glossaryTerm", tags=[label("{tag}")]),
        make("databaseService"),
        put(
            "databases",
            specimen("database", tags=[label("{glossaryTerm}", source="Glossary")]),
            201,
            {
                "tags": Holding(
                    {"tagFQN": "{glossaryTerm}", "labelType": "Manual"},
                    {"tagFQN": "{tag}", "labelType": "Derived"},
                )
            },
        ),
    ),
    case(
        "§3.0",
        "the same tag twice is one tag, in a PUT and in a PATCH",
        make("tag"),
        make("databaseService"),
        put(
            "databases",
            specimen("database", tags=[label("{tag}")] * 2),
            201,
            {"tags": [{"tagFQN": "{tag}"}]},
            keeps={"id": "id"},
        ),
        patch(
            "databases/{id}",
            [{"op": "add", "path": "/tags/-", "value": label("{tag}")}],
            200,
            {"tags": [{"tagFQN": "{tag}"}]},
        ),
    ),
    case(
        "§3.0",
        "a column's tag has to exist too",
        make("databaseSchema"),
        put(
            "tables",
            specimen(
                "table", columns=[{"name": "a", "dataType": "INT", "tags": [label("No.Such")]}]
            ),
            404,
        ),
    ),
    case(
        "§3.0",
        "domains are FQNs in a request and references in an answer",
        make("domain"),
        make("databaseService"),
        put(
            "databases",
            specimen("database", domains=["{domain}"]),
            201,
            {"domains": [{"id": "{domain.id}", "type": "domain"}]},
        ),
        get("databases/name/{databaseService}.database_{me}", shows={"domains": ABSENT}),
        since="1.9",
    ),
    case(
        "§3.0",
        "before 1.9 an entity has one domain, by that name",
        make("domain"),
        make("database"),
        patch(
            "databases/{database.id}",
            replacing("/domain", {"id": "{domain.id}", "type": "domain"}),
            200,
            {"domain": {"id": "{domain.id}"}, "domains": ABSENT},
        ),
        get("databases/{database.id}?fields=domain", shows={"domain": {"id": "{domain.id}"}}),
        get("databases/{database.id}?fields=domains", 400, says="Invalid field name domains"),
        until="1.9",
    ),
    case(
        "§3.0",
        "a nested container, glossary term, tag or domain lies below its parent",
        make("container", "top"),
        make("container", "sub", parent={"id": "{top.id}", "type": "container"}),
        get("containers/{sub.id}?fields=parent", shows={"fullyQualifiedName": "{top}.sub_{me}"}),
        make("glossaryTerm", "word"),
        make("glossaryTerm", "subword", parent="{word}"),
        get("glossaryTerms/{subword.id}", shows={"fullyQualifiedName": "{word}.subword_{me}"}),
        make("tag", "high"),
        make("tag", "low", parent="{high}"),
        get("tags/{low.id}", shows={"fullyQualifiedName": "{high}.low_{me}"}),
        make("domain", "whole"),
        make("domain", "part", parent="{whole}"),
        get("domains/{part.id}", shows={"fullyQualifiedName": "{whole}.part_{me}"}),
    ),
    case(
        "§3.0",
        "voting counts once per user, and a second vote replaces the first",
        put("users", {"name": "jane", "email": "jane@example.com"}, (200, 201)),
        make("table"),
        put("tables/{table.id}/vote", {"updatedVoteType": "votedUp"}, 200, by=JANE),
        get("tables/{table.id}?fields=votes", shows={"votes": {"upVotes": 1, "downVotes": 0}}),
        put("tables/{table.id}/vote", {"updatedVoteType": "votedDown"}, 200, by=JANE),
        get(
            "tables/{table.id}?fields=votes",
            shows={"votes": {"upVotes": 0, "downVotes": 1}, "version": 0.1},
        ),
        put("tables/{table.id}/vote", {"updatedVoteType": "unVoted"}, 200, by=JANE),
        get("tables/{table.id}?fields=votes", shows={"votes": {"upVotes": 0, "downVotes": 0}}),
    ),
]
