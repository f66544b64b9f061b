"""What the contract wants of sources and sinks: one rule per check, and where it is explained.

The texts are in `rules.yaml` and `sink_rules.yaml`. The reference pages are generated from
them; each check takes its docstring and the end of its failure message from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import yaml


@dataclass(frozen=True)
class Rule:
    """One thing that the contract wants of a source, or of a sink."""

    key: str
    """Its name: `test_<key>` of the suite checks it, with `_` for `-`."""

    wants: str
    """What the contract wants, as one or two sentences."""

    why: str
    """What goes wrong for users otherwise."""

    how: str
    """How the suite finds out."""

    page: str
    """The page of the documentation that has a section for it."""

    @property
    def check(self) -> str:
        """Name of the check."""
        return "test_" + self.key.replace("-", "_")

    @property
    def place(self) -> str:
        """Where the rule is explained."""
        return f"{self.page}#{self.key}"


def _read(file: str, page: str) -> dict[str, Rule]:
    text = files(__package__).joinpath(file).read_text(encoding="utf-8")
    return {key: Rule(key, **texts, page=page) for key, texts in yaml.safe_load(text).items()}


RULES = _read("rules.yaml", "reference/contract.md")
"""Every rule of sources by its key, in the order of the reference page."""

SINK_RULES = _read("sink_rules.yaml", "reference/sinks.md")
"""Every rule of sinks by its key, in the order of the reference page."""
