"""Connectors of every generation of the API, as authors of those releases wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from connector_runs import CONNECTORS, Expected

if TYPE_CHECKING:
    from connector_runs import RunConnector

GENERATIONS = ("g0", "g1", "g2", "g3", "g4", "native")
FOLDERS = [
    path.parent for name in GENERATIONS for path in sorted((CONNECTORS / name).glob("*/flow.yaml"))
]


def displayed(value: Any) -> Any:
    """The expected content, columns shown by their type where the author says nothing else.

    A rule of OpenMetadata (REST contract §3.0): `dataTypeDisplay` is the type in lower case.
    """
    if isinstance(value, list):
        return [displayed(part) for part in value]
    if not isinstance(value, dict):
        return value
    found = {name: displayed(part) for name, part in value.items()}
    if "columns" in found and isinstance(found["columns"], list):
        found["columns"] = [_column(column) for column in found["columns"]]
    return found


def _column(column: Any) -> Any:
    if not isinstance(column, dict):
        return column
    found = {"dataTypeDisplay": column["dataType"].lower(), **column}
    if "children" in found:
        found["children"] = [_column(child) for child in found["children"]]
    return found


def differences(found: Any, wanted: Any, place: str = "") -> Iterator[str]:
    """Each place where a value is not what it should be."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        for name in sorted(found.keys() | wanted.keys()):
            where = f"{place} / {name}" if place else name
            yield from differences(found.get(name), wanted.get(name), where)
    elif found != wanted:
        yield f"{place}: {found!r}, not {wanted!r}"


def name_of(folder: Path) -> str:
    """Generation and name of a connector."""
    return f"{folder.parent.name}-{folder.name}"


# What pydantic says of the connectors' own models.
@pytest.mark.filterwarnings("ignore:Pydantic V1 style `@validator`:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The `parse_obj` method:DeprecationWarning")
@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_what_the_author_means(run_connector: RunConnector, folder: Path) -> None:
    """Each connector leaves what its author means, field by field, and the report counts what
    it could not read, what it warned of, and what it filtered.
    """
    expected = Expected.read(folder / "expected.yaml")

    done = run_connector(folder)

    wrong = list(differences(done.content, displayed(expected.content)))
    assert not wrong, "\n".join([*wrong, done.output])
    assert done.code == expected.code, done.output
    for sort in ("failures", "warnings"):
        told, beginnings = done.notes(sort), getattr(expected, sort)
        assert len(told) == len(beginnings), told
        for reason, beginning in zip(told, beginnings, strict=True):
            assert reason.startswith(beginning)
    assert done.notes("filtered") == expected.filtered
    if expected.yielded is not None:
        assert done.report["records"]["yielded"] == expected.yielded
