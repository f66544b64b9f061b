"""The base classes of service families: `metadata.ingestion.source.FAMILY`."""

from __future__ import annotations

MODULES: dict[str, dict[str, str]] = {}
"""Upstream module -> upstream name -> `"module:attribute"`, or `"model:NAME"` of core."""
