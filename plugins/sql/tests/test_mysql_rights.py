"""What grants of MySQL hide, from what its manual says that SHOW GRANTS prints."""

from __future__ import annotations

from metadata.ingestion.source.database.sql_databases.mysql.rights import Rights
from metadata.ingestion.source.database.sql_databases.mysql.statements import Dialect
from metadata.ingestion.source.database.sql_databases.reader.session import Wanted

SCHEMAS = ("shop", "shop_x", "shopax")


def hidden(version: str, *grants: str, has_wildcards: bool = True) -> dict[tuple[str, str], str]:
    """Schema and kind of entity of what may be missing, with what would help."""
    rights = Rights(grants, Dialect.of(version), "reader@%", has_wildcards=has_wildcards)
    return {
        (row.schema, row.hides.entity_type): row.remedy
        for row in rights.unseen(SCHEMAS, Wanted(), {}, {})
        if row.hides is not None
    }


def test_rights_on_everything_hide_nothing() -> None:
    """SELECT on `*.*` shows every table and routine; INSERT there shows tables only."""
    for version in ("5.7.44", "8.0.11", "8.0.36", "10.11.6-MariaDB", "11.4.2-MariaDB"):
        assert hidden(version, "GRANT SELECT ON *.* TO `reader`@`%`") == {}
    insert = "GRANT INSERT ON *.* TO `reader`@`%`"
    found = hidden("9.1.0", insert, "GRANT SELECT ON `mysql`.`proc` TO `reader`@`%`")
    assert set(found) == {(name, "storedProcedure") for name in SCHEMAS}
    assert found["shop", "storedProcedure"] == "GRANT SHOW_ROUTINE ON *.* TO 'reader'@'%';"
    assert hidden("9.1.0", insert, "GRANT SHOW_ROUTINE ON *.* TO `reader`@`%`") == {}
    assert len(hidden("99.1.0", insert, "DENY INSERT ON `shop`.* TO `reader`@`%`")) == 7


def test_a_partial_revoke_hides_a_schema() -> None:
    """What MySQL takes away from a right on everything is not seen, and no schema is certain."""
    found = hidden(
        "8.0.36",
        "GRANT SELECT, SHOW VIEW, EXECUTE ON *.* TO `reader`@`%`",
        "REVOKE SELECT ON `shop`.* FROM `reader`@`%`",
    )
    assert set(found) == {("", "databaseSchema"), ("shop", "table")}
    grant = "GRANT SELECT, EXECUTE ON `shop%`.* TO `reader`@`%`"
    literal = hidden("8.0.36", grant, has_wildcards=False)
    assert {name for name, _ in literal} == {"", *SCHEMAS}
    assert literal["shop_x", "table"] == "GRANT SELECT, SHOW VIEW ON `shop_x`.* TO 'reader'@'%';"


def test_one_grant_decides() -> None:
    r"""A grant for a schema alone hides those with wildcards, of which each may decide."""
    show = "GRANT SHOW DATABASES ON *.* TO `reader`@`%`"
    wide = "GRANT SELECT, EXECUTE ON `shop%`.* TO `reader`@`%`"
    alone = r"GRANT EXECUTE ON `shop\_x`.* TO `reader`@`%`"
    assert hidden("8.0.36", show, wide, alone) == {
        ("shop_x", "table"): r"GRANT SELECT, SHOW VIEW ON `shop\_x`.* TO 'reader'@'%';"
    }
    both = "GRANT SELECT ON `shop_x`.* TO `reader`@`%`"
    assert set(hidden("8.0.36", show, wide, both)) == {
        (name, "storedProcedure") for name in ("shop_x", "shopax")
    }
    assert hidden("8.0.36", show, wide, alone.replace("EXECUTE", "ALL PRIVILEGES")) == {}


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
