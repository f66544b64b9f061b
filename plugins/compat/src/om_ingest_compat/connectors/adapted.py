"""The source of the host that drives a connector of another framework."""

from __future__ import annotations

import contextlib
import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from om_ingest import Source, SourceStatus, WorkflowContext
from om_ingest.errors import PluginFaultError, WorkflowError
from om_ingest.failure_place import located

from om_ingest_compat import running
from om_ingest_compat.connectors.driving import Drive
from om_ingest_compat.connectors.shape import Generation, Shape, shape_of
from om_ingest_compat.connectors.status import adopt
from om_ingest_compat.connectors.steps import client
from om_ingest_compat.imitations import IMITATIONS, Imitation

_CONNECTION = "metadata.generated.schema.entity.services.connections.metadata"


class AdaptedSource(Source):
    """Drives a connector; a subclass is made for each.

    `create` checks the class, and makes nothing: connectors use the client in their `__init__`,
    which works once the run has begun.
    """

    shape: ClassVar[Shape]
    """How the connector's class is called."""

    block: ClassVar[dict[str, Any]]
    """The `source` block of the workflow, in its long form."""

    module: ClassVar[str]
    """The connector's module."""

    fault: ClassVar[Exception | None] = None
    """Why the connector cannot be used."""

    imitated: ClassVar[tuple[Imitation, ...]] = ()
    """What the connector uses that is only imitated, as far as its import tells."""

    @staticmethod
    def read_imports() -> Iterable[Imitation]:
        """What else the code of the connector imports that is only imitated or absent."""
        return ()

    def __init__(
        self, ctx: WorkflowContext, config: dict[str, Any], server: dict[str, Any]
    ) -> None:
        super().__init__(ctx)
        self.status = SourceStatus()
        self._told: dict[Imitation, None] = {}
        self._config = config
        self._server = server
        self._held = contextlib.ExitStack()
        self._foreign: Any = None
        self._drive: Drive | None = None
        self._run: running.Running | None = None

    @classmethod
    def create(
        cls,
        config_dict: dict[str, Any],
        metadata_config_dict: dict[str, Any],
        ctx: WorkflowContext,
    ) -> AdaptedSource:
        """Check the connector's class; raises `PluginFaultError` for one that cannot be run."""
        if cls.fault is not None:
            raise cls.fault
        cls.shape.check()
        return cls(ctx, config_dict, metadata_config_dict)

    def limits(self) -> Iterable[str]:
        """What the connector uses, or may use, that is only imitated or absent."""
        self._told.update(dict.fromkeys([*self.imitated, *self.read_imports()]))
        return list(map(str, self._told))

    def prepare(self) -> None:
        """Make the connector's object, and let it get ready."""
        ctx = self.ctx
        block = {**self.block, "serviceName": self.block["serviceName"] or ctx.service_name}
        run = self._run = running.Running(ctx, self.status, block, self._server, self.module)
        self._held.enter_context(running.running(run))
        self._held.enter_context(self._listening())
        with self._wrong_config():
            foreign = self._foreign = self._made(block)
            self._take_status(getattr(foreign, "status", None))
            prepare = getattr(foreign, "prepare", None)
            if callable(prepare):
                prepare()
        self._take_status(getattr(foreign, "status", None))
        self._drive = Drive(foreign, self.shape, run)

    def _made(self, block: dict[str, Any]) -> Any:
        """The connector's object."""
        shape = self.shape
        if shape.generation is Generation.NATIVE:
            made = shape.made(self._config, dict(self._server), self.ctx)
        elif shape.generation is Generation.PULLED:
            made = shape.made(block, _connection(self._server), None)
        else:
            made = shape.made(block, client(), None)
        if not hasattr(made, shape.reader):
            raise PluginFaultError(
                f"create of {shape.cls.__qualname__} in {shape.file} returned"
                f" {type(made).__name__}, not a source",
                "Tell the connector's maintainer.",
            )
        return made

    def _take_status(self, own: Any) -> None:
        """Let the connector's own status count into the report; one of the host becomes it."""
        if not isinstance(own, SourceStatus):
            adopt(own)
        elif own is not self.status:
            _add(self.status, own)
            self.status = own
            if self._run is not None:
                self._run.status = own

    @contextlib.contextmanager
    def _wrong_config(self) -> Iterator[None]:
        """Turn what a connector raises about its config into an error of the workflow."""
        try:
            yield
        except Exception as error:
            if any(cls.__name__ == "InvalidSourceException" for cls in type(error).__mro__):
                raise WorkflowError(
                    located(error, said=f"The config does not fit the connector: {error}"),
                    self._remedy(str(error)),
                ) from error
            raise

    def _remedy(self, said: str) -> str:
        """What to do about a config that does not fit."""
        for used in (*self.imitated, *IMITATIONS):
            name = used.name.partition(".")[0]
            if name and re.search(rf"\b{re.escape(name)}\b", said):
                return (
                    f"{name} is only imitated, and no connection is one: install"
                    " openmetadata-ingestion beside om-ingest."
                )
        given = str(self.block["serviceConnection"]["config"]["type"])
        wanted = re.search(r"\bCustom\w+(?=Connection\b)", said)
        if wanted and wanted[0] != given:
            return f"Write type: {wanted[0]} in source.serviceConnection.config."
        return "Correct source.serviceConnection.config in the workflow file."

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        """Warn of everything that is only imitated: a failure instead if the run is strict."""

        def hear(used: Imitation) -> None:
            if used not in self._told:  # the host tells these, as `limits`
                self._told[used] = None
                tell = self.status.failure if self.ctx.strict else self.status.warning
                tell(_name(used), str(used))

        before, IMITATIONS.listener = IMITATIONS.listener, hear
        try:
            yield
        finally:
            IMITATIONS.listener = before
            IMITATIONS.clear()

    def next_record(self) -> Iterator[Any]:
        """Yield what the connector yields, as records of the host."""
        if self._drive is not None:
            yield from self._drive.records()

    def get_status(self) -> SourceStatus:
        """The report of the connector."""
        get_status = getattr(self._foreign, "get_status", None)
        if callable(get_status):
            self._take_status(get_status())
        return self.status

    def close(self) -> None:
        """Close the connector, and forget the run."""
        with self._held:
            close = getattr(self._foreign, "close", None)
            if callable(close):
                close()


