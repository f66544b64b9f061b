-- All that DuckDB lets a catalog say, and the names that it allows.
CREATE SCHEMA types;
CREATE SCHEMA keys;
CREATE SCHEMA "odd.schema";
CREATE SCHEMA empty;
CREATE TYPE types.mood AS ENUM ('sad', 'it''s ok', 'very, very happy', '');
CREATE TYPE types.money AS DECIMAL(12,4);
CREATE TABLE types.plain (
  c_tinyint TINYINT, c_smallint SMALLINT, c_integer INTEGER, c_bigint BIGINT, c_hugeint HUGEINT,
  c_utinyint UTINYINT, c_usmallint USMALLINT, c_uinteger UINTEGER, c_ubigint UBIGINT, c_uhugeint UHUGEINT,
  c_float FLOAT, c_double DOUBLE, c_decimal DECIMAL, c_decimal_ps DECIMAL(38,10), c_boolean BOOLEAN,
  c_varchar VARCHAR, c_varchar_n VARCHAR(20), c_blob BLOB, c_bit BIT, c_uuid UUID, c_json JSON,
  c_date DATE, c_time TIME, c_timetz TIMETZ, c_timestamp TIMESTAMP, c_timestamp_s TIMESTAMP_S,
  c_timestamp_ms TIMESTAMP_MS, c_timestamp_ns TIMESTAMP_NS, c_timestamptz TIMESTAMPTZ, c_interval INTERVAL
);
CREATE TABLE types.nested (
  c_list INTEGER[], c_list_list VARCHAR[][], c_array FLOAT[3], c_struct STRUCT(a INTEGER, "b c" VARCHAR),
  c_deep STRUCT(x STRUCT(y DECIMAL(5,2)[], "z.z" MAP(VARCHAR, INTEGER)))[],
  c_map MAP(VARCHAR, STRUCT(n BIGINT)), c_union UNION(num INTEGER, txt VARCHAR),
  c_enum types.mood, c_enum_list types.mood[], c_alias types.money,
  c_enum_here ENUM ('a', 'b''c')
);
CREATE SEQUENCE types.counter;
CREATE TABLE types."values" (
  id BIGINT DEFAULT nextval('types.counter') PRIMARY KEY,
  d_text VARCHAR DEFAULT 'it''s', d_number DECIMAL(5,2) DEFAULT -1.5, d_now TIMESTAMP DEFAULT current_timestamp,
  d_list INTEGER[] DEFAULT [1, 2], g_virtual VARCHAR GENERATED ALWAYS AS (lower(d_text)) VIRTUAL,
  not_null VARCHAR NOT NULL, checked INTEGER CHECK (checked > 0)
);
COMMENT ON TABLE types."values" IS 'defaults: "quoted", it''s';
COMMENT ON COLUMN types."values".d_text IS 'ünïcode
in two lines';
CREATE TABLE keys.parent (a INTEGER, b INTEGER, c VARCHAR NOT NULL UNIQUE, d INTEGER, e INTEGER,
  PRIMARY KEY (b, a), UNIQUE (e, d));
CREATE TABLE keys.child (id BIGINT PRIMARY KEY, pb INTEGER, pa INTEGER, pc VARCHAR REFERENCES keys.parent (c),
  FOREIGN KEY (pb, pa) REFERENCES keys.parent (b, a));
CREATE TABLE keys.twin (id BIGINT PRIMARY KEY REFERENCES keys.child (id));
CREATE TABLE "odd.schema"."dot.table" ("dot.column" VARCHAR, "col umn" INTEGER);
CREATE TABLE "odd.schema"."quo""ted" ("a""b" INTEGER, "it's" VARCHAR);
CREATE TABLE "odd.schema"."duck🦆" ("ünïcode" VARCHAR, "$1" INTEGER, "列" INTEGER);
CREATE TABLE "odd.schema"."UPPER" ("Id" INTEGER, "OTHER" VARCHAR);
CREATE TABLE "odd.schema"."select" ("from" INTEGER, "table" VARCHAR);
COMMENT ON TABLE "odd.schema"."dot.table" IS 'a dot in its name';
CREATE VIEW types.a_view AS SELECT c_integer AS a, c_varchar || 'x' AS b, c_decimal_ps FROM types.plain;
COMMENT ON VIEW types.a_view IS 'a view';
CREATE VIEW types.renamed (first, second) AS SELECT a, b FROM types.a_view;
CREATE VIEW "odd.schema"."view of ""odd""" AS
  SELECT q."a""b", d."dot.column" AS "select" FROM "odd.schema"."quo""ted" q, "odd.schema"."dot.table" d;
CREATE MACRO types.twice(n) AS n * 2;
CREATE MACRO types.rows_of(n) AS TABLE SELECT * FROM types.plain WHERE c_integer = n;
INSERT INTO keys.parent VALUES (1, 2, 'c', 4, 3);
