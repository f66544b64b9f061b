"""A stand-in for an OpenMetadata server: says yes to everything, as fast as Python can.

`python -m benchmarks.stand_in LATENCY_MS` prints its port, then answers each request so many
milliseconds after it came, whatever else it has to do meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import uuid
from typing import Any
from urllib.parse import unquote

HOST = "127.0.0.1"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def answer(method: str, path: str, body: bytes) -> tuple[int, Any]:
    """Status and JSON for a request."""
    if path.endswith("/system/version"):
        return 200, {"version": "2.0.7", "revision": "stand-in", "timestamp": 0}
    if path.endswith("/users/loggedInUser"):
        return 200, {"id": str(uuid.uuid4()), "name": "ingestion-bot", "isBot": True}
    if method == "PUT" and "/bulk" in path:
        rows = json.loads(body)
        fqns = [f"{row['databaseSchema']}.{row['name']}" for row in rows]
        return 200, {
            "status": "success",
            "numberOfRowsProcessed": len(rows),
            "numberOfRowsPassed": len(rows),
            "numberOfRowsFailed": 0,
            "successRequest": [{"request": fqn, "status": 200} for fqn in fqns],
            "failedRequest": [],
        }
    if method in ("PUT", "POST"):
        row = json.loads(body)
        parent = row.get("databaseSchema") or row.get("database") or row.get("service")
        fqn = f"{parent}.{row['name']}" if parent else row["name"]
        return 201, {"id": str(uuid.uuid4()), "name": row["name"], "fullyQualifiedName": fqn}
    name = unquote(path.rpartition("/")[2])
    return 404, {"code": 404, "message": f"databaseService instance for {name} not found"}


async def serve(latency_s: float) -> None:
    """Answer until the process is ended."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                break
            length = _LENGTH.search(head)
            body = await reader.readexactly(int(length[1])) if length else b""
            if latency_s:
                await asyncio.sleep(latency_s)
            method, path, _ = head.split(b" ", 2)
            status, document = answer(method.decode(), path.decode().partition("?")[0], body)
            content = json.dumps(document).encode()
            writer.write(
                b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                % (status, len(content), content)
            )
        writer.close()

    server = await asyncio.start_server(talk, HOST, 0, limit=2**20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]) / 1000))