def _add(before: SourceStatus, status: SourceStatus) -> None:
    """Add what one status has counted to another one, which takes its place."""
    for sort in ("warning", "failure", "filter"):
        notes = getattr(before, {"filter": "filtered"}.get(sort, f"{sort}s"))
        for note in notes:
            getattr(status, sort)(note.key, note.reason)
        counter = {"filter": "filtered_count"}.get(sort, f"{sort}_count")
        more = getattr(before, counter) - len(notes)
        setattr(status, counter, getattr(status, counter) + more)
    status.scanned_count = max(before.scanned_count, status.scanned_count)
    for change, counts in before.changes.items():
        status.changes[change].update(counts)
    for listener in ("on_filtered", "on_present", "on_failure"):
        if getattr(status, listener) is None:
            setattr(status, listener, getattr(before, listener))


def _name(used: Imitation) -> str:
    return f"{used.module}.{used.name}" if used.name else used.module


def _connection(server: dict[str, Any]) -> Any:
    """The connection to the server as the first releases pass it; defaults where there is none."""
    module = importlib.import_module(f"{_CONNECTION}.openMetadataConnection")
    model = module.OpenMetadataConnection
    values = {"hostPort": "http://localhost:8585/api", **server}
    known = getattr(model, "model_fields", None) or values  # a real one refuses our own settings
    return model.model_validate({key: value for key, value in values.items() if key in known})


def adapted(
    cls: type[Any],
    block: dict[str, Any],
    module: str,
    read_imports: Callable[[], Iterable[Imitation]],
) -> type[AdaptedSource]:
    """The source that drives a connector's class."""
    values = {
        "shape": shape_of(cls),
        "block": block,
        "module": module,
        "imitated": _imitated_by(cls),
        "read_imports": staticmethod(read_imports),
        "__doc__": cls.__doc__,
        "__module__": cls.__module__,
    }
    return type(cls.__name__, (AdaptedSource,), values)


_imitations: WeakKeyDictionary[type[Any], tuple[Imitation, ...]] = WeakKeyDictionary()
"""What the import of each class used: a module is imported once, and may be run several times."""


def _imitated_by(cls: type[Any]) -> tuple[Imitation, ...]:
    """What a class uses that is only imitated, as far as the import of its module tells."""
    used = dict.fromkeys([*_imitations.get(cls, ()), *IMITATIONS])
    IMITATIONS.clear()
    _imitations[cls] = tuple(used)
    return tuple(used)


def unusable(fault: Exception) -> type[AdaptedSource]:
    """A source that says why a connector cannot be used."""
    return type("UnusableSource", (AdaptedSource,), {"fault": fault})
