"""Checks of the connector's config."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Annotated, Any

from om_ingest.errors import WorkflowError, described
from om_ingest.host import loading
from om_ingest.manual import describe
from om_ingest.masking import MIN_CHARS, Redactor
from om_ingest.workflow.secrets import secrets_by_key
from pydantic import BaseModel, PydanticSchemaGenerationError, TypeAdapter
from pydantic.fields import FieldInfo

from om_ingest_testing.observations import SourceChecks
from om_ingest_testing.verdict import UNKNOWN_KEY, UnseenError, shown

WRONG_VALUES: tuple[Any, ...] = ({"not": "a value"}, "not a value", [["not a value"]], -1.5)
"""Candidates: the first that the type of a field excludes is tried."""


class ConfigChecks(SourceChecks):
    """The config is explained, checked, left as it is, and keeps its secrets."""

    def test_config_documented(self) -> Iterator[str]:
        model = self._model
        for part in describe.models(model) if model else ():
            if part.__module__.startswith("om_ingest."):
                continue  # explained by om-ingest itself
            for field in describe.fields(part):
                if not field.meaning:
                    yield f"does not explain the key {field.name!r} of {part.__name__}"

    def test_unknown_key_refused(self) -> Iterator[str]:
        _ = self.observations.full  # what cannot be created at all is no matter of this check
        config = {**self.observations.subject.config, UNKNOWN_KEY: 1}
        yield from self._not_refused(config, UNKNOWN_KEY, "with the unknown key")

    def test_wrong_value_refused(self) -> Iterator[str]:
        _ = self.observations.full  # as above
        config, model = self.observations.subject.config, self._model
        for name, info in (model.model_fields if model else {}).items():
            key = describe.key_of(name, info)
            if info.is_required():
                rest = {other: value for other, value in config.items() if other != key}
                yield from self._not_refused(rest, key, "without the required key")
            for wrong in _excluded(info):
                what = f"with the wrong value {wrong!r} of the key"
                yield from self._not_refused({**config, key: wrong}, key, what)

    def test_config_left_alone(self) -> Iterator[str]:
        before, after = self.observations.subject.config, self.observations.created.config_after
        if after is not None and after != before:
            mask = Redactor(secrets_by_key(before))
            yield f"changed its config from {mask(shown(before))} to {mask(shown(after))}"

    def test_secrets_hidden(self) -> Iterator[str]:
        _ = self.observations.full
        secrets, mask = self.observations.secrets, self.observations.mask
        if not secrets:
            return  # nothing to hide
        if min(map(len, secrets)) < MIN_CHARS:
            raise UnseenError(f"a secret of `config` has less than {MIN_CHARS} characters")
        for place, text in self._texts():
            masked = mask(text)
            if masked != text:
                line = next(line for line in masked.splitlines() if "*****" in line)
                yield f"showed a secret in {place}: {shown(line)}"

    @property
    def _model(self) -> type[BaseModel] | None:
        return loading.config_class(self.observations.subject.source_class)

    def _not_refused(self, config: dict[str, Any], key: str, what: str) -> Iterator[str]:
        """What is wrong with how `create` takes a wrong config."""
        error = self.observations.attempt(config).errors.get("create")
        if error is None:
            yield f"was created {what} {key!r}"
        elif not isinstance(error, WorkflowError):
            yield f"raised no WorkflowError when created {what} {key!r}: {described(error)}"
        elif key not in str(error):
            yield f"did not name the key when created {what} {key!r}: {described(error)}"

    def _texts(self) -> Iterator[tuple[str, str]]:
        """Everything that is written, stored or passed on, by place."""
        run = self.observations.full
        yield "its repr", repr(run.source)
        yield "the repr of its config", repr(getattr(run.source, "config", None))
        yield "what it prints", run.output
        yield "what it prints to standard error", run.error_output
        yield "what it logs", run.log
        yield "its status", repr(run.status)
        for step, error in run.errors.items():
            yield f"what it raises in {step}", described(error)
        for number, seen in enumerate(run.records, start=1):
            yield f"record {number}", (seen.line or b"").decode()
        refused = self.observations.attempt({**self.observations.subject.config, UNKNOWN_KEY: 1})
        if "create" in refused.errors:
            yield "what create says of a wrong key", described(refused.errors["create"])


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
        except Exception:  # noqa: BLE001  # also of a validator of the author's: `create` has to tell
            return [value]
    return []
