"""Sends bodies, and sends them again without what the server turns out not to know.

The version tells what a server knows (`om_ingest.releases`); where its answer says otherwise, the
answer is right. A refusal may name the field or the value (`Unrecognized field "x"`, with the way
to it), or say nothing (`Invalid request format`, newer servers): what newer versions brought is
left out by trial then. What was found holds for the rest of the run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from om_ingest.errors import RecordError
from om_ingest.openmetadata.complaints import Complaint, Spoken, complaint_of, saying_of
from om_ingest.openmetadata.doubts import Doubts, Lessons
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.payloads import Payload, PayloadT, Send, any_held, refit
from om_ingest.releases import Dialect, Saying

HELD = Answer(200, change="entityNoChange")
"""Stands for the answer to what was not sent, as the server has it."""


class Trials:
    """Finds out by its refusals what a server knows. Thread-safe."""

    def __init__(self, dialect: Dialect, warn_once: Callable[[str], None]) -> None:
        self._dialect = dialect
        self._lessons = Lessons(dialect, warn_once)
        self._doubts = Doubts(self._lessons)
        self._lock = threading.Lock()
        """Held by the worker that tries what a server refuses that does not say it."""

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
            self._lessons.prove(payloads)
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
            refit(payloads)
            if any_held(payloads):
                return None
            answer = send(payloads)
        while not answer.is_done and (complaint := complaint_of(answer)) is not None:
            if not refit(payloads):  # nobody has found out since
                if complaint.name:
                    further = self._without_named(complaint, payloads, send)
                    if further is None:
                        return answer
                    if further is HELD:
                        return None
                    answer = further
                    continue
                with self._lock:  # the others wait, and use what this one finds
                    if not refit(payloads):
                        answer = self._doubts.tried(payloads, send, answer)
                        return None if any_held(payloads) and len(payloads) == 1 else answer
            if any_held(payloads):
                return None
            answer = send(payloads)
        return answer

    def prove(self, payloads: Sequence[Payload]) -> None:
        """Note that the server took payloads of one class: it knows what they say."""
        self._lessons.prove(payloads)

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
        self._lessons.refuse(saying)
        refit(payloads)
        if any_held(payloads):
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
            self._lessons.refuse(saying)
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
