"""Who tells whether other requests are answered, and what is sent to find out."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import pytest
from om_ingest.openmetadata.network.connections import Request
from om_ingest.openmetadata.network.witnesses import GIVEN_UP_MAX, Witnesses

VERSION, USER = Request("GET", "system/version"), Request("GET", "users/loggedInUser")
GET, PUT = Request("GET", "tables/name/a"), Request("PUT", "tables", body=b"{}")
BAD_PUT = Request("PUT", "tables", body=b"bad")


class Server:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails: set[str] = set()
        self.witnesses = Witnesses(self.ask, VERSION, USER)

    def ask(self, request: Request) -> bool:
        self.asked.append(f"{request.method} {request.path}")
        return request.method not in self.fails and request.path not in self.fails


@pytest.fixture
def server() -> Server:
    """A server that answers everything."""
    return Server()


def test_others_are_answered(server: Server) -> None:
    """While other workers are answered nothing is sent, and each answer counts once."""
    are_answered = server.witnesses.of(BAD_PUT)
    for _ in range(3):
        server.witnesses.add(PUT)
        assert are_answered()
    assert server.asked == []
    assert are_answered()
    assert server.asked == ["GET system/version", "PUT tables"]


def test_a_server_that_does_not_write(server: Server) -> None:
    """Reading proves nothing about writing: the latest PUT is sent again."""
    server.witnesses.add(PUT)
    server.fails.add("PUT")
    are_answered = server.witnesses.of(BAD_PUT)
    server.witnesses.add(GET)
    assert not are_answered()
    server.fails.clear()
    assert are_answered()


def test_a_collection_that_fails(server: Server) -> None:
    """What fails for a whole collection is an outage, although others are answered."""
    schema = Request("PUT", "databaseSchemas", body=b"{}")
    are_answered = server.witnesses.of(BAD_PUT)
    for _ in range(GIVEN_UP_MAX):
        server.witnesses.add(schema)
        assert are_answered()
        server.witnesses.give_up(BAD_PUT)
    server.witnesses.add(schema)
    assert not are_answered()
    assert server.witnesses.of(schema)()
    server.witnesses.add(PUT)
    assert are_answered()


def test_a_server_that_is_away(server: Server) -> None:
    """If not even the version is answered, nothing is sent again."""
    server.witnesses.add(PUT)
    server.fails.add("system/version")
    assert not server.witnesses.of(BAD_PUT)()
    assert server.asked == ["GET system/version"]


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_what_is_not_sent_again(method: str, server: Server) -> None:
    """After a delete or a patch nothing that was put before is put again."""
    server.witnesses.add(PUT)
    server.witnesses.add(Request(method, "tables/name/a"))
    are_answered = server.witnesses.of(BAD_PUT)
    assert not are_answered()
    assert server.asked == ["GET system/version"]
    server.witnesses.add(PUT)
    assert are_answered()


def test_nothing_was_written_yet(server: Server) -> None:
    """No write is known to work then; for a request whose parts are sent the version is enough."""
    assert not server.witnesses.of(BAD_PUT)()
    assert server.witnesses.of(BAD_PUT, lenient=True)()
    server.fails.add("system/version")
    assert not server.witnesses.of(BAD_PUT, lenient=True)()


@pytest.mark.parametrize("read", [USER, GET])
def test_reads_while_nothing_was_written(read: Request, server: Server) -> None:
    """What is read from the database leaves it open whether writes work; its failure does not."""
    if read is GET:
        server.witnesses.add(GET)
    are_answered = server.witnesses.of(BAD_PUT)
    assert are_answered(True) is None
    assert server.asked[-1] == f"GET {read.path}"
    server.fails.add(read.path)
    assert are_answered(True) is False
    server.fails.clear()
    assert are_answered() is False
    assert server.witnesses.of(BAD_PUT, essential=True)(True) is False


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_a_change_whose_answer_is_lost(method: str, server: Server) -> None:
    """What was put before it is not put again: the change may have been made."""
    server.witnesses.add(PUT)
    with suppress(OSError), server.witnesses.sending(Request(method, "tables/name/a")):
        server.witnesses.add(PUT)  # by another worker, in the meantime
        raise OSError
    assert not server.witnesses.of(BAD_PUT)()
    assert server.asked == ["GET system/version"]


@pytest.mark.parametrize(
    "newer",
    [
        Request("PUT", "tables/restore", body=b"{}"),
        Request("PUT", "tables/bulk", body=bytes(2**21)),
    ],
)
def test_a_newer_write_that_cannot_be_repeated(newer: Request, server: Server) -> None:
    """What was put before it is not put again either: it could undo the newer write."""
    server.witnesses.add(PUT)
    server.witnesses.add(newer)
    assert not server.witnesses.of(BAD_PUT)()
    assert server.asked == ["GET system/version"]


@pytest.mark.parametrize("is_answered", [True, False])
def test_a_write_that_is_under_way(is_answered: bool, server: Server) -> None:
    """Nothing is put again before it ends; if it is answered, it is the witness."""
    newer, told = Request("PUT", "tables", body=b"newer"), []
    server.witnesses.add(PUT)
    are_answered = server.witnesses.of(BAD_PUT)
    asker = threading.Thread(target=lambda: told.append(are_answered()))
    with server.witnesses.sending(newer):
        asker.start()
        asker.join(0.2)
        assert asker.is_alive()
        assert server.asked == ["GET system/version"]
        if is_answered:
            server.witnesses.add(newer)
    asker.join()
    assert told == [True]
    assert server.asked[1:] == ([] if is_answered else ["PUT tables"])


def test_a_write_during_a_repetition(server: Server) -> None:
    """It is sent when the repetition has ended: the older write cannot arrive after it."""
    asked, going = threading.Event(), threading.Event()
    done: list[str] = []

    def ask(request: Request) -> bool:
        if not request.reads:
            asked.set()
            going.wait(10.0)
            done.append("old")
        return True

    def write() -> None:
        with witnesses.sending(Request("PATCH", "tables/name/a")):
            done.append("new")

    witnesses = Witnesses(ask, VERSION, USER)
    witnesses.add(PUT)
    workers = [threading.Thread(target=witnesses.of(BAD_PUT)), threading.Thread(target=write)]
    workers[0].start()
    asked.wait(10.0)
    workers[1].start()
    workers[1].join(0.2)
    going.set()
    for worker in workers:
        worker.join()
    assert done == ["old", "new"]


def test_a_large_request_is_not_kept(server: Server) -> None:
    """What is kept to be sent again is at most a megabyte."""
    server.witnesses.add(Request("PUT", "tables/bulk", body=bytes(2 * 1024**2)))
    assert not server.witnesses.of(BAD_PUT)()


def test_workers_share_the_answer(server: Server) -> None:
    """Eight workers that want to know at the same time do not ask eight times."""
    begin, told = threading.Barrier(9), []
    holding = threading.Event()

    def ask(request: Request) -> bool:
        holding.wait(10.0)
        return server.ask(request)

    witnesses = Witnesses(ask, VERSION, USER)

    def work() -> None:
        are_answered = witnesses.of(GET)
        begin.wait()
        told.append(are_answered())

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    begin.wait()
    time.sleep(0.2)  # all of them want to know by now
    holding.set()
    for worker in workers:
        worker.join()
    assert told == [True] * 8
    assert len(server.asked) <= 2
