"""Checks of the connector's config."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import PydanticSchemaGenerationError, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from om_ingest.errors import WorkflowError
from om_ingest.manual import describe
from om_ingest.testing.observations import Observations
from om_ingest.testing.source_run import SourceRun
from om_ingest.testing.subject import models
from om_ingest.testing.verdict import Checks, UnseenError, check, said, shown
from om_ingest.workflow.secrets import MIN_CHARS, Redactor, secrets_by_key, secrets_by_type

UNKNOWN_KEY = "no_such_key"
WRONG_VALUES: tuple[Any, ...] = ({"not": "a value"}, "not a value", [["not a value"]], -1.5)
"""Candidates: the first that the type of a field excludes is tried."""


class ConfigChecks(Checks):
    """The config is explained, checked, left as it is, and keeps its secrets."""

    @check
    def test_config_documented(self) -> Iterator[str]:
        for model in models(self.observations.subject.config_class):
            if model.__module__.startswith("om_ingest."):
                continue  # explained by om-ingest itself
            for field in describe.fields(model):
                if not field.meaning:
                    yield f"does not explain the key {field.name!r} of {model.__name__}"

    @check
    def test_unknown_key_refused(self) -> Iterator[str]:
        _ = self.observations.full  # what cannot be created at all is no matter of this check
        config = {**self.observations.subject.config, UNKNOWN_KEY: 1}
        yield from _not_refused(self.observations, config, UNKNOWN_KEY, "with the unknown key")

    @check
    def test_wrong_value_refused(self) -> Iterator[str]:
        _ = self.observations.full  # as above
        subject, model = self.observations.subject, self.observations.subject.config_class
        for name, info in (model.model_fields if model else {}).items():
            key = describe.key_of(name, info)
            if info.is_required():
                rest = {other: value for other, value in subject.config.items() if other != key}
                yield from _not_refused(self.observations, rest, key, "without the required key")
            for wrong in _excluded(info):
                what = f"with the wrong value {wrong!r} of the key"
                yield from _not_refused(
                    self.observations, {**subject.config, key: wrong}, key, what
                )

    @check
    def test_config_left_alone(self) -> Iterator[str]:
        before, after = self.observations.subject.config, self.observations.created.config_after
        if after is not None and after != before:
            mask = Redactor(secrets_by_key(before))
            yield f"changed its config from {mask(shown(before))} to {mask(shown(after))}"

    @check
    def test_secrets_hidden(self) -> Iterator[str]:
        observations = self.observations
        source = observations.full.source
        config = getattr(source, "config", None)
        secrets = {*secrets_by_type(config), *secrets_by_key(observations.subject.config)}
        if not secrets:
            return  # nothing to hide
        if min(map(len, secrets)) < MIN_CHARS:
            raise UnseenError(f"a secret of `config` has less than {MIN_CHARS} characters")
        mask = Redactor(secrets)
        refused = observations.attempt({**observations.subject.config, UNKNOWN_KEY: 1})
        for place, text in (
            *_texts(observations.full, source, config),
            ("what create says of a wrong key", said(refused.errors.get("create", Exception()))),
        ):
            masked = mask(text)
            if masked != text:
                line = next(line for line in masked.splitlines() if "*****" in line)
                yield f"showed a secret in {place}: {shown(line)}"


def _texts(run: SourceRun, source: object, config: object) -> Iterator[tuple[str, str]]:
    """Everything that is written, stored or passed on, by place."""
    yield "its repr", repr(source)
    yield "the repr of its config", repr(config)
    yield "what it prints", run.output
    yield "what it prints to standard error", run.error_output
    yield "what it logs", run.log
    yield "its status", repr(run.status)
    for step, error in run.errors.items():
        yield f"what it raises in {step}", said(error)
    for number, seen in enumerate(run.records, start=1):
        yield f"record {number}", (seen.line or b"").decode()


def _not_refused(
    observations: Observations, config: dict[str, Any], key: str, what: str
) -> Iterator[str]:
    """What is wrong with how `create` takes a wrong config."""
    error = observations.attempt(config).errors.get("create")
    if error is None:
        yield f"was created {what} {key!r}"
    elif not isinstance(error, WorkflowError):
        yield f"raised no WorkflowError when created {what} {key!r}: {said(error)}"
    elif key not in str(error):
        yield f"did not name the key when created {what} {key!r}: {said(error)}"


def _excluded(info: FieldInfo) -> list[Any]:
    """A value that the type of a field excludes; none for a type that takes anything."""
    annotation: Any = info.annotation
    if info.metadata:
        form: Any = Annotated
        annotation = operator.getitem(form, (annotation, *info.metadata))
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    except PydanticSchemaGenerationError:  # a class of the author's own
        return []
    for value in WRONG_VALUES:
        try:
            adapter.validate_python(value)
        except ValidationError:
            return [value]
        except Exception:  # noqa: BLE001  # a validator of the author's: `create` has to tell
            return [value]
    return []
