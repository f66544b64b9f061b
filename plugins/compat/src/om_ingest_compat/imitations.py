"""What a connector uses that this plugin only imitates."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath


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
        used = Imitation(module, name, what, calling_place())
        if used not in self._used:
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


def place_in(file: str, line: int) -> str:
    """A place as messages have it: `source.py:12`, `my_connector/__init__.py:3`."""
    path = PurePath(file)
    return f"{'/'.join(path.parts[-(2 if path.stem == '__init__' else 1) :])}:{line}"


def calling_place() -> str:
    """The innermost place that is neither of the host nor of Python's own library.

    Empty where the host itself has asked: what has called the host is no code of a connector.
    """
    frame = inspect.currentframe()
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(("om_ingest.run.", "om_ingest.workflow.")):
            return ""
        top = module.partition(".")[0]
        if top not in ("om_ingest", "om_ingest_compat") and top not in sys.stdlib_module_names:
            return place_in(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back
    return ""
