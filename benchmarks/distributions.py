"""Connector distributions that are written, not installed: as many as a measurement needs."""

from __future__ import annotations

from pathlib import Path

SOURCE_FOLDER = "metadata/ingestion/source/database"
MODULE = '''"""Connector {number}; a listing must not import it."""

raise RuntimeError("a listing has imported a connector")
'''


def write_distribution(site: Path, name: str, module: str, target: str, code: str) -> None:
    """Put one connector below `site`, as pip would unpack its wheel."""
    folder = site / SOURCE_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{module}.py").write_text(code, "utf-8")
    info_name = f"{name.replace('-', '_')}-1.0.dist-info"
    info = site / info_name
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: om-ingest>=0.1\n"
    )
    (info / "entry_points.txt").write_text(
        f"[metadata.ingestion.source]\n{name} = {target}\n", "utf-8"
    )
    files = (
        f"{SOURCE_FOLDER}/{module}.py",
        *(f"{info_name}/{file}" for file in ("METADATA", "entry_points.txt", "RECORD")),
    )
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files), "utf-8")


def write_many(site: Path, count: int) -> Path:
    """`count` connectors below `site`, none of which may be imported; returns `site`."""
    for number in range(count):
        module = f"generated_{number:03}"
        target = f"{SOURCE_FOLDER.replace('/', '.')}.{module}:GeneratedSource"
        code = MODULE.format(number=number)
        write_distribution(site, f"generated-{number:03}", module, target, code)
    return site


def write_bench_tables(site: Path) -> Path:
    """The connector `bench-tables` below `site`; returns `site`."""
    code = Path(__file__).with_name("bench_tables.py").read_text("utf-8")
    target = f"{SOURCE_FOLDER.replace('/', '.')}.bench_tables:BenchTablesSource"
    write_distribution(site, "bench-tables", "bench_tables", target, code)
    return site
