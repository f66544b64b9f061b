"""What the contract wants of a source: one rule per check, and the page that explains it.

The texts are in `rules.yaml`. The reference page is generated from `RULES`; each check of
`SourceSuite` takes its docstring and the end of its failure message from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import yaml

PAGE = "reference/contract.md"
"""The page of the documentation that holds one section per rule."""


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

    page: str = PAGE
    """The page of the documentation that has a section for it."""

    @property
    def check(self) -> str:
        """Name of the check."""
        return "test_" + self.key.replace("-", "_")

    @property
    def place(self) -> str:
        """Where the rule is explained."""
        return f"{self.page}#{self.key}"


RULES: dict[str, Rule] = {
    key: Rule(key, **texts)
    for key, texts in yaml.safe_load(
        files(__package__).joinpath("rules.yaml").read_text(encoding="utf-8")
    ).items()
}
"""Every rule by its key, in the order of the reference page."""
