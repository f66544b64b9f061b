"""A receiver over HTTP for what runs tell of themselves: spans, events."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver(ThreadingHTTPServer):
    """Hands each body to `take`; answers with `status`, once `answers` is set."""

    daemon_threads = True
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = threading.Event()
        self.answers.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def take(self, body: bytes, path: str, headers: Mapping[str, str]) -> None:
        """Keep what a request says."""
        raise NotImplementedError

    @contextmanager
    def serving(self) -> Iterator[None]:
        """It serves inside."""
        with self:
            threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
            yield
            self.answers.set()
            self.shutdown()


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.take(body, self.path, dict(self.headers))
        self.server.answers.wait()
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as in http.server
        """Says nothing."""
