"""Every error that om-ingest raises on purpose, with its exit code.

OmIngestError                    exit  who acts
├── WorkflowError                   2  whoever wrote the workflow file or the command line
│   └── UnknownSourceError          2
├── PluginError                     3  whoever maintains the plugin
│   ├── PluginImportError           3
│   ├── PluginConflictError         3
│   └── PluginFaultError            3
├── ServerError                     4  whoever runs the server
├── SourceError                     1  whoever owns the data that the source reads
├── DeliveryError                   1  whoever owns the place that the sink writes to
│   └── OutputError                 1
└── RecordError                     1  nobody yet: the record is set aside and counted
    ├── NotFoundError               1
    ├── ConflictError               1
    └── PreconditionError           1
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from om_ingest import wording


class OmIngestError(Exception):
    """The base class. `str(error)` says what happened, then what to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, remedy: str) -> None:
        # Plain strings in args: the error survives pickling, with attributes of subclasses.
        super().__init__(what, remedy)

    @property
    def what(self) -> str:
        """What happened: one sentence, no traceback, no secret."""
        return str(self.args[0])

    @property
    def remedy(self) -> str:
        """What the reader can do about it."""
        return str(self.args[1])

    @property
    def sentences(self) -> str:
        """What happened and what to do, on one line; no full stop behind another mark."""
        end = "" if self.what.endswith(("!", "?")) else "."
        return f"{self.what.rstrip('.')}{end} {self.remedy}"

    def __str__(self) -> str:
        return f"{self.what}\n  {self.remedy}"


class Problem(NamedTuple):
    """One thing that is wrong in a workflow file or in a connector's config."""

    path: tuple[str | int, ...]
    """Keys and list positions from the root, e.g. `("source", "config", "port")`."""

    message: str
    """What is wrong with the value there, in one line."""

    @property
    def key(self) -> str:
        """The path as people write it: `source.config.port`; `config` for the root."""
        return ".".join(map(str, self.path)) or "config"


class WorkflowError(OmIngestError):
    """The workflow file or the command line is wrong; nothing has been run.

    `problems` lists every finding with its key path; the reader of the file adds line and
    column.
    """

    exit_code = 2

    def __init__(self, what: str, remedy: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(what, remedy)
        self.problems = problems


class UnknownSourceError(WorkflowError):
    """No installed source has the requested name: the name is to be corrected."""


class PluginError(OmIngestError):
    """A plugin cannot be used: broken, incompatible, ambiguous, or something it needs is missing.

    Also for a plugin of this project that is not installed; any other name that nothing
    installed has is a mistake of the workflow or the command line.
    """

    exit_code = 3


class PluginImportError(PluginError):
    """The plugin's module or class cannot be imported."""


class PluginConflictError(PluginError):
    """Two distributions claim one name."""


class PluginFaultError(PluginError):
    """The plugin was imported and then violated the contract."""


class ServerError(OmIngestError):
    """The OpenMetadata server is unreachable, refuses the token, or has the wrong version."""

    exit_code = 4


class SourceError(OmIngestError):
    """A source cannot read its data; raised by connectors, shown without a traceback."""


class DeliveryError(OmIngestError):
    """A sink cannot continue: the disk is full, the file is gone, the catalog is broken.

    `is_busy` tells that another process holds the file: a repetition may succeed.
    """

    def __init__(self, what: str, remedy: str, *, is_busy: bool = False) -> None:
        super().__init__(what, remedy)
        self.is_busy = is_busy


class OutputError(DeliveryError):
    """Standard output takes no more; what is only printed is not kept, nor set aside.

    `reader_left` tells that its reader has seen enough, as `head` has: that is no failure.
    """

    def __init__(self, what: str, remedy: str, *, reader_left: bool = False) -> None:
        super().__init__(what, remedy)
        self.reader_left = reader_left


class RecordError(OmIngestError):
    """One record cannot be delivered; it is set aside with its reason, and the run goes on."""


class NotFoundError(RecordError):
    """An entity does not exist: the requested one, or one that a request refers to.

    `entity_type` and `name` (FQN or id, as given) identify it; both may be empty.
    """

    def __init__(self, what: str, remedy: str, entity_type: str = "", name: str = "") -> None:
        super().__init__(what, remedy)
        self.entity_type = entity_type
        self.name = name

    @classmethod
    def of(cls, entity_type: str, name: object) -> NotFoundError:
        """The error in OpenMetadata's own words (REST contract §10.1)."""
        return cls(
            f"{entity_type} instance for {name} not found",
            "Create it first, or correct the name.",
            entity_type,
            str(name),
        )


class ConflictError(RecordError):
    """The entity to create exists already."""


class PreconditionError(RecordError):
    """The entity has changed since the caller read it."""


def exit_code(error: BaseException) -> int:
    """The exit code of a command that an exception ends."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    return 130 if isinstance(error, KeyboardInterrupt) else int(getattr(error, "exit_code", 1))


def described(error: BaseException) -> str:
    """Type and text of an exception, on one line; `Redactor.reason` masks and cuts it.

    Pydantic's errors are in plain words (`om_ingest.wording`), without values that may be secrets.
    """
    if hasattr(error, "error_count") and hasattr(error, "errors"):  # the rest needs none of this
        return wording.described(error)
    try:
        text = " ".join(wording.plain(str(error)).split())
    except Exception:  # noqa: BLE001  # a class of others may raise anything
        text = "its message cannot be read"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
