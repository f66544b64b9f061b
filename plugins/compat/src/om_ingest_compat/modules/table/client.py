"""The client and what stands around it: `metadata.ingestion.ometa`, `metadata.utils`."""

from __future__ import annotations

MODULES: dict[str, dict[str, str]] = {}
"""Upstream module -> upstream name -> `"module:attribute"`, or `"model:NAME"` of core."""
