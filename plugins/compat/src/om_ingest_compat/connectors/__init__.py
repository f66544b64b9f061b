"""What connectors derive from, how they are recognised, and the source that drives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from om_ingest import Source
    from om_ingest.registry import InstalledSource

    from om_ingest_compat.imitations import Imitation


def adapt(
    found: Any,
    ref: InstalledSource,
    block: dict[str, Any],
    read_imports: Callable[[], Iterable[Imitation]] = tuple,
) -> type[Source] | None:
    """The source for what the host has found: a class, a service spec, or a module of them.

    `read_imports` tells what its code imports that is only imitated.
    """
    from om_ingest_compat.connectors import adapted, choosing  # the bases need neither
    from om_ingest_compat.connectors.block import long_form

    try:
        cls = choosing.chosen(found, ref)
    except Exception as fault:  # noqa: BLE001  # the host tells it, as it tells what `create` raises
        return adapted.unusable(fault)
    if cls is None:
        return None
    python_class = f"{cls.__module__}.{cls.__qualname__}"
    whole = long_form(block, ref, python_class)
    return adapted.adapted(cls, whole, cls.__module__, read_imports)
