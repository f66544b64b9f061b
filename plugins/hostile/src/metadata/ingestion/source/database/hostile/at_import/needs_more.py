"""Needs a module that its distribution does not ask for."""

import om_ingest_hostile_has_forgotten_this  # type: ignore[import-not-found]  # exists nowhere

Unreachable = om_ingest_hostile_has_forgotten_this.Source
