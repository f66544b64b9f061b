"""What a shell offers behind commands of `om-ingest catalog`, from the catalog in this folder."""

from __future__ import annotations

import itertools
import re

from om_ingest_catalog import DEFAULT_CATALOG

_COUNT = 100
"""As many names at most."""

_PLAIN = re.compile(r"[\w.@+-]+")
"""Names that a shell takes as they are."""


def entity_types(incomplete: str) -> list[str]:
    """The entity types that are in the catalog."""
    from om_ingest_catalog import Catalog  # imports pydantic and sqlite3; --help can do without

    with Catalog(DEFAULT_CATALOG, read_only=True) as store:
        return list(store.counts())


def names(incomplete: str) -> list[str]:
    """The FQNs that begin so, level by level: services, then what lies below one, and so on."""
    from om_ingest.kinds import KINDS  # as above

    from om_ingest_catalog import Catalog

    scope = incomplete.rpartition(".")[0]
    with Catalog(DEFAULT_CATALOG, read_only=True) as store:
        listed = itertools.chain.from_iterable(
            store.list_fqns(KINDS[entity_type].entity, scope=scope or None)
            for entity_type in store.counts()
            if scope or KINDS[entity_type].segment is not None
        )
        found = (fqn for fqn in listed if fqn.startswith(incomplete) and _PLAIN.fullmatch(fqn))
        return list(itertools.islice(found, _COUNT))
