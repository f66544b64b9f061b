"""Yardstick: a database through SQLAlchemy's Inspector, table by table or in bulk, into JSON lines.

`python -m benchmarks.bare_sqlalchemy single|bulk URL FILE [RELATIONS]` prints, as JSON, the
seconds that it took, how many relations it read, and with how many statements.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Inspector, create_engine, event, inspect
from sqlalchemy.engine.reflection import ObjectKind

SYSTEM = {"information_schema", "mysql", "performance_schema", "sys", "public", "pg_catalog"}
_PARTS = ("columns", "pk_constraint", "foreign_keys", "unique_constraints", "table_comment")


def singly(inspector: Inspector, schema: str) -> Iterator[dict[str, Any]]:
    """Relation by relation, as most connectors read."""
    views = inspector.get_view_names(schema)
    for name in [*inspector.get_table_names(schema), *views]:
        found = {"name": name, "schema": schema}
        for part in _PARTS:
            found[part] = getattr(inspector, f"get_{part}")(name, schema)
        if name in views:
            found["definition"] = inspector.get_view_definition(name, schema)
        yield found


def in_bulk(inspector: Inspector, schema: str) -> Iterator[dict[str, Any]]:
    """What SQLAlchemy has for a whole schema; the text of a view it gives one by one."""
    views = inspector.get_view_names(schema)
    parts = {
        part: getattr(inspector, f"get_multi_{part}")(schema=schema, kind=ObjectKind.ANY)
        for part in _PARTS
    }
    for key in parts["columns"]:
        found = {"name": key[1], "schema": schema}
        found.update({part: by_name.get(key) for part, by_name in parts.items()})
        if key[1] in views:
            found["definition"] = inspector.get_view_definition(key[1], schema)
        yield found


def main(way: str, url: str, file: str, most: str = "") -> None:
    """Read, write and report."""
    began = time.perf_counter()
    engine = create_engine(url)
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(engine, "before_cursor_execute", count)
    inspector = inspect(engine)
    read = singly if way == "single" else in_bulk
    relations = 0
    with open(file, "w", encoding="utf-8") as lines:  # noqa: PTH123 -- the fastest way
        for schema in sorted(set(inspector.get_schema_names()) - SYSTEM):
            for found in read(inspector, schema):
                lines.write(json.dumps(found, default=str) + "\n")
                relations += 1
                if most and relations >= int(most):
                    break
            if most and relations >= int(most):
                break
    engine.dispose()
    took = time.perf_counter() - began
    print(json.dumps({"seconds": took, "relations": relations, "statements": statements}))


if __name__ == "__main__":
    main(*sys.argv[1:])
