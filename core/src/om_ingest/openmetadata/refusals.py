"""Sends bodies, and sends them again without what the server turns out not to know.

The version tells what a server knows (`om_ingest.releases`); where its answer says otherwise, the
answer is right. A refusal may name the field or the value (`Unrecognized field "x"`, with the way
to it), or say nothing (`Invalid request format`, newer servers): what newer versions brought is
left out by trial then. What was found holds for the rest of the run.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, chain
from operator import or_
from typing import Any, TypeVar

from typing_extensions import Self

from om_ingest.errors import RecordError
from om_ingest.openmetadata.complaints import Complaint, Spoken, complaint_of, saying_of
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.transport import json_of
from om_ingest.releases import Dialect, Saying, Version

PayloadT = TypeVar("PayloadT", bound="Payload")

Send = Callable[[Sequence[PayloadT]], Answer]
"""Sends some payloads in one request."""


_PROVING_COUNT = 256
_PROVING_SHARE = 16
"""Of so many bodies of a class each one that is taken proves what it says; of later ones, one of so
many: to look through all of them would take a tenth of the client's time."""


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
        """The body as JSON, in the spelling of the server."""

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
        return self.content != before

    def fit(self) -> None:
        """Leave out what the server does not know."""
        fit(self.request.__name__, self.body, self.dialect)


class Part(Payload):
    """A body that is no request to create an entity."""

    def __init__(self, request: type[Any], body: dict[str, Any], dialect: Dialect) -> None:
        self.body, self.dialect, self.revision = body, dialect, -1
        self._request = request

    @property
    def request(self) -> type[Any]:
        """The class of what the body says."""
        return self._request

    @property
    def content(self) -> bytes:
        """The body as JSON, in the spelling of the server."""
        return json_of(self.dialect.spelled(self.request.__name__, self.body))

    def as_for(self, dialect: Dialect) -> Self:
        """What would be sent to a server of another dialect."""
        other = type(self)(self.request, copied(self.body), dialect)
        other.fit()
        return other


def fit(class_name: str, body: dict[str, Any], dialect: Dialect) -> None:
    """Leave out what a server does not know; raises `RecordError` where that is not possible."""
    for lost in dialect.fit(class_name, body):
        if lost.blocks:
            raise RecordError(lost.told(dialect.text), "Say one that it knows.")


