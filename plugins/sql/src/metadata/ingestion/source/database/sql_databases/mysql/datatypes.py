"""The types of MySQL and MariaDB, and what they are in OpenMetadata.

Both keep synonyms under one name: `bool` is `tinyint(1)`, `integer` is `int`. Sources: MySQL
Reference Manual, chapter "Data Types"; MariaDB documentation, "Data Types".
"""

from __future__ import annotations

from om_ingest.model import DataType

_NAMES: dict[DataType, str] = {
    DataType.TINYINT: "tinyint",
    DataType.SMALLINT: "smallint",
    DataType.INT: "mediumint, int",
    DataType.BIGINT: "bigint",
    DataType.DECIMAL: "decimal",
    DataType.FLOAT: "float",
    DataType.DOUBLE: "double",
    DataType.BIT: "bit",
    DataType.CHAR: "char",
    DataType.VARCHAR: "varchar",
    DataType.TEXT: "tinytext, text, longtext",
    DataType.MEDIUMTEXT: "mediumtext",
    DataType.BINARY: "binary",
    DataType.VARBINARY: "varbinary",
    DataType.BLOB: "tinyblob, blob",
    DataType.MEDIUMBLOB: "mediumblob",
    DataType.LONGBLOB: "longblob",
    DataType.DATE: "date",
    DataType.TIME: "time",
    DataType.DATETIME: "datetime",
    DataType.TIMESTAMP: "timestamp",
    DataType.YEAR: "year",
    DataType.ENUM: "enum",
    DataType.SET: "set",
    DataType.JSON: "json",
    DataType.UUID: "uuid",
    DataType.IPV4: "inet4",
    DataType.IPV6: "inet6",
    DataType.XML: "xmltype",
    DataType.POINT: "point",
    DataType.POLYGON: "polygon",
    DataType.GEOMETRY: "geometry, linestring, multipoint, multilinestring, multipolygon,"
    " geometrycollection, geomcollection",
    DataType.ARRAY: "vector",
}
TYPES = {name: kind for kind, names in _NAMES.items() for name in names.split(", ")}
