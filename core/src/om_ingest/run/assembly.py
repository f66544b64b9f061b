"""A job and everything it needs, created and checked, but not opened."""

from __future__ import annotations

import contextlib
import functools
import logging
from dataclasses import dataclass, replace
from typing import Any

from om_ingest import logs
from om_ingest.config.validation import KeyPath, keys_of
from om_ingest.delivery import SinkContext
from om_ingest.errors import (
    OmIngestError,
    PluginFaultError,
    PluginImportError,
    Problem,
    SourceError,
    WorkflowError,
    described,
)
from om_ingest.failure_place import defined_at, located
from om_ingest.host import folders, loading
from om_ingest.host.hooks import Hooks
from om_ingest.host.importing import modules_of, unmet
from om_ingest.openmetadata.network.credentials import tokens_of
from om_ingest.registry import (
    PROCESSOR_GROUP,
    SINK_GROUP,
    AllowList,
    InstalledSource,
)
from om_ingest.run import limits
from om_ingest.run.job import Job
from om_ingest.run.mistakes import Mistakes, class_named, placed
from om_ingest.run.values import warning_of
from om_ingest.sink import Processor, Sink
from om_ingest.source import Source, WorkflowContext
from om_ingest.state import JobState
from om_ingest.store import Closeable
from om_ingest.workflow.acknowledgements import Acknowledgements
from om_ingest.workflow.circumstances import WorkflowFile
from om_ingest.workflow.config import StepBlock
from om_ingest.workflow.interrupt import Interrupt, is_fault
from om_ingest.workflow.readback import ReadYourWrites
from om_ingest.workflow.report import RunReport
from om_ingest.workflow.secrets import secrets_by_key, secrets_by_type
from om_ingest.workflow.tally import Tally

logger = logging.getLogger(__name__)


@dataclass
class Assembly:
    """Everything a run needs, created and not yet opened."""

    installed: InstalledSource
    source: Source
    processors: list[Processor]
    sink: Sink
    readbacks: tuple[ReadYourWrites, ...]
    """What the source and the processors read back from."""

    report: RunReport
    hooks: Hooks
    context: WorkflowContext
    acknowledgements: Acknowledgements
    """The journal as the sink sees it."""

    @property
    def parts(self) -> list[Closeable]:
        """The parts to close, source first: it may still write while it is closed."""
        return [self.source, *self.processors, self.sink]


def assemble(job: Job, interrupt: Interrupt, kept: contextlib.ExitStack) -> Assembly:
    """Resolve, import and create everything; opens and writes nothing.

    Until `kept` is closed, plugins stand in for the modules of frameworks that nobody has.

    Raises `WorkflowError`, a `PluginError`, or `SourceError` when `create` itself fails. What is
    wrong with several parts is one error.
    """
    workflow = job.workflow
    server = workflow.workflowConfig.openMetadataServerConfig
    job.redact.add(tokens_of(server))  # first of all: importing a plugin runs its code
    kept.enter_context(folders.added(job.path, job.allow, workflow.source_type))
    hooks = Hooks(job.allow)
    kept.enter_context(hooks.frameworks.provided())
    mistakes = Mistakes(job)
    block = workflow.source.model_dump(exclude_unset=True)
    job.redact.add(secrets_by_key(block))  # hooks and the connector's module see them
    installed = job.installed or InstalledSource(workflow.source_type, *[""] * 5)
    source_class: type[Source] | None = None
    with mistakes.noted("source"), placed(*workflow.type_path), class_named(job):
        installed = job.installed or hooks.find_source(workflow.source_type)
        source_class = loading.source_class(installed, hooks, block)
    labels = logs.labels
    run_id = labels.take(workflow.pipelineRunId)
    server_values = _plain(server.model_dump(exclude_none=True)) if server else {}
    job.redact.add([*secrets_by_type(server), *secrets_by_key(server_values)])
    for step in (*(step for _, step in workflow.steps), job.sink):
        job.redact.add(secrets_by_key(step.config))
    service_name = workflow.source.serviceName or installed.name
    labels.source, labels.service = installed.name, service_name
    distribution = f"{installed.distribution} {installed.version}".strip()
    read_by, read_with = job.recorded or (installed.name, distribution)
    acknowledgements = Acknowledgements()
    sink_context = SinkContext(
        run_id,
        logging.getLogger("om_ingest.sink"),
        server_values,
        source=read_by,
        distribution=read_with,
        service_name=service_name,
        service_type=installed.service_type,
        source_config=job.settings,
        pipeline_fqn=None if job.dry_run else workflow.ingestionPipelineFQN,
        journal=acknowledgements,
        scratch=functools.partial(loading.scratch_store, job.allow),
        cancelled=interrupt.cancelled,
        redact=job.redact,
    )
    readbacks = (
        ReadYourWrites(),
        ReadYourWrites("A processor"),
    )
    step_context = replace(sink_context, metadata=readbacks[1])
    context = WorkflowContext(
        metadata=readbacks[0],
        service_name=service_name,
        run_id=run_id,
        source_config=job.settings,
        logger=logging.getLogger(f"om_ingest.source.{installed.name}"),
        cancelled=interrupt.cancelled,
        state=JobState(is_open=False),
        strict=job.strict,
    )
    processors: list[Processor] = []
    with contextlib.ExitStack() as made:
        for place, step in workflow.steps:
            with mistakes.noted(*place):
                processors.append(_create_processor(place, step, step_context, job.allow))
                made.callback(processors[-1].close)
        with mistakes.noted("sink"):
            if job.sink_error is not None:
                raise job.sink_error
            sink = _create_sink(job, sink_context)
            made.callback(sink.close)
        if source_class is not None:
            with mistakes.noted("source"):
                source = _create_source(source_class, installed, job, server_values, context)
                made.callback(source.close)
                source_limits = limits.of_source(source, installed, job)
        mistakes.tell()
        with sink_blamed(job):
            overrides = sink.overrides()
            if overrides not in (None, True, False):
                raise TypeError(f"overrides returned {type(overrides).__name__}")
        made.pop_all()
    if overrides is None and job.settings.overrideMetadata:
        sink_context.warn(
            "overrideMetadata",
            f"The sink {job.sink.type} has no such thing: it takes what the source says, and"
            " overrides nothing. Leave it out, or deliver into a catalog or a server.",
            0,
        )
    typed = set(secrets_by_type(getattr(source, "config", None)))
    job.redact.add(typed)
    if told := warning_of(job.values, typed):
        logger.warning("%s", told)
    report = RunReport(
        run_id=run_id,
        source=installed.name,
        distribution=distribution,
        service_name=service_name,
        sink=job.redact.label(sink.target),
        tally=Tally(redact=job.redact),
        delivery_warnings=sink_context.warnings,
        source_limits=source_limits,
        dry_run=job.dry_run,
        override_metadata=bool(overrides),
        limit=job.limit,
        success_threshold=workflow.workflowConfig.successThreshold,
        raise_on_error=workflow.workflowConfig.raiseOnError,
        workflow=WorkflowFile.of(labels.workflow, job.document, workflow.ingestionPipelineFQN),
    )
    return Assembly(
        *(installed, source, processors, sink, readbacks, report, hooks, context),
        acknowledgements=acknowledgements,
    )


