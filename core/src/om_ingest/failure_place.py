"""Where a plugin has failed: the last place in its own code, as a traceback tells it."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath
from typing import Any, NamedTuple

from om_ingest.errors import described

_LIBRARIES = {"click", "httpx", "importlib_metadata", "pluggy", "pydantic", "typer"}
"""What the host calls plugins through, beside the standard library."""

_HOSTS = {"om_ingest"}
"""The host, and what stands in for frameworks of connectors: neither is a plugin's code."""

_NAMESPACE = ["metadata", "ingestion", "source"]


def located(error: BaseException, *modules: str, said: str = "") -> str:
    """What is `said` of an error, with the place in the plugin's code; `described` by default.

    A place that is named already is not named again.

    `modules` are as for `place_of`.
    """
    said, place = said or described(error), place_of(error, *modules)
    line = re.escape(place.partition(" in ")[0])
    is_told = not place or re.search(rf"(?<![\w.-]){line}(?!\d)", said)
    return said if is_told else f"{said}, at {place}"


def count_as_host(module: str) -> None:
    """From now on the package of a module is no plugin's: who is called from there is blamed."""
    _HOSTS.add(_package_of(module))


def place_of(error: BaseException, *modules: str) -> str:
    """Where a plugin has failed: `source.py:56 in items`; empty if none of its code has run.

    That is the last frame of the plugin's own packages, whatever library it has called there. They
    are those of `modules`, or else the first one that the host has called. Whoever has caught the
    error counts as host, too: plugins call plugins.
    """
    own_packages = set(map(_package_of, modules))
    caught_by = {_package_of(frame.module) for frame in islice(_frames(error), 1)}
    for cause in _causes(error):
        frames = list(_frames(cause))
        called = [_package_of(frame.module) for frame in frames if not _is_host(frame.module)]
        for packages in (own_packages, *({name} for name in called if name not in caught_by)):
            own = [frame for frame in frames if _package_of(frame.module) in packages]
            if own:
                return str(([frame for frame in own if frame.file[0] != "<"] or own)[-1])
    return ""


def calling_place() -> str:
    """Where a plugin or a script calls the host: `source.py:56 in items`; empty if none does."""
    frame = inspect.currentframe()
    while frame is not None:
        module = str(frame.f_globals.get("__name__") or "builtins")
        if not _is_host(module):
            return str(
                _Frame(module, frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
            )
        frame = frame.f_back
    return ""


def defined_at(function: Any) -> str:
    """`, at source.py:56 in create` for a function of a plugin; empty if it has no code."""
    code = getattr(inspect.unwrap(getattr(function, "__func__", function)), "__code__", None)
    if code is None:
        return ""
    return f", at {_Frame('', code.co_filename, code.co_firstlineno, code.co_name)}"


def files_of(error: BaseException) -> dict[str, str]:
    """The files of plugins and libraries that an error has passed, each with its module."""
    frames = (frame for cause in _causes(error) for frame in _frames(cause))
    return {frame.file: frame.module for frame in frames if not _is_host(frame.module)}


class _Frame(NamedTuple):
    module: str
    file: str
    line: int
    function: str

    def __str__(self) -> str:
        path = PurePath(self.file)
        parts = 2 if path.stem in ("__init__", "__main__") else 1
        return f"{'/'.join(path.parts[-parts:])}:{self.line} in {self.function}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it; the first error of a group comes before the group."""
    found: BaseException | None = error
    seen: set[int] = set()
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        for inner in getattr(found, "exceptions", ())[:1]:
            if isinstance(inner, BaseException):
                yield from _causes(inner)
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _frames(error: BaseException) -> Iterator[_Frame]:
    """The frames that an error has passed, the outermost first."""
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        name = str(frame.f_globals.get("__name__") or "builtins")
        code = frame.f_code
        yield _Frame(name, code.co_filename, trace.tb_lineno, code.co_name)
        trace = trace.tb_next


def _is_host(module: str) -> bool:
    top = module.partition(".")[0]
    return top in _HOSTS or top in _LIBRARIES or top in sys.stdlib_module_names


def _package_of(module: str) -> str:
    """The part of a module's name that all modules of its plugin begin with."""
    parts = module.split(".")
    if parts[:3] == _NAMESPACE:
        return ".".join(parts[:5])
    return module if parts[0] == "metadata" else parts[0]
