"""The SELECTs over DuckDB's catalogue functions, and its types.

DuckDB's documentation, "DuckDB_% Metadata Functions" and "Data Types". What a version lacks is
left out: `Columns` are those that the functions of the running version have.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from om_ingest.model import DataType

Columns = Mapping[str, Set[str]]
"""Names of the columns that each catalogue function has."""

FUNCTIONS = ("duckdb_schemas", "duckdb_columns")
"""The functions whose columns differ between versions."""

DATABASES = """
SELECT database_name, comment, type FROM duckdb_databases() WHERE NOT internal
ORDER BY encode(database_name)
"""

KEYWORDS = "SELECT keyword_name FROM duckdb_keywords()"

OBJECTS = """
SELECT count(*) FROM (
  SELECT 1 FROM duckdb_tables() WHERE database_name = $database AND NOT temporary
  UNION ALL SELECT 1 FROM duckdb_views() WHERE database_name = $database AND NOT internal
    AND NOT temporary
  UNION ALL SELECT 1 FROM duckdb_functions() WHERE database_name = $database AND NOT internal
)
"""

# DuckDB 2 has schemas in schemas: those are called by their path. Older catalogues, and all but
# the functions of macros, tell schemas of one name apart by their number.
_PATHS = """
WITH RECURSIVE paths(oid, leaf, path) AS (
  SELECT oid, schema_name, schema_name FROM duckdb_schemas()
  WHERE database_name = $database AND parent_schema_oid IS NULL
  UNION ALL
  SELECT s.oid, s.schema_name, p.path || '.' || s.schema_name
  FROM duckdb_schemas() s JOIN paths p ON s.parent_schema_oid = p.oid
  WHERE s.database_name = $database
)
"""
_PATH = "(SELECT path FROM paths WHERE paths.oid = t.schema_oid)"
_PATH_BY_NAME = "coalesce((SELECT min(path) FROM paths WHERE leaf = t.schema_name), t.schema_name)"

NESTED = """
SELECT count(*) FROM duckdb_schemas()
WHERE database_name = $database AND parent_schema_oid IS NOT NULL
"""


class Statements:
    """The SELECTs for one database; each has the columns of a row of the reader.

    Parameters: `$database`, and `$schemas`, names of the schemas or NULL for all.
    """

    def __init__(self, columns: Columns, *, nested: bool) -> None:
        """`nested` tells that schemas of the database lie in schemas."""
        self._columns = columns
        self._with = _PATHS if nested else ""
        self._schema = _PATH if nested else "t.schema_name"
        self._schema_by_name = _PATH_BY_NAME if nested else "t.schema_name"

    def _has(self, function: str, column: str) -> bool:
        return column in self._columns[function]

    @property
    def schemas(self) -> str:
        """Name and comment."""
        name = "(SELECT path FROM paths WHERE paths.oid = t.oid)" if self._with else "t.schema_name"
        return f"""{self._with}
SELECT * FROM (
  SELECT {name} AS schema, t.comment FROM duckdb_schemas() t
  WHERE t.database_name = $database AND t.schema_name NOT IN ('information_schema', 'pg_catalog')
) ORDER BY encode(schema) ASC"""

    @property
    def relations(self) -> str:
        """Schema, name, kind, comment, statement and estimated rows of tables and views."""
        return f"""{self._with}
SELECT * FROM (
  SELECT {self._schema} AS schema, t.table_name AS name, 'Regular' AS kind, t.comment, t.sql,
    t.estimated_size
  FROM duckdb_tables() t WHERE t.database_name = $database AND NOT t.internal AND NOT t.temporary
  UNION ALL
  SELECT {self._schema}, t.view_name, 'View', t.comment, t.sql, NULL
  FROM duckdb_views() t WHERE t.database_name = $database AND NOT t.internal AND NOT t.temporary
) WHERE $schemas IS NULL OR list_contains($schemas, schema)
ORDER BY encode(schema) ASC, encode(name) ASC"""

    @property
    def columns(self) -> str:
        """Schema, relation, name, type, nullability, default, generation and comment."""
        generation, tables = "t.is_generated", ""
        if not self._has("duckdb_columns", "is_generated"):  # before 1.5, the statement tells
            declared = "t.data_type || ' GENERATED ALWAYS AS('"
            generation = f"""(position(', ' || t.column_name || ' ' || {declared} IN o.sql) > 0
    OR position('"' || replace(t.column_name, '"', '""') || '" ' || {declared} IN o.sql) > 0)"""
            tables = """
  LEFT JOIN duckdb_tables() o ON o.database_name = t.database_name
    AND o.schema_oid = t.schema_oid AND o.table_oid = t.table_oid"""
        return f"""{self._with}
