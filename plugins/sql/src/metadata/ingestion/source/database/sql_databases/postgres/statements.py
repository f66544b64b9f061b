"""The SELECTs over the catalogue of PostgreSQL, a stream each.

Catalogues: https://www.postgresql.org/docs/current/catalogs.html. `{…}` is filled in by `parts`,
because older servers lack some columns. Functions that take oids give NULL for what was dropped
since the transaction began; those that may fail are in streams with `Texts`.
"""

from __future__ import annotations

SETUP = """
SELECT pg_catalog.current_setting('server_encoding'),
  (SELECT array_agg(pg_catalog.set_config(s.name, CASE s.name WHEN 'cursor_tuple_fraction' THEN '1'
      WHEN 'jit' THEN 'off' WHEN 'lock_timeout' THEN '5000' ELSE '0' END, true))
    FROM pg_catalog.pg_settings s WHERE s.name IN
      ('cursor_tuple_fraction', 'jit', 'lock_timeout', 'idle_in_transaction_session_timeout'))
"""
"""Local to the transaction, so that connection pools may pass the connection on. A sink that is
slow may take its time. Compiling statements (`jit`) takes longer than they do."""

DATABASES = """
SELECT d.datname::text, pg_catalog.shobj_description(d.oid, 'pg_database'),
  pg_catalog.pg_get_userbyid(d.datdba)::text, d.datistemplate, d.datallowconn,
  pg_catalog.has_database_privilege(d.oid, 'CONNECT'), CURRENT_USER::text
FROM pg_catalog.pg_database d
WHERE %(name)s::text IS NULL OR d.datname = %(name)s::text
ORDER BY d.datname::text COLLATE "C"
"""

SCHEMAS = """
SELECT n.nspname::text, pg_catalog.obj_description(n.oid, 'pg_namespace'),
  pg_catalog.pg_get_userbyid(n.nspowner)::text, n.oid
FROM pg_catalog.pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY {schema}
"""

TYPES = """
WITH used AS (
  SELECT DISTINCT u.atttypid FROM pg_catalog.pg_attribute u WHERE u.atttypid >= 16384
)
SELECT t.oid, t.typarray, t.typtype::text,
  pg_catalog.format_type(t.typbasetype, t.typtypmod), t.typbasetype,
  (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
   FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid),
  members.names, members.types, members.oids
FROM pg_catalog.pg_type t
LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
LEFT JOIN LATERAL (
  SELECT array_agg(a.attname::text ORDER BY a.attnum) AS names,
    array_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum) AS types,
    array_agg(a.atttypid ORDER BY a.attnum) AS oids
  FROM pg_catalog.pg_attribute a
  WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
) members ON t.typtype = 'c'
WHERE t.oid >= 16384 AND (t.typtype IN ('e', 'd') OR t.typtype = 'c' AND (c.relkind = 'c'
    OR t.oid IN (SELECT atttypid FROM used) OR t.typarray IN (SELECT atttypid FROM used)))
"""
"""Types of the owners of the database; oids below 16384 are those of the server."""

_RELATIONS = """(
  SELECT c.*, n.nspname FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = ANY(%(kinds)s) AND {is_whole} AND c.relnamespace = ANY(%(schemas)s)
  ORDER BY {schema}, {relation} OFFSET 0
) c"""
"""Relations in their order. What is joined to them laterally, behind `OFFSET 0`, is looked up by
index for one after the other, which keeps the order: the first rows come at once, nothing is
sorted that is large, and it takes a fifth of the time of hash joins. The reader checks the order.
"""

_DEFINITION = """
    CASE c.relkind WHEN 'v' THEN 'CREATE VIEW ' ELSE 'CREATE MATERIALIZED VIEW ' END
    || pg_catalog.quote_ident(c.nspname) || '.' || pg_catalog.quote_ident(c.relname)
    || E' AS\\n' || pg_catalog.pg_get_viewdef(c.oid)"""

RELATIONS = f"""
SELECT c.nspname::text, c.relname::text,
  CASE c.relkind WHEN 'v' THEN 'View' WHEN 'm' THEN 'MaterializedView'
    WHEN 'p' THEN 'Partitioned' WHEN 'f' THEN 'Foreign' ELSE 'Regular' END,
  pg_catalog.obj_description(c.oid, 'pg_class'),
  CASE WHEN %(owners)s THEN pg_catalog.pg_get_userbyid(c.relowner)::text END,
  CASE WHEN %(texts)s AND %(views)s AND c.relkind IN ('v', 'm') THEN {_DEFINITION} END,
  CASE WHEN %(row_counts)s AND c.relkind IN ('r', 'p', 'm') AND {{is_counted}}
    THEN c.reltuples::bigint END,
  CASE WHEN c.relkind = 'f' THEN (SELECT substr(o, 10)
    FROM pg_catalog.pg_foreign_table f, unnest(f.ftoptions) o
    WHERE f.ftrelid = c.oid AND o LIKE 'filename=%%') END,
  CASE WHEN %(views)s AND c.relkind IN ('v', 'm') THEN c.oid END
FROM {_RELATIONS}
"""

DEFINITIONS = f"""
SELECT c.oid, {_DEFINITION} FROM (
  SELECT c.*, n.nspname FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY(%(oids)s::oid[])
) c
"""
"""Of the views among `RELATIONS` that are left over."""

COLUMNS = f"""
SELECT c.nspname::text, c.relname::text, a.*
FROM {_RELATIONS}
CROSS JOIN LATERAL (
  SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
    CASE WHEN %(definitions)s THEN (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid)
      FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END,
    {{generation}}, s.description,
    CASE WHEN a.atttypid >= 16384 THEN a.atttypid END, NULL
  FROM pg_catalog.pg_attribute a
  LEFT JOIN pg_catalog.pg_description s
    ON s.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND s.objoid = a.attrelid
    AND s.objsubid = a.attnum
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY a.attnum OFFSET 0
) a
"""

