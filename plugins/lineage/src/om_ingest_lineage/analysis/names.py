"""Names in SQL, and what stands behind them: the contract between statements and catalogs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol


class NamePart(NamedTuple):
    """One part of a name in a statement."""

    text: str
    """Without quotes."""

    quoted: bool = False
    """Whether it was quoted: then its case counts in most dialects."""


@dataclass(frozen=True)
class KnownTable:
    """A table or view that the run, or the store, has."""

    fqn: str
    columns: Sequence[str]
    """Names of its columns as they are stored, in order; empty if they are not known."""


NO_VARIABLES: Mapping[str, KnownTable | None] = {}


class Unresolved(str, Enum):
    """Why a name is no known table."""

    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"


class Names(Protocol):
    """Resolves the names of one statement, as its dialect does, from where it stands."""

    def resolve(self, parts: Sequence[NamePart]) -> KnownTable | Unresolved:
        """The table that a name of one to three parts means, the most significant part first."""
