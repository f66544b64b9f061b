"""What a connector uses that this plugin only imitates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Imitation:
    """A name of the framework that is there in form only."""

    module: str
    """The upstream module, e.g. `metadata.utils.ssl_manager`."""

    name: str
    """The name in it; empty for the module itself."""

    what: str
    """What stands in for it, e.g. `a model that takes any field`."""

    def __str__(self) -> str:
        full = f"{self.module}.{self.name}" if self.name else self.module
        return f"{full} is only imitated: {self.what}"


@dataclass
class Imitations:
    """Every imitation that was used, each once, in the order of first use."""

    listener: Callable[[Imitation], None] | None = None
    """Called with each new one, e.g. to warn in a report."""

    _used: dict[Imitation, None] = field(default_factory=dict)

    def note(self, module: str, name: str, what: str) -> None:
        """Keep an imitation that a connector has imported or called."""
        used = Imitation(module, name, what)
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
