"""The commands that install a new project, as they work in the shell that made it.

The project needs om-ingest, and an index need not have it: then it is taken from where this one
comes from. Installers note that for all that they did not take from an index (PEP 610).
"""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

_HOST, _OWN = "om-ingest", "om-ingest-new"
_NEEDED = {
    _HOST: "core",
    "om-ingest-catalog": "plugins/catalog",
    "om-ingest-testing": "plugins/testing",
}
"""What a project needs of om-ingest: distribution and its folder in the repository."""


class _Origin(NamedTuple):
    """Where a distribution was installed from."""

    argument: str
    """What an installer takes for it: a folder, a requirement with its URL, or none."""

    editable: bool = False
    folder: Path | None = None
    """Where it lies with its siblings: the repository, or a folder with wheels."""

    has_wheels: bool = False


def next_steps(folder: Path, name: str, path: Sequence[str] | None = None) -> list[str]:
    """Commands that install, run and test the project in a folder, a line each.

    `path` is where installed distributions are looked for: `sys.path`.
    """
    found = {
        name: next(iter(distributions(name=name, path=list(path or sys.path))), None)
        for name in (*_NEEDED, _OWN)
    }
    installed = {name: dist for name, dist in found.items() if dist is not None}
    uv = _has_uv(installed.get(_HOST))
    python = _python()
    venv = f"uv venv --python {python} .venv" if uv else f"{python} -m venv .venv"
    install = " ".join(["uv pip install" if uv else "pip install", *_arguments(installed)])
    return [
        f"cd {shlex.quote(str(folder))}",
        f"{venv} && . .venv/bin/activate",
        install,
        f"om-ingest run {name} --sink console",
        "pytest",
    ]


def _arguments(installed: dict[str, Distribution]) -> Iterator[str]:
    """What the installer is told: the project, and where the parts of om-ingest are."""
    yield "-e '.[test]'"
    origins = {name: origin for name, dist in installed.items() if (origin := _origin(name, dist))}
    others = [origins[name] for name in (_HOST, _OWN) if name in origins]
    wheels: set[Path | None] = set()
    for name, place in _NEEDED.items():
        siblings = (sibling for other in others if (sibling := _sibling(other, name, place)))
        origin = origins.get(name) or next(siblings, None)
        if origin is not None and origin.has_wheels:
            if origin.folder not in wheels:
                yield f"--find-links {shlex.quote(str(origin.folder))}"
            wheels.add(origin.folder)
        elif origin is not None:
            yield f"{'-e ' if origin.editable else ''}{shlex.quote(origin.argument)}"


def _origin(name: str, dist: Distribution) -> _Origin | None:
    """Where a distribution comes from; None for an index, and for a place that is gone."""
    try:
        noted: dict[str, Any] = json.loads(dist.read_text("direct_url.json") or "{}")
        url = str(noted["url"])
    except (KeyError, TypeError, ValueError):
        return None
    below = noted.get("subdirectory")
    if isinstance(vcs := noted.get("vcs_info"), dict):
        at = f"{vcs.get('vcs', 'git')}+{url}@{vcs.get('commit_id', '')}".removesuffix("@")
        return _Origin(f"{name} @ {at}{f'#subdirectory={below}' if below else ''}")
    scheme = urlsplit(url).scheme
    if scheme != "file":
        return _Origin(f"{name} @ {url}") if scheme else None
    place = Path(url2pathname(urlsplit(url).path))
    if not place.exists():
        return None
    if place.is_file():
        return _Origin(str(place), folder=place.parent, has_wheels=place.suffix == ".whl")
    editable = bool((noted.get("dir_info") or {}).get("editable"))
    above = place.parent.parent if place.parent.name == "plugins" else place.parent
    return _Origin(str(place), editable, above)


def _sibling(origin: _Origin, name: str, place: str) -> _Origin | None:
    """Another distribution of om-ingest, beside one whose origin is known."""
    if origin.has_wheels:
        return origin
    if origin.folder is not None:
        project = origin.folder / place / "pyproject.toml"
        if project.is_file() and f'name = "{name}"' in project.read_text("utf-8"):
            return origin._replace(argument=str(project.parent))
        return None
    _, separator, _ = origin.argument.partition("#subdirectory=")
    where = origin.argument.partition(" @ ")[2].partition("#")[0]
    return _Origin(f"{name} @ {where}{separator}{place}") if separator else None


def _has_uv(host: Distribution | None) -> bool:
    """Whether uv is the way to install: it was for om-ingest, or Python cannot.

    One that lies in this environment is out of reach as soon as another is activated.
    """
    by_uv = host is not None and (host.read_text("INSTALLER") or "").strip() == "uv"
    uv = shutil.which("uv")
    if uv is None or Path(uv).is_relative_to(sys.prefix):
        return False
    return by_uv or importlib.util.find_spec("ensurepip") is None


def _python() -> str:
    """This Python, as a shell calls it: its name, or else its path."""
    mine = os.path.realpath(sys.executable)
    for name in ("python", "python3"):
        found = shutil.which(name)
        if found and os.path.realpath(found) == mine:
            return name
    return shlex.quote(sys.executable)
