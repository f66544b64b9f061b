"""Sends bodies, and sends them again without what the server turns out not to know.

The version tells what a server knows (`om_ingest.releases`); where its answer says otherwise, the
answer is right. A refusal may name the field or the value (`Unrecognized field "x"`, with the way
to it), or say nothing (`Invalid request format`, newer servers): what newer versions brought is
left out by trial then. What was found holds for the rest of the run.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, chain
from operator import or_
from typing import TypeVar

from om_ingest.errors import RecordError
from om_ingest.openmetadata.complaints import Complaint, Spoken, complaint_of, saying_of
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.payloads import Payload
from om_ingest.releases import Dialect, Saying, Version

PayloadT = TypeVar("PayloadT", bound="Payload")

Send = Callable[[Sequence[PayloadT]], Answer]
"""Sends some payloads in one request."""

_PROVING_COUNT = 256
_PROVING_SHARE = 16
"""Of so many bodies of a class each one that is taken proves what it says; later one of so many: to
look through all of them would take a tenth of the client's time."""

_PRECONDITION_FAILED = 412

HELD = Answer(200, change="entityNoChange")
"""Stands for the answer to what was not sent, as the server has it."""


class Trials:
    """Finds out by its refusals what a server knows. Thread-safe."""

    def __init__(self, dialect: Dialect, warn_once: Callable[[str], None]) -> None:
        self._dialect = dialect
        self._warn_once = warn_once
        self._lock = threading.Lock()
        """Held by the worker that tries what a server refuses that does not say it."""
        self._proved: Counter[str] = Counter()
        """Bodies that were taken, by their class."""
        self._is_confirmed = False
        """Whether the server has refused, once more, what it was found not to know."""
        self._in_vain: frozenset[Saying] = frozenset()
        """What was left out of a record that was refused all the same."""

    def sent(
        self,
        payloads: Sequence[PayloadT],
        send: Send[PayloadT],
        *,
        first: Answer | None = None,
    ) -> Answer:
        """The answer to a request, with payloads that say no more than the server knows.

        They are changed in place; the answer is the first refusal if nothing helps, and `HELD`
        if it turns out that the server has what is left of them. `first` is the answer to a
        request that was made already.

        Raises `RecordError` if they cannot do without what the server refuses, and what `send`
        does.
        """
        answer = self._exchanged(payloads, send, first)
        if answer is None:
            return HELD
        if answer.is_done:
            self.prove(payloads)
        return answer

    def sent_together(self, payloads: Sequence[PayloadT], send: Send[PayloadT]) -> Answer | None:
        """As `sent`, for a batch, of which the answer tells what was taken.

        None if some of it is not to be sent: it cannot do without what the server refuses, or
        is held.
        """
        try:
            return self._exchanged(payloads, send, None)
        except RecordError:
            return None

    def _exchanged(
        self, payloads: Sequence[PayloadT], send: Send[PayloadT], answer: Answer | None
    ) -> Answer | None:
        if answer is None:
            _refit(payloads)
            if _any_held(payloads):
                return None
            answer = send(payloads)
        while not answer.is_done and (complaint := complaint_of(answer)) is not None:
            if not _refit(payloads):  # nobody has found out since
                if complaint.name:
                    further = self._without_named(complaint, payloads, send)
                    if further is None or further is HELD:
                        return answer if further is None else None
                    answer = further
                    continue
                with self._lock:  # the others wait, and use what this one finds
                    if not _refit(payloads):
                        return self._tried(payloads, send, answer)
            if _any_held(payloads):
                return None
            answer = send(payloads)
        return answer

    def prove(self, payloads: Iterable[Payload]) -> None:
        """Note that the server took payloads: it knows what they say."""
        for payload in payloads:
            name = payload.request.__name__
            self._proved[name] = count = self._proved[name] + 1
            if count <= _PROVING_COUNT or count % _PROVING_SHARE == 0:
                self._dialect.prove(name, payload.body)

    def _without_named(
        self, complaint: Complaint, payloads: Sequence[PayloadT], send: Send[PayloadT]
    ) -> Answer | None:
        """The answer without what a refusal names, which is learned if the refusal is another one.

        None if that is not clear, does not help, or was in a body that the server took: then it
        is the content of this record that is wrong. Raises `RecordError` if the payloads cannot
        do without it.
        """
        saying = self._named(complaint, payloads)
        if saying is None:
            return None
        dialect = self._dialect.without([saying])
        shorter = [payload.as_for(dialect) for payload in payloads]
        answer = HELD if all(one.is_held() for one in shorter) else send(shorter)
        if complaint_of(answer) == complaint:
            return None
        self._refuse(saying)
        _refit(payloads)
        if _any_held(payloads):
            return answer
        is_old = any(
            now.content != sent.content for now, sent in zip(payloads, shorter, strict=True)
        )
        return send(payloads) if is_old and not answer.is_done else answer

    def heeds(self, complaint: Complaint, payload: Payload) -> bool:
        """Whether a row of a batch says less now, as what its refusal names is left out.

        Rows of the batch that were taken are proven by then. Raises `RecordError` if it cannot do
        without it.
        """
        if payload.refit():
            return True
        saying = self._named(complaint, [payload])
        if saying is not None:
            self._refuse(saying)
        return payload.refit()

    def _named(self, complaint: Complaint, payloads: Sequence[Payload]) -> Saying | None:
        """What a refusal names; None if that is not clear, or the server took it from others."""
        if not complaint.name:
            return None
        told = (
            Spoken(one.request, one.request.__name__, one.body, one.dialect) for one in payloads
        )
        saying = saying_of(complaint, told)
        return None if saying is None or self._dialect.is_proven(saying) else saying

    def _tried(self, payloads: Sequence[PayloadT], send: Send[PayloadT], refusal: Answer) -> Answer:
        """The answer without some of what newer versions brought, or else the refusal.

        What came last is left out first: a server that is older than it tells lacks all that is
        newer. If nothing helps, the record is bad in itself, or one of the batch is. Then others
        with the same things are first sent without any of them, which tells the two apart.

        A refusal for another reason, such as an owner that is not there, shows that the server
        could read the body. One for another version of the entity (412) does not.
        """
        groups = self._doubtful(payloads)
        steps = list(accumulate((frozenset(group) for _, group in groups), or_))
        best: tuple[int, Answer] | None = None
        if steps and not self._in_vain.isdisjoint(steps[-1]):
            if len(payloads) > 1:
                return refusal  # what is bad is found in the halves of the batch
            answer = self._answer(payloads, send, steps[-1])
            if answer is None:
                return refusal
            best = len(steps) - 1, answer
        for index, step in enumerate(steps[: best[0]] if best else steps):
            answer = self._answer(payloads, send, step)
            if answer is not None:
                best = index, best[1] if best and not answer.is_done else answer
                break
        if best is None:
            self._in_vain = self._in_vain.union(*steps)
            return refusal
        guilty, answer = groups[: best[0] + 1], best[1]
        if len(guilty) > 1 and not self._is_confirmed:
            alone = self._answer(payloads, send, frozenset(guilty[-1][1]))
            self._is_confirmed = alone is None
            if alone is not None:
                guilty, answer = guilty[-1:], alone  # the newer ones are known
        if self._is_of_one_row(payloads, send, frozenset(chain(*(group for _, group in guilty)))):
            return refusal
        self._learn(guilty)
        _refit(payloads)
        return HELD if _any_held(payloads) and len(payloads) == 1 else answer

    def _is_of_one_row(
        self, payloads: Sequence[PayloadT], send: Send[PayloadT], left_out: frozenset[Saying]
    ) -> bool:
        """Whether a batch was refused for one of its rows, as another one is taken as it is."""
        if len(payloads) == 1 or self._is_confirmed:
            return False
        dialect = self._dialect.without(left_out)
        others = [one for one in payloads if one.as_for(dialect).content != one.content]
        if len(others) > 1 and _is_read(send(others[-1:])):
            self.prove(others[-1:])
            return True
        self._is_confirmed = True
        return False

    def _answer(
        self, payloads: Sequence[PayloadT], send: Send[PayloadT], left_out: frozenset[Saying]
    ) -> Answer | None:
        """The answer to a request without some things, if the server could read that.

        It is sent also where the server holds what is left: only an answer is evidence.
        """
        dialect = self._dialect.without(left_out)
        try:
            answer = send([payload.as_for(dialect) for payload in payloads])
        except RecordError:
            return None  # a payload cannot do without them
        return answer if _is_read(answer) else None

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
        """Whether a payload can do without something that alone goes with it.

        A service that loses its connection with its type does not tell which of both was refused.
        """
        try:
            shorter = payload.as_for(self._dialect.without([saying]))
        except RecordError:
            return False
        return not ("connection" in payload.body and "connection" not in shorter.body)

    def _learn(self, groups: Sequence[tuple[Version, list[Saying]]]) -> None:
        """Note what had to be left out; all that is newer, if it was of several versions."""
        sayings = list(chain.from_iterable(group for _, group in groups))
        since = groups[-1][0]
        self._in_vain -= frozenset(sayings)
        for saying in sayings:
            if len(groups) == 1:
                self._refuse(saying)
            else:
                self._dialect.refuse(*saying)
        if len(groups) == 1:
            return
        self._dialect.lower(since.before)
        self._warn_once(
            f"The server says that it is {self._dialect.text}, and refuses what came with {since}"
            " and later: all of that is left out. The report says what it was."
        )

    def _refuse(self, saying: Saying) -> None:
        """Leave something out from here on, and say so."""
        if not self._dialect.refuse(*saying):
            return
        class_name, field, value = saying
        what = f"the value {value!r} of {field}" if value else f"the field {field}"
        self._warn_once(
            f"Server {self._dialect.text} refuses {what} in {class_name}, whatever its version is:"
            " it is not sent from here on. The report says how many records had it."
        )


def _refit(payloads: Sequence[Payload]) -> bool:
    changed = [payload.refit() for payload in payloads]  # all of them
    return any(changed)


def _is_read(answer: Answer) -> bool:
    """Whether the server has read the body: it took it, or refused it for what it says."""
    is_refusal = answer.status != _PRECONDITION_FAILED and not answer.lacks_route
    return is_refusal and complaint_of(answer) is None


def _any_held(payloads: Sequence[Payload]) -> bool:
    return any(payload.is_held() for payload in payloads)
