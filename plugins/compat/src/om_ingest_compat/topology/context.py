"""The context of a topology: what was yielded last, kind by kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from om_ingest.model import fqn as names

from om_ingest_compat import running
from om_ingest_compat.models.roots import RootStr

if TYPE_CHECKING:
    from om_ingest_compat.topology.nodes import NodeStage


class ContextName(RootStr):
    """The name of what was yielded; it answers as the entity, too.

    Connectors find names in the context from release 1.2 on, and before that entities:
    `self.context.database.name.__root__`. The entity is read, which delivers what it depends on,
    only when something else than its name or FQN is asked for.
    """

    _request: Any
    _read: Any

    def __new__(cls, name: str, request: Any) -> ContextName:
        """`request` is the request that was yielded."""
        self = str.__new__(cls, name)  # it is valid: a request has it
        self._request = request
        self._read = None
        return self

    @property
    def name(self) -> RootStr:
        """The name."""
        return RootStr(str(self))

    @property
    def fullyQualifiedName(self) -> RootStr:  # noqa: N802  # the field of an entity
        """The FQN; raises `RecordError` if the request names a parent that is not there."""
        return RootStr(running.current().context.metadata.fqn_of(self._request))

    @property
    def entity(self) -> Any:
        """The entity as it was delivered; raises `AttributeError` if it was not."""
        if self._read is None:
            from om_ingest.kinds import kind_of

            from om_ingest_compat.client import OpenMetadata
            from om_ingest_compat.models import spelled

            kind = kind_of(self._request.entity_type)
            found = OpenMetadata().get_by_name(spelled(kind.entity), self.fullyQualifiedName)
            if found is None:
                raise AttributeError(
                    f"The {kind.entity_type} {self} was yielded, and not delivered:"
                    " see why among the failed records"
                )
            self._read = found
        return self._read

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):
            raise AttributeError(attribute)
        return getattr(self.entity, attribute)

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)  # a copy is the name alone


def entity_of(value: Any) -> Any:
    """The entity behind what a context has; anything else as it is."""
    return value.entity if isinstance(value, ContextName) else value


class TopologyContext:
    """What the stages of a topology have yielded, by their keys.

    `context.database`, as connectors up to release 1.3 write it, and `context.get().database`, as
    later ones do, are the same. A key whose stage has yielded nothing is None, or an empty list.
    """

    def __init__(self, keys: Any = ()) -> None:
        """`keys` are the first values by key, or a topology."""
        if not isinstance(keys, Mapping):
            keys = keys.context_keys() if keys else {}
        vars(self).update(keys)

    @classmethod
    def create(cls, topology: Any) -> TopologyContext:
        """An empty context of a topology."""
        return cls(topology)

    def get(self, thread_id: int | None = None) -> TopologyContext:
        """This context: a run has one for all threads."""
        return self

    def get_global(self) -> TopologyContext:
        """This context."""
        return self

    @property
    def threads(self) -> int:
        """0: a run reads with one thread."""
        return 0

    def set_threads(self, threads: int | None) -> None:
        """Taken, and without effect."""

    def pop(self, thread_id: int | None = None) -> None:
        """Nothing to do."""

    def copy_from(self, parent_thread_id: int) -> None:
        """Nothing to do."""

    def upsert(self, key: str, value: Any) -> None:
        """Set a value."""
        vars(self)[key] = value

    def append(self, key: str, value: Any) -> None:
        """Add to the values of a key."""
        values = vars(self).get(key)
        if values:
            values.append(value)
        else:
            vars(self)[key] = [value]

    def clear_stage(self, stage: NodeStage) -> None:
        """Forget what a stage has yielded."""
        if stage.context:
            vars(self)[stage.context] = [] if stage.store_all_in_context else None

    def fqn_from_stage(self, stage: NodeStage, entity_name: str) -> str:
        """The FQN of what a stage yields under this name."""
        above = [str(vars(self)[key]) for key in stage.consumer or []]
        if getattr(stage.type_, "entity_type", "") == "dashboardDataModel":
            above.append("model")
        return names.join(*above, str(entity_name))

    def update_context_value(self, stage: NodeStage, value: Any) -> None:
        """Keep what a stage has yielded."""
        if stage.context:
            (self.append if stage.store_all_in_context else self.upsert)(stage.context, value)

    def update_context_name(self, stage: NodeStage, right: Any) -> None:
        """Keep the name of a request that a stage has yielded, or its FQN where it wants that."""
        if stage.store_fqn:
            self.update_context_value(
                stage, RootStr(running.current().context.metadata.fqn_of(right))
            )
        else:
            self.update_context_value(stage, ContextName(str(right.name), right))