SELECT * FROM (
  SELECT {self._schema} AS schema, t.table_name AS relation, t.column_name, t.data_type,
    t.is_nullable, t.column_default, CASE WHEN {generation} THEN 'virtual' ELSE '' END, t.comment,
    t.column_index AS position
  FROM duckdb_columns() t{tables}
  WHERE t.database_name = $database AND NOT t.internal
) WHERE $schemas IS NULL OR list_contains($schemas, schema)
ORDER BY encode(schema) ASC, encode(relation) ASC, position ASC"""

    @property
    def constraints(self) -> str:
        """Schema, relation, kind, columns, name, referred table and columns."""
        return f"""{self._with}
SELECT * EXCLUDE (position) FROM (
  SELECT {self._schema} AS schema, t.table_name AS relation, t.constraint_type,
    t.constraint_column_names, t.constraint_name, t.referenced_table, t.referenced_column_names,
    t.constraint_index AS position
  FROM duckdb_constraints() t
  WHERE t.database_name = $database
    AND t.constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')
) WHERE $schemas IS NULL OR list_contains($schemas, schema)
ORDER BY encode(schema) ASC, encode(relation) ASC, position ASC"""

    @property
    def routines(self) -> str:
        """Schema, name, parameters, their types, body, comment and kind."""
        return f"""{self._with}
SELECT * FROM (
  SELECT {self._schema_by_name} AS schema, t.function_name AS name, t.parameters,
    t.parameter_types, t.macro_definition, t.comment, t.function_type
  FROM duckdb_functions() t
  WHERE t.database_name = $database AND NOT t.internal AND t.macro_definition IS NOT NULL
) WHERE $schemas IS NULL OR list_contains($schemas, schema)
ORDER BY encode(schema) ASC, encode(name) ASC, len(parameters) ASC, parameters::VARCHAR ASC,
  function_type ASC"""


TYPES: Mapping[str, DataType] = {
    "bigint": DataType.BIGINT,
    "bignum": DataType.NUMERIC,
    "varint": DataType.NUMERIC,
    "bit": DataType.BIT,
    "blob": DataType.BLOB,
    "boolean": DataType.BOOLEAN,
    "date": DataType.DATE,
    "decimal": DataType.DECIMAL,
    "double": DataType.DOUBLE,
    "enum": DataType.ENUM,
    "float": DataType.FLOAT,
    "geometry": DataType.GEOMETRY,
    "hugeint": DataType.LARGEINT,
    "integer": DataType.INT,
    "interval": DataType.INTERVAL,
    "json": DataType.JSON,
    '"null"': DataType.NULL,
    '"NULL"': DataType.NULL,
    "point_2d": DataType.POINT,
    "polygon_2d": DataType.POLYGON,
    "smallint": DataType.SMALLINT,
    "time": DataType.TIME,
    "time_ns": DataType.TIME,
    "time with time zone": DataType.TIME,
    "timestamp": DataType.TIMESTAMP,
    "timestamp_s": DataType.TIMESTAMP,
    "timestamp_ms": DataType.TIMESTAMP,
    "timestamp_ns": DataType.TIMESTAMP,
    "timestamptz_ns": DataType.TIMESTAMPZ,
    "timestamp with time zone": DataType.TIMESTAMPZ,
    "tinyint": DataType.TINYINT,
    "ubigint": DataType.BIGINT,
    "uhugeint": DataType.LARGEINT,
    "uinteger": DataType.UINT,
    "usmallint": DataType.INT,
    "utinyint": DataType.SMALLINT,
    "uuid": DataType.UUID,
    "varchar": DataType.VARCHAR,
    "variant": DataType.VARIANT,
    "inet": DataType.INET,
}
