"""Which fields to ask a server for: those that it leaves out otherwise, if it knows them."""

from __future__ import annotations

import re
from collections.abc import Callable

from om_ingest.kinds import EntityKind
from om_ingest.openmetadata.network.answers import Answer

_RELATED = (
    *("owners", "tags", "domains", "dataProducts", "reviewers", "experts", "extension"),
    *("lifeCycle", "columns", "tableConstraints", "tablePartition", "schemaDefinition"),
    *("charts", "dataModels", "tasks", "pipelineStatus", "dataModel", "relatedTerms", "teams"),
)
_INVALID = re.compile(r"[Ii]nvalid field name:? ?'?([A-Za-z]\w*)")


class Fields:
    """Learns what the server does not know: names change from one version to the next."""

    def __init__(self) -> None:
        self._wanted: dict[str, tuple[str, ...]] = {}

    def asked(self, kind: EntityKind, ask: Callable[[str], Answer]) -> Answer:
        """The answer of `ask`, which is given field names with commas between them."""
        while True:
            wanted = self._of(kind)
            answer = ask(",".join(wanted))
            if answer.status != 400 or not wanted:
                return answer
            match = _INVALID.search(answer.reason)
            if match is None or match[1] not in wanted:
                return answer
            self._wanted[kind.entity_type] = tuple(name for name in wanted if name != match[1])

    def _of(self, kind: EntityKind) -> tuple[str, ...]:
        if kind.entity_type not in self._wanted:
            known = kind.entity.model_fields
            self._wanted[kind.entity_type] = tuple(name for name in _RELATED if name in known)
        return self._wanted[kind.entity_type]
