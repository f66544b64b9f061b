"""One installed source, as the list shows it."""

from __future__ import annotations

from dataclasses import dataclass

OK = "ok"
CONFLICT = "conflict"
INCOMPATIBLE = "incompatible"
MODULE_MISSING = "module missing"
BLOCKED = "blocked"


@dataclass(frozen=True)
class InstalledSource:
    """A source that could be run, and where it comes from."""

    name: str
    """Lower case, words joined by hyphens."""

    service_type: str
    """Family of service, e.g. `database`; empty when the module does not tell."""

    distribution: str
    """The pip distribution; empty for files that no distribution owns."""

    version: str
    """Version of the distribution; empty without one."""

    origin: str
    """`entry point`, `namespace`, `computed`, `explicit` or `built in`."""

    target: str
    """`module:Class`, or a module whose one source class is meant."""

    status: str = OK
    """`ok`, `conflict`, `incompatible`, `module missing` or `blocked`."""

    detail: str = ""
    """What is wrong, when the status is not `ok`."""

    @property
    def module(self) -> str:
        """The module to import."""
        return self.target.partition(":")[0]

    @property
    def qualified_name(self) -> str:
        """`distribution:name`, which stays unique when names collide."""
        return f"{self.distribution}:{self.name}" if self.distribution else self.name
