"""The contract of a source: what a connector implements, and what it is given.

Life cycle: `create` → `prepare` → `next_record` until it ends → `get_status` → `close`.
`close` is called exactly once, also after an error.
"""

from __future__ import annotations

import logging
import typing
from abc import abstractmethod
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict

from om_ingest.cancellation import Cancellation
from om_ingest.config.settings import SourceConfig
from om_ingest.config.validation import validated
from om_ingest.errors import PluginFaultError
from om_ingest.model.records import Record
from om_ingest.source_status import Note as Note, SourceStatus as SourceStatus
from om_ingest.state import JobState
from om_ingest.store import Closeable, MetadataStore

if TYPE_CHECKING:
    from typing_extensions import Self

    from om_ingest.context import SourceContext


@dataclass(frozen=True)
class WorkflowContext:
    """The run that a source works in."""

    metadata: MetadataStore
    """Reads and writes entities where the records go. A record that was yielded before
    is found, whichever sink runs. Not for threads of a source's own."""

    service_name: str
    """Name of the service below which the source's entities lie."""

    run_id: str = ""
    """Unique id of the run."""

    source_config: SourceConfig = field(default_factory=SourceConfig)
    """Filter patterns and include flags: `sourceConfig.config` of the workflow file."""

    logger: logging.Logger = field(default_factory=lambda: logging.getLogger("om_ingest.source"))
    """Where a source logs; secrets of the config are masked in what it writes."""

    cancelled: Cancellation = field(default_factory=Cancellation)
    """Set when the run is to stop. A source that waits or loops without yielding should
    look at it."""

    state: JobState = field(default_factory=JobState)
    """What the source keeps from run to run, such as how far it has read: JSON values by name.
    A value is kept once everything that was yielded before it has been delivered."""

    strict: bool = False
    """Whether what works only in part is an error: `--strict`, or `plugins.strict`."""

    latest: MutableMapping[str, Record] = field(default_factory=dict, repr=False, compare=False)
    """For the host: the record of each entity type that was yielded last."""


def _refuse_assignment(ctx: WorkflowContext, name: str, value: object) -> NoReturn:
    remedy = f"Keep it elsewhere, such as in self.{name}."
    if name == "state":
        remedy = "Assign its keys: ctx.state[KEY] = VALUE, or ctx.state.update(...)."
    raise PluginFaultError(f"ctx.{name} was assigned, and the context of a run stays", remedy)


WorkflowContext.__setattr__ = _refuse_assignment  # type: ignore[assignment,method-assign]  # in the class, dataclass refuses it


class Source(Closeable):
    """Reads metadata from somewhere, and yields it as records.

    A subclass may call `super().__init__(ctx)`, or set `self.ctx` itself: the host sets it after
    `create` where neither was done.
    """

    ctx: WorkflowContext

    def __init__(self, ctx: WorkflowContext | None = None) -> None:
        if ctx is not None:
            self.ctx = ctx

    @cached_property
    def metadata(self) -> MetadataStore:
        """`ctx.metadata`: what was yielded before is found in it. Not usable in `create`."""
        return self.ctx.metadata

    @cached_property
    def context(self) -> SourceContext:
        """The entities that were yielded last: `self.context.database_service.name`."""
        from om_ingest.context import SourceContext  # few sources need it

        return SourceContext(self.ctx.metadata, self.ctx.service_name, self.ctx.latest)

    @classmethod
    @abstractmethod
    def create(
        cls,
        config_dict: dict[str, Any],
        metadata_config_dict: dict[str, Any],
        ctx: WorkflowContext,
    ) -> Source:
        """Build the source from its config; checks it, and connects to nothing.

        `metadata_config_dict` is `workflowConfig.openMetadataServerConfig`, `{}` without
        one. Raises `WorkflowError` if the config is wrong.
        """

    def limits(self) -> Iterable[str]:
        """What of this source works only in part, a line each; asked once, after `create`.

        `check` prints them, a run warns of them, and `--strict` refuses them. Connects to nothing.
        """
        return ()

    @abstractmethod
    def prepare(self) -> None:
        """Connect; called exactly once, before the first record."""

    @abstractmethod
    def next_record(self) -> Iterable[Record]:
        """Yield records in any number, lazily, best parents before children.

        What comes before something that it refers to is delivered at the end of the run, and
        cannot be read back until then.
        """

    @abstractmethod
    def get_status(self) -> SourceStatus:
        """The status that this source keeps."""


class ConnectorConfig(BaseModel):
    """Base of a connector's config: unknown keys are errors, and docstrings are the manual."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        defer_build=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,  # an input may be a secret
    )


ConfigT = TypeVar("ConfigT", bound=BaseModel)


class ConfiguredSource(Source, Generic[ConfigT]):
    """The short way: `class MySource(ConfiguredSource[MyConfig])` and `next_record`.

    `self.config` is the checked config, `self.ctx` the run, `self.status` the status.
    """

    config_class: ClassVar[type[BaseModel]]
    """The config model, taken from the type argument."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for base in vars(cls).get("__orig_bases__", ()):  # its own: a parent has set its model
            origin, arguments = typing.get_origin(base), typing.get_args(base)
            if not (isinstance(origin, type) and issubclass(origin, ConfiguredSource)):
                continue
            if isinstance(arguments[0], type) and issubclass(arguments[0], BaseModel):
                cls.config_class = arguments[0]

    def __init__(self, config: ConfigT, ctx: WorkflowContext) -> None:
        super().__init__(ctx)
        self.config = config
        self.status = SourceStatus()

    @classmethod
    def create(
        cls,
        config_dict: dict[str, Any],
        metadata_config_dict: dict[str, Any],
        ctx: WorkflowContext,
    ) -> Self:
        """Check the config; raises `WorkflowError` with every problem at once."""
        if not hasattr(cls, "config_class"):
            raise PluginFaultError(
                f"{cls.__module__}.{cls.__qualname__} does not say what its config is",
                "Declare it as ConfiguredSource[YourConfig], a pydantic model.",
            )
        return cls(typing.cast(ConfigT, validated(cls.config_class, config_dict)), ctx)

    def prepare(self) -> None:
        """Connect; nothing to do unless overridden."""

    def get_status(self) -> SourceStatus:
        """The status that this source keeps."""
        return self.status
