"""Who changes something in a catalog."""

from __future__ import annotations

from typing import NamedTuple


class Actor(NamedTuple):
    """A person or a bot; which stored values survive its PUT is contract §6.3."""

    name: str = "ingestion-bot"
    """What `updatedBy` says."""

    is_bot: bool = True
    """Whether it never overwrites what people wrote."""

    impersonated_by: str | None = None
    """The bot that writes in this name; None for who writes in their own."""