def _create_processor(
    place: KeyPath, step: StepBlock, context: SinkContext, allow: AllowList
) -> Processor:
    with placed(*place, "type"):
        processor_class = loading.processor_class(step.type, allow)
    try:
        with loading.blamed(f"The processor {step.type!r}", PROCESSOR_GROUP, step.type, allow):
            processor = processor_class.create(step.config, context)
            if not isinstance(processor, Processor):
                raise TypeError(f"create returned {type(processor).__name__}")
    except WorkflowError as error:
        problems = [Problem((*place, "config", *p.path), p.message) for p in error.problems]
        raise WorkflowError(error.what, error.remedy, tuple(problems)) from None
    return processor


def _create_sink(job: Job, context: SinkContext) -> Sink:
    with placed("sink", "type"):
        sink_class = (
            loading.default_sink_class(job.allow, dry_run=job.dry_run)
            if job.sink_is_default
            else loading.sink_class(job.sink.type, job.allow)
        )
    with sink_blamed(job):
        sink = sink_class.create(job.sink.config, context)
        if not isinstance(sink, Sink):
            raise TypeError(f"create returned {type(sink).__name__}")
        if not isinstance(sink.target, str):
            raise TypeError(f"target is {type(sink.target).__name__}")
    if not job.dry_run:
        return sink
    from om_ingest.run.dry_run import DryRunSink  # needed by dry runs alone

    return DryRunSink(sink, context)


def sink_blamed(job: Job) -> contextlib.AbstractContextManager[None]:
    """Turn an unexpected exception of the sink into an error that names its distribution."""
    return loading.blamed(f"The sink {job.sink.type!r}", SINK_GROUP, job.sink.type, job.allow)


def named(installed: InstalledSource) -> str:
    """The source's name in messages, with its distribution."""
    owner = f"{installed.distribution} {installed.version}".strip()
    return f"The source {installed.name} of {owner}" if owner else f"The source {installed.name}"


def _create_source(
    source_class: type[Source],
    installed: InstalledSource,
    job: Job,
    server_values: dict[str, Any],
    context: WorkflowContext,
) -> Source:
    config, workflow = loading.config_class(source_class), job.workflow
    known = set() if config is None else keys_of(config)
    values = workflow.source_values if config is None else workflow.values_for(known)
    try:
        source = source_class.create(values, server_values, context)
    except WorkflowError as error:
        error.problems = tuple(
            Problem(workflow.place_of(path, known), said) for path, said in error.problems
        )
        raise
    except PluginFaultError as error:
        what = located(error, *modules_of(installed, error), said=error.what)
        raise PluginFaultError(what, error.remedy) from None
    except OmIngestError:
        raise
    except BaseException as error:  # a plugin may raise anything
        if not is_fault(error):
            raise
        logger.debug("create of the source %s failed", installed.name, exc_info=error)
        kind: type[OmIngestError] = SourceError
        why = job.redact.reason(described(error))
        remedy = "Check its config with `om-ingest show`; --log-level debug prints the traceback."
        if isinstance(error, ImportError):
            (why, remedy), kind = unmet(error), PluginImportError
        said = f"{named(installed)} could not be created: {why}"
        what = located(error, *modules_of(installed, error), said=said)
        raise kind(what, remedy) from None
    if not isinstance(source, Source):
        said = f"create returned {type(source).__name__}, not a source"
        raise PluginFaultError(
            f"{named(installed)} is broken: {said}{defined_at(source_class.create)}",
            f"Tell the maintainer of {installed.distribution or installed.target}.",
        )
    vars(source).setdefault("ctx", context)  # for `metadata` and `context`
    return source


def _plain(value: Any) -> Any:
    """Server settings as a source gets them: plain values, secrets in clear."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value.get_secret_value() if hasattr(value, "get_secret_value") else value
