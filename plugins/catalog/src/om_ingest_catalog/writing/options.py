"""By which rules a batch is written, and what became of each of its items."""

from __future__ import annotations

from typing import NamedTuple

from om_ingest.store import Outcome

from om_ingest_catalog.actor import Actor
from om_ingest_catalog.rules.refusal import RefusedError


class WriteOptions(NamedTuple):
    """On whose behalf a batch is written, and by which endpoint's rules."""

    actor: Actor
    create_only: bool = False
    """Refuse what exists already, as POST does."""

    override: bool = False
    """`overrideMetadata`: what the bot sends goes over what people wrote (§6.3)."""

    trust_source_hash: bool = False
    """Take what has the stored `sourceHash` for unchanged, as a bulk PUT does (§5.1)."""


class Settled(NamedTuple):
    """What became of one item."""

    outcome: Outcome
    fqn: str = ""
    """Of the entity that was addressed; empty for other records, and for a failure."""

    refusal: RefusedError | None = None
    """Why it failed."""
