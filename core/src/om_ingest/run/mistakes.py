"""What is wrong with a job, found before anything is touched: all of it is told at once.

The exit code is that of what has to be corrected first: 2 if anything is wrong with the file or
the command line, else 3 if a plugin is missing or broken, else that of the first error.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from om_ingest.config.validation import KeyPath
from om_ingest.errors import (
    OmIngestError,
    PluginError,
    PluginFaultError,
    Problem,
    UnknownSourceError,
    WorkflowError,
)
from om_ingest.masking import Redactor
from om_ingest.run.job import Job
from om_ingest.workflow.reading import Document

_BLOCKS = (("source",), ("sink",), ("processor",), ("processors",), ("--sink",))


class Mistakes:
    """Collects the errors of the parts of a job; those of the file are known already."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._found: list[tuple[KeyPath, OmIngestError]] = []

    @contextlib.contextmanager
    def noted(self, *place: str | int) -> Iterator[None]:
        """Keep an error of the part at a key, so that the others are looked at, too.

        Keys that are wrong have been taken out of the part, which may fail because they are
        missing. Then only errors about other keys count, and those of loading its plugin.
        """
        try:
            yield
        except OmIngestError as error:
            is_other = isinstance(error, PluginError) and not isinstance(error, PluginFaultError)
            is_of_keys = isinstance(error, WorkflowError) and error.problems
            is_whole = not (self._lack(place) or self._lack(("workflowConfig",)))
            if is_other or is_of_keys or is_whole:
                self._found.append((place, error))

    def _lack(self, place: KeyPath) -> bool:
        return any(problem.path[: len(place)] == place for problem in self._job.problems)

    def tell(self) -> None:
        """Raise all that was found as one error; nothing happens if nothing was."""
        job = self._job
        if not job.problems and len(self._found) == 1:
            raise self._found[0][1]
        lacking = [problem.path for problem in job.problems]
        problems = list(job.problems)
        for place, error in self._found:
            for problem in _problems(error, place, job):
                size = len(problem.path)
                if not any(path[:size] == problem.path[: len(path)] for path in lacking):
                    problems.append(problem)
        if not problems:
            return
        whole = (job.document or Document("command line", {})).error(problems)
        errors = [error for _, error in self._found]
        if job.problems or any(isinstance(error, WorkflowError) for error in errors):
            raise whole
        first = next((error for error in errors if isinstance(error, PluginError)), errors[0])
        raise type(first)(whole.what, whole.remedy)


@contextlib.contextmanager
def placed(*place: str | int) -> Iterator[None]:
    """Add the key of the file to an error about a name there."""
    try:
        yield
    except WorkflowError as error:
        if error.problems:
            raise
        raise type(error)(error.what, error.remedy, (Problem(place, error.what),)) from None


@contextlib.contextmanager
def class_named(job: Job) -> Iterator[None]:
    """Tell of a custom type without a class that it lacks the class, not that it is unknown."""
    try:
        yield
    except UnknownSourceError:
        workflow = job.workflow
        problem = workflow.lacking_class
        if problem is None:
            raise
        remedy = "Correct the key, or add it: it is the class path of the connector."
        if problem.path == workflow.type_path:
            remedy = "Write it into the file: what a server keeps of a service is not fetched."
        raise UnknownSourceError(problem.message, remedy, (problem,)) from None


@contextlib.contextmanager
def local_mistakes(job: Job) -> Iterator[None]:
    """Add the position in the file to an error, and mask secrets in its message."""
    try:
        yield
    except WorkflowError as error:
        raise _masked(in_file(error, job), job.redact) from None
    except OmIngestError as error:
        raise _masked(error, job.redact) from None


def in_file(error: WorkflowError, job: Job) -> WorkflowError:
    """The error, with the position in the file of each key that it is about."""
    document = job.document
    is_about_name = [problem.message for problem in error.problems] == [error.what]
    if error.problems and document is not None and (document.positions or not is_about_name):
        problems = [_in_file(problem, job) for problem in error.problems]
        return document.error(problems, error.remedy if is_about_name else None)
    return error


def _problems(error: OmIngestError, place: KeyPath, job: Job) -> list[Problem]:
    """What an error says, with what to do where that is not to correct a key."""
    problems = error.problems if isinstance(error, WorkflowError) else ()
    if not problems or [problem.message for problem in problems] == [error.what]:
        place = problems[0].path if problems else place
        problems = (Problem(place, error.sentences.rstrip(".")),)
    return [_in_file(problem, job) for problem in problems]


def _in_file(problem: Problem, job: Job) -> Problem:
    """The problem with its full key path: a source knows only the keys of its own config."""
    if problem.path[:1] == ("sink",) and job.sink_given is not None:
        said = f"{problem.key}: {problem.message}" if problem.path[2:] else problem.message
        return Problem(("--sink",), said)
    if problem in job.problems or problem.path[:1] in _BLOCKS:
        return problem
    return Problem(job.workflow.place_of(problem.path), problem.message)


def _masked(error: OmIngestError, redact: Redactor) -> OmIngestError:
    error.args = tuple(redact.message(text) for text in error.args)
    return error
