"""Creates entities that a server is believed not to have, and touches none that it has (§6.1)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from om_ingest.errors import RecordError
from om_ingest.openmetadata.bodies import Row
from om_ingest.openmetadata.evidence import naming
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.openmetadata.results import RowResult, failed, outcome_of, refused
from om_ingest.openmetadata.server import Server
from om_ingest.store import Outcome

PUT_ONLY = frozenset({"user"})
"""Kinds that a POST would not only create: a server invites the user by mail, and, where it keeps
passwords itself, takes the name from the address. They are read before they are put.
"""


class Creation:
    """Writes the rows of one batch that go alone. Thread-safe.

    `absent` are those that the server is believed not to have. A POST creates them; those of kinds
    with batches are put, and their places are listed again and again instead (`existing`). To one
    that is there after all, made since its place was listed, the server answers 409; `compared`
    gives then what is to be put, the result if nothing is, and the row itself if the server has
    no such entity.
    """

    def __init__(
        self, server: Server, absent: Collection[Row], compared: Callable[[Row], Row | RowResult]
    ) -> None:
        self._server = server
        self._absent = absent
        self._compared = compared
        self.present: set[Row] = set()
        """Those of `absent` that were there already."""

    def alone(self, row: Row, again: bool) -> RowResult:  # as `Alone` has it
        """Create or update one entity; `again` if the server may have done it already.

        Nothing of a kind is sent once it is known that the server does not have it.
        """
        if self._server.dialect.lacks(row.kind.entity_type):
            return RowResult(Outcome.FAILED, f"the server has no {row.kind.collection}")
        if row not in self._absent or row.kind.bulk or row.kind.entity_type in PUT_ONLY:
            result = put_one(self._server, row, again=again)
            if result.outcome in (Outcome.UNCHANGED, Outcome.UPDATED):
                self.present.add(row)
            return result
        try:
            return self._created(row, again=again)
        except (RecordError, RequestFailedError) as error:
            return failed(error)

    def _created(self, row: Row, *, again: bool, is_last: bool = False) -> RowResult:
        answer = post_one(self._server, row)
        again = again or answer.may_be_second
        if answer.status != 409:
            return outcome_of(answer)
        done = self._compared(row)
        if done is not row:
            return self._there(row, done, again=again)
        if is_last:
            return refused(answer)
        # It is just being deleted, or another one has what it needs: its address, its text.
        self._server.transport.pause()
        return self._created(row, again=again, is_last=True)

    def _there(self, row: Row, done: Row | RowResult, *, again: bool) -> RowResult:
        self.present.add(row)
        result = put_one(self._server, done) if isinstance(done, Row) else done
        if again and result.outcome in (Outcome.UNCHANGED, Outcome.UPDATED):
            return RowResult(Outcome.WRITTEN)  # maybe it was this run that has created it
        return result


def put_one(server: Server, row: Row, *, again: bool = False) -> RowResult:
    """Create or update one entity; done when the answer names it.

    `again` if the server may have done it already, in a batch whose answer did not say so.
    """
    try:
        answer = _sent(server, "PUT", row)
        if answer.status == 409:  # a parent is being deleted, or a concurrent create
            again = again or answer.may_be_second
            server.transport.pause()
            answer = _sent(server, "PUT", row)
    except (RecordError, RequestFailedError) as error:
        return failed(error)
    return outcome_of(answer._replace(may_be_second=True) if again else answer)


def post_one(server: Server, row: Row) -> Answer:
    """The answer to a POST that creates one entity: 409 if there is one, which stays as it is.

    Raises `RequestFailedError`, and `RecordError` for what the server does not know.
    """
    return _sent(server, "POST", row)


def _sent(server: Server, method: str, row: Row) -> Answer:
    def send(rows: Sequence[Row]) -> Answer:
        return server.transport.request(
            *(method, row.kind.collection),
            body=rows[0].content,
            evidence=naming(row.kind, row.fqn),
        )

    answer = server.trials.sent([row], send)
    server.has_no(row.kind, answer)  # noted for the next ones
    return answer