CONSTRAINTS = f"""
SELECT c.nspname::text, c.relname::text, k.*
FROM {_RELATIONS}
CROSS JOIN LATERAL (
  SELECT k.name, k.kind,
    ARRAY(SELECT (SELECT a.attname::text FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum = u.number)
      FROM unnest(k.columns) WITH ORDINALITY u (number, place) ORDER BY u.place),
    fn.nspname::text, f.relname::text,
    CASE WHEN k.other <> 0 THEN ARRAY(SELECT (SELECT a.attname::text
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.other AND a.attnum = u.number)
      FROM unnest(k.referred) WITH ORDINALITY u (number, place) ORDER BY u.place) END
  FROM (
    SELECT o.conname::text AS name, CASE o.contype
        WHEN 'p' THEN 'primary' WHEN 'u' THEN 'unique' ELSE 'foreign' END AS kind,
      o.conkey AS columns, o.confrelid AS other, o.confkey AS referred
    FROM pg_catalog.pg_constraint o
    WHERE o.conrelid = c.oid AND o.contype IN ('p', 'u', 'f') AND {{is_original}}
    UNION ALL
    SELECT x.relname::text, 'unique',
      ((i.indkey::int2[])[0:{{key_count}} - 1])::int2[], 0::oid, NULL::int2[]
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
    WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND NOT i.indisprimary
      AND i.indpred IS NULL AND i.indexprs IS NULL
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o
        WHERE o.conrelid = c.oid AND o.conindid = i.indexrelid AND o.contype IN ('p', 'u'))
  ) k
  LEFT JOIN pg_catalog.pg_class f ON f.oid = k.other
  LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
  ORDER BY k.kind, k.name OFFSET 0
) k
"""
"""Unique indexes say what a constraint says, unless they have a condition or an expression."""

PARTITIONS = """
SELECT n.nspname::text, c.relname::text, pg_catalog.pg_get_partkeydef(c.oid),
  (SELECT array_agg(a.attname::text ORDER BY u.place)
   FROM unnest(p.partattrs::int2[]) WITH ORDINALITY u (number, place)
   LEFT JOIN pg_catalog.pg_attribute a
     ON a.attrelid = c.oid AND a.attnum = u.number AND u.number > 0)
FROM pg_catalog.pg_partitioned_table p
JOIN pg_catalog.pg_class c ON c.oid = p.partrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {is_whole} AND c.relnamespace = ANY(%(schemas)s)
ORDER BY {schema}, {relation}
"""

ROUTINES = """
SELECT n.nspname::text, p.proname::text,
  CASE WHEN {is_procedure} THEN 'StoredProcedure' ELSE 'Function' END, l.lanname::text,
  coalesce(CASE WHEN %(texts)s THEN pg_catalog.pg_get_functiondef(p.oid) END, p.prosrc),
  pg_catalog.oidvectortypes(p.proargtypes),
  pg_catalog.obj_description(p.oid, 'pg_proc'),
  CASE WHEN %(owners)s THEN pg_catalog.pg_get_userbyid(p.proowner)::text END, p.oid
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE NOT ({is_aggregate}) AND p.pronamespace = ANY(%(schemas)s)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
    WHERE e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = p.oid
      AND e.deptype IN ('e', 'i'))
ORDER BY {schema}, {routine}, p.oid
"""
"""Without aggregates, which have no code, and what extensions and range types bring along."""

CODES = """
SELECT o, pg_catalog.pg_get_functiondef(o) FROM unnest(%(oids)s::oid[]) o
"""
"""Of the routines among `ROUTINES` that are left over."""

UNREADABLE = """
SELECT n.nspname::text, count(*), CURRENT_USER::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = ANY(%(kinds)s) AND {is_whole} AND c.relnamespace = ANY(%(schemas)s)
  AND NOT (pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND pg_catalog.has_table_privilege(c.oid, 'SELECT'))
GROUP BY {schema}, n.nspname ORDER BY {schema}
"""


def parts(version: int, encoding: str) -> dict[str, str]:
    """What stands for `{…}`, by the version of the server (150004) and the encoding of its data.

    The names are in the order of their code points, which is not that of the bytes in every
    encoding.
    """
    ordered = "convert_to({}::text, 'UTF8')"
    if encoding in ("UTF8", "SQL_ASCII", "LATIN1"):
        ordered = '{}::text COLLATE "C"'
    generation = "CASE WHEN a.attidentity <> '' THEN 'identity' ELSE '' END"
    if version >= 120000:
        generation = (
            "CASE WHEN a.attgenerated = 's' THEN 'stored' WHEN a.attgenerated = 'v' THEN 'virtual'"
            " WHEN a.attidentity = 'a' THEN 'identity always'"
            " WHEN a.attidentity = 'd' THEN 'identity' ELSE '' END"
        )
    return {
        "schema": ordered.format("n.nspname"),
        "relation": ordered.format("c.relname"),
        "routine": ordered.format("p.proname"),
        "is_counted": "c.reltuples >= 0" if version >= 140000 else "c.reltuples > 0",
        "is_whole": "NOT c.relispartition" if version >= 100000 else "true",
        "generation": generation if version >= 100000 else "''",
        "is_original": "o.conparentid = 0" if version >= 110000 else "true",
        "key_count": "i.indnkeyatts" if version >= 110000 else "i.indnatts",
        "is_procedure": "p.prokind = 'p'" if version >= 110000 else "false",
        "is_aggregate": "p.prokind = 'a'" if version >= 110000 else "p.proisagg",
    }
