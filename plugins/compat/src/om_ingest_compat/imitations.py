"""What a connector uses that this plugin only imitates."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from opcode import opname
from pathlib import PurePath
from types import FrameType


@dataclass(frozen=True)
class Imitation:
    """A name of the framework that is there in form only."""

    module: str
    """The upstream module, e.g. `metadata.utils.ssl_manager`."""

    name: str
    """The name in it; empty for the module itself."""

    what: str = field(compare=False)
    """What stands in for it, e.g. `a model that takes any field`."""

    place: str = field(default="", compare=False)
    """Where the connector uses it first, e.g. `source.py:12`; empty if that is not known."""

    is_absent: bool = field(default=False, compare=False)
    """Whether there is not even an imitation."""

    def __str__(self) -> str:
        full = f"{self.module}.{self.name}" if self.name else self.module
        place = f"{self.place}: " if self.place else ""
        return f"{place}{full} is {'absent' if self.is_absent else 'only imitated'}: {self.what}"


@dataclass
class Imitations:
    """Every imitation that was used, each once, in the order of first use."""

    listener: Callable[[Imitation], None] | None = None
    """Called with each new one, e.g. to warn in a report."""

    _used: dict[Imitation, None] = field(default_factory=dict)

    def note(self, module: str, name: str, what: str) -> None:
        """Keep an imitation that the connector has imported or called."""
        used = Imitation(module, name, what)
        if used not in self._used:
            used = replace(used, place=calling_place())
            self._used[used] = None
            if self.listener is not None:
                self.listener(used)

    def clear(self) -> None:
        """Forget everything: another connector is imported."""
        self._used.clear()

    def __iter__(self) -> Iterator[Imitation]:
        return iter(tuple(self._used))


IMITATIONS = Imitations()
"""Those of the connector that is loaded: one process runs one connector at a time."""


def place_in(module: str, file: str, line: int) -> str:
    """A place as messages have it: `source.py:12`, `my_connector/metadata.py:24`.

    With the folders of the module's packages, two at most.
    """
    path = PurePath(file)
    count = module.count(".") + 1 + (path.stem == "__init__")
    return f"{'/'.join(path.parts[-min(count, 3) :])}:{line}"


_BETWEEN = ("om_ingest", "om_ingest_compat", "pydantic")
"""Packages that stand between a connector and a name of the framework."""


def calling_place() -> str:
    """The innermost place that is neither of the host, of pydantic, nor of Python's own library.

    Empty where the host itself has asked: what has called the host is no code of a connector.
    """
    frame = inspect.currentframe()
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(("om_ingest.run.", "om_ingest.workflow.")):
            return ""
        top = module.partition(".")[0]
        if top not in _BETWEEN and top not in sys.stdlib_module_names:
            return place_in(module, frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back
    return ""


def is_used(frame: FrameType | None) -> bool:
    """Whether a name is asked for by `from module import name` or by `module.name`.

    `hasattr`, `getattr`, and what the standard library looks for in any module are calls: they
    learn that there is no such name.
    """
    asking = frame.f_back if frame else None
    if asking is None:
        return False
    instruction = opname[asking.f_code.co_code[asking.f_lasti]]
    return instruction in ("IMPORT_FROM", "LOAD_ATTR", "LOAD_METHOD")
