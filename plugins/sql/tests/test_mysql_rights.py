"""What grants of MySQL hide, from what its manual says that SHOW GRANTS prints."""

from __future__ import annotations

from metadata.ingestion.source.database.sql_databases.mysql.rights import Rights
from metadata.ingestion.source.database.sql_databases.mysql.statements import Dialect
from metadata.ingestion.source.database.sql_databases.reader.session import Wanted

SCHEMAS = ("shop", "shop_x", "shopax")


def hidden(version: str, *grants: str) -> dict[tuple[str, str], str]:
    """Schema and kind of entity of what may be missing, with what would help."""
    rights = Rights(grants, Dialect.of(version), "reader@%")
    return {
        (row.schema, row.hides.entity_type): row.remedy
        for row in rights.unseen(SCHEMAS, Wanted(), {}, {})
        if row.hides is not None
    }


def test_rights_on_everything_hide_nothing() -> None:
    """SELECT on `*.*` shows every table; for routines, MySQL has a privilege of its own."""
    select = "GRANT SELECT ON *.* TO `reader`@`%`"
    routines = "GRANT SHOW_ROUTINE ON *.* TO `reader`@`%`"
    assert hidden("8.0.36", select, routines) == {}
    assert hidden("8.0.11", select) == {}
    assert hidden("10.11.6-MariaDB", select) == {}
    assert set(hidden("8.0.36", select)) == {(name, "storedProcedure") for name in SCHEMAS}
    assert hidden("9.1.0", select)["shop", "storedProcedure"] == (
        "GRANT SHOW_ROUTINE ON *.* TO 'reader'@'%';"
    )


def test_a_partial_revoke_hides_a_schema() -> None:
    """What MySQL takes away from a right on everything is not seen, and no schema is certain."""
    found = hidden(
        "8.0.36",
        "GRANT SELECT, SHOW VIEW, EXECUTE ON *.* TO `reader`@`%`",
        "REVOKE SELECT ON `shop`.* FROM `reader`@`%`",
    )
    assert set(found) == {("", "databaseSchema"), ("shop", "table")}


def test_a_name_in_a_grant_is_a_pattern() -> None:
    r"""`_` stands for any character, `\_` for itself; rights on one table are none on a schema."""
    anything = "GRANT SELECT, EXECUTE ON `shop_%`.* TO `reader`@`%`"
    itself = r"GRANT SELECT, EXECUTE ON `shop\_x`.* TO `reader`@`%`"
    table = "GRANT SELECT, INSERT (`a`, `b`) ON `shop`.`t` TO `reader`@`%`"
    everywhere = "GRANT SHOW DATABASES ON *.* TO `reader`@`%`"
    assert {name for name, kind in hidden("8.0.36", everywhere, anything)} == {"shop"}
    assert {name for name, kind in hidden("8.0.36", everywhere, itself, table)} == {
        "shop",
        "shopax",
    }
