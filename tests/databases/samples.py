"""Databases for tests: shapes of samples that others publish, and all that a dialect can say."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).with_name("sql")


def samples(dialect: str) -> list[str]:
    """Names of the samples for `postgres`, `mariadb` or `duckdb`, sorted."""
    return sorted(
        path.stem for folder in (FOLDER, FOLDER / dialect) for path in folder.glob("*.sql")
    )


def sample(dialect: str, name: str) -> str:
    """The statements of a sample, e.g. `sample("postgres", "pagila")`."""
    own = FOLDER / dialect / f"{name}.sql"
    path = own if own.exists() else FOLDER / f"{name}.sql"
    return path.read_text("utf-8")


def mariadb_statements(name: str) -> list[str]:
    """The statements of a sample one by one, as a session with MariaDB takes them."""
    text = sample("mariadb", name)
    if (FOLDER / f"mariadb/{name}.sql").exists():
        return [each for each in text.split(";;\n") if each.strip()]
    every_dialect = [each for each in text.split(";\n") if each.strip()]
    return ["SET sql_mode = concat(@@sql_mode, ',ANSI_QUOTES')", *every_dialect]
