"""What connectors derive from, how they are recognised, and the source that drives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from om_ingest import Source
    from om_ingest.registry import InstalledSource

    from om_ingest_compat.imitations import Imitation


def adapt(
    found: Any,
    ref: InstalledSource,
    block: dict[str, Any],
    read_code: Callable[[Sequence[str]], Callable[[], Iterable[Imitation]]],
) -> type[Source] | None:
    """The source for what the host has found: a class, a service spec, or a module of them.

    `read_code` takes the modules that the connector begins with, and returns what tells the names
    that their code imports and that are only imitated.
    """
    from om_ingest_compat.connectors import adapted, choosing  # the bases need neither
    from om_ingest_compat.connectors.block import long_form

    try:
        cls = choosing.chosen(found, ref)
    except Exception as fault:  # noqa: BLE001  # the host tells it, as it tells what `create` raises
        return adapted.unusable(fault)
    if cls is None:
        return None
    whole = long_form(block, ref, cls)
    read_imports = read_code([cls.__module__, ref.module])
    return adapted.adapted(cls, whole, cls.__module__, read_imports)
