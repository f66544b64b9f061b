"""What is sent of records: JSON of one of our classes, without what the server does not know."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

from typing_extensions import Self

from om_ingest.errors import RecordError
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.transport import json_of
from om_ingest.releases import Dialect, LeftOut

PayloadT = TypeVar("PayloadT", bound="Payload")

Send = Callable[[Sequence[PayloadT]], Answer]
"""Sends some payloads in one request."""


class Payload(ABC):
    """What is sent of a record, without what the server does not know. Of one thread at a time."""

    body: dict[str, Any]
    dialect: Dialect
    revision: int
    """That of the dialect when the body was fitted; -1 if it was not."""

    @property
    @abstractmethod
    def request(self) -> type[Any]:
        """The class of what the body says."""

    @property
    @abstractmethod
    def content(self) -> bytes:
        """The body as JSON, in the spelling of the server; cached until it is fitted."""

    @abstractmethod
    def as_for(self, dialect: Dialect) -> Self:
        """What would be sent to a server of another dialect. Raises `RecordError`, as `refit`."""

    def refit(self) -> bool:
        """Leave out what the server was found not to know since; whether that changes anything.

        Raises `RecordError` if the record cannot do without it.
        """
        revision = self.dialect.revision
        if revision == self.revision:
            return False
        if self.revision < 0:
            self.fit()
            self.revision = revision
            return True
        before = self.content
        self.fit()
        self.revision = revision
        return self.content != before  # maybe only a name differs

    def is_held(self) -> bool:
        """Whether the server has what is left, so that it need not be sent again."""
        return not self.body

    def as_held(self) -> None:
        """Change nothing on the server, which has what is left."""

    def fit(self) -> None:
        """Leave out what the server does not know."""
        fit(self.request.__name__, self.body, self.dialect)
        self.__dict__.pop("content", None)


class Part(Payload):
    """A body that is no request to create an entity."""

    def __init__(self, request: type[Any], body: dict[str, Any], dialect: Dialect) -> None:
        self.body, self.dialect, self.revision = body, dialect, -1
        self._request = request

    @property
    def request(self) -> type[Any]:
        """The class of what the body says."""
        return self._request

    @cached_property
    def content(self) -> bytes:
        """The body as JSON, in the spelling of the server."""
        return json_of(self.dialect.spelled(self.request.__name__, self.body))

    def as_for(self, dialect: Dialect) -> Self:
        """What would be sent to a server of another dialect."""
        other = type(self)(self.request, copied(self.body), dialect)
        other.fit()
        return other


def fit(class_name: str, body: dict[str, Any], dialect: Dialect) -> list[LeftOut]:
    """Leave out what a server does not know; raises `RecordError` where that is not possible."""
    left_out = dialect.fit(class_name, body)
    for lost in left_out:
        if lost.blocks:
            raise RecordError(lost.told(dialect.text), "Say one that it knows.")
    return left_out


def refit(payloads: Sequence[Payload]) -> bool:
    """Refit payloads; whether that changes any. Raises `RecordError`, as `Payload.refit`."""
    changed = [payload.refit() for payload in payloads]  # all of them
    return any(changed)


def any_held(payloads: Sequence[Payload]) -> bool:
    """Whether the server has what is left of one of them; see `Payload.is_held`."""
    return any(payload.is_held() for payload in payloads)


def copied(value: Any) -> Any:
    """A copy of JSON, as deep as it goes."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value
