"""The types of PostgreSQL, and what they are in OpenMetadata."""

from __future__ import annotations

from om_ingest.model import DataType

_NAMES: dict[DataType, str] = {
    DataType.SMALLINT: "smallint, int2, smallserial",
    DataType.INT: "integer, int, int4, serial, oid, xid, cid, regclass, regproc, regtype,"
    " regprocedure, regoper, regoperator, regnamespace, regrole, regconfig, regdictionary,"
    " regcollation",
    DataType.BIGINT: "bigint, int8, bigserial, xid8",
    DataType.NUMERIC: "numeric, decimal",
    DataType.FLOAT: "real, float4",
    DataType.DOUBLE: "double precision, float8",
    DataType.MONEY: "money",
    DataType.BOOLEAN: "boolean, bool",
    DataType.CHAR: 'character, char, bpchar, "char"',
    DataType.VARCHAR: "character varying, varchar, name",
    DataType.TEXT: "text, citext, public.citext, tid, aclitem, refcursor, jsonpath, ltree,"
    " pg_node_tree, gtsvector, lquery, ltxtquery, unknown, cstring",
    DataType.BYTEA: "bytea",
    DataType.BIT: "bit, bit varying, varbit",
    DataType.DATE: "date",
    DataType.TIME: "time, time without time zone, time with time zone, timetz",
    DataType.TIMESTAMP: "timestamp, timestamp without time zone",
    DataType.TIMESTAMPZ: "timestamp with time zone, timestamptz",
    DataType.INTERVAL: "interval",
    DataType.JSON: "json, jsonb",
    DataType.XML: "xml",
    DataType.UUID: "uuid",
    DataType.INET: "inet",
    DataType.CIDR: "cidr",
    DataType.MACADDR: "macaddr, macaddr8",
    DataType.POINT: "point",
    DataType.POLYGON: "polygon",
    DataType.GEOMETRY: "line, lseg, box, path, circle, geometry",
    DataType.GEOGRAPHY: "geography",
    DataType.TSVECTOR: "tsvector",
    DataType.TSQUERY: "tsquery",
    DataType.PG_LSN: "pg_lsn",
    DataType.PG_SNAPSHOT: "pg_snapshot",
    DataType.TXID_SNAPSHOT: "txid_snapshot",
    DataType.MAP: "hstore",
    DataType.DATETIMERANGE: "tsrange, tstzrange, daterange, tsmultirange, tstzmultirange,"
    " datemultirange",
    DataType.UNKNOWN: "int4range, int8range, numrange, int4multirange, int8multirange,"
    " nummultirange",
    DataType.ENUM: "enum",
}
TYPES = {name: kind for kind, names in _NAMES.items() for name in names.split(", ")}
"""Names of types, as `format_type` prints them and as people write them."""
