"""What makes a table wrong, and what becomes of its columns (contract §3.0)."""

from __future__ import annotations

from typing import Any

from rest.case import Ask, Case, case, delete, get, make, put
from rest.expect import ABSENT
from rest.specimens import COLUMNS, specimen


def _column(name: str, data_type: str = "INT", **more: Any) -> dict[str, Any]:
    return {"name": name, "dataType": data_type, **more}


def _refused(claim: str, **body: Any) -> Case:
    """A table that is 400 for what stands in its body, and is not there afterwards."""
    return case(
        "§3.0",
        claim,
        make("databaseSchema"),
        put("tables", specimen("table", **body), 400),
        get("tables/name/{databaseSchema}.table_{me}", 404),
    )


def _taken(claim: str, columns: list[Any], shown: list[Any]) -> Case:
    """A table whose columns are shown in another way than they were sent."""
    return case(
        "§3.0",
        claim,
        make("databaseSchema"),
        put("tables", specimen("table", columns=columns), 201, {"columns": shown}),
        get("tables/name/{databaseSchema}.table_{me}", shows={"columns": shown}),
    )


_TWO_KEYS = [_column("a", constraint="PRIMARY_KEY"), _column("b", constraint="PRIMARY_KEY")]
_KEY = {"constraintType": "PRIMARY_KEY", "columns": ["a"]}
_NESTED = [_column("s", "STRUCT", children=[_column("x"), _column("x")])]
_TABLE_FQN = "{databaseSchema}.table_{me}"
_PARTITION = {"columns": [{"columnName": "zz", "intervalType": "COLUMN-VALUE"}]}

