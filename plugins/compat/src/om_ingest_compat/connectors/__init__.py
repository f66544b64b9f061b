"""What connectors derive from, how they are recognised, and the source that drives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from om_ingest.errors import PluginFaultError

if TYPE_CHECKING:
    from om_ingest import Source
    from om_ingest.registry import InstalledSource


def adapt(found: Any, ref: InstalledSource, block: dict[str, Any]) -> type[Source] | None:
    """The source for what the host has found: a class, a service spec, or a module of them."""
    from om_ingest_compat.connectors import adapted, choosing  # the bases need neither
    from om_ingest_compat.connectors.block import long_form

    try:
        cls = choosing.chosen(found, ref)
    except PluginFaultError as fault:
        return adapted.unusable(fault)
    if cls is None:
        return None
    python_class = f"{cls.__module__}.{cls.__qualname__}"
    return adapted.adapted(cls, block, long_form(block, ref, python_class), cls.__module__)
