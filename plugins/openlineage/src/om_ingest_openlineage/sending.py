"""The way to a receiver: a slow one, or one that is down, holds nothing up."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from om_ingest.errors import WorkflowError
from openlineage.client.client import OpenLineageClient
from openlineage.client.transport.console import ConsoleConfig, ConsoleTransport
from openlineage.client.transport.file import FileConfig, FileTransport
from openlineage.client.transport.http import HttpConfig, HttpTransport

logger = logging.getLogger(__name__)

CONFIGURED = "config"
"""The value that leaves the transport to openlineage-python's own configuration."""

_TIMEOUT_S = 3.0
_PAUSE_S = 0.5
"""Time between the two tries of an event that a run has only one of."""

_QUEUED_COUNT = 4
_QUIET = {"facets": {"source_code_location": {"disabled": True}}}
"""The client would send the address of the repository around the working directory as it is,
with a token that may stand in it."""


def client_of(value: str) -> OpenLineageClient:
    """The client for `http(s)://…`, `file:PATH`, `console` or `config`.

    Raises `WorkflowError` for anything else.
    """
    own = logging.getLogger("openlineage.client.client")
    if own.level == logging.NOTSET and "OPENLINEAGE_CLIENT_LOGGING" not in os.environ:
        own.setLevel(logging.WARNING)  # it announces itself at INFO
    if value == CONFIGURED:
        return OpenLineageClient(config=_QUIET)
    return OpenLineageClient(transport=_transport(value), config=_QUIET)


def _transport(value: str) -> Any:
    if value == "console":
        return ConsoleTransport(ConsoleConfig())
    url = urlsplit(value)
    if url.scheme == "file" and url.path:
        path = Path(url.path).expanduser().absolute()
        return FileTransport(FileConfig(log_file_path=str(path), append=True))
    if url.scheme in ("http", "https") and url.hostname:
        key = os.environ.get("OPENLINEAGE_API_KEY")
        given: dict[str, Any] = {
            "url": f"{url.scheme}://{url.netloc}",
            "timeout": _TIMEOUT_S,
            "retry": {"total": 0, "read": 0, "connect": 0},
            **({"auth": {"type": "api_key", "apiKey": key}} if key else {}),
        }
        endpoint = url.path.strip("/") or os.environ.get("OPENLINEAGE_ENDPOINT", "")
        if endpoint:
            given["endpoint"] = endpoint + (f"?{url.query}" if url.query else "")
        return HttpTransport(HttpConfig.from_dict(given))
    raise WorkflowError(
        f"--openlineage {value}: no receiver of OpenLineage has such an address",
        "Write http://HOST:PORT, file:/PATH, console, or config for what openlineage.yml or the"
        " variables OPENLINEAGE__… say.",
    )


class Sender:
    """Sends events in a thread of its own, in their order.

    Of events that can be done without, as many wait as `_QUEUED_COUNT`; more are dropped.
    """

    def __init__(self, client: OpenLineageClient) -> None:
        self._client = client
        self._events: queue.Queue[tuple[Any, bool] | None] = queue.Queue(_QUEUED_COUNT)
        self._has_failed = False
        self._thread = threading.Thread(target=self._work, name="openlineage", daemon=True)
        self._thread.start()

    def offer(self, event: Any) -> bool:
        """Send an event that can be done without; whether it waits to be sent."""
        try:
            self._events.put_nowait((event, False))
        except queue.Full:
            return False
        return True

    def send(self, event: Any) -> None:
        """Send an event of which a run has only one; drops those that wait, if it has to."""
        while True:
            try:
                self._events.put_nowait((event, True))
                return
            except queue.Full:
                with contextlib.suppress(queue.Empty):
                    self._events.get_nowait()

    def close(self) -> None:
        """Wait until everything is sent; whoever calls it does not wait for ever."""
        self._events.put(None)
        self._thread.join()
        self._client.close()

    def _work(self) -> None:
        while (item := self._events.get()) is not None:
            event, is_needed = item
            error = self._try(event)
            if error is not None and is_needed:
                time.sleep(_PAUSE_S)
                error = self._try(event)
            if error is not None:
                level = logging.DEBUG if self._has_failed else logging.WARNING
                kind = event.eventType.value
                said = " ".join(str(error).split())[:300]
                logger.log(
                    level,
                    "The OpenLineage receiver did not take the event %s: %s. The run goes on.",
                    *(kind, said or type(error).__name__),
                )
                self._has_failed = True

    def _try(self, event: Any) -> Exception | None:
        try:
            self._client.emit(event)
        except Exception as error:  # noqa: BLE001  # a transport may raise anything
            return error
        return None