class Trials:
    """Finds out by its refusals what a server knows. Thread-safe."""

    def __init__(self, dialect: Dialect, warn_once: Callable[[str], None]) -> None:
        self._dialect = dialect
        self._warn_once = warn_once
        self._lock = threading.Lock()
        """Held by the worker that tries what a server refuses that does not say it."""
        self._proved: Counter[str] = Counter()
        """Bodies that were taken, by their class."""
        self._in_vain: frozenset[Saying] = frozenset()
        """What was left out of a record that was refused all the same."""

    def sent(
        self,
        payloads: Sequence[PayloadT],
        send: Send[PayloadT],
        *,
        first: Answer | None = None,
        proves: bool = True,
    ) -> Answer:
        """The answer to a request, with payloads that say no more than the server knows.

        They are changed in place; the answer is the first refusal if nothing helps. `first` is
        the answer to a request that was made already; with `proves`, one that is done says that
        the server knows what the payloads say.

        Raises `RecordError` if they cannot do without what the server refuses, and what `send`
        does.
        """
        if first is None:
            _refit(payloads)
            first = send(payloads)
        answer = first
        while not answer.is_done and (complaint := complaint_of(answer)) is not None:
            if not self.heeds(complaint, payloads):
                if complaint.name:
                    return answer
                with self._lock:  # the others wait, and use what this one finds
                    if not _refit(payloads):
                        return self._tried(payloads, send, answer)
            answer = send(payloads)
        if answer.is_done and proves:
            self.prove(payloads)
        return answer

    def prove(self, payloads: Iterable[Payload]) -> None:
        """Note that the server took payloads: it knows what they say."""
        for payload in payloads:
            name = payload.request.__name__
            self._proved[name] = count = self._proved[name] + 1
            if count <= _PROVING_COUNT or count % _PROVING_SHARE == 0:
                self._dialect.prove(name, payload.body)

    def heeds(self, complaint: Complaint, payloads: Sequence[Payload]) -> bool:
        """Whether payloads say less now, as what a refusal names, or was found, is left out.

        Raises `RecordError` if they cannot do without it.
        """
        if _refit(payloads):
            return True
        told = (
            Spoken(one.request, one.request.__name__, one.body, one.dialect) for one in payloads
        )
        saying = saying_of(complaint, told) if complaint.name else None
        if saying is None:
            return False
        if self._dialect.refuse(*saying):
            self._tell(saying)
        return _refit(payloads)

    def _tried(self, payloads: Sequence[PayloadT], send: Send[PayloadT], refusal: Answer) -> Answer:
        """The answer without some of what newer versions brought, or else the refusal.

        What came last is left out first: a server that is older than it tells lacks all that is
        newer. If nothing helps, the record is bad in itself, or one of the batch is. Then others
        with the same things are first sent without any of them, which tells the two apart.
        """
        groups = self._doubtful(payloads)
        steps = list(accumulate((frozenset(group) for _, group in groups), or_))
        best: tuple[int, Answer] | None = None
        if steps and not self._in_vain.isdisjoint(steps[-1]):
            if len(payloads) > 1:
                return refusal  # what is bad is found in the halves of the batch
            answer = self._answer(payloads, send, steps[-1])
            if answer is None or not answer.is_done:
                return refusal
            best = len(steps) - 1, answer
        for index, step in enumerate(steps[: best[0]] if best else steps):
            answer = self._answer(payloads, send, step)
            if answer is not None and answer.is_done:
                best = index, answer
                break
        if best is None:
            self._in_vain = self._in_vain.union(*steps)
            return refusal
        self._learn(groups[: best[0] + 1])
        _refit(payloads)
        return best[1]

    def _answer(
        self, payloads: Sequence[PayloadT], send: Send[PayloadT], left_out: frozenset[Saying]
    ) -> Answer | None:
        """The answer to a request without some things; None if it cannot do without them."""
        dialect = self._dialect.without(left_out)
        try:
            return send([payload.as_for(dialect) for payload in payloads])
        except RecordError:
            return None

    def _doubtful(self, payloads: Sequence[Payload]) -> list[tuple[Version, list[Saying]]]:
        """What payloads say that the server may not know, by version, the newest first."""
        found: dict[Saying, Version] = {}
        for payload in payloads:
            said = self._dialect.doubtful(payload.request.__name__, payload.body)
            found |= {one: since for one, since in said.items() if self._can_go(payload, one)}
        versions = sorted(set(found.values()), reverse=True)
        return [
            (version, [one for one, since in found.items() if since == version])
            for version in versions
        ]

    def _can_go(self, payload: Payload, saying: Saying) -> bool:
        try:
            payload.as_for(self._dialect.without([saying]))
        except RecordError:
            return False
        return True

    def _learn(self, groups: Sequence[tuple[Version, list[Saying]]]) -> None:
        """Note what had to be left out; all that is newer, if it was of several versions."""
        sayings = list(chain.from_iterable(group for _, group in groups))
        since = groups[-1][0]
        self._in_vain -= frozenset(sayings)
        for saying in sayings:
            self._dialect.refuse(*saying)
        if len(groups) == 1:
            for saying in sayings:
                self._tell(saying)
            return
        self._dialect.lower(since.before)
        self._warn_once(
            f"The server says that it is {self._dialect.text}, and refuses what came with {since}"
            " and later: all of that is left out. The report says what it was."
        )

    def _tell(self, saying: Saying) -> None:
        class_name, field, value = saying
        what = f"the value {value!r} of {field}" if value else f"the field {field}"
        self._warn_once(
            f"Server {self._dialect.text} refuses {what} in {class_name}, whatever its version is:"
            " it is not sent from here on. The report says how many records had it."
        )


def _refit(payloads: Sequence[Payload]) -> bool:
    changed = [payload.refit() for payload in payloads]  # all of them
    return any(changed)


def copied(value: Any) -> Any:
    """A copy of JSON, as deep as it goes."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value
