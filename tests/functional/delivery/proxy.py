"""A proxy between a run and a server, which does what a plan of faults says, over real TCP."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.functional.delivery import http11
from tests.functional.delivery.faults import Ending, Fault, Plan, nothing
from tests.functional.delivery.http11 import HOST, LIMIT_BYTES, Message, Raw, Upstream, rows_of

if TYPE_CHECKING:
    from typing_extensions import Self

_PATIENCE_S = 30.0


@dataclass
class Exchange:
    """One request, and what became of it."""

    number: int
    method: str
    path: str
    rows: list[str]
    """What it writes: `<collection>:<parent>.<name>` of each row."""

    fault: Fault | None
    at_s: float
    """When it came, by the monotonic clock."""

    arrived: bool = False
    """Whether it was handed to the server."""

    status: int = 0
    """Status of the server's answer; 0 without one."""


@dataclass(eq=False)
class Proxy:
    """Runs while the block is entered; ends with it, whatever is under way."""

    upstream: Callable[[], int]
    """The port of the server, asked anew for each connection."""

    plan: Plan = nothing
    restart: Callable[[], object] = lambda: None
    """Kills the server, and starts it again."""

    token: str | None = None
    """The bearer token that it asks for, as the server would; None: none."""

    latency_s: float = 0.0
    """How long every request takes in addition."""

    exchanges: list[Exchange] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._listener: socket.socket | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._restarting = threading.Lock()
        self._restart_count = 0
        self._opening: asyncio.Task[None] | None = None
        self._open_at = 0.0

    @property
    def url(self) -> str:
        """What a run takes for the server: `hostPort`."""
        return f"http://{HOST}:{self.port}/api"

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._listen())
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_S)
        self._loop.close()

    def begin(self, plan: Plan) -> None:
        """Follow another plan, and count from 1 again; the exchanges so far are forgotten.

        First it comes back, if it is away, and so does the server, if it is starting: a run that
        begins meanwhile would not wait for them.
        """
        while self._restart_count:
            time.sleep(0.005)
        self._call(self._be_back())
        self.exchanges = []
        self.plan = plan

    def settle(self) -> None:
        """Wait until no client is connected any more."""
        deadline = time.monotonic() + _PATIENCE_S
        while self._tasks:
            assert time.monotonic() < deadline, "somebody is still connected"
            time.sleep(0.005)

    def arrived(self) -> Counter[str]:
        """How often each row has been handed to the server."""
        return Counter(row for one in self.exchanges if one.arrived for row in one.rows)

    def faults(self) -> Counter[str]:
        """How often each fault has happened."""
        return Counter(str(one.fault) for one in self.exchanges if one.fault is not None)

    def _call(self, work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)  # type: ignore[arg-type]  # a coroutine

    async def _listen(self) -> None:
        for attempt in range(100):
            try:
                self._listener = socket.create_server((HOST, self.port), backlog=100)
                break
            except OSError:  # somebody's outgoing connection has the port for a moment
                if attempt == 99:
                    raise
                await asyncio.sleep(0.02)
        assert self._listener is not None
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self._loop.add_reader(self._listener, self._accept, self._listener)

    def _accept(self, listener: socket.socket) -> None:
        # Not asyncio.start_server: of a connection that comes while it is closed it forgets
        # that there is one, and the client waits for ever.
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # it is gone already
        connection.setblocking(False)
        task = self._loop.create_task(self._serve(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _stop(self) -> None:
        self._hang_up()
        tasks = [*self._tasks, *([self._opening] if self._opening else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._hang_up()

    def _hang_up(self) -> None:
        if self._listener is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None
        for writer in list(self._writers):
            _reset(writer)

    async def _go_away(self, away_s: float) -> None:
        """Refuse every connection for a while."""
        self._open_at = time.monotonic() + away_s
        self._hang_up()
        if self._opening is None or self._opening.done():
            self._opening = self._loop.create_task(self._come_back())

    async def _come_back(self) -> None:
        while (left_s := self._open_at - time.monotonic()) > 0:
            await asyncio.sleep(left_s)
        await self._listen()

    async def _be_back(self) -> None:
        if self._opening is not None:
            await self._opening

    async def _serve(self, connection: socket.socket) -> None:
        reader = asyncio.StreamReader(LIMIT_BYTES)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await self._loop.connect_accepted_socket(lambda: protocol, connection)
        writer = asyncio.StreamWriter(transport, protocol, reader, self._loop)
        self._writers.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                async with contextlib.AsyncExitStack() as stack:
                    server = Upstream(self.upstream, stack)
                    while (request := await http11.read(reader)) is not None:
                        if not await self._exchange(request, writer, server):
                            break
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _exchange(
        self, request: Message, writer: asyncio.StreamWriter, server: Upstream
    ) -> bool:
        """Do what the plan says; whether the connection lives on."""
        number = len(self.exchanges) + 1
        fault = self.plan(number, request)
        exchange = Exchange(
            number, request.method, request.path, rows_of(request), fault, time.monotonic()
        )
        self.exchanges.append(exchange)
        await asyncio.sleep(self.latency_s + (fault.delay_s if fault else 0.0))
        if fault is not None and fault.restarts:
            self._restart_count += 1
            try:
                await asyncio.to_thread(self._restart)
            finally:
                self._restart_count -= 1
        answer: Message | None = None
        if fault is None or fault.arrives:
            answer = self._unauthorized(request)
            if answer is None:
                exchange.arrived = True
                forwards = fault.forwards if fault is not None else None
                answer = await server.ask(forwards(request) if forwards else request)
                exchange.status = answer.status
        if fault is not None and fault.instead is not None:
            answer = fault.instead()
        if fault is not None and fault.tell is not None:
            told = fault.tell(request, answer)
            if isinstance(told, Raw):
                return await _recite(told, writer)
            answer = told
        return await self._end(fault, answer, writer)

    async def _end(
        self, fault: Fault | None, answer: Message | None, writer: asyncio.StreamWriter
    ) -> bool:
        ending = fault.ending if fault is not None else Ending.ANSWERED
        if answer is None or ending is Ending.RESET:
            _reset(writer)
            if fault is not None and fault.away_s:
                await self._go_away(fault.away_s)
            return False
        whole = len(answer.body)
        if ending is not Ending.ANSWERED:
            answer.body = answer.body[: whole // 2]
        is_cut = ending in (Ending.RESET_IN_BODY, Ending.CUT_SHORT)
        writer.write(answer.encoded(announced=whole + 1 if is_cut else None))
        await writer.drain()
        if ending is Ending.RESET_IN_BODY:
            await asyncio.sleep(0.002)  # let the beginning arrive
            _reset(writer)
        return not is_cut

    def _restart(self) -> None:
        with self._restarting:
            self.restart()

    def _unauthorized(self, request: Message) -> Message | None:
        if self.token is None or request.path.endswith("/system/version"):
            return None
        given = request.header("authorization")
        return None if given == f"Bearer {self.token}" else http11.refusal(401)


async def _recite(told: Raw, writer: asyncio.StreamWriter) -> bool:
    """Write bytes, and be silent between them; whether the connection lives on."""
    for piece in told.pieces:
        if isinstance(piece, bytes):
            writer.write(piece)
            await writer.drain()
        else:
            await asyncio.sleep(piece)
    if told.resets:
        await asyncio.sleep(0.002)  # let the beginning arrive
        _reset(writer)
    return not (told.closes or told.resets)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection so that the other side gets a reset (RST), not an end (FIN)."""
    raw = writer.get_extra_info("socket")
    if raw is not None:
        with contextlib.suppress(OSError):  # it is closed already
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
