"""What pip installs: the files in each wheel, and what each distribution asks for."""

from __future__ import annotations

import re
from importlib.metadata import Distribution
from pathlib import Path

from om_ingest.registry import KINDS, extra_of
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CORE_DEPENDENCIES = {  # docs/adr/0002-dependencies.md
    "httpx",
    "importlib-metadata",
    "packaging",
    "pluggy",
    "pydantic",
    "pyyaml",
    "typer",
}
SOURCE_GROUP = "metadata.ingestion.source"
CONNECTOR_FILE = re.compile(r"metadata/ingestion/source/[a-z]+/([a-z0-9_]+\.py|[a-z0-9_]+/.+)")


def contents(wheel: Distribution) -> list[str]:
    """The files in a wheel, without its own `.dist-info`."""
    return [str(path) for path in wheel.files or () if ".dist-info" not in path.parts[0]]


def test_core_holds_the_host_and_nothing_else(wheels: dict[str, Distribution]) -> None:
    """Core's wheel holds `om_ingest` with its type marker, and nothing below `metadata`."""
    files = contents(wheels["core"])
    foreign = [name for name in files if not name.startswith("om_ingest/")]
    assert not foreign, f"These do not belong to the host: {foreign}"
    assert "om_ingest/py.typed" in files, "type checkers would ignore the annotations"


def test_plugins_install_only_what_is_theirs(wheels: dict[str, Distribution]) -> None:
    """A wheel holds connectors below `metadata/ingestion/source/<service type>/<name>` if it
    declares any, or one package that is called like its distribution, or both; nothing else.

    The shared folders above connectors belong to nobody, and a top-level name can be taken
    once: only the name that the distribution has on the index anyway is free for sure.
    """
    for plugin, wheel in wheels.items():
        if plugin == "core":
            continue
        files = contents(wheel)
        assert files, f"{plugin}: the wheel is empty"
        package = canonicalize_name(wheel.metadata["Name"]).replace("-", "_")
        is_connector = any(entry.group == SOURCE_GROUP for entry in wheel.entry_points)
        foreign = [
            name
            for name in files
            if not name.startswith(f"{package}/")
            and not (is_connector and CONNECTOR_FILE.fullmatch(name))
        ]
        assert not foreign, f"{plugin} would install files among those of others: {foreign}"
        if not is_connector:
            assert f"{package}/py.typed" in files, f"{plugin}: type checkers would ignore it"


def test_core_depends_on_exactly_seven_distributions(wheels: dict[str, Distribution]) -> None:
    """Core asks for the dependencies of ADR 0002, each from one version on, and no more."""
    requirements = [Requirement(text) for text in wheels["core"].requires or ()]
    always = {
        canonicalize_name(r.name): r for r in requirements if "extra" not in str(r.marker or "")
    }
    assert set(always) == CORE_DEPENDENCIES, "change docs/adr/0002-dependencies.md with the list"
    for name, requirement in always.items():
        operators = sorted(specifier.operator for specifier in requirement.specifier)
        assert operators in ([">="], ["<", ">="]), f"{name}: `nox -s lowest` needs a lower bound"


def test_plugins_say_which_core_they_need(wheels: dict[str, Distribution]) -> None:
    """Every plugin asks for om-ingest with a lower bound: the host checks it before import."""
    for plugin, wheel in wheels.items():
        if plugin == "core":
            continue
        found = [r for r in map(Requirement, wheel.requires or ()) if r.name == "om-ingest"]
        assert found, f"{plugin} does not depend on om-ingest"
        operators = {specifier.operator for specifier in found[0].specifier}
        assert operators & {">=", "~=", "=="}, f"{plugin}: from which version on?"


def test_entry_points_lead_to_modules_in_the_wheel(wheels: dict[str, Distribution]) -> None:
    """Every entry point names a module that its own wheel holds, and a class in it."""
    for folder, wheel in wheels.items():
        if folder == "plugins/hostile":
            continue  # some of its names lead nowhere, on purpose
        files = set(contents(wheel))
        for entry in wheel.entry_points:
            path = entry.module.replace(".", "/")
            held = {f"{path}.py", f"{path}/__init__.py"} & files
            assert held, f"{folder}: {entry.name} names {entry.module}, which is not shipped"
            # A plugin of pytest, or of hooks, is a module.
            whole = entry.group in ("pytest11", "om_ingest", "om_ingest.framework")
            assert entry.attr or whole, f"{folder}: {entry.name} names no class or function"


def test_what_is_not_installed_is_named(wheels: dict[str, Distribution]) -> None:
    """The host knows which distribution has each source, sink, processor and command here."""
    kinds = {SOURCE_GROUP: "source", **KINDS}
    for plugin, wheel in wheels.items():
        for entry in wheel.entry_points:
            if plugin in ("core", "plugins/hostile") or kinds.get(entry.group, "hook") == "hook":
                continue
            named = Requirement(extra_of(kinds[entry.group], entry.name) or "nothing")
            asked = {named.name}
            for text in wheels["core"].requires or () if named.extras else ():
                needed = Requirement(text)
                extras = [{"extra": extra} for extra in named.extras]
                if needed.marker and any(map(needed.marker.evaluate, extras)):
                    asked.add(needed.name)
            assert wheel.metadata["Name"] in asked, f"{entry.name} is not in {named}"


def test_distributions_explain_themselves(root: Path, wheels: dict[str, Distribution]) -> None:
    """Every distribution has a README, a licence, a changelog and tests, and says its Python."""
    for folder, wheel in wheels.items():
        wanted = ["README.md", "LICENSE", "CHANGELOG.md"]
        wanted += ["tests"] if folder != "core" else []
        missing = [name for name in wanted if not (root / folder / name).exists()]
        assert not missing, f"{folder} lacks {missing}"
        assert wheel.metadata["License-Expression"] == "Apache-2.0", folder
        assert wheel.metadata["Requires-Python"] == ">=3.10", folder
