"""The SELECTs over the catalogue of PostgreSQL, a stream each.

Catalogues: https://www.postgresql.org/docs/current/catalogs.html. `{…}` are filled in by
`Dialect`, because older servers lack some columns.
"""

from __future__ import annotations

DATABASES = """
SELECT d.datname::text, pg_catalog.shobj_description(d.oid, 'pg_database'),
  pg_catalog.pg_get_userbyid(d.datdba)::text, d.datistemplate, d.datallowconn,
  pg_catalog.has_database_privilege(d.oid, 'CONNECT')
FROM pg_catalog.pg_database d
WHERE %(name)s::text IS NULL OR d.datname = %(name)s::text
ORDER BY 1
"""

SCHEMAS = """
SELECT n.nspname::text, pg_catalog.obj_description(n.oid, 'pg_namespace'),
  pg_catalog.pg_get_userbyid(n.nspowner)::text
FROM pg_catalog.pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY {schema}
"""

TYPES = """
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
WHERE t.typtype IN ('e', 'd', 'r', 'm') AND t.oid >= 16384
  OR t.typtype = 'c' AND t.oid >= 16384 AND (c.relkind = 'c'
    OR t.oid IN (SELECT u.atttypid FROM pg_catalog.pg_attribute u WHERE u.atttypid >= 16384)
    OR t.typarray IN (SELECT u.atttypid FROM pg_catalog.pg_attribute u WHERE u.atttypid >= 16384))
"""

RELATIONS = """
SELECT n.nspname::text, c.relname::text,
  CASE c.relkind WHEN 'v' THEN 'View' WHEN 'm' THEN 'MaterializedView'
    WHEN 'p' THEN 'Partitioned' WHEN 'f' THEN 'Foreign' ELSE 'Regular' END,
  pg_catalog.obj_description(c.oid, 'pg_class'),
  pg_catalog.pg_get_userbyid(c.relowner)::text,
  CASE WHEN %(views)s AND c.relkind IN ('v', 'm') THEN
    CASE c.relkind WHEN 'v' THEN 'CREATE VIEW ' ELSE 'CREATE MATERIALIZED VIEW ' END
    || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
    || E' AS\\n' || pg_catalog.pg_get_viewdef(c.oid) END,
  CASE WHEN %(row_counts)s AND c.relkind IN ('r', 'p', 'm') AND c.reltuples >= 0
    THEN c.reltuples::bigint END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND {is_whole} AND n.nspname = ANY(%(schemas)s)
ORDER BY {schema}, {relation}
"""

COLUMNS = """
SELECT n.nspname::text, c.relname::text, a.attname::text,
  pg_catalog.format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
  pg_catalog.pg_get_expr(d.adbin, d.adrelid), {generation}, s.description, a.atttypid
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_description s
  ON s.classoid = 'pg_catalog.pg_class'::regclass AND s.objoid = a.attrelid
  AND s.objsubid = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind = ANY(%(kinds)s) AND {is_whole}
  AND n.nspname = ANY(%(schemas)s)
ORDER BY {schema}, {relation}, a.attnum
"""

CONSTRAINTS = """
SELECT n.nspname::text, c.relname::text, k.name, k.kind,
  (SELECT array_agg(a.attname::text ORDER BY u.place)
   FROM unnest(k.columns) WITH ORDINALITY u (number, place)
   JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number),
  fn.nspname::text, f.relname::text,
  (SELECT array_agg(a.attname::text ORDER BY u.place)
   FROM unnest(k.referred) WITH ORDINALITY u (number, place)
   JOIN pg_catalog.pg_attribute a ON a.attrelid = f.oid AND a.attnum = u.number)
FROM (
  SELECT o.conrelid AS oid, o.conname::text AS name, CASE o.contype
      WHEN 'p' THEN 'primary' WHEN 'u' THEN 'unique' ELSE 'foreign' END AS kind,
    o.conkey AS columns, o.confrelid AS other, o.confkey AS referred
  FROM pg_catalog.pg_constraint o
  WHERE o.contype IN ('p', 'u', 'f') AND {is_original}
  UNION ALL
  SELECT i.indrelid, x.relname::text, 'unique', (i.indkey::int2[])[0:{key_count} - 1], 0, NULL
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
  WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o
      WHERE o.conindid = i.indexrelid AND o.contype IN ('p', 'u'))
) k
JOIN pg_catalog.pg_class c ON c.oid = k.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class f ON f.oid = k.other
LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
WHERE c.relkind = ANY(%(kinds)s) AND {is_whole} AND n.nspname = ANY(%(schemas)s)
ORDER BY {schema}, {relation}, k.kind, k.name
"""

PARTITIONS = """
SELECT n.nspname::text, c.relname::text, pg_catalog.pg_get_partkeydef(c.oid)
FROM pg_catalog.pg_partitioned_table p
JOIN pg_catalog.pg_class c ON c.oid = p.partrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {is_whole} AND n.nspname = ANY(%(schemas)s)
ORDER BY {schema}, {relation}
"""

ROUTINES = """
SELECT n.nspname::text, p.proname::text,
  CASE WHEN {is_procedure} THEN 'StoredProcedure' ELSE 'Function' END, l.lanname::text,
  coalesce(pg_catalog.pg_get_functiondef(p.oid), p.prosrc),
  pg_catalog.oidvectortypes(p.proargtypes),
  pg_catalog.obj_description(p.oid, 'pg_proc'), pg_catalog.pg_get_userbyid(p.proowner)::text
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE NOT ({is_aggregate}) AND n.nspname = ANY(%(schemas)s)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
    WHERE e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = p.oid
      AND e.deptype IN ('e', 'i'))
ORDER BY {schema}, {routine}, pg_catalog.oidvectortypes(p.proargtypes) COLLATE "C"
"""
