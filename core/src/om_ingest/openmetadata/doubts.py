"""Finds out by trial what a server refuses that does not say it.

Only what is newer than the oldest supported version is in doubt, and only if no body with it was
taken before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate, chain
from operator import or_

from om_ingest.errors import RecordError
from om_ingest.openmetadata.complaints import is_read
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.payloads import Payload, PayloadT, Send, refit
from om_ingest.releases import Dialect, Saying, Version

_PROVING_COUNT = 256
_PROVING_SHARE = 16
"""Of so many bodies of a class each one that is taken proves what it says; of later ones one of so
many: to look through all of them would take a tenth of the client's time."""

_FIRST = Version(999, 0, 0)
"""Stands for the version of what is tried first."""


class Lessons:
    """What a server was found to know, and not to know, in a run. Thread-safe."""

    def __init__(self, dialect: Dialect, warn_once: Callable[[str], None]) -> None:
        self.dialect = dialect
        self._warn_once = warn_once
        self._proved: Counter[str] = Counter()
        """Bodies that were taken, by their class."""

    def prove(self, payloads: Sequence[Payload]) -> None:
        """Note that the server took payloads of one class: it knows what they say."""
        if not payloads:
            return
        name = payloads[0].request.__name__
        count = self._proved[name]
        self._proved[name] = count + len(payloads)
        if count >= _PROVING_COUNT:
            payloads = payloads[-count % _PROVING_SHARE :: _PROVING_SHARE]
        for payload in payloads:
            self.dialect.prove(name, payload.body)

    def refuse(self, saying: Saying) -> None:
        """Leave something out from here on, and say so."""
        if not self.dialect.refuse(*saying):
            return
        class_name, field, value = saying
        other = self.dialect.other_name(class_name, field)
        fate = f"it is sent as {other}" if other else "it is not sent"
        what = f"the value {value!r} of {field}" if value else f"the field {field}"
        self._warn_once(
            f"Server {self.dialect.text} refuses {what} in {class_name}, whatever its version is:"
            f" {fate} from here on. The report says how many records had it."
        )

    def lower(self, since: Version) -> None:
        """Leave out from here on all that came with a version and later, and say so."""
        self.dialect.lower(since.before)
        self._warn_once(
            f"The server says that it is {self.dialect.text}, and refuses what came with {since}"
            " and later: all of that is left out. The report says what it was."
        )


class Doubts:
    """Leaves out what is in doubt until a server takes a body. One worker at a time uses it."""

    def __init__(self, lessons: Lessons) -> None:
        self._lessons = lessons
        self._dialect = lessons.dialect
        self._is_confirmed = False
        """Whether the server has refused, once more, what it was found not to know."""
        self._in_vain: frozenset[Saying] = frozenset()
        """What was left out of a record that was refused all the same."""

    def tried(self, payloads: Sequence[PayloadT], send: Send[PayloadT], refusal: Answer) -> Answer:
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
        refit(payloads)
        return answer

    def _is_of_one_row(
        self, payloads: Sequence[PayloadT], send: Send[PayloadT], left_out: frozenset[Saying]
    ) -> bool:
        """Whether a batch was refused for one of its rows, as another one is taken as it is."""
        if len(payloads) == 1 or self._is_confirmed:
            return False
        dialect = self._dialect.without(left_out)
        others = [one for one in payloads if one.as_for(dialect).content != one.content]
        if len(others) > 1 and is_read(send(others[-1:])):
            self._lessons.prove(others[-1:])
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
            shorter = [payload.as_for(dialect) for payload in payloads]
            for payload in shorter:
                if payload.is_held():
                    payload.as_held()
            answer = send(shorter)
        except RecordError:
            return None  # a payload cannot do without them
        return answer if is_read(answer) else None

    def _doubtful(self, payloads: Sequence[Payload]) -> list[tuple[Version, list[Saying]]]:
        """What payloads say that the server may not know, by version, the newest first.

        Fields under an older name come first: servers that need it name what they refuse.
        """
        found: dict[Saying, Version] = {}
        for payload in payloads:
            said = self._dialect.doubtful(payload.request.__name__, payload.body)
            found |= {one: since for one, since in said.items() if self._can_go(payload, one)}
            renamed = self._dialect.renamed(payload.request.__name__, payload.body)
            found |= dict.fromkeys(renamed, _FIRST)
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
        self._in_vain -= frozenset(sayings)
        if len(groups) == 1:
            for saying in sayings:
                self._lessons.refuse(saying)
            return
        for saying in sayings:  # told in one line, with all that is newer
            self._dialect.refuse(*saying)
        self._lessons.lower(groups[-1][0])
