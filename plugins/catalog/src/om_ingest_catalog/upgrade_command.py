"""`om-ingest catalog upgrade`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from om_ingest import terminal

from om_ingest_catalog import DEFAULT_CATALOG


def upgrade(
    catalog: Annotated[
        Path, typer.Option("--catalog", help="The catalog file.", metavar="FILE")
    ] = Path(DEFAULT_CATALOG),
) -> None:
    """Upgrade the file of an older om-ingest, after a backup.

    The backup lies beside it. Also tells which versions of om-ingest have written the file.
    """
    from om_ingest import versioned_file  # imports sqlite3

    from om_ingest_catalog.rows.tables import CATALOG

    terminal.line(str(versioned_file.upgrade(catalog, CATALOG)))
    for version, since in versioned_file.written_by(catalog, CATALOG):
        terminal.line(f"Written by om-ingest {version} since {since[:19].replace('T', ' ')} UTC.")
