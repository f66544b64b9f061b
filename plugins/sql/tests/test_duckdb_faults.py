"""Files of DuckDB that cannot be read: one clear error each, with a remedy."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from metadata.ingestion.source.database.sql_databases.duckdb.source import DuckdbSource
from om_ingest import OmIngestError, WorkflowContext
from om_ingest_catalog import Catalog

HOLDER = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1])
connection.execute("CREATE OR REPLACE TABLE held (a INTEGER)")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of DuckDB with one table of many rows."""
    path = tmp_path / "shop.duckdb"
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute("CREATE TABLE t AS SELECT range AS a FROM range(1000)")
    return path


def start(config: dict[str, Any]) -> None:
    with Catalog.temporary() as catalog:
        context = WorkflowContext(catalog, "svc")
        with DuckdbSource.create(config, {}, context) as source:
            source.prepare()


def refusal(path: object, **config: Any) -> OmIngestError:
    """The error with which a source over this file does not start."""
    with pytest.raises(OmIngestError) as caught:
        start({"databasePath": str(path), **config})
    assert caught.value.remedy
    return caught.value


def damaged(path: Path, change: Callable[[bytearray], object]) -> Path:
    content = bytearray(path.read_bytes())
    change(content)
    path.write_bytes(content)
    return path


def test_paths_that_are_no_file(tmp_path: Path) -> None:
    """A missing file, a folder and a pipe are mistakes in the workflow, exit code 2."""
    os.mkfifo(tmp_path / "pipe")
    for name, words in (("none", "There is no file"), (".", "a directory"), ("pipe", "regular")):
        error = refusal(tmp_path / name)
        assert words in error.what
        assert error.exit_code == 2
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("content", [b"", b"id,name\n1,a\n" * 1000], ids=["empty", "text"])
def test_no_file_of_duckdb(tmp_path: Path, content: bytes) -> None:
    """A file of another kind is named as such, exit code 1."""
    for name in ("x.duckdb", "x.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        error = refusal(path)
        assert error.what == f"{path} is not a DuckDB database"
        assert error.exit_code == 1


def test_a_file_of_sqlite_downloads_nothing(tmp_path: Path) -> None:
    """DuckDB reads SQLite by an extension: it is not downloaded, the message names it."""
    path = tmp_path / "x.db"
    path.write_bytes(b"SQLite format 3\0" + bytes(4080))
    error = refusal(path, settings={"extension_directory": str(tmp_path / "extensions")})
    assert "needs the extension sqlite" in error.what
    assert "INSTALL sqlite" in error.remedy


def test_damaged_files(file: Path) -> None:
    """A changed header, and a file that lost its end, are damaged; a newer format is newer."""
    whole = file.read_bytes()
    assert "is damaged" in refusal(damaged(file, lambda c: c.__setitem__(4200, c[4200] ^ 255))).what
    file.write_bytes(whole[:9000])
    assert "is damaged" in refusal(file).what


def test_a_format_that_this_version_does_not_read(file: Path) -> None:
    """A file of another version of DuckDB names both, and what to install."""
    current = duckdb.__version__

    def other(content: bytearray) -> None:
        content[12:20] = (7).to_bytes(8, "little")

    error = refusal(damaged(file, other))
    if "is damaged" not in error.what:  # DuckDB from 1.2 on checks the sum before the version
        assert f"has the format 7 of DuckDB, which DuckDB {current} does not read" in error.what
        assert "pip install -U duckdb" in error.remedy


def test_a_file_that_another_program_writes(file: Path) -> None:
    """A lock is named, with the process that holds it."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, file],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        error = refusal(file)
    finally:
        holder.communicate()
    assert error.what == f"{file} is locked by another program (PID {holder.pid})"
    assert "read a copy" in error.remedy


def test_no_permission() -> None:
    """A file that the user may not read is an error about permission."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.duckdb")
        duckdb.connect(str(path)).close()
        path.chmod(0)
        Path(folder).chmod(0o755)
        was_root = os.geteuid() == 0
        if was_root:
            os.seteuid(65534)
        try:
            error = refusal(path)
        finally:
            if was_root:
                os.seteuid(0)
    assert error.what == f"No permission to read {path}"


def test_config_that_duckdb_refuses(file: Path, tmp_path: Path) -> None:
    """Statements, settings and attached files that are wrong are told by their key, exit code 2."""
    script = tmp_path / "init.sql"
    script.write_text("SELECT * FROM nowhere")
    for config, words in (
        ({"initSql": "SELEC 1"}, "initSql: Parser Error"),
        ({"initSqlFile": str(script)}, "nowhere"),
        ({"initSqlFile": str(tmp_path / "none.sql")}, "none.sql cannot be read"),
        ({"settings": {"nonsense": 1}}, "nonsense"),
        ({"attach": {"other": str(tmp_path / "none")}}, "There is no file"),
    ):
        error = refusal(file, **config)
        assert words in str(error)
        assert error.exit_code == 2


def test_a_config_without_anything_to_read() -> None:
    """An empty path, and memory without statements that fill it, are refused at once."""
    assert ":memory: is empty without initSql" in str(refusal(":memory:"))
    assert "not the name of a file" in str(refusal(""))


def test_the_token_of_motherduck_is_a_secret() -> None:
    """A token in the URL is taken out of it, and no message or representation shows it."""
    with Catalog.temporary() as catalog:
        context = WorkflowContext(catalog, "svc")
        url = "md:shop?motherduck_token=s3cret-token&attach_mode=single"
        source = DuckdbSource.create({"path": url}, {}, context)
        assert source.config.databasePath == "md:shop?attach_mode=single"
        assert source.config.motherduckToken is not None
        assert source.config.motherduckToken.get_secret_value() == "s3cret-token"
        assert "s3cret" not in repr(source.config)