CASES = [
    _refused("two columns of one name are refused", columns=[_column("a"), _column("a")]),
    _refused("two members of a struct with one name are refused", columns=_NESTED),
    _refused("an ARRAY without arrayDataType is refused", columns=[_column("a", "ARRAY")]),
    _refused("a STRUCT without children is refused", columns=[_column("a", "STRUCT")]),
    _refused(
        "a STRUCT whose children are null is refused",
        columns=[_column("a", "STRUCT", children=None)],
    ),
    _taken(
        "a STRUCT with an empty list of children is taken",
        [_column("a", "STRUCT", children=[])],
        [{"children": []}],
    ),
    _refused("a scale without precision is refused", columns=[_column("a", "DECIMAL", scale=2)]),
    _refused(
        "a scale above the precision is refused",
        columns=[_column("a", "DECIMAL", precision=2, scale=3)],
    ),
    _refused("two columns that are the primary key are refused", columns=_TWO_KEYS),
    _refused(
        "a primary key both of a column and of the table is refused",
        columns=[_column("a", constraint="PRIMARY_KEY")],
        tableConstraints=[_KEY],
    ),
    _refused(
        "a table constraint that names an unknown column is refused",
        columns=[_column("b")],
        tableConstraints=[_KEY],
    ),
    _refused("a partition by an unknown column is refused", tablePartition=_PARTITION),
    _refused(
        "a table constraint that names a column in another case is refused",
        columns=[_column("A"), _column("b")],
        tableConstraints=[_KEY],
    ),
    _refused(
        "a partition by a column in another case is refused",
        columns=[_column("ZZ")],
        tablePartition=_PARTITION,
    ),
    _taken(
        "two columns whose names differ in case alone are taken",
        [_column("Day"), _column("DAY")],
        [{"name": "Day"}, {"name": "DAY"}],
    ),
    _refused("a data type of no database is refused", columns=[_column("a", "NO_TYPE")]),
    _refused("a column without a name is refused", columns=[{"dataType": "INT"}]),
    _refused("a column with an empty name is refused", columns=[_column("")]),
    _refused("a column without a data type is refused", columns=[{"name": "a"}]),
    _refused("an unknown property of a column is refused", columns=[_column("a", bogus=1)]),
    _refused("a text where columns should be is refused", columns="a"),
    _refused("a name of 257 characters is refused", name="x" * 257),
    _refused("an empty name is refused", name=""),
    _refused("a sourceHash of 33 characters is refused", sourceHash="x" * 33),
    _refused("an empty sourceHash is refused", sourceHash=""),
    _refused("a tableType of no kind is refused", tableType="Chair"),
    _taken(
        "dataTypeDisplay defaults to the data type in lower case",
        [_column("a", "VARCHAR", dataLength=9)],
        [{"dataTypeDisplay": "varchar"}],
    ),
    _taken(
        "dataTypeDisplay is stored in lower case",
        [_column("a", "VARCHAR", dataLength=9, dataTypeDisplay="VarChar(9)")],
        [{"dataTypeDisplay": "varchar(9)"}],
    ),
    _taken(
        "arrayDataType is cleared on what is no array",
        [_column("a", "INT", arrayDataType="TEXT")],
        [{"arrayDataType": ABSENT}],
    ),
    _taken(
        "a column's FQN is that of the table with its name",
        [_column("a"), _column("a.b")],
        [
            {"fullyQualifiedName": f"{_TABLE_FQN}.a"},
            {"name": "a.b", "fullyQualifiedName": f'{_TABLE_FQN}."a.b"'},
        ],
    ),
    _taken(
        "the FQN of a nested column goes on from that of the column above",
        [_column("s", "STRUCT", children=[_column("x", "STRUCT", children=[_column("y.z")])])],
        [
            {
                "children": [
                    {
                        "fullyQualifiedName": f"{_TABLE_FQN}.s.x",
                        "children": [{"fullyQualifiedName": f'{_TABLE_FQN}.s.x."y.z"'}],
                    }
                ]
            }
        ],
    ),
    _taken(
        "the same name may stand at different levels",
        [_column("x"), _column("s", "STRUCT", children=[_column("x")])],
        [{"name": "x"}, {"name": "s", "children": [{"name": "x"}]}],
    ),
    _taken(
        "columns keep the order in which they were sent, whatever ordinalPosition says",
        [_column("b", ordinalPosition=2), _column("a", ordinalPosition=1)],
        [{"name": "b", "ordinalPosition": 2}, {"name": "a", "ordinalPosition": 1}],
    ),
    _taken(
        "a member of a struct may be named -",
        [_column("s", "STRUCT", children=[_column("-")])],
        [{"children": [{"name": "-", "fullyQualifiedName": f"{_TABLE_FQN}.s.-"}]}],
    ),
    _taken(
        "a column name has no maximum of its own",
        [_column("c" * 600)],
        [{"name": "c" * 600}],
    ),
    _taken(
        "precision, scale and length are kept",
        [
            _column("d", "DECIMAL", precision=10, scale=10),
            _column("v", "VARCHAR", dataLength=0),
        ],
        [{"precision": 10, "scale": 10}, {"dataLength": 0}],
    ),
    case(
        "§3.0",
        "a table constraint and a partition that name columns are kept",
        make("databaseSchema"),
        put(
            "tables",
            specimen(
                "table",
                tableConstraints=[{"constraintType": "UNIQUE", "columns": ["id", "note"]}],
                tablePartition={"columns": [{"columnName": "id", "intervalType": "COLUMN-VALUE"}]},
            ),
            201,
            {
                "tableConstraints": [{"constraintType": "UNIQUE", "columns": ["id", "note"]}],
                "tablePartition": {"columns": [{"columnName": "id"}]},
            },
        ),
    ),
    case(
        "§3.0",
        "a table knows its schema, database and service, and the service's type",
        make("table"),
        get(
            "tables/{table.id}",
            shows={
                "databaseSchema": {"id": "{databaseSchema.id}", "type": "databaseSchema"},
                "database": {"id": "{database.id}", "type": "database"},
                "service": {"id": "{databaseService.id}", "type": "databaseService"},
                "serviceType": "CustomDatabase",
            },
        ),
    ),
    case(
        "§3.0",
        "what a view selects is in schemaDefinition",
        make("table", tableType="View", schemaDefinition="select 1"),
        get(
            "tables/{table.id}?fields=schemaDefinition",
            shows={"tableType": "View", "schemaDefinition": "select 1"},
        ),
    ),
    case(
        "§3.0",
        "a name of 256 characters with dots, slashes, quotes of one kind and unicode is allowed",
        make("databaseSchema"),
        put(
            "tables",
            specimen("table") | {"name": "é/'. " + "x" * 251},
            201,
            {"name": "é/'. " + "x" * 251},
        ),
    ),
    case(
        "§3.0",
        "a name with :: or a line break is refused",
        make("databaseService"),
        *(
            put("databases", specimen("database") | {"name": name}, 400)
            for name in ("a::b", "::", "a\nb", "a\rb", "\n")
        ),
        put("databases", specimen("database") | {"name": "a:b"}, 201),
    ),
    case(
        "§3.0",
        "a table or column name with :: or a line break is refused: who sends it rewrites it",
        make("databaseSchema"),
        *(put("tables", specimen("table") | {"name": name}, 400) for name in ("a::b", "a\nb")),
        *(
            put("tables", specimen("table", columns=[_column(name)]), 400)
            for name in ("a::b", "a\nb")
        ),
        put("tables", specimen("table") | {"name": "a__reserved__colon__b"}, 201),
    ),
    case(
        "§3.0",
        "a request has no id, version or href of its own",
        make("databaseSchema"),
        *(
            put("tables", specimen("table") | {name: value}, 400)
            for name, value in (
                ("id", "11111111-2222-3333-4444-555555555555"),
                ("version", 0.7),
                ("href", "http://x"),
                ("updatedAt", 1700000000000),
            )
        ),
    ),
    case(
        "§3.0",
        "the names of users are lower-cased",
        put("users", {"name": "Ann{me}", "email": "a{me}@example.com"}, 201, {"name": "ann{me}"}),
        get("users/name/ann{me}", shows={"email": "a{me}@example.com"}),
    ),
    case(
        "§3.0",
        "an email address has 6 to 127 characters",
        put("users", specimen("user", email="a@b.c"), 400, says="email"),
        put("users", specimen("user", email=f"a@{'b' * 130}.c"), 400, says="email"),
    ),
    case(
        "§3.0",
        "the columns of a table can be read page by page",
        make("table", columns=[*COLUMNS, _column("third")]),
        get(
            "tables/{table.id}/columns?limit=2&offset=0",
            shows={"data": [{"name": "id"}, {"name": "note"}], "paging": {"total": 3}},
        ),
        get(
            "tables/name/{table}/columns?limit=2&offset=2",
            shows={"data": [{"name": "third"}], "paging": {"total": 3, "offset": 2}},
        ),
    ),
]

_SQL_ONLY: Ask = put(
    "queries",
    {"query": "select {me}", "service": "{databaseService}"},
    201,
    keeps={"query.id": "id"},
)
CASES += [
    case(
        "§3.0",
        "a query without a name is named for the MD5 of its SQL, so the same SQL is one query",
        make("databaseService"),
        _SQL_ONLY,
        put(
            "queries",
            {"query": "select {me}", "service": "{databaseService}"},
            200,
            {"id": "{query.id}", "query": "select {me}"},
        ),
        delete("queries/{query.id}?hardDelete=true"),
    ),
    case(
        "§3.0",
        "the same SQL is one query, whatever its name and service: another is 409",
        make("query"),
        make("databaseService", "other"),
        put("queries", specimen("query", service="{other}"), 409, says="Entity already exists"),
        put("queries", specimen("query") | {"name": "x{me}"}, 409),
        put("queries", specimen("query", displayName="x"), 200),
    ),
]
