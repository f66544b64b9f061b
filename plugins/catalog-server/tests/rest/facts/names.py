"""Fully qualified names, and what they are in a URL (contract §8)."""

from __future__ import annotations

from rest.case import Case, case, delete, get, make, patch, put, replacing
from rest.specimens import specimen

_PUT = "databases"


def _named(claim: str, name: str, part: str, section: str = "§8.1") -> Case:
    """A database with a name, its part of the FQN, found by both spellings."""
    return case(
        section,
        claim,
        make("databaseService"),
        put(
            _PUT,
            specimen("database") | {"name": name},
            201,
            {"name": name, "fullyQualifiedName": f"{{databaseService}}.{part}"},
            keeps={"fqn": "fullyQualifiedName", "id": "id"},
        ),
        get("databases/name/{fqn}", shows={"id": "{id}", "name": name}),
        put(_PUT, specimen("database") | {"name": name}, 200, {"id": "{id}", "version": 0.1}),
        patch("databases/name/{fqn}", replacing("/displayName", "x"), 200, {"id": "{id}"}),
        get("databases?service={databaseService}", shows={"data": [{"id": "{id}"}]}),
        put(
            "databaseSchemas",
            {"name": "s", "database": "{fqn}"},
            201,
            {"fullyQualifiedName": f"{{databaseService}}.{part}.s"},
        ),
        delete("databases/name/{fqn}?recursive=true", 200, {"id": "{id}"}),
        get("databases/name/{fqn}", 404),
    )


CASES = [
    _named("a plain name is written bare", "a", "a"),
    _named("a name with a dot is quoted", "a.b", '"a.b"'),
    _named("a name with a space is written bare", "a b", "a b"),
    _named("a name with a slash is written bare", "a/b", "a/b"),
    _named("a name with > is written bare", "a>b", "a>b"),
    _named("a name with a dot and unicode is quoted", "é.x", '"é.x"'),
    _named("a name of other scripts is written bare", "日本語 नमस्ते", "日本語 नमस्ते"),
    _named("a name of an emoji is written bare", "🙂", "🙂"),
    _named("a name of a percent sign and digits is itself", "50%25", "50%25"),
    _named("a name with ? # & + = ; is itself", "a?b#c&d+e=f;g", "a?b#c&d+e=f;g"),
    _named("a name with a backslash and an apostrophe is itself", "a\\b'c", "a\\b'c"),
    _named("a name of dots alone is quoted", "..", '".."'),
    _named("a name with LIKE's % and _ is itself", "a%_b", "a%_b"),
    _named("a name with a * is itself", "a*[b]", "a*[b]"),
    _named('a " in a name is doubled inside quotes', 'a"b', '"a""b"'),
    case(
        "§8.1",
        "quotes that are not needed do not matter in a path",
        make("database"),
        get('databases/name/"{databaseService}"."{database.name}"', shows={"id": "{database.id}"}),
        get(
            "databases/name/%22{databaseService}%22.{database.name}", shows={"id": "{database.id}"}
        ),
        since="1.7",
    ),
    case(
        "§8.1",
        "quotes that are not needed do not matter in a body or a filter",
        make("databaseService"),
        put(
            _PUT,
            {"name": "d", "service": '"{databaseService}"'},
            201,
            {"fullyQualifiedName": "{databaseService}.d"},
        ),
        get('databases?service="{databaseService}"', shows={"paging": {"total": 1}}),
        since="1.7",
    ),
    case(
        "§8.1",
        "before 1.7 nothing is found under an FQN with quotes that are not needed",
        make("database"),
        get('databases/name/"{databaseService}".{database.name}', 404),
        put(_PUT, {"name": "d", "service": '"{databaseService}"'}, 404),
        until="1.7",
    ),
    case(
        "§8.1",
        "an FQN is case-sensitive",
        make("database"),
        get("databases/name/{databaseService}.DATABASE_{me}", 404),
        put(_PUT, specimen("database") | {"name": "DATABASE_{me}"}, 201),
    ),
    *(
        case(
            "§8.1",
            f"a name that is no FQN, {fqn}, finds nothing",
            get(f"databases/name/{path}", (400, 404)),
        )
        for fqn, path in (
            ("a..b", "a..b"),
            (".a", ".a"),
            ("a.", "a."),
            ('"a', "%22a"),
            ('a"b', "a%22b"),
            ("a line break", "a%0Ab"),
            ("a NUL", "a%00b"),
        )
    ),
    case(
        "§8.1",
        "a parent that is no FQN is refused",
        *(
            put(_PUT, {"name": "d", "service": service}, (400, 404))
            for service in ("a..b", '"a', "", ".", "a\u0000b")
        ),
    ),
    case(
        "§8.1",
        "an FQN has 3072 characters at most",
        make("storageService"),
        make("container", "c0", name="c" * 250),
        *(
            make(
                "container",
                f"c{level}",
                name="c" * 250,
                parent={"id": f"{{c{level - 1}.id}}", "type": "container"},
            )
            for level in range(1, 12)
        ),
        put(
            "containers",
            specimen("container", parent={"id": "{c11.id}", "type": "container"})
            | {"name": "c" * 250},
            400,
        ),
    ),
    case(
        "§8.3",
        "an FQN that is encoded as the official client does is understood",
        put("services/databaseServices", specimen("databaseService") | {"name": "svc{me}"}, 201),
        put(_PUT, {"name": "a/b.c", "service": "svc{me}"}, 201),
        put(
            "databaseSchemas",
            {"name": "é x", "database": 'svc{me}."a/b.c"'},
            201,
            {"fullyQualifiedName": 'svc{me}."a/b.c".é x'},
        ),
        get("databaseSchemas/name/svc{me}.%22a%2Fb.c%22.%C3%A9%20x", shows={"name": "é x"}),
        get("databaseSchemas/name/svc{me}.%22a%2fb.c%22.%c3%a9%20x", shows={"name": "é x"}),
    ),
    case(
        "§8.3",
        "a slash that is not encoded ends a segment",
        put("services/databaseServices", specimen("databaseService") | {"name": "a/b{me}"}, 201),
        get("services/databaseServices/name/a%2Fb{me}"),
        get("services/databaseServices/name/a/b{me}", 404),
        since="1.12",
    ),
    case(
        "§8.3",
        "a + in a path is a plus, and %2B too",
        put("services/databaseServices", specimen("databaseService") | {"name": "a+b{me}"}, 201),
        get("services/databaseServices/name/a+b{me}"),
        get("services/databaseServices/name/a%2Bb{me}"),
    ),
    case(
        "§8.3",
        "a segment that is not UTF-8 is refused",
        get("databases/name/%FF%FE", (400, 404)),
        get("databases/name/%C3", (400, 404)),
        get("databases/%80", (400, 404)),
    ),
    case(
        "§8.3",
        "an entity whose name is that of a route is found by its name",
        *(
            put(
                "services/databaseServices", {"name": f"{name}", "serviceType": "Mysql"}, (200, 201)
            )
            for name in ("name", "restore", "bulk", "async")
        ),
        *(
            get(f"services/databaseServices/name/{name}", shows={"name": name})
            for name in ("name", "restore", "bulk", "async")
        ),
    ),
]
